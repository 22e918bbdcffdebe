"""Steps that end, stop and start nodes, and barriers on how they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import Factory, field, frozen
from attrs.validators import min_len

from sim.scenarios.expect import figure
from sim.scenarios.steps.step import OnNodes, Step
from sim.topology.quantities import Duration

if TYPE_CHECKING:
    from sim.scenarios.stage import Stage


@frozen
class Operated(OnNodes):
    """An operation of the supervisor on each."""

    action: ClassVar[str]

    async def carry_out(self, stage: Stage) -> str:
        names = self.of(stage)
        for name in names:
            await stage.operate(name, self.action)
        return f"{self.action} {', '.join(names)}"


@frozen
class Stop(Operated):
    """End it in order, and keep it down."""

    action = "stop"


@frozen
class Die(Operated):
    """Gone at once, and down."""

    action = "die"


@frozen
class Crash(Operated):
    """Gone at once; the supervisor brings it back."""

    action = "crash"


@frozen
class Start(Operated):
    """Run it again; `ready` waits until it serves."""

    action = "start"


@frozen
class Restart(Operated):
    """Ended in order and run again."""

    action = "restart"


@frozen
class Freeze(Operated):
    """It does nothing, and keeps what it holds."""

    action = "freeze"


@frozen
class Thaw(Operated):
    """It goes on."""

    action = "thaw"


@frozen
class Roll(OnNodes):
    """Restart one after the other, each only when the one before serves again."""

    within: Duration = Factory(lambda: Duration(60.0))

    async def carry_out(self, stage: Stage) -> str:
        names = self.of(stage)
        for name in names:
            before = await stage.restarts(name)
            await stage.operate(name, "restart")
            await stage.until(
                lambda name=name, before=before: stage.has_come_back(name, before),  # type: ignore[misc]
                f"{name} serves again",
                self.within.seconds,
            )
        return f"restarted one after the other: {', '.join(names)}"


@frozen
class Ready(OnNodes):
    """A barrier: they serve, and whoever chooses among them knows."""

    within: Duration = Factory(lambda: Duration(60.0))

    async def carry_out(self, stage: Stage) -> str:
        names = self.of(stage)
        for name in names:
            await stage.until(lambda name=name: stage.is_ready(name), f"{name} serves", self.within.seconds)  # type: ignore[misc]
        return f"{', '.join(names)} serve{'s' if len(names) == 1 else ''}"


@frozen
class Until(Step):
    """A barrier: a figure of a node's /status is within bounds."""

    node: str
    figure: str = field(validator=min_len(1))  # a dotted path
    at_least: float = float("-inf")
    at_most: float = float("inf")
    within: Duration = Factory(lambda: Duration(60.0))

    async def carry_out(self, stage: Stage) -> str:
        async def is_so() -> bool:
            return self.at_least <= figure(await stage.status(self.node), self.figure) <= self.at_most

        await stage.until(is_so, f"{self.node}'s {self.figure} is as expected", self.within.seconds)
        return f"{self.node}'s {self.figure} is {figure(await stage.status(self.node), self.figure):g}"
