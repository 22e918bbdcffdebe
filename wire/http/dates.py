"""HTTP-date: the three forms that RFC 9110 §5.6.7 knows, and nothing else; seconds since 1970 in UTC."""

from __future__ import annotations

import re
from calendar import monthrange, timegm
from functools import lru_cache
from time import gmtime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}
_DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
_LONG_DAY = "(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_MONTH = "(?P<month>" + "|".join(_NUMBER) + ")"
_TIME = "(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
LONGEST = len("Wednesday, 06-Nov-94 08:49:37 GMT")
_FORMS = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"{_DAY}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT",
        rf"{_LONG_DAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
        rf"{_DAY} {_MONTH} (?P<day>[0-9 ][0-9]) {_TIME} (?P<year>[0-9]{{4}})",
    )
)


def parse_date(text: str, now: float) -> float | None:
    """The moment an HTTP-date names; None for anything the grammar does not know.

    `now` settles the century of the two-digit form. The weekday is not checked; second 60 is a leap second.
    """
    return _moment(text, gmtime(now).tm_year) if len(text) <= LONGEST else None


@lru_cache(maxsize=256)
def _moment(text: str, this_year: int) -> float | None:
    """The same: of one message, and of those that come within a second, the dates are few."""
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if found is None:
        return None
    year, month, day = int(found["year"]), _NUMBER[found["month"].lower()], int(found["day"])
    if len(found["year"]) == 2:
        year = _in_century_of(this_year, year)
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"])
    if year < 1 or hour > 23 or minute > 59 or second > 60 or not 1 <= day <= monthrange(year, month)[1]:
        return None
    return float(timegm((year, month, day, hour, minute, second)))


def _in_century_of(this_year: int, two_digits: int) -> int:
    """More than 50 years ahead means the past (RFC 9110 §5.6.7)."""
    year = this_year - this_year % 100 + two_digits
    return year - 100 if year > this_year + 50 else year


@lru_cache(maxsize=256)
def _format(second: int) -> str:
    when = gmtime(second)
    return (
        f"{_DAYS[when.tm_wday]}, {when.tm_mday:02d} {_MONTHS[when.tm_mon - 1]} {when.tm_year:04d} "
        f"{when.tm_hour:02d}:{when.tm_min:02d}:{when.tm_sec:02d} GMT"
    )


def format_date(moment: float) -> str:
    """IMF-fixdate, the only form to write."""
    return _format(int(moment // 1))
