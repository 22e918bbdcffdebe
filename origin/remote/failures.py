"""Loads that came to nothing, remembered for a short while: whoever asks again meanwhile costs no load."""

from collections import OrderedDict

from attrs import define, field, frozen

from wire.errors import MediaError

KEPT = 1000
SECONDS = 60.0


@frozen
class _Failure:
    until: float
    error: MediaError


@define(eq=False)
class Failures:
    """The latest failures, by key; the oldest make room."""

    kept: int = KEPT
    seconds: float = SECONDS
    _known: OrderedDict[str, _Failure] = field(factory=OrderedDict, init=False)

    def __len__(self) -> int:
        return len(self._known)

    def check(self, key: str, now: float) -> None:
        """Nothing, or the same refusal again."""
        failure = self._known.get(key)
        if failure is None:
            return
        if failure.until <= now:
            del self._known[key]
            return
        raise failure.error.with_traceback(None)

    def note(self, key: str, error: MediaError, now: float) -> None:
        """Remember it, if it is of the file and not of our own troubles."""
        if error.status >= 500:
            return
        error.__cause__ = error.__context__ = None  # which would keep the whole load in memory
        self._known[key] = _Failure(now + self.seconds, error)
        self._known.move_to_end(key)
        if len(self._known) > self.kept:
            self._known.popitem(last=False)
