"""What a personality is to an edge: a policy for the core, and a few words on each request and each answer."""

from __future__ import annotations

from typing import Protocol

from attrs import frozen

from edge.core.account import Account
from edge.core.policy import Policy
from wire.http.asker import Asker
from wire.http.fields import RequestHead, ResponseHead
from wire.http.paths import readings
from wire.tokens.glob import Parts, fits


@frozen
class Arrival:
    """A request as it came."""

    head: RequestHead
    """Its target is a path, in its raw spelling."""
    path: str
    """In the spelling that also selects the object, without a query: what rules about paths look at."""
    asker: Asker
    """Whose address is known."""
    now: float
    """Wall seconds."""
    entropy: bytes
    """40 bytes that no other request has."""
    has_body: bool = False
    by_operator: bool = False
    """It is not for a viewer: nobody need show that he may have it."""

    def is_below(self, pattern: Parts) -> bool:
        """Whether a rule about paths is about this one, however a server behind us may read it."""
        return any(fits(pattern, path) for path in readings(self.path))


@frozen
class Page:
    """An answer that a personality makes itself, with its own Content-Length."""

    head: ResponseHead
    body: bytes = b""
    kind: str = ""
    """What the vendor's log calls it; empty: nothing in particular."""


class Visit(Protocol):
    """One request under a personality."""

    @property
    def head(self) -> RequestHead:
        """The request as the core is to see it: without what let it in."""

    @property
    def refusal(self) -> Page | None:
        """What a viewer gets who may not be here. The core is not asked then, nor anything stored."""

    @property
    def may_repeat(self) -> bool:
        """Whether who sends the same bytes again may have the same answer, without being looked at."""

    @property
    def request_id(self) -> str:
        """Its name in logs; empty: it has none."""

    @property
    def asker(self) -> Asker:
        """Who asked; without an address: who is connected."""

    def dress(self, head: ResponseHead, account: Account, now: float, *, from_memory: bool) -> ResponseHead:
        """The answer's head as this viewer is to see it."""

    def page(self, page: Page, account: Account, now: float) -> Page:
        """What the viewer sees instead of an answer that the core made from nothing."""

    def instead(self, status: int, now: float) -> Visit | None:
        """The visit by which the viewer is served in place of an answer with this status; None: by that answer."""


class Personality(Protocol):
    """Whom an edge plays."""

    def policy(self, policy: Policy) -> Policy:
        """The core's knobs as the vendor has them."""

    def receive(self, arrival: Arrival) -> Visit:
        """A request, looked at before anything is looked up."""
