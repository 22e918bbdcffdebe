"""Which frames of an animation are kept, and how long each is then shown: `fps`, `vs` (transformations.md §3).

A sampling is a moment now and then, and of each the frame that is shown there. Frames are left out, never
repeated, and the whole keeps its length. Of a range of rates only the upper end can ask for fewer frames.
"""

import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from origin.transform.values import half_up, refused, spelled_number

KEYS = frozenset({"fps", "vs"})

_NUMBER = r"[0-9]{1,5}(?:\.[0-9]{1,4})?"
_RATE = re.compile(rf"(?P<least>{_NUMBER})(?P<range>-(?P<most>{_NUMBER})?)?")
_COUNT = re.compile(r"[0-9]{1,5}")
_PERIOD = re.compile(rf"({_NUMBER})s")


def read(values: Mapping[str, str], before: str | None) -> str | None:
    """The canonical sampling after one more component; of both in one, `vs` counts. None: every frame."""
    after = before
    if "fps" in values:
        after = _rate(values["fps"])
    if "vs" in values:
        after = _samples(values["vs"])
    return after


def count_of(sampling: str | None, frames: int) -> int:
    """How many of the frames are kept at most."""
    if sampling is not None and sampling.startswith("vs_") and not sampling.endswith("s"):
        return min(frames, int(sampling.removeprefix("vs_")))
    return frames


def sampled(times: Sequence[int], sampling: str | None) -> list[tuple[int, int]]:
    """Number, from 0, and time of every frame that is kept; times are milliseconds."""
    total = sum(times)
    period = None if sampling is None else _period(sampling, total)
    if period is None or period <= min(times):
        return list(enumerate(times))
    kept: list[tuple[int, int]] = []  # number, and when it begins
    start = 0
    for number, length in enumerate(times):
        moment = math.ceil(start / period) * period
        if moment < start + length:
            kept.append((number, half_up(moment)))
        start += length
    ends = [*(begins for _, begins in kept[1:]), total]
    return [(number, end - begins) for (number, begins), end in zip(kept, ends, strict=True)]


def _period(sampling: str, total: int) -> Fraction:
    key, _, value = sampling.partition("_")
    if key == "fps":
        return 1000 / Fraction(value)
    if value.endswith("s"):
        return Fraction(value[:-1]) * 1000
    return Fraction(total, int(value))


def _rate(text: str) -> str | None:
    found = _RATE.fullmatch(text)
    if found is None:
        raise refused("fps", "fps", text)
    least = Fraction(found["least"])
    most = least if found["range"] is None else Fraction(found["most"]) if found["most"] else None
    if least <= 0 or (most is not None and most < least):
        raise refused("fps", "fps", text)
    return None if most is None else f"fps_{spelled_number(most)}"


def _samples(text: str) -> str:
    if _COUNT.fullmatch(text) and int(text):
        return f"vs_{int(text)}"
    found = _PERIOD.fullmatch(text)
    if found is None or not Fraction(found[1]):
        raise refused("vs", "video_sampling", text)
    return f"vs_{spelled_number(Fraction(found[1]))}s"
