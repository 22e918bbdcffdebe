"""Which machine of a world this one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sim.topology.model import Topology


def this_machine(topology: Topology, named: str, *, auto: bool) -> str:
    """The machine that `--machine` names; empty for a world on one. Raises UsageError where that cannot be."""
    from sim.topology.check.findings import unknown

    known = tuple(topology.machines)
    if named and not known:
        raise click.UsageError("--machine: this world has no machines: it runs whole")
    if known and named not in known:
        said = unknown("machine", named, known) if named else "this world is on several machines"
        raise click.UsageError(f"{said}: say which of {', '.join(known)} this is, by --machine")
    if named and auto:
        raise click.UsageError("--ports auto: other machines could not know the ports of this one")
    return named
