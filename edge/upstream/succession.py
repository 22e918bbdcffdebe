"""Who is asked next, where one gave no answer, or none that stands (RFC 9110 §9.2.2; cdn-vendors §5.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from edge.core.events import Failure as Reason
from edge.upstream.failing import UpstreamFailed
from edge.upstream.upstreams import Upstreams
from wire.web.body import RequestBody

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # idempotent, RFC 9110 §9.2.2


@frozen
class Succession:
    """Of one question. In a group the others of one's own member come first, by the rules for who is in none; then the
    other member, by the group's."""

    upstreams: Upstreams
    method: str
    body: RequestBody | None = None

    def without(self, failed: UpstreamFailed, upstream: str, others: Sequence[str]) -> tuple[str, ...]:
        """Who may be asked where one gave no answer. To a group who was given up has given none in time."""
        group = self.upstreams.group
        reason = Reason.TIMED_OUT if failed.is_given_up else failed.reason
        goes_on = group is not None and group.goes_on_without(self.method, reason)
        return self._left(upstream, others, lambda: self._may_repeat(failed.reason), goes_on=goes_on)

    def after(self, status: int, upstream: str, others: Sequence[str]) -> tuple[str, ...]:
        """Who may be asked in place of an answer; nobody, where that stands."""
        group = self.upstreams.group
        goes_on = group is not None and group.goes_on(self.method, status)
        return self._left(upstream, others, lambda: self._may_ask_another(status), goes_on=goes_on)

    @property
    def is_repeatable(self) -> bool:
        """Whether the question may be put again though somebody may have begun to work on it."""
        return self.method in REPEATABLE and self._body_is_unspent

    def _left(
        self, upstream: str, others: Sequence[str], may_repeat: Callable[[], bool], *, goes_on: bool
    ) -> tuple[str, ...]:
        group = self.upstreams.group
        if group is None:  # who went out of reach meanwhile costs time only
            others = self.upstreams.in_reach(others)
        own = [each for each in others if group is None or group.are_one_member(each, upstream)]
        if own and may_repeat():
            return tuple(others)
        if not goes_on or not self._body_is_unspent:
            return ()
        return tuple(each for each in others if each not in own)

    def _may_repeat(self, reason: Reason) -> bool:
        if reason in (Reason.UNREACHABLE, Reason.BUSY):
            return self._body_is_unspent
        return reason is Reason.CUT and self.is_repeatable and self.upstreams.budget.spend()

    def _may_ask_another(self, status: int) -> bool:
        told = self.upstreams
        return status in told.retry_statuses and self.is_repeatable and told.budget.spend()

    @property
    def _body_is_unspent(self) -> bool:
        """Whether none of the request's body was sent on: there is none, or nobody has begun to read it."""
        body = self.body
        return body is None or body.received == 0 or not body.is_wanted or body.length == 0
