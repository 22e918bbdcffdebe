"""What a viewer's request comes to, whichever PoP is chosen for it."""

from __future__ import annotations

from attrs import define, field, frozen

from edge.balancer.front import Front, Way
from edge.balancer.heads import Asked
from edge.balancer.routing import Choice, Mark
from edge.upstream.connection import framed, request_bytes
from wire.errors import MediaError
from wire.http.fields import Fields, RequestHead
from wire.http.incoming import HeadLimits, Incoming, Refused, RequestParser


@frozen
class KnownAnswer:
    """What was made of an upstream's head: the same bytes come to the same."""

    head: bytes
    """As the viewer gets it."""
    status: int
    length: int
    """Of the body behind it."""


KnownAnswers = dict[bytes, KnownAnswer]
"""By the bytes of the upstream's head."""


@define(eq=False)
class Passage:
    """One request, judged: decided by its bytes and its viewer's address alone."""

    incoming: Incoming
    wanted: Asked
    path: str
    region: str
    named: str
    """The region, where the viewer names it."""
    sticky: str
    onward: RequestHead
    known: KnownAnswers
    """Those to a method, in a region."""
    weight: int
    choice: Choice | None = None
    is_new: bool = False
    chosen_at: Mark | None = None
    """Of the routing, when it was made."""
    asked: dict[str, tuple[bytes, RequestHead]] = field(factory=dict)
    """As each upstream gets it."""

    def choose(self, front: Front) -> tuple[Choice, bool]:
        """As `Front.choose`, which is not asked again while it would say the same."""
        mark, choice = front.routing.mark, self.choice
        if choice is not None and mark is not None and mark == self.chosen_at:
            front.routing.took(choice.first)
        else:
            choice, self.is_new = front.choose(self.region, self.path, self.sticky)
            self.choice, self.chosen_at = choice, mark
        return choice, self.is_new

    def asked_of(self, upstream: str) -> tuple[bytes, RequestHead]:
        """The head as this upstream gets it, and its bytes."""
        asked = self.asked.get(upstream)
        if asked is None:
            head = framed(self.onward, upstream, None)
            asked = self.asked[upstream] = request_bytes(head), head
        return asked


def judged(
    front: Front, raw: bytes, client: str, scheme: str, limits: HeadLimits
) -> tuple[Incoming, Asked] | None:
    """A request that a PoP is asked, of a connection that is kept; None for any other, and for what is refused."""
    parser = RequestParser(limits)
    parser.feed(raw)
    try:
        head = parser.next_event()
        if not isinstance(head, Incoming) or parser.waiting or head.length != 0:
            return None
        if not head.keeps or head.version != b"HTTP/1.1":
            return None
        fields = Fields.from_bytes(head.lines)
        wanted = front.asked(head.method, head.target, head.version, fields, client, scheme)
    except (Refused, MediaError):
        return None
    return (head, wanted) if front.way_of(wanted) is Way.PROXIED else None
