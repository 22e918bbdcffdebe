"""A primary and a secondary: after which answers of the first the second is asked (cdn-vendors §5.3, §15.4). Pure."""

from __future__ import annotations

from attrs import frozen

from edge.core.events import Failure as Reason

METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MEMBERS = 2
MEANING = {
    Reason.UNREACHABLE: 503,
    Reason.BUSY: 503,
    Reason.TIMED_OUT: 504,
    Reason.CUT: 502,
    Reason.MALFORMED: 502,
}
"""What counts as which status where no answer came."""


@frozen
class Group:
    """Every question goes to the first member first: what happened before is not remembered."""

    statuses: frozenset[int]
    secondary: frozenset[str] = frozenset()
    """The upstreams of the second member, where the members have several each, which stand in for each other. Else the
    first two upstreams are the members."""

    def are_one_member(self, one: str, other: str) -> bool:
        """Whether two upstreams are of the same member."""
        return bool(self.secondary) and (one in self.secondary) == (other in self.secondary)

    def goes_on(self, method: str, status: int) -> bool:
        """Whether the second member is asked after this answer of the first."""
        return method in METHODS and status in self.statuses

    def goes_on_without(self, method: str, reason: Reason) -> bool:
        """The same where none came."""
        return reason in MEANING and self.goes_on(method, MEANING[reason])
