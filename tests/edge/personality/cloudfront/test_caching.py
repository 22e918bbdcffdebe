"""How CloudFront reads what an origin says: the table of cdn-vendors §4.1, stale use, errors, tags."""

from __future__ import annotations

import pytest

from edge.personality.cloudfront.behavior import MANAGED, Ttl
from edge.personality.cloudfront.caching import reading_of, tags_of
from edge.personality.cloudfront.settings import Distribution
from wire.http.dates import format_date
from wire.http.fields import Fields, ResponseHead

NOW = 1_800_000_000.0
LEGACY = Ttl()
FLOORED = Ttl(100, 200, 300)


def read(ttl: Ttl = LEGACY, status: int = 200, **fields: str) -> dict[str, str | None]:
    """The directives that a response comes to."""
    return read_by(Distribution(ttl=ttl), status, **fields)


def read_by(told: Distribution, status: int, **fields: str) -> dict[str, str | None]:
    head = ResponseHead(status, Fields.of(Date=format_date(NOW), **fields))
    return dict(reading_of(told, told)(head, NOW).control.directives)


@pytest.mark.parametrize(
    ("ttl", "control", "seconds"),
    [
        (LEGACY, "max-age=60", "60"),
        (LEGACY, "max-age=60, s-maxage=90", "90"),
        (LEGACY, "max-age=99999999", "31536000"),
        (LEGACY, "", "86400"),
        (LEGACY, "public", "86400"),
        (LEGACY, "no-store", None),
        (LEGACY, "private, max-age=5", None),
        (LEGACY, "no-cache", None),
        (FLOORED, "max-age=60", "100"),
        (FLOORED, "max-age=250", "250"),
        (FLOORED, "max-age=600", "300"),
        (FLOORED, "", "200"),
        (FLOORED, "no-store", "100"),
        (FLOORED, "private", "100"),
        (Ttl(300, 200, 400), "", "300"),
        (MANAGED["CachingDisabled"], "max-age=60", "0"),
        (MANAGED["Amplify"], "max-age=6000", "600"),
    ],
)
def test_the_table_of_lifetimes(ttl: Ttl, control: str, seconds: str | None) -> None:
    fields = {"Cache_Control": control} if control else {}
    assert read(ttl, 200, **fields).get("max-age") == seconds


def test_expires_counts_where_nothing_else_is_said() -> None:
    later = format_date(NOW + 150)
    assert read(Expires=later)["max-age"] == "150"
    assert read(Expires=later, Cache_Control="max-age=7")["max-age"] == "7"
    assert read(Ttl(200, 300, 400), Expires=later)["max-age"] == "200"
    assert read(Expires="0")["max-age"] == "0"


def test_who_says_nothing_of_errors_is_served_stale_through_them() -> None:
    assert read(Cache_Control="max-age=5")["stale-if-error"] == "31536000"
    assert read(Cache_Control="max-age=5, stale-if-error=0")["stale-if-error"] == "0"
    graces = read(Ttl(0, 5, 10), Cache_Control="max-age=5, stale-while-revalidate=60, stale-if-error=60")
    assert (graces["stale-while-revalidate"], graces["stale-if-error"]) == ("10", "10")


@pytest.mark.parametrize(
    ("status", "control", "seconds"),
    [
        (404, "", "10"),
        (404, "no-store", "10"),
        (404, "max-age=60", "60"),
        (404, "max-age=1", "10"),
        (503, "", "10"),
        (403, "", None),
        (403, "max-age=60", "60"),
        (403, "max-age=1", "10"),
        (410, "max-age=60", None),
    ],
)
def test_errors(status: int, control: str, seconds: str | None) -> None:
    fields = {"Cache_Control": control} if control else {}
    assert read(LEGACY, status, **fields).get("max-age") == seconds


def test_an_errors_least_lifetime_is_a_setting() -> None:
    assert read_by(Distribution(error_ttl={"404": 300.0}), 404)["max-age"] == "300"
    assert read(MANAGED["CachingDisabled"], 404) == {"no-store": None}


def test_tags_are_trimmed_and_without_case() -> None:
    fields = Fields.of(X_Tags="Album:7, b ,, a b, " + "x" * 257)
    assert tags_of("x-tags", fields) == ("album:7", "b")
    assert len(tags_of("x-tags", Fields.of(X_Tags=",".join(map(str, range(80)))))) == 50


def test_key_groups_must_be_known() -> None:
    with pytest.raises(ValueError, match="unknown"):
        Distribution(key_groups={"g": ("K",)})
