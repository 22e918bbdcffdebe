"""How often a question may be put again: as a share of all questions, or a failing upstream would be asked twice
as often as a healthy one. Pure.
"""

from __future__ import annotations

from attrs import define, field


@define
class RetryBudget:
    """Every question earns a fraction of a retry; a quiet node has `most` to begin with."""

    share: float = 0.2
    """Retries a question, in the long run."""
    most: float = 100.0
    """Retries that can be saved up."""
    _left: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._left = self.most

    def asked(self) -> None:
        """A question was put for the first time."""
        self._left = min(self.most, self._left + self.share)

    def spend(self) -> bool:
        """Whether one may be put again; then it is counted."""
        if self._left < 1:
            return False
        self._left -= 1
        return True
