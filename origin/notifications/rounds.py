"""Work that is done again and again: every so many seconds, or as soon as there is more of it."""

from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from wire.errors import Unavailable


class Rounds:
    """Never two at once, and one bad round does not end them."""

    _log = Logger()

    def __init__(
        self, work: Callable[[], Coroutine[Any, Any, None]], clock: IReactorTime, every_seconds: float
    ) -> None:
        self._work = work
        self._clock = clock
        self._every_seconds = every_seconds
        self._is_stopping = False
        self._is_wanted = False
        self._pausing: Deferred[None] | None = None
        self._going: Deferred[None] | None = None

    def start(self) -> None:
        """Begin with a pause."""
        self._is_stopping = False
        self._going = Deferred.fromCoroutine(self._go())

    def soon(self) -> None:
        """Another round now, or right after the one under way."""
        self._is_wanted = True
        pausing, self._pausing = self._pausing, None
        if pausing is not None:
            pausing.callback(None)

    async def stop(self) -> None:
        """The round under way is dropped."""
        self._is_stopping = True
        if self._going is not None:
            self._going.cancel()
            await self._going

    async def _go(self) -> None:
        while not self._is_stopping:
            await self._pause()
            if not self._is_stopping:
                await self._once()

    async def _pause(self) -> None:
        if self._is_wanted:
            return
        self._pausing = Deferred()
        timer: Any = self._clock.callLater(self._every_seconds, self.soon)
        try:
            await self._pausing
        except CancelledError:
            pass  # only whoever stops us cancels
        finally:
            self._pausing = None
            if timer.active():
                timer.cancel()

    async def _once(self) -> None:
        self._is_wanted = False
        try:
            await self._work()
        except Unavailable as error:
            self._log.debug("a round came to nothing: {why}", why=str(error))
        except CancelledError:
            pass
        except Exception:  # noqa: BLE001  the border: one bad round must not end all rounds
            self._log.failure("in a round")
