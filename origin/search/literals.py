"""What fields are compared with: numbers, sizes, ratios, moments and ages, each an interval on a number line."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite, nextafter

from attrs import frozen

DAY_SECONDS = 86400.0
_AGE_SECONDS = {"h": 3600.0, "d": DAY_SECONDS, "w": 7 * DAY_SECONDS}
_SIZES = {
    "": 1,
    "b": 1,
    "k": 1 << 10,
    "kb": 1 << 10,
    "m": 1 << 20,
    "mb": 1 << 20,
    "g": 1 << 30,
    "gb": 1 << 30,
}
_RATIO_DIGITS = 5  # as answers show it

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")
_SIZE = re.compile(r"(?P<number>[0-9]{1,20}(?:\.[0-9]{1,20})?)(?P<unit>[kmg]?b?)", re.IGNORECASE)
_RATIO = re.compile(r"(?P<width>[0-9]{1,6}(?:\.[0-9]{1,6})?):(?P<height>[0-9]{1,6}(?:\.[0-9]{1,6})?)")
_AGE = re.compile(r"(?P<count>[0-9]{1,6})(?P<unit>[hdw])")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?P<time>[T ][0-9]{2}:[0-9]{2}(?P<seconds>:[0-9]{2}(?P<fraction>\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Number:
    """A point."""

    value: float

    def span(self, now: float) -> tuple[float, float]:
        """The first and the last number that it means."""
        return self.value, self.value

    def __str__(self) -> str:
        return (
            str(int(self.value)) if self.value.is_integer() and abs(self.value) < 2**53 else repr(self.value)
        )


@frozen
class Moment:
    """A day, a minute, a second or an instant of UTC: what a date leaves out it does not restrict."""

    start: float  # unix seconds
    seconds: float  # how long it lasts; 0 for an instant

    def span(self, now: float) -> tuple[float, float]:
        """The first and the last instant of it."""
        return self.start, nextafter(self.start + self.seconds, self.start) if self.seconds else self.start

    def __str__(self) -> str:
        if self.seconds == DAY_SECONDS and self.start % DAY_SECONDS == 0:
            return f"{instant(self.start):%Y-%m-%d}".rjust(10, "0")
        precision = {60.0: "minutes", 1.0: "seconds"}.get(self.seconds, "microseconds")
        return instant(self.start).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


@frozen
class Age:
    """So long ago: `1d` is the instant one day before now."""

    count: int
    unit: str

    def span(self, now: float) -> tuple[float, float]:
        """That instant."""
        then = now - self.count * _AGE_SECONDS[self.unit]
        return then, then

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


Literal = Number | Moment | Age
Reader = Callable[[str], Literal | None]


def instant(seconds: float) -> datetime:
    """A moment of UTC, of any year that dates can be written in."""
    return datetime.fromtimestamp(seconds, UTC)


def number(text: str) -> Number | None:
    """A finite decimal number."""
    value = float(text) if _NUMBER.fullmatch(text) else None
    return Number(value + 0.0) if value is not None and isfinite(value) else None


def size(text: str) -> Number | None:
    """Bytes, also as `20kb`, `1m`, `1.5gb`; a kilobyte is 1024, as in all limits."""
    found = _SIZE.fullmatch(text)
    if found is None:
        return number(text)
    return Number(float(found["number"]) * _SIZES[found["unit"].lower()])


def ratio(text: str) -> Number | None:
    """`1.5` or `16:9`, rounded as the index rounds."""
    found = _RATIO.fullmatch(text)
    if found is None:
        plain = number(text)
        return None if plain is None else Number(round(plain.value, _RATIO_DIGITS))
    shape = aspect_ratio(float(found["width"]), float(found["height"]))
    return None if shape is None else Number(shape)


def aspect_ratio(width: float, height: float) -> float | None:
    """Width to height; None of what has no height."""
    return round(width / height, _RATIO_DIGITS) if height else None


def moment(text: str) -> Moment | None:
    """`2024-01-15`, `2024-01-15T10:30:00Z`, with minutes, fractions or an offset; UTC unless it says so."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    try:
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
        when = parsed.replace(tzinfo=parsed.tzinfo or UTC)
        start = (when - _EPOCH).total_seconds()
        instant(start)
    except (ValueError, OverflowError):
        return None
    if found["time"] is None:
        return Moment(start, DAY_SECONDS)
    return Moment(start, 60.0 if found["seconds"] is None else 1.0 if found["fraction"] is None else 0.0)


def when(text: str) -> Literal | None:
    """A date or an age."""
    found = _AGE.fullmatch(text)
    return Age(int(found["count"]), found["unit"]) if found else moment(text)


def anything(text: str) -> Literal | None:
    """A number, a date or an age: for values of which only their owner knows what they are."""
    return number(text) or when(text)


def truth(text: str) -> Number | None:
    """`true` or `false`, as 1 or 0."""
    value = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}.get(text.lower())
    return None if value is None else Number(value)
