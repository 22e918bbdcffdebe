"""Coming back: an edge asks to be told what was purged while it was away, before it serves (cdn-vendors §7.7)."""

from __future__ import annotations

from attrs import frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.web.iweb import IAgent

from wire.web.agent import post_json

log = Logger()
PAUSE_SECONDS = 0.25


@frozen
class Returning:
    """The way to the node that knows of purges."""

    agent: IAgent
    clock: IReactorTime
    url: str
    """The control URL of that node."""
    name: str
    """What it knows this node by."""

    within_seconds: float = 10.0

    async def is_caught_up(self) -> bool:
        """True when all that was missed has been carried out here; False where that cannot be had in time."""
        deadline, said = self.clock.seconds() + self.within_seconds, ""
        while (left := deadline - self.clock.seconds()) > 0:
            asking = Deferred.fromCoroutine(
                post_json(self.agent, f"{self.url}/returned", {"name": self.name}, sender=self.name)
            )
            try:
                status, answer = await asking.addTimeout(left, self.clock)
            except CancelledError:
                raise
            except Exception as error:  # noqa: BLE001  the border to another node: it is asked again
                said = str(error) or type(error).__name__
            else:
                if status == 200:
                    return True
                said = f"{status} {answer[:200].decode('utf-8', 'replace').strip()}"
            await deferLater(self.clock, PAUSE_SECONDS)
        log.warn("{node} could not ask {url} what it missed: {said}", node=self.name, url=self.url, said=said)
        return False
