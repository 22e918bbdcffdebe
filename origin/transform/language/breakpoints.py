"""`w_auto:breakpoints`: widths worth having, so far apart that each saves some bytes (transformations.md §4.5).

Which they are only rendered files can tell. Here is what is asked, and what follows from the files' sizes.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import frozen

from origin.transform.language.scope import Scope
from origin.transform.values import invalid
from wire.components import printable
from wire.errors import InvalidRequest

_BREAKPOINTS = re.compile(
    r"auto:breakpoints(?:_(?P<least>[0-9]{1,5})_(?P<most>[0-9]{1,5})_(?P<kib>[0-9]{1,5})_(?P<count>[0-9]{1,3}))?"
    r"(?::(?P<fallback>[1-9][0-9]{0,4}))?(?P<listed>:json)?"
)
MOST_WIDTHS = 200
KIB = 1024


@frozen
class Breakpoints:
    """Bounds and steps of the widths; `listed`: the answer is their list instead of a picture."""

    least: int = 50
    most: int = 1000
    kib: int = 20
    count: int = 20
    fallback: int | None = None
    listed: bool = False

    @property
    def settings(self) -> str:
        """What decides the list."""
        return f"{self.least}_{self.most}_{self.kib}_{self.count}"

    @property
    def text(self) -> str:
        """The canonical value."""
        settings = "" if self.settings == Breakpoints().settings else f"_{self.settings}"
        fallback = "" if self.fallback is None else f":{self.fallback}"
        return f"auto:breakpoints{settings}{fallback}{':json' if self.listed else ''}"

    def filled(self, scope: Scope) -> str | None:
        """The width without a hint; with one, whoever plans must have chosen from the list before."""
        if scope.negotiated.shown_width is None:
            return None if self.fallback is None else str(self.fallback)
        raise InvalidRequest(f"The breakpoints of w_{printable(self.text)} are not known here")

    def among(self, widths: Sequence[int], hint: Fraction) -> int:
        """The hint rounded up to the next of some widths; the largest where none is as large."""
        return min((each for each in widths if each >= hint), default=max(widths))

    def bounds(self, original: int) -> tuple[int, int]:
        """The least and the largest width there may be: an image is not enlarged for this."""
        largest = min(self.most, original)
        return min(self.least, largest), largest

    def chosen(self, sizes: Mapping[int, int]) -> tuple[int, ...]:
        """The widths, ascending, given the bytes at some of them."""
        return worthwhile(sizes, self.kib * KIB, self.count)


def read_breakpoints(text: str) -> Breakpoints:
    """The breakpoints a value of `w` asks for, or 400."""
    found = _BREAKPOINTS.fullmatch(text)
    if found is None:
        raise invalid("width", text)
    asked = Breakpoints(
        fallback=int(found["fallback"]) if found["fallback"] else None, listed=bool(found["listed"])
    )
    if found["least"] is not None:
        least, most, kib, count = (int(found[name]) for name in ("least", "most", "kib", "count"))
        if not (1 <= least <= most and 1 <= count <= MOST_WIDTHS):
            raise invalid("width", text)
        asked = Breakpoints(least, most, kib, count, asked.fallback, asked.listed)
    return asked


def sampled(least: int, largest: int, samples: int) -> tuple[int, ...]:
    """Widths to render: both ends, and some between them, denser where pictures are small."""
    if largest <= least or samples < 2:
        return (largest,)
    ratio = largest / least
    return tuple(dict.fromkeys(round(least * ratio ** (index / (samples - 1))) for index in range(samples)))


def worthwhile(sizes: Mapping[int, int], step_bytes: int, most: int) -> tuple[int, ...]:
    """The widths worth having, ascending, given the bytes at some: so far apart that each saves a step, at most
    so many. Both ends are among them."""
    least, largest = min(sizes), max(sizes)
    kept, bytes_kept = [largest], _interpolated(sizes, largest)
    for width in range(largest - 1, least, -1):
        if len(kept) >= most - 1:
            break
        now = _interpolated(sizes, width)
        if now <= bytes_kept - step_bytes:
            kept.append(width)
            bytes_kept = now
    if least not in kept and most > 1:
        kept.append(least)
    return tuple(reversed(kept))


def _interpolated(sizes: Mapping[int, int], width: int) -> float:
    """The bytes at a width: files grow with their area, between two that are known."""
    known = sorted(sizes)
    above = next(each for each in known if each >= width)
    below = max((each for each in known if each <= width), default=above)
    if above == below:
        return sizes[above]
    share = (width * width - below * below) / (above * above - below * below)
    return sizes[below] + share * (sizes[above] - sizes[below])
