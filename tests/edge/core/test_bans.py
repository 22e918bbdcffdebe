"""Purges by generation (sheet 20.4): never less than was banned, never more, and for good."""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.core.bans import Ban, Bans, ban_of_host, ban_of_prefix, covers
from edge.core.entry import Entry
from edge.core.key import BadRequest, key_of_url
from edge.core.policy import KeyPolicy
from tests.edge.core.playbook import get
from tests.edge.core.tabletop import Tabletop, answering
from wire.http.fields import Fields

PLAIN = KeyPolicy()
HOSTS = st.sampled_from(["ex.com", "ex.com:8080", "img.ex.com", "[::1]:80", "[::1]"])
PATHS = st.sampled_from(["/", "/a", "/a/", "/a/b?x=1", "/ab", "/b/a"])
URLS = st.builds(
    lambda scheme, host, path: f"{scheme}://{host}{path}", st.sampled_from(["http", "https"]), HOSTS, PATHS
)


def stored(url: str, generation: int = 0, policy: KeyPolicy = PLAIN) -> Entry:
    """Something under the URL's key."""
    return Entry(key_of_url(url, policy), 200, Fields(), 0.0, 0.0, 0.0, 60.0, 0.0, generation=generation)


@given(URLS, URLS)
def test_a_prefix_covers_what_begins_so_and_nothing_else(prefix: str, url: str) -> None:
    """20.4, in the spelling of keys (20.1): a default port is none."""
    prefix = prefix.partition("?")[0]
    ban = ban_of_prefix(prefix, PLAIN)
    expected = key_of_url(url, PLAIN).startswith(key_of_url(prefix, PLAIN))
    assert covers([ban], key_of_url(url, PLAIN)) is expected
    bans = Bans()
    bans.add([ban], 1.0)
    assert (bans.judged(stored(url)) is None) is expected


@given(PATHS, URLS)
def test_a_bare_prefix_means_any_host(path: str, url: str) -> None:
    """As a bare path does in a purge by URL."""
    path = path.partition("?")[0]
    assert covers([ban_of_prefix(path, PLAIN)], key_of_url(url, PLAIN)) is (
        "/" + url.split("/", 3)[3]
    ).startswith(path)


@pytest.mark.parametrize(
    ("host", "url", "expected"),
    [
        ("ex.com", "http://ex.com/a", True),
        ("EX.com", "https://ex.com/a", True),
        ("ex.com", "http://ex.com:8080/a", True),
        ("ex.com:8080", "http://ex.com:8080/a", True),
        ("ex.com:8080", "http://ex.com/a", False),
        ("ex.com", "http://img.ex.com/a", False),
        ("ex.com", "http://ex.com.evil/a", False),
        ("[::1]", "http://[::1]:8080/a", True),
        ("[::1]:8080", "http://[::1]/a", False),
    ],
)
def test_a_host_is_banned_with_its_ports_and_no_other(host: str, url: str, expected: bool) -> None:
    """20.4: with both schemes."""
    assert covers([ban_of_host(host, PLAIN)], key_of_url(url, PLAIN)) is expected


def test_where_hosts_are_aliases_of_a_site_banning_one_bans_the_site() -> None:
    """2.1: their keys are the same; the hosts of another cloud are not."""
    site = KeyPolicy(site="demo", hosts={"own.ex": "acme"})
    assert covers([ban_of_host("any.ex", site)], key_of_url("http://other.ex/a", site))
    assert not covers([ban_of_host("any.ex", site)], key_of_url("http://own.ex/a", site))
    assert covers([ban_of_prefix("http://any.ex/a", site)], key_of_url("https://other.ex/ab", site))


def test_keys_with_more_than_a_url_are_covered_as_their_url_is() -> None:
    """2.3: what headers and cookies add is no part of a prefix or host."""
    rich = KeyPolicy(headers=("X-Device",))
    edge = Tabletop()
    edge.policy = evolve(edge.policy, key=rich)
    for device in ("tv", "phone"):
        edge.ask(get("/a", X_Device=device), answering(Cache_Control="max-age=60"))
    edge.ban(ban_of_prefix("http://ex.com/a", rich))
    assert edge.ask(get("/a", X_Device="tv"), answering(Cache_Control="max-age=60")).verdict == "MISS"


@pytest.mark.parametrize("wrong", ["/a?x=1", "ex.com/a", "ftp://x/", "http://", "/a#b", ""])
def test_what_is_no_prefix_is_refused(wrong: str) -> None:
    """A purge that would do nothing, or not what it says, must not say ok."""
    with pytest.raises(BadRequest):
        ban_of_prefix(wrong, PLAIN)


def test_everything_leaves_nothing_that_was_asked_for_before() -> None:
    """20.4, and what comes after it lives."""
    bans = Bans()
    bans.add([Ban("everything")], 5.0)
    assert bans.surviving((stored("http://ex.com/a"),)) == ()
    young = stored("http://ex.com/a", bans.generation)
    assert bans.surviving((young,)) == (young,)


def test_a_soft_ban_makes_stale_from_its_moment_on() -> None:
    """20.3, by generation: the first of several counts, and a hard one still removes."""
    bans = Bans()
    bans.add([ban_of_prefix("/a", PLAIN)], 5.0, soft=True)
    bans.add([Ban("everything")], 9.0, soft=True)
    judged = bans.judged(stored("http://ex.com/a"))
    assert judged is not None
    assert judged.expired_at == 5.0
    other = bans.judged(stored("http://ex.com/b"))
    assert other is not None
    assert other.expired_at == 9.0
    bans.add([ban_of_host("ex.com", PLAIN)], 10.0)
    assert bans.judged(stored("http://ex.com/a")) is None


def test_generations_are_never_used_twice() -> None:
    """22.6: whatever the clock does, and also by the process that comes after."""
    bans = Bans()
    bans.add([Ban("everything")], 100.0)
    first = bans.generation
    bans.add([Ban("host", "x")], 50.0)
    assert bans.generation > first
    later = Bans()
    later.add([Ban("host", "x")], 101.0)
    assert later.generation > bans.generation


def test_forgetting_bans_errs_on_the_safe_side() -> None:
    """22.5: their number is bounded; what is older than the oldest forgotten one is gone."""
    bans = Bans(kept=2)
    for name in ("a", "b", "c"):
        bans.add([Ban("host", name)], 1.0)
    assert bans.judged(stored("http://other/a")) is None
    assert bans.judged(stored("http://other/a", bans.generation - 1)) is not None
    assert bans.judged(stored("http://c/a", bans.generation - 1)) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    Ban("everything"),
                    Ban("host", "ex.com"),
                    Ban("prefix", "/a"),
                    Ban("prefix", "http://ex.com/a/"),
                ]
            ),
            st.booleans(),
        ),
        max_size=6,
    ),
    URLS,
    st.integers(0, 8000),
)
def test_json_and_back_judges_alike(steps: list[tuple[Ban, bool]], url: str, born: int) -> None:
    """What outlives a process must not forget."""
    bans = Bans(kept=3)
    for place, (ban, soft) in enumerate(steps):
        bans.add([ban], float(place), soft=soft)
    back = Bans.from_json(json.loads(json.dumps(bans.to_json())), kept=3)
    assert back.generation == bans.generation
    assert back.judged(stored(url, born)) == bans.judged(stored(url, born))
    back.add([ban_of_prefix("/b", PLAIN)], 9.0)
    bans.add([ban_of_prefix("/b", PLAIN)], 9.0)
    assert back.judged(stored(url, born)) == bans.judged(stored(url, born))


@pytest.mark.parametrize("soft", [False, True])
def test_a_ban_beats_the_fetch_under_way(soft: bool) -> None:
    """20.5: its waiters are served, and what it leaves is gone, or stale; who comes later does not join it."""
    edge = Tabletop()
    first = edge.begin(get())
    edge.ban(ban_of_host("ex.com", PLAIN), soft=soft)
    if not soft:
        second = edge.begin(get())
        assert len(edge.fetched) == 2
        edge.leave(second)
    edge.answer_all(answering(Cache_Control="max-age=60", ETag='"v1"'))
    assert first.body == b"0123456789"
    after = edge.ask(get(), answering(304, Cache_Control="max-age=60", ETag='"v1"') if soft else answering())
    assert after.verdict == ("REVALIDATED" if soft else "MISS")
    if soft:
        assert edge.ask(get()).verdict == "HIT"
