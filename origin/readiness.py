"""Whether an origin can serve: store and catalogue looked at in the background, the last verdict kept."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import define
from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as TooSlow
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from wire.errors import MediaError

Check = Callable[[], Awaitable[None]]
CHECK_SECONDS = 5.0  # then a silent server counts as out of reach
IMPATIENT_SECONDS = (
    0.2  # between looks while something is amiss: a restart should not wait for the next round
)


@define(eq=False)
class _Look:
    """One thing that is looked at, and why it cannot serve (None: it can)."""

    check: Check
    reason: str | None = "not looked at yet"


class Readiness(Service):
    """Looks at each thing every so many seconds. A node starts not ready and becomes so without a restart."""

    _log = Logger()

    def __init__(
        self, checks: Mapping[str, Check], clock: IReactorTime, *, every_seconds: float, node: str
    ) -> None:
        self._looks = {name: _Look(check) for name, check in checks.items()}
        self._clock = clock
        self._every_seconds = every_seconds
        self._node = node
        self._loops: list[LoopingCall] = []
        self._ended: list[Deferred[Any]] = []
        self._running: dict[str, Deferred[None]] = {}
        self.is_draining = False

    @property
    def reasons(self) -> list[str]:
        """Why the node is not ready; empty when it is."""
        told = [f"{name}: {look.reason}" for name, look in self._looks.items() if look.reason is not None]
        return [*(["draining"] if self.is_draining else []), *told]

    def startService(self) -> None:
        super().startService()
        for name, look in self._looks.items():
            loop = LoopingCall(self._begin, name, look)
            loop.clock = self._clock
            loop.kw["loop"] = loop
            self._loops.append(loop)
            self._ended.append(loop.start(self._every_seconds))

    def stopService(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        super().stopService()
        for loop in self._loops:
            if loop.running:
                loop.stop()
        for looking in list(self._running.values()):
            looking.cancel()
        for ended in self._ended:
            await ended
        self._loops, self._ended = [], []

    def _begin(self, name: str, look: _Look, loop: LoopingCall) -> "Deferred[None]":
        looking = Deferred.fromCoroutine(self._look(name, look))
        looking.addCallback(lambda _: self._pace(look, loop))
        self._running[name] = looking
        return looking

    def _pace(self, look: _Look, loop: LoopingCall) -> None:
        is_amiss = look.reason is not None
        loop.interval = min(self._every_seconds, IMPATIENT_SECONDS) if is_amiss else self._every_seconds

    async def _look(self, name: str, look: _Look) -> None:
        before = look.reason
        try:
            checking: Deferred[None] = Deferred.fromCoroutine(_awaited(look.check))
            await checking.addTimeout(CHECK_SECONDS, self._clock)
            look.reason = None
        except CancelledError:
            return
        except TooSlow:
            look.reason = f"no answer within {CHECK_SECONDS:g} s"
        except MediaError as error:
            look.reason = str(error)
        except Exception as error:  # noqa: BLE001  the border: whatever is wrong, the node stays to tell of it
            look.reason = str(error) or type(error).__name__
            if look.reason != before:
                self._log.failure("{node} could not look at its {thing}", node=self._node, thing=name)
        if look.reason != before:
            self._log.info(
                "{node}: {thing} {state}", node=self._node, thing=name, state=look.reason or "is in reach"
            )


async def _awaited(check: Check) -> None:
    await check()
