"""Connections that are being dialled, and whether that takes unusually long.

A system takes calls by itself, however busy its processes are: who takes none has probably left the network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from edge.upstream.connection import UpstreamConnection
from edge.upstream.usual import Usual
from wire.web.alarm import Alarm

UNREAD_SECONDS = 0.05  # what came while we ourselves were busy is read first


@define(eq=False)
class Dials:
    """By upstream."""

    clock: IReactorTime
    on_late: Callable[[str], None]
    """Told of an upstream that takes unusually long; it is waited for still."""
    answered_at: dict[str, float] = field(factory=dict)
    """When each took a call last."""
    _usual: dict[str, Usual] = field(factory=lambda: defaultdict(Usual))
    _under_way: dict[str, set[Deferred[UpstreamConnection]]] = field(factory=lambda: defaultdict(set))

    def are_under_way(self, upstream: str) -> bool:
        """Whether it is being dialled."""
        return bool(self._under_way[upstream])

    async def finished(self, upstream: str, dial: Deferred[UpstreamConnection]) -> UpstreamConnection:
        """What comes of one that has just begun."""
        began, usual = self.clock.seconds(), self._usual[upstream]
        self._under_way[upstream].add(dial)

        def ring() -> None:
            usual.back_off()
            self.on_late(upstream)

        late = Alarm(self.clock, lambda: at_last.set(UNREAD_SECONDS))
        at_last = Alarm(self.clock, ring)
        late.set(usual.bound_seconds)
        try:
            connection = await dial
        finally:
            self._under_way[upstream].discard(dial)
            late.stop()
            at_last.stop()
        now = self.answered_at[upstream] = self.clock.seconds()
        usual.took(now - began)
        return connection

    def give_up(self, upstream: str) -> None:
        """Whoever waits for it hears at once that there is no connection."""
        for dial in tuple(self._under_way[upstream]):
            dial.cancel()

    def give_up_all(self) -> None:
        """The node ends."""
        for upstream in tuple(self._under_way):
            self.give_up(upstream)
