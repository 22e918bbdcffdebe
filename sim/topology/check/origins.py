"""What origins paint with, and whom they tell."""

from __future__ import annotations

from origin.transform.params.provided import PROVIDED
from origin.transform.providing import BUILTINS
from sim.topology.check.findings import Findings, unknown
from sim.topology.model import Topology
from wire.document import Document


def providers(topology: Topology, document: Document) -> Findings:
    """An effect is painted by one who can."""
    for origin, settings in topology.origins.items():
        for effect, provider in settings.providers.items():
            where = ("origins", origin, "providers", effect)
            if effect not in PROVIDED:
                yield where, unknown("effect", effect, tuple(sorted(PROVIDED)))
            if bool(provider.command) == (provider.builtin is not None):
                yield where, "give either a command or a builtin"
            elif provider.builtin is not None and effect not in BUILTINS[provider.builtin]:
                fitting = " or ".join(sorted(BUILTINS[provider.builtin]))
                yield (*where, "builtin"), f'"{provider.builtin}" can only stand in for {fitting}'
            if not provider.timeout.seconds:
                yield (*where, "timeout"), "a provider needs some time"


def webhooks(topology: Topology, document: Document) -> Findings:
    """Telling takes some time."""
    for origin, told in topology.origins.items():
        for name in ("timeout", "keep"):
            if getattr(told.webhooks, name).seconds <= 0:
                yield ("origins", origin, "webhooks", name), "with no time at all, nothing is told"
