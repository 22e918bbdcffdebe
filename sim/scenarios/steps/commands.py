"""A step that is a command of `pixeledge`."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

import click
from attrs import Factory, field, frozen

from sim.cli import COMMANDS, main
from sim.scenarios.steps.step import Step
from sim.topology.quantities import Duration
from wire.document import did_you_mean

if TYPE_CHECKING:
    from sim.scenarios.stage import Stage


def _check(_step: object, _field: object, written: str) -> None:
    """Raises ValueError of what is no command on a running world, and of options that it has not."""
    name, *arguments = shlex.split(written) or [""]
    command = main.get_command(click.Context(main), name)
    if command is None:
        raise ValueError(
            f"no command is called {name!r}{did_you_mean(name, COMMANDS)}: {', '.join(COMMANDS)}"
        )
    if "ready_file" not in (parameter.name for parameter in command.params):
        raise ValueError(f"`pixeledge {name}` is about no running world")
    try:
        world: Any = ["--ready-file", os.devnull]
        command.make_context(name, [*arguments, *world], help_option_names=[]).close()
    except click.ClickException as error:
        raise ValueError(f"`pixeledge {written}`: {error.format_message()}") from None


@frozen
class Do(Step):
    """`do: link eu-central--na-east --cut`: the command, on this world; one that fails ends the run."""

    command: str = field(validator=_check)
    within: Duration = Factory(lambda: Duration(60.0))
    short = "command"

    async def carry_out(self, stage: Stage) -> str:
        said = await stage.command(shlex.split(self.command), self.within.seconds)
        return f"pixeledge {self.command}" + (f": {said}" if said else "")
