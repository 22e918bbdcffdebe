"""A tier of caches before the origin, and what goes past it (cdn-vendors §5.1, §15.1). Pure."""

from __future__ import annotations

from attrs import frozen

READING = frozenset({"GET", "HEAD"})


@frozen
class Tiers:
    """Parents that are asked for what may be kept; for anything else once the origins are out of reach."""

    parents: frozenset[str] = frozenset()
    keeps_nothing: bool = False
    """Whether no answer is kept at all, by whatever method it was asked for."""

    def may_keep(self, method: str) -> bool:
        """Whether the answer to such a question may be kept."""
        return method in READING and not self.keeps_nothing

    def passed_by(self, method: str) -> frozenset[str]:
        """Those that come last for such a question."""
        return frozenset() if self.may_keep(method) else self.parents
