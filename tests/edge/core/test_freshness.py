"""Freshness lifetime and age (sheet 5, 6)."""

from __future__ import annotations

import pytest

from edge.core.freshness import date_of, initial_age_of, lifetime_of
from edge.core.policy import Policy
from edge.core.targeted import ruling_of
from wire.http.dates import format_date
from wire.http.fields import Fields

NOW = 1_800_000_000.0
HOUR = format_date(NOW + 3600)
PAST = format_date(NOW - 3600)


def lifetime(status: int = 200, /, date: float = NOW, policy: Policy | None = None, **fields: str) -> float:
    rules, head = policy or Policy(), Fields.of(**fields)
    return lifetime_of(status, head, ruling_of(head, rules), date=date, now=NOW, policy=rules).lifetime


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"Cache_Control": "max-age=900, s-maxage=5"}, 5),
        ({"Cache_Control": "max-age=0, s-maxage=60", "Expires": PAST}, 60),
        ({"Cache_Control": "max-age=60", "Expires": "0"}, 60),
        ({"Cache_Control": "max-age=0", "Expires": HOUR}, 0),
        ({"Cache_Control": "max-age=-60", "Expires": HOUR}, 0),
        ({"Cache_Control": "max-age=60s", "Expires": HOUR}, 0),
        ({"Cache_Control": 'max-age=60, ext="open'}, 0),
        ({"Cache_Control": 'ext="open', "Expires": HOUR}, 0),
        ({"Expires": HOUR}, 3600),
        ({"Expires": "0", "Last_Modified": PAST}, 0),
        ({"Expires": "-1"}, 0),
        ({"Expires": "Tue, 05 Mar 2041 09:07:30 UTC"}, 0),
        ({"Last_Modified": format_date(NOW - 36_000)}, 3600),
        ({"Last_Modified": HOUR}, 0),
        ({"Last_Modified": "yesterday"}, 0),
        ({"Cache_Control": "must-revalidate", "Last_Modified": format_date(NOW - 36_000)}, 3600),
        ({"Last_Modified": format_date(NOW - 3_600_000_0)}, 86_400),
        ({"Cache_Control": "colour=blue, max-age=60, immutable"}, 60),
        ({}, 0),
    ],
    ids=str,
)
def test_lifetime(fields: dict[str, str], seconds: float) -> None:
    """5.1 to 5.7, example by example."""
    head, rules = Fields.of(**fields), Policy()
    ruling = ruling_of(head, rules)
    assert lifetime_of(200, head, ruling, date=NOW, now=NOW, policy=rules).lifetime == seconds


def test_expires_is_measured_by_the_origins_own_clock() -> None:
    """5.3: a wrong origin clock cancels out."""
    assert lifetime(200, NOW + 900, Expires=format_date(NOW + 700)) == -200
    assert lifetime(200, NOW - DAYS, Expires=format_date(NOW - DAYS + 30)) == 30
    assert lifetime(200, NOW, Expires=format_date(NOW)) == 0


DAYS = 864_000.0


def test_expires_lines_that_differ_are_stale() -> None:
    """5.4."""
    head = Fields([("Expires", HOUR), ("Expires", format_date(NOW + 7200))])
    assert lifetime_of(200, head, ruling_of(head, Policy()), date=NOW, now=NOW, policy=Policy()).lifetime == 0
    same = Fields([("Expires", HOUR), ("Expires", HOUR)])
    told = lifetime_of(200, same, ruling_of(same, Policy()), date=NOW, now=NOW, policy=Policy())
    assert told.lifetime == 3600


@pytest.mark.parametrize(
    ("status", "fields", "said"),
    [
        (200, {"Cache_Control": "max-age=60"}, True),
        (200, {"Cache_Control": "max-age=x"}, True),
        (200, {"Cache_Control": 'ext="open', "Last_Modified": PAST}, True),
        (200, {"Expires": "0"}, True),
        (404, {}, True),
        (200, {"Last_Modified": PAST}, False),
        (302, {"Last_Modified": PAST}, False),
        (404, {"Cache_Control": "must-revalidate"}, False),
        (404, {"CDN_Cache_Control": "none"}, False),
        (200, {"CDN_Cache_Control": "none", "Expires": HOUR}, False),
    ],
    ids=str,
)
def test_what_counts_as_said(status: int, fields: dict[str, str], said: bool) -> None:
    """5.1 to 5.7, 1.5, 15.1, 19.2: an error in what was said is no silence, and a targeted field silences Expires."""
    head, rules = Fields.of(**fields), Policy(negative_ttl={404: 10.0})
    freshness = lifetime_of(status, head, ruling_of(head, rules), date=NOW, now=NOW, policy=rules)
    assert freshness.is_explicit is said


def test_the_origins_clock_is_its_date_or_else_ours() -> None:
    """4.7, 5.3."""
    assert date_of(Fields.of(Date=PAST), NOW) == NOW - 3600
    assert date_of(Fields.of(Date="yesterday"), NOW) == NOW == date_of(Fields(), NOW)


@pytest.mark.parametrize(("status", "seconds"), [(404, 3600), (403, 0), (302, 0), (501, 3600), (200, 3600)])
def test_guesses_are_for_some_statuses(status: int, seconds: float) -> None:
    """5.6."""
    assert lifetime(status, Last_Modified=format_date(NOW - 36_000)) == seconds


def test_these_are_the_statuses_that_may_be_guessed_about() -> None:
    """5.6 (RFC 9110 §15.1), and any that is marked public."""
    ago = format_date(NOW - 36_000)
    guessed = {status for status in range(200, 600) if lifetime(status, Last_Modified=ago)}
    assert guessed == {200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501}
    assert lifetime(577, Last_Modified=ago, Cache_Control="public") == 3600


def test_guesses_can_be_turned_off() -> None:
    """5.6: 0 turns heuristics off."""
    assert lifetime(200, policy=Policy(heuristic_limit_seconds=0), Last_Modified=PAST) == 0


def age(policy: Policy | None = None, delay: float = 0.0, date: float = NOW, *lines: str) -> float | None:
    head = Fields(("Age", line) for line in lines)
    return initial_age_of(
        head, date=date, requested_at=NOW - delay, received_at=NOW, policy=policy or Policy()
    )


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        (("5000",), 5000),
        (("5000", "0"), 5000),
        (("0", "5000"), 0),
        (("5000, 0",), 5000),
        (("5000 , 0",), 5000),
        (("0, 5000",), 0),
        (("4294967296",), 2_147_483_648),
        (("0" * 5000 + "7",), 7),
        (("soon",), 0),
        (("72.5",), 0),
        (("-5",), 0),
        ((), 0),
    ],
)
def test_reading_age(lines: tuple[str, ...], seconds: float) -> None:
    """6.2: the first member if it is digits, else nothing; overflow clamps."""
    assert age(None, 0.0, NOW, *lines) == seconds


@pytest.mark.parametrize("line", ["soon", "72.5", "0, 5000"])
def test_strict_age_follows_the_should(line: str) -> None:
    """6.2: stale; what can be read is read as ever."""
    strict = Policy(strict_age=True)
    assert age(strict, 0.0, NOW, line) is None
    assert age(strict, 0.0, NOW, "0") == 0 == age(strict, 0.0, NOW, "0", line) == age(strict)


def test_a_slow_origin_makes_the_response_older() -> None:
    """6.1."""
    assert age(None, 2.5, NOW, "10") == 12.5
    assert age(None, -2.5, NOW, "10") == 10, "a clock that was put back makes nothing younger"


def test_apparent_age_counts_only_where_asked() -> None:
    """6.3: the origin's clock is not ours to judge, unless `conservative_age`."""
    assert age(None, 0.0, NOW - 100) == 0
    assert age(Policy(conservative_age=True), 0.0, NOW - 100) == 100
    assert age(Policy(conservative_age=True), 0.0, NOW - 100, "500") == 500
