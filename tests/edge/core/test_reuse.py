"""May a stored response answer this request (sheet 7, 14)?"""

from __future__ import annotations

from math import inf

import pytest
from attrs import evolve

from edge.core.entry import Entry
from edge.core.policy import Policy
from edge.core.reuse import (
    NO_TERMS,
    Reuse,
    Terms,
    may_serve_on_error,
    reuse_of,
    reuse_when_cut_off,
    terms_of,
)
from wire.http.fields import Fields


def entry(lifetime: float = 60.0, initial_age: float = 0.0) -> Entry:
    return Entry("k", 200, Fields(), 0.0, 0.0, 0.0, lifetime, initial_age)


@pytest.mark.parametrize(
    ("directives", "age", "reuse"),
    [
        ("max-age=5", 10, Reuse.VALIDATE_REQUEST),
        ("max-age=10", 10, Reuse.FRESH),
        ("max-age=0", 0, Reuse.VALIDATE_REQUEST),
        ("no-cache", 0, Reuse.VALIDATE_REQUEST),
        ("no-cache", 60, Reuse.VALIDATE_STALE),
        ("no-cache", 70, Reuse.VALIDATE_STALE),
        ("max-age=1", 1, Reuse.FRESH),
        ("min-fresh=20", 50, Reuse.VALIDATE_REQUEST),
        ("min-fresh=10", 50, Reuse.FRESH),
        ("max-stale=30", 80, Reuse.STALE),
        ("max-stale=10", 80, Reuse.VALIDATE_STALE),
        ("max-stale", 8000, Reuse.STALE),
        ("max-age=5, max-stale=30", 80, Reuse.VALIDATE_STALE),
        ("max-age=90, max-stale=30", 80, Reuse.STALE),
        ("max-age=soon, min-fresh=x", 10, Reuse.FRESH),
        ("no-store", 10, Reuse.FRESH),
        ("no-transform", 10, Reuse.FRESH),
        ("", 59.999, Reuse.FRESH),
        ("", 60, Reuse.VALIDATE_STALE),
    ],
)
def test_what_the_viewer_asks_of_the_cache(directives: str, age: float, reuse: Reuse) -> None:
    """7.3 to 7.7, 7.11, 5.5, example by example."""
    terms = terms_of(Fields.of(Cache_Control=directives), Policy())
    assert reuse_of(entry(initial_age=age), terms, 0.0) is reuse


def test_demands_that_cannot_be_read_are_none() -> None:
    """7.11; stale-if-error (14.3) among them."""
    broken = "max-age=soon, min-fresh=x, max-stale=1.5, stale-if-error=-1"
    assert terms_of(Fields.of(Cache_Control=broken), Policy()) == Terms()
    assert terms_of(Fields.of(Cache_Control="stale-if-error=30"), Policy()) == Terms(stale_if_error=30)


def test_pragma_counts_only_without_cache_control() -> None:
    """7.9."""
    assert terms_of(Fields.of(Pragma="no-cache"), Policy()).no_cache
    assert not terms_of(Fields.of(Pragma="no-cache", Cache_Control="max-age=9"), Policy()).no_cache
    assert not terms_of(Fields.of(Pragma="other"), Policy()).no_cache


def test_a_public_site_lets_nobody_force_origin_traffic() -> None:
    """7.2: `ignore` for no-cache, max-age, min-fresh and Pragma; not for the rest."""
    policy = Policy(client_cc="ignore")
    forced = Fields.of(
        Cache_Control="no-cache, max-age=0, min-fresh=90, only-if-cached, max-stale=5, no-store"
    )
    assert terms_of(forced, policy) == Terms(no_store=True, only_if_cached=True, max_stale=5)
    assert terms_of(Fields.of(Pragma="no-cache"), policy) is NO_TERMS


def test_no_terms_are_the_usual_terms() -> None:
    """Most requests say nothing; they cost nothing."""
    assert terms_of(Fields(), Policy()) is NO_TERMS
    assert NO_TERMS.max_age == inf


@pytest.mark.parametrize("directives", ["", "max-stale"])
def test_no_cache_entries_are_always_validated(directives: str) -> None:
    """1.7, 14.2."""
    terms = terms_of(Fields.of(Cache_Control=directives), Policy())
    assert reuse_of(evolve(entry(), no_cache=True, stale_forbidden=True), terms, 0.0) is Reuse.VALIDATE_STALE


def test_a_ban_on_stale_beats_the_viewers_wish() -> None:
    """7.6, 14.2."""
    banned = evolve(entry(initial_age=80.0), stale_forbidden=True, stale_while_revalidate=100.0)
    assert reuse_of(banned, Terms(max_stale=inf), 0.0) is Reuse.VALIDATE_STALE
    assert reuse_of(banned, NO_TERMS, 0.0) is Reuse.VALIDATE_STALE


@pytest.mark.parametrize(
    ("staleness", "reuse"),
    [(0.0, Reuse.STALE_REFRESH), (9.9, Reuse.STALE_REFRESH), (10.0, Reuse.VALIDATE_STALE)],
)
def test_the_window_of_stale_while_revalidate(staleness: float, reuse: Reuse) -> None:
    """14.6: at or beyond N, in the foreground."""
    stale = evolve(entry(initial_age=60.0 + staleness), stale_while_revalidate=10.0)
    assert reuse_of(stale, NO_TERMS, 0.0) is reuse


def test_a_soft_purge_is_the_beginning_of_staleness() -> None:
    """20.3, 14.8: the windows count from it."""
    purged = evolve(entry(), stale_while_revalidate=10.0).expired(5.0)
    assert reuse_of(purged, NO_TERMS, 5.0) is Reuse.STALE_REFRESH
    assert reuse_of(purged, NO_TERMS, 14.0) is Reuse.STALE_REFRESH
    assert reuse_of(purged, NO_TERMS, 15.0) is Reuse.VALIDATE_STALE
    assert reuse_of(evolve(purged, stale_forbidden=True), NO_TERMS, 5.0) is Reuse.VALIDATE_STALE, (
        "must-revalidate"
    )


@pytest.mark.parametrize(
    ("grace", "requested", "staleness", "unreachable", "allowed"),
    [
        (30.0, 0.0, 3.0, False, True),
        (30.0, 0.0, 30.0, False, True),
        (30.0, 0.0, 38.0, False, False),
        (0.0, 0.0, 3.0, False, False),
        (0.0, 30.0, 3.0, False, True),
        (0.0, 0.0, 3.0, True, True),
        (0.0, 0.0, 3601.0, True, False),
        (7200.0, 0.0, 3601.0, True, True),
        (0.0, 0.0, 0.0, False, False),
        (1.0, 0.0, 0.5, False, True),
    ],
)
def test_who_may_stand_in_for_an_error(
    grace: float, requested: float, staleness: float, unreachable: bool, allowed: bool
) -> None:
    """14.3: within stale-if-error of response or request. 14.4: an hour where there is no way to the
    origin."""
    stale = evolve(entry(initial_age=60.0 + staleness), stale_if_error=grace)
    terms = Terms(stale_if_error=requested)
    said = may_serve_on_error(stale, terms, 0.0, is_unreachable=unreachable, policy=Policy())
    assert said is allowed
    banned = evolve(stale, stale_forbidden=True)
    assert not may_serve_on_error(banned, terms, 0.0, is_unreachable=unreachable, policy=Policy())


@pytest.mark.parametrize(
    ("directives", "age", "banned", "reuse"),
    [
        ("", 59.0, False, Reuse.FRESH),
        ("", 60.0, False, Reuse.STALE_REFRESH),
        ("", 3660.0, False, Reuse.STALE_REFRESH),
        ("", 3661.0, False, Reuse.VALIDATE_STALE),
        ("", 61.0, True, Reuse.VALIDATE_STALE),
        ("max-stale=30", 80.0, False, Reuse.STALE),
        ("no-cache", 61.0, False, Reuse.VALIDATE_STALE),
        ("no-cache", 10.0, False, Reuse.VALIDATE_REQUEST),
        ("max-age=70", 80.0, False, Reuse.VALIDATE_STALE),
        ("max-age=90", 80.0, False, Reuse.VALIDATE_STALE),
        ("min-fresh=5", 80.0, False, Reuse.VALIDATE_STALE),
    ],
)
def test_where_nobody_is_there_to_ask_what_may_stand_in_goes_at_once(
    directives: str, age: float, banned: bool, reuse: Reuse
) -> None:
    """14.4, but never against a ban, or for a viewer who wants to know better."""
    terms = terms_of(Fields.of(Cache_Control=directives), Policy())
    held = evolve(entry(initial_age=age), stale_forbidden=banned)
    assert reuse_when_cut_off(held, terms, 0.0, Policy()) is reuse


@pytest.mark.parametrize(
    ("age", "no_cache", "grace", "allowed"),
    [
        (59.0, False, 30.0, True),
        (60.0, False, 30.0, False),
        (60.5, False, 30.0, False),
        (59.0, True, 30.0, False),
        (59.0, False, 0.0, False),
    ],
)
def test_a_ban_on_stale_is_none_on_what_is_fresh(
    age: float, no_cache: bool, grace: float, allowed: bool
) -> None:
    """14.2, 14.3: it may stand in while it is fresh, unless nothing may be used unconfirmed."""
    banned = evolve(entry(initial_age=age), stale_forbidden=True, no_cache=no_cache, stale_if_error=grace)
    said = may_serve_on_error(banned, NO_TERMS, 0.0, is_unreachable=False, policy=Policy())
    assert said is allowed
