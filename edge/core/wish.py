"""What a request wants of upstream, given what is stored; and who may share it (sheet 11.6, 11.10, 18.3)."""

from __future__ import annotations

from attrs import frozen

from edge.core.asking import Ask, has_validator
from edge.core.entry import Entry
from edge.core.parts import reach, representation_of
from edge.core.policy import Policy
from edge.core.reuse import Terms
from wire.http.fields import RequestHead
from wire.http.ranges import parse_ranges, resolve


@frozen
class Wish:
    """A request that must go forward."""

    question: RequestHead
    """What is put upstream; a HEAD may stand for its GET."""
    terms: Terms
    policy: Policy
    selected: Entry | None = None
    """What is stored, and wants validation."""
    partial: Entry | None = None
    """Parts of what is asked for, that do not suffice."""
    by_request: bool = False
    """It goes forward because the viewer says so."""
    is_alone: bool = False
    """Nobody else's answer will do."""

    @property
    def may_be_shared(self) -> bool:
        """Whether another's answer could do, or ours for others (18.3)."""
        terms = self.terms
        if not self.policy.coalesces:
            return False
        if self.question.method not in ("GET", "OPTIONS") or "authorization" in self.question.fields:
            return False
        if terms.no_store or terms.no_cache or terms.max_age <= 0 or self.by_request:
            return False
        if self.selected is not None:
            return not self.selected.parts
        return not self.forwards_range or bool(self.span)

    @property
    def forwards_range(self) -> bool:
        """Whether a range is asked for, and it alone is put upstream (11.6)."""
        if "range" not in self.question.fields:
            return False
        is_large = self.partial is not None and self.partial.size > self.policy.range_fill_bytes
        return self.policy.range_fill == "forward" or self.is_alone or is_large

    @property
    def span(self) -> str:
        """The one range that is asked for alone, by which those who want the same find each other; empty: none."""
        if self.selected is not None or not self.forwards_range:
            return ""
        specs = parse_ranges(self.question.fields.joined("range") or "")
        return str(specs[0]) if len(specs) == 1 else ""

    @property
    def ask(self) -> Ask:
        """How it is put."""
        if self.question.method == "HEAD":
            return Ask.AS_IS
        if self.selected is not None:
            may_validate = self.question.method == "GET" and has_validator(self.selected)
            return Ask.VALIDATE if may_validate else Ask.PLAIN
        if self.forwards_range:
            return Ask.AS_IS
        return Ask.COMPLETE if self._can_be_completed else Ask.FILL

    @property
    def _can_be_completed(self) -> bool:
        """Whether the beginning is held of something that may be stored whole (11.10)."""
        held = self.partial
        if held is None or representation_of(held.parts[0]) is None:
            return False
        return reach(held) > 0 and held.size <= self.policy.object_bytes

    def is_beyond_reach(self, entry: Entry, received: int) -> bool:
        """Whether the part that is wanted ends too far ahead in a growing body to be waited for (11.6)."""
        wanted = self.question.fields.joined("range")
        if wanted is None or entry.size < 0 or entry.is_part:
            return False  # of unknown length there are no parts yet: all of it is sent
        parts = resolve(parse_ranges(wanted), entry.size) or ()
        return any(stop > received + self.policy.range_fill_bytes for _, stop in parts)
