"""Viewers who are far away: what a node that is told of it asks before it answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from twisted.internet.defer import Deferred

if TYPE_CHECKING:
    from wire.web.request import StreamingRequest


class Afar(Protocol):
    """Knows who is far away, and stands between them and whoever answers."""

    def is_far(self, address: str) -> bool:
        """Whether all who ask from this address are."""

    def arriving(self, request: StreamingRequest) -> Deferred[None] | None:
        """Fires when the request has come all the way, never if its viewer leaves before; its answer then goes all the
        way back. None for one who is not far away.
        """


class FarFrom(Protocol):
    """The same where others answer than who is asked."""

    def is_far(self, region: str, pop: str) -> bool:
        """Whether viewers in this region are far away from this PoP."""

    def arriving(self, request: StreamingRequest, region: str, pop: str) -> Deferred[None] | None:
        """As `Afar.arriving`: from a viewer in this region, to this PoP."""
