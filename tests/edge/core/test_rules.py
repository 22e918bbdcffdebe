"""Rules of the sheet that are about a whole exchange, each as a short play."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from edge.core.events import Failure
from edge.core.policy import Policy, TtlRule
from tests.edge.core.playbook import get
from tests.edge.core.tabletop import START, Tabletop, answering, dated
from wire.http.fields import Fields, ResponseHead


@pytest.mark.parametrize("value", ["60s", "'60'", "-1", "1.5", "", " 60"])
def test_a_broken_lifetime_is_none_and_keeps_guesses_out(value: str) -> None:
    """1.5: stale at once, in spite of Expires and Last-Modified; stored for its validator."""
    edge = Tabletop()
    fields: Any = {"Cache_Control": f"max-age={value}", "Expires": dated(START, 3600), "ETag": '"v1"'}
    edge.ask(get(), answering(**fields, Last_Modified=dated(START, -360_000)))
    visit = edge.ask(get(), answering(304, b"", ETag='"v1"'))
    assert visit.verdict == "REVALIDATED"


def test_unknown_directives_are_ignored_and_passed_on() -> None:
    """1.8, 16.6: colour and immutable; a stale immutable response is validated like any other."""
    edge = Tabletop()
    said = "colour=blue, max-age=60, immutable"
    first = edge.ask(
        get(Cache_Control="shape=round, max-age=900"), answering(Cache_Control=said, ETag='"v1"')
    )
    assert first.field("cache-control") == said
    assert edge.fetched[0].fields.get("cache-control") == "shape=round, max-age=900"
    assert edge.ask(get()).field("cache-control") == said
    edge.now += 61
    assert edge.ask(get(), answering(304, b"", ETag='"v1"')).verdict == "REVALIDATED"


@pytest.mark.parametrize(
    ("control", "expires", "verdict"),
    [("max-age=60", 0.0, "HIT"), ("max-age=0", 3600.0, "MISS"), ("max-age=-60", 3600.0, "MISS")],
)
def test_max_age_silences_expires(control: str, expires: float, verdict: str) -> None:
    """5.2: valid or not."""
    edge = Tabletop()
    script = answering(Cache_Control=control, Expires=dated(START, expires), ETag='"v1"')
    edge.ask(get(), script)
    edge.now += 3
    assert edge.ask(get(), script).verdict == verdict


def test_trailers_are_no_fields() -> None:
    """4.5, 16.5: what announces them is the connection's, and is neither stored nor sent."""
    edge = Tabletop()
    first = edge.ask(get(), answering(Cache_Control="max-age=60", Trailer="X-Sum"))
    assert first.field("trailer") is None
    assert edge.ask(get()).field("trailer") is None


@pytest.mark.parametrize(
    ("age", "terms", "verdict"),
    [
        ("10", "max-age=5", "REVALIDATED"),
        ("10", "max-age=10", "HIT"),
        ("0", "max-age=0", "REVALIDATED"),
        ("50", "min-fresh=20", "REVALIDATED"),
        ("50", "min-fresh=10", "HIT"),
        ("80", "max-stale=30", "STALE"),
        ("80", "max-stale=10", "REVALIDATED"),
        ("80", "max-stale", "STALE"),
        ("80", "max-age=100", "REVALIDATED"),
        ("10", "max-age=x", "HIT"),
    ],
)
def test_a_viewers_terms(age: str, terms: str, verdict: str) -> None:
    """7.4, 7.5, 7.6, 7.11, of a response that is good for 60 s."""
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control="max-age=60", ETag='"v1"', Age=age))
    assert edge.ask(get(Cache_Control=terms), answering(304, b"", ETag='"v1"')).verdict == verdict


def test_a_200_with_the_same_tag_is_a_new_response() -> None:
    """9.7: it replaces what was stored."""
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control="max-age=0", ETag='"v1"', X_Id="1"))
    edge.ask(get(), answering(200, b"other", Cache_Control="max-age=60", ETag='"v1"', X_Id="2"))
    hit = edge.ask(get())
    assert (hit.body, hit.field("x-id")) == (b"other", "2")


def test_a_group_is_invalidated_by_its_name_and_for_its_origin_alone() -> None:
    """13.5 (RFC 9875): by the answer to an unsafe request; not by a safe one, an error, or another origin's."""

    def stored(edge: Tabletop) -> list[str]:
        visits = [edge.begin(get(f"http://{host}{path}")) for path, host in PLACES]
        fetched = [visit.fetch is not None for visit in visits]
        edge.answer_all(answering(Cache_Control="max-age=60", Cache_Groups='"g1", "g2";x=1'))
        return [place[0] + place[1] for place, went in zip(PLACES, fetched, strict=True) if not went]

    edge = Tabletop()
    stored(edge)
    everything = [path + host for path, host in PLACES]
    assert stored(edge) == everything
    for method, status, groups in (
        ("GET", 200, '"g1"'),
        ("POST", 500, '"g1"'),
        ("POST", 200, '"g3"'),
        ("POST", 200, "g1"),
        ("POST", 200, '"g1'),
        ("POST", 200, '"G1"'),
    ):
        edge.ask(get("/other", method=method), answering(status, Cache_Group_Invalidation=groups))
        assert stored(edge) == everything, (method, status, groups)
    edge.ask(get("/other", method="POST"), answering(200, Cache_Group_Invalidation='"g9", "g2"'))
    assert stored(edge) == ["/aother.example"]


PLACES = (("/a", "ex.com"), ("/b", "ex.com"), ("/a", "other.example"))


@pytest.mark.parametrize(
    ("control", "failure", "expected"),
    [
        ("max-age=1", Failure.UNREACHABLE, 200),
        ("max-age=1", None, 503),
        ("max-age=1, stale-if-error=30", None, 200),
        ("max-age=1, must-revalidate", Failure.UNREACHABLE, 504),
        ("max-age=1, proxy-revalidate", Failure.UNREACHABLE, 504),
        ("s-maxage=1", Failure.UNREACHABLE, 504),
        ("max-age=1, no-cache", Failure.UNREACHABLE, 504),
    ],
)
def test_nothing_stale_without_leave(control: str, failure: Failure | None, expected: int) -> None:
    """14.1: the origin's, or a way that is cut (14.4); never against a ban (14.2). No Warning (14.7)."""
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control=control, ETag='"v1"'))
    edge.now += 5
    visit = edge.ask(get(), lambda _: failure or (ResponseHead(503), b""))
    assert visit.head is not None
    assert visit.head.status == expected
    if expected == 200:
        assert visit.field("warning") is None
        assert visit.field("age") == "5"
        assert "ttl=-4" in str(visit.field("cache-status"))


def test_a_warning_of_the_origins_passes() -> None:
    """14.7."""
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control="max-age=60", Warning='199 - "x"'))
    assert edge.ask(get()).field("warning") == '199 - "x"'


def test_what_came_stale_is_served_stale_by_the_same_rules() -> None:
    """14.5: within its window, and no longer."""
    for control, verdict in (("stale-while-revalidate=60", "STALE"), ("stale-while-revalidate=2", "MISS")):
        edge = Tabletop()
        said = answering(Cache_Control=f"max-age=10, {control}", Age="15", ETag='"v1"')
        edge.ask(get(), said)
        assert edge.ask(get(), said).verdict == verdict


def test_the_upstreams_cache_status_is_kept_and_ours_comes_last() -> None:
    """17.3, 17.2: ours is no part of what is stored."""
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control="max-age=60", Cache_Status="OriginCache; hit; ttl=1100"))
    for _ in range(2):
        edge.now += 1
        told = str(edge.ask(get()).field("cache-status"))
        assert told.startswith("OriginCache; hit; ttl=1100, edge; hit; ttl=")
        assert told.count("edge;") == 1


def test_one_age_and_no_date_but_a_missing_one() -> None:
    """17.1: a stored Age is replaced, a valid Date never is."""
    edge = Tabletop()
    date = dated(START, -100)
    edge.ask(get(), answering(Cache_Control="max-age=600", Age="30", Date=date))
    edge.now += 10.9
    hit = edge.ask(get())
    assert hit.head is not None
    assert (hit.head.fields.all("age"), hit.head.fields.all("date")) == (("40",), (date,))


def test_a_failure_without_an_answer_is_no_entry() -> None:
    """19.3: who asks next asks the origin again."""
    edge = Tabletop(Policy(negative_ttl={502: 60.0, 504: 60.0}))
    edge.ask(get(), lambda _: Failure.UNREACHABLE)
    edge.ask(get(), lambda _: Failure.TIMED_OUT)
    assert not any(edge.stored.values())
    assert len(edge.fetched) == 2
    assert edge.ask(get(), answering(Cache_Control="max-age=60")).verdict == "MISS"


def test_no_transform_is_obeyed_by_touching_nothing() -> None:
    """16.5: bytes, coding and digest come back as the origin sent them."""
    edge = Tabletop()
    fields: Any = {"Content_Encoding": "gzip", "Repr_Digest": "sha-256=:x:", "ETag": '"v1"'}
    edge.ask(get(), answering(Cache_Control="max-age=60, no-transform", **fields))
    hit = edge.ask(get())
    assert hit.body == b"0123456789"
    assert [hit.field(name) for name in ("content-encoding", "repr-digest", "etag")] == [*fields.values()]


def test_a_sites_own_lifetimes_come_first() -> None:
    """5.8: longer or shorter, by path and status, and said so; no leave to store what is forbidden, unless in as
    many words."""
    rules = (
        TtlRule(5.0, "/short/*"),
        TtlRule(100.0, "*.css", (200, 404)),
        TtlRule(100.0, "/mine/*", even_private=True),
    )
    policy = Policy(ttl_rules=rules)
    for path, status, control, age, verdict in (
        ("/short/a?x=1", 200, "max-age=600", 4, "HIT"),
        ("/short/a?x=1", 200, "max-age=600", 6, "MISS"),
        ("/a.css", 200, "", 99, "HIT"),
        ("/a.css", 404, "max-age=1", 99, "HIT"),
        ("/a.css", 500, "", 1, "MISS"),
        ("/a.css", 200, "private", 1, "MISS"),
        ("/mine/a", 200, "no-store", 99, "HIT"),
        ("/mine/a", 200, "private, max-age=1", 99, "HIT"),
        ("/a.js", 200, "max-age=1", 2, "MISS"),
    ):
        edge = Tabletop(policy)
        fields: Any = {"Cache_Control": control} if control else {}
        edge.ask(get(path), answering(status, **fields))
        edge.now += age
        visit = edge.ask(get(path), answering(status, **fields))
        assert visit.verdict == verdict, (path, status, control)
        is_ruled = path != "/a.js" and status != 500 and (path, control) != ("/a.css", "private")
        assert ("detail=ttl-rule" in str(visit.field("cache-status"))) is is_ruled, (path, status, control)


def test_age_can_be_rebased_for_browsers() -> None:
    """15.5: Age goes, Date is now; an edge of ours that asks sees both as they are."""
    edge = Tabletop(Policy(rebase_age=True))
    date = dated(START, -100)
    edge.ask(get(), answering(Cache_Control="max-age=600", Date=date))
    edge.now += 50
    hit = edge.ask(get())
    assert (hit.field("age"), hit.field("date")) == (None, dated(edge.now))
    inner = edge.ask(get(CDN_Loop="pixeledge; node=far"))
    assert (inner.field("age"), inner.field("date")) == ("50", date)


@pytest.mark.parametrize(("validates", "verdict"), [(True, "MISS"), (False, "HIT")])
def test_what_must_not_be_stored_supersedes_only_what_it_was_asked_about(
    validates: bool, verdict: str
) -> None:
    """3.2: the answer to a validation drops the entry; an answer that was not stored for the request's own sake does
    not."""
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control="max-age=600", ETag='"v1"'))
    if validates:
        edge.ask(get(Cache_Control="no-cache"), answering(Cache_Control="no-store"))
    else:
        edge.ask(get(Cache_Control="no-cache, no-store"), answering(Cache_Control="max-age=600"))
    assert edge.ask(get(), answering(Cache_Control="max-age=600")).verdict == verdict


def test_what_anybody_may_have_answers_who_shows_credentials() -> None:
    """3.3: it was filled without any."""
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control="max-age=60"))
    assert edge.ask(get(Authorization="x")).verdict == "HIT"


def test_a_viewers_lines_of_one_name_are_one_list() -> None:
    """1.1, 1.2: what a second line demands, or names, counts."""
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control="max-age=60", ETag='"v1"'))
    for name, lines, status in (
        ("If-None-Match", ('"v0"', ',, "v1"'), 304),
        ("Cache-Control", ("only-if-cached", "max-age=0"), 504),
        ("Pragma", ("x", "no-cache"), 200),
    ):
        asked = get()
        fields = Fields((*asked.fields, *((name, line) for line in lines)))
        visit = edge.ask(evolve(asked, fields=fields), answering(304, b"", ETag='"v1"'))
        assert visit.head is not None
        assert visit.head.status == status
    assert visit.verdict == "REVALIDATED"


def test_a_new_answer_is_held_against_what_the_viewer_has() -> None:
    """10.5: stale "v1", and the viewer's is "v1"; the origin's is "v2" by now. Also where "v2" is the viewer's."""
    for has, status in (('"v1"', 200), ('"v2"', 304)):
        edge = Tabletop()
        edge.ask(get(), answering(Cache_Control="max-age=1", ETag='"v1"'))
        edge.now += 5
        visit = edge.ask(
            get(If_None_Match=has), answering(200, b"new", Cache_Control="max-age=9", ETag='"v2"')
        )
        assert edge.fetched[-1].fields.all("if-none-match") == ('"v1"',)
        assert visit.head is not None
        assert (visit.head.status, visit.body) == (status, b"new" if status == 200 else b"")
        assert edge.ask(get()).body == b"new"


@pytest.mark.parametrize(
    ("status", "stands_in"), [(500, True), (501, False), (502, True), (503, True), (504, True), (505, False)]
)
def test_which_errors_are_stood_in_for(status: int, stands_in: bool) -> None:
    """14.3 (RFC 5861 §4)."""
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control="max-age=1, stale-if-error=60"))
    edge.now += 5
    assert (edge.ask(get(), answering(status)).verdict == "STALE") is stands_in


def test_a_variant_nobody_has_is_fetched_for_itself() -> None:
    """8.9: a cache may offer the other variants' tags; this one asks plainly, and never by Last-Modified."""
    edge = Tabletop()
    fields: Any = {"Cache_Control": "max-age=600", "Vary": "X-Shape", "Last_Modified": dated(START, -9)}
    for shape, tag in (("1", '"a"'), ("2", '"b"')):
        edge.ask(get(X_Shape=shape), answering(200, shape.encode(), ETag=tag, **fields))
    third = edge.ask(get(X_Shape="3"), answering(200, b"3", ETag='"c"', **fields))
    assert third.body == b"3"
    assert not {"if-none-match", "if-modified-since"} & edge.fetched[-1].fields.names()
    assert [edge.ask(get(X_Shape=shape)).body for shape in "123"] == [b"1", b"2", b"3"]
