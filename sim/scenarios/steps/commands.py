"""A step that is a command of `pixeledge`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from attrs import Factory, field, frozen
from attrs.validators import min_len

from sim.scenarios.steps.step import Step, StepError
from sim.topology.quantities import Duration

if TYPE_CHECKING:
    from sim.scenarios.stage import Stage


@frozen
class Do(Step):
    """`do: link eu-central--na-east --cut`: the command, on this world; one that fails ends the run."""

    command: str = field(validator=min_len(1))
    within: Duration = Factory(lambda: Duration(60.0))
    short = "command"

    async def carry_out(self, stage: Stage) -> str:
        try:
            arguments = shlex.split(self.command)
        except ValueError as error:
            raise StepError(f"do: {self.command}: {error}") from None
        said = await stage.command(arguments, self.within.seconds)
        return f"pixeledge {self.command}" + (f": {said}" if said else "")
