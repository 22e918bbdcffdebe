"""Steps that end, stop and start nodes, and barriers on how they are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from attrs import Factory, field, frozen
from attrs.validators import min_len

from sim.scenarios.bounds import check_bounds
from sim.scenarios.expect import figure
from sim.scenarios.steps.step import Names, OnNodes, Step, StepError
from sim.topology.quantities import Duration

if TYPE_CHECKING:
    from sim.scenarios.stage import Stage


@frozen
class Operated(OnNodes):
    """An operation of the supervisor on each; it returns when what it does to a process has come about."""

    action: ClassVar[str]
    within: Duration = Factory(lambda: Duration(60.0))

    async def carry_out(self, stage: Stage) -> str:
        names = self.of(stage)
        before = {name: await stage.restarts(name) for name in names}
        for name in names:
            await stage.operate(name, self.action)
        for name, restarts in before.items():
            has_come = partial(self.has_come_about, stage, name, restarts)
            await stage.until(has_come, f"{self.action} {name}", self.within.seconds)
        return f"{self.action} {', '.join(names)}"

    async def has_come_about(self, stage: Stage, name: str, restarts_before: int) -> bool:
        """Whether the process is as the action wants it. A signal is delivered at once."""
        return True


@frozen
class Ended(Operated):
    """It is down."""

    async def has_come_about(self, stage: Stage, name: str, restarts_before: int) -> bool:
        return await stage.is_down(name)


@frozen
class Renewed(Operated):
    """The process is another one; `ready` waits until that serves."""

    async def has_come_about(self, stage: Stage, name: str, restarts_before: int) -> bool:
        return await stage.restarts(name) > restarts_before


@frozen
class Stop(Ended):
    """End it in order, and keep it down."""

    action = "stop"


@frozen
class Die(Ended):
    """Gone at once, and down."""

    action = "die"


@frozen
class Crash(Renewed):
    """Gone at once; the supervisor brings it back."""

    action = "crash"


@frozen
class Start(Operated):
    """Run it again; `ready` waits until it serves."""

    action = "start"


@frozen
class Restart(Renewed):
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
            await Restart((name,), within=self.within).carry_out(stage)
            await Ready((name,), within=self.within).carry_out(stage)
        return f"restarted one after the other: {', '.join(names)}"


@frozen
class Ready(OnNodes):
    """A barrier: they serve, as the supervisor sees it; `probe` tells whether the balancer asks them again."""

    within: Duration = Factory(lambda: Duration(60.0))

    async def carry_out(self, stage: Stage) -> str:
        names = self.of(stage)
        for name in names:
            await stage.until(partial(stage.is_ready, name), f"{name} serves", self.within.seconds)
        return f"{', '.join(names)} serve{'s' if len(names) == 1 else ''}"


@frozen
class Until(Step):
    """A barrier: a figure of a node's /status is within bounds."""

    node: str
    figure: str = field(validator=min_len(1))  # a dotted path
    at_least: float = float("-inf")
    at_most: float = float("inf")
    within: Duration = Factory(lambda: Duration(60.0))

    def __attrs_post_init__(self) -> None:
        check_bounds(self.at_least, self.at_most)

    def strangers(self, names: Names) -> Iterator[str]:
        return names.unknown("node", [self.node])

    async def carry_out(self, stage: Stage) -> str:
        found: float | None = None

        async def is_so() -> bool:
            nonlocal found
            found = figure(await stage.status(self.node), self.figure)
            return found is not None and self.at_least <= found <= self.at_most

        said = f"{self.node}'s {self.figure}"
        try:
            await stage.until(is_so, f"{said} is as expected", self.within.seconds)
        except StepError as error:
            last = "it is not counted" if found is None else f"it is {found:g}"
            raise StepError(f"{error}: {last}") from None
        return f"{said} is {found:g}"
