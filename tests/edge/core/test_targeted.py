"""Targeted fields (sheet 15)."""

from __future__ import annotations

import pytest

from edge.core.entry import Entry
from edge.core.policy import Policy
from edge.core.targeted import ruling_of
from tests.edge.core.test_storing import NOW, judge, said
from wire.http.dates import format_date
from wire.http.fields import Fields


@pytest.mark.parametrize(
    ("fields", "lifetime"),
    [
        ({"CDN_Cache_Control": "max-age=600", "Cache_Control": "no-store"}, 600),
        ({"CDN_Cache_Control": "max-age=1", "Cache_Control": "max-age=3600"}, 1),
        ({"CDN_Cache_Control": "no-store", "Cache_Control": "max-age=60"}, None),
        ({"CDN_Cache_Control": "private", "Cache_Control": "max-age=60"}, None),
        ({"CDN_Cache_Control": "max-age=60", "Expires": "0"}, 60),
        ({"CDN_Cache_Control": "", "Cache_Control": "max-age=60"}, 60),
        ({"CDN_Cache_Control": "none", "Cache_Control": "max-age=60"}, None),
        ({"CDN_Cache_Control": "max-age =60", "Cache_Control": "max-age=5"}, 5),
        ({"CDN_Cache_Control": "MAX-AGE=60", "Cache_Control": "max-age=5"}, 5),
        ({"CDN_Cache_Control": "max-age=60,", "Cache_Control": "max-age=5"}, 5),
        ({"CDN_Cache_Control": "max-age=60;x=1"}, 60),
        ({"CDN_Cache_Control": "max-age=60, max-age=5"}, 5),
        ({"CDN_Cache_Control": "no-store=?0, max-age=60"}, 60),
        ({"CDN_Cache_Control": "no-store=1, max-age=60"}, 60),
        ({"CDN_Cache_Control": "colour=blue, max-age=60"}, 60),
        ({"CDN_Cache_Control": "max-age=98765432100"}, 2_147_483_648),
        ({"CDN_Cache_Control": "s-maxage=9, max-age=60"}, 9),
        ({"Pixeledge_CDN_Cache_Control": "max-age=7", "CDN_Cache_Control": "max-age=600"}, 7),
        ({"Surrogate_Control": 'max-age=600+60, content="ESI/1.0"', "Cache_Control": "no-store"}, 600),
        ({"Surrogate_Control": "max-age=600;other, max-age=5", "Cache_Control": "no-store"}, 5),
        ({"Surrogate_Control": "max-age=600", "CDN_Cache_Control": "max-age=1"}, 1),
    ],
    ids=str,
)
def test_whose_word_counts(fields: dict[str, str], lifetime: float | None) -> None:
    """15.1, 15.2, 15.6, example by example; None is not stored."""
    judged = judge(said(**fields))
    assert (judged.lifetime if isinstance(judged, Entry) else None) == lifetime


@pytest.mark.parametrize("value", ['"60"', "60.5", "-5", "?1", "x"])
def test_a_lifetime_of_another_type_is_stale(value: str) -> None:
    """15.3: the directive is skipped, and as it was a lifetime the response is stale, whatever could be guessed."""
    fields = {"Cache_Control": "max-age=60", "ETag": '"a"', "Last_Modified": format_date(NOW - 36_000)}
    entry = judge(said(CDN_Cache_Control=f"max-age={value}", **fields))
    assert isinstance(entry, Entry)
    assert (entry.lifetime, entry.heuristic) == (0, False)


def test_an_unknown_word_leaves_the_guess() -> None:
    """15.1: `none` is valid and not empty, so Cache-Control is ignored; heuristics remain."""
    modified = format_date(NOW - 36_000)
    entry = judge(said(CDN_Cache_Control="none", Cache_Control="no-store", Last_Modified=modified))
    assert isinstance(entry, Entry)
    assert entry.heuristic
    assert entry.lifetime == 3600


def test_no_cache_takes_names_or_none() -> None:
    """15.3: Boolean or String of names."""
    entry = judge(said(CDN_Cache_Control='max-age=60, no-cache="X-Id"', X_Id="7"))
    assert isinstance(entry, Entry)
    assert not entry.no_cache
    assert "x-id" not in entry.fields
    strict = judge(said(CDN_Cache_Control="max-age=60, no-cache", ETag='"a"'))
    assert isinstance(strict, Entry)
    assert strict.no_cache


def test_age_still_counts() -> None:
    """15.4."""
    entry = judge(said(CDN_Cache_Control="max-age=60", Age="90", ETag='"a"'))
    assert isinstance(entry, Entry)
    assert not entry.is_fresh(NOW)


def test_surrogate_control_grants_a_grace() -> None:
    """15.6: the seconds after the plus."""
    entry = judge(said(Surrogate_Control="max-age=600+60"))
    assert isinstance(entry, Entry)
    assert entry.stale_if_error == 60


def test_surrogate_control_can_be_left_alone() -> None:
    """15.1: a site's setting."""
    fields = Fields.of(Surrogate_Control="max-age=600", Cache_Control="max-age=5")
    assert ruling_of(fields, Policy(surrogate_control=False)).control.seconds("max-age") == 5


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        ("s-maxage=2, stale-while-revalidate", {("s-maxage", "2")}),
        ("stale-if-error=x, max-age=5", {("max-age", "5")}),
        ("max-age=5.5", {("max-age", None)}),
        ('no-store="x", max-age=5', {("max-age", "5")}),
        ("private=x, max-age=5", {("max-age", "5")}),
        ('private="x", max-age=5', {("private", "x"), ("max-age", "5")}),
        ("must-revalidate, max-age=5", {("must-revalidate", None), ("max-age", "5")}),
        ("max-age=5, no-cache=?0", {("max-age", "5")}),
    ],
)
def test_directives_of_another_type_are_skipped(text: str, directives: set[tuple[str, str | None]]) -> None:
    """15.3 (RFC 9213 §2.1): but for lifetimes, which stay as broken ones."""
    ruling = ruling_of(Fields.of(CDN_Cache_Control=text, Cache_Control="max-age=60"), Policy())
    assert ruling.is_targeted
    assert set(ruling.control.directives) == directives


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        ("no-store", [("no-store", None)]),
        ("max-age=5", [("max-age", "5")]),
        ("max-age", [("max-age", None)]),
        ("max-age=5+6", [("stale-if-error", "6"), ("max-age", "5")]),
        ('max-age=5, content="a+5"', [("max-age", "5"), ("content", "a+5")]),
        ("max-age=5;pixeledge", [("max-age", "5")]),
        ("max-age=5; Fra ", [("max-age", "5")]),
        ("max-age=5+6;fra", [("stale-if-error", "6"), ("max-age", "5")]),
        ("no-store;Fra", [("no-store", None)]),
        ("no-store ; fra", [("no-store", None)]),
        ("no-store;ber, max-age=5", [("max-age", "5")]),
        ("max-age=9;ber, max-age=5", [("max-age", "5")]),
    ],
)
def test_words_for_one_surrogate(text: str, directives: list[tuple[str, str | None]]) -> None:
    """15.6: what is meant for all, for us, or for this very node; nothing that is meant for another."""
    ruling = ruling_of(Fields.of(Surrogate_Control=text, Cache_Control="max-age=60"), Policy(node="Fra"))
    assert ruling.is_targeted
    assert list(ruling.control.directives) == directives


def test_an_empty_surrogate_control_says_nothing() -> None:
    """15.1, 15.6."""
    ruling = ruling_of(Fields.of(Surrogate_Control=" ,", Cache_Control="max-age=60"), Policy())
    assert (ruling.is_targeted, ruling.control.seconds("max-age")) == (False, 60)
