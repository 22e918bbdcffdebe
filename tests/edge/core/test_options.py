"""Answers to OPTIONS that are kept, where a site says so (cdn-vendors §6.2): as a GET's, and apart from them."""

from __future__ import annotations

from attrs import evolve

from edge.core.policy import KeyPolicy, Policy
from edge.core.tags import path_tag
from tests.edge.core.playbook import get
from tests.edge.core.tabletop import Tabletop, answering
from wire.http.fields import RequestHead

ALLOWED = answering(204, b"", Cache_Control="max-age=60", Allow="GET")
KEPT = Policy(key=KeyPolicy(options=True, headers=("Origin",)))


def options(**fields: str) -> RequestHead:
    return get(method="OPTIONS", **fields)


def edge() -> Tabletop:
    return Tabletop(KEPT)


def test_nobody_keeps_them_unasked() -> None:
    """RFC 9110 §9.3.7."""
    table = Tabletop()
    for _ in range(2):
        assert table.ask(options(), ALLOWED).verdict == "PASS"
    assert len(table.fetched) == 2


def test_one_answers_the_next_and_no_get() -> None:
    table = edge()
    verdicts = [table.ask(options(Origin="a"), ALLOWED).verdict for _ in range(2)]
    picture = table.ask(get(Origin="a"), answering(200, b"picture", Cache_Control="max-age=60"))
    again = table.ask(options(Origin="a"), None)
    assert (verdicts, picture.body, again.verdict) == (["MISS", "HIT"], b"picture", "HIT")
    assert again.head is not None
    assert (again.head.status, again.field("Allow")) == (204, "GET")
    assert [asked.method for asked in table.fetched] == ["OPTIONS", "GET"]
    assert table.ask(options(Origin="b"), ALLOWED).verdict == "MISS"


def test_those_who_ask_at_once_are_answered_by_one_fetch() -> None:
    table = edge()
    visits = [table.begin(options()) for _ in range(3)]
    table.answer_all(ALLOWED)
    assert len(table.fetched) == 1
    assert all(visit.head is not None and visit.head.status == 204 for visit in visits)


def test_what_is_about_a_gets_answer_counts_for_nothing() -> None:
    """Conditions and ranges: no 304, no 206, and no origin hears of them (RFC 9110 §13.1, §14.2)."""
    table = edge()
    script = answering(200, b"may", Cache_Control="max-age=60", ETag='"1"')
    for _ in range(2):
        visit = table.ask(options(If_None_Match='"1"', If_Match='"2"', Range="bytes=0-1"), script)
        assert visit.head is not None
        assert (visit.head.status, visit.body) == (200, b"may")
    (asked,) = table.fetched
    assert asked.fields.names().isdisjoint({"if-none-match", "if-match", "range"})


def test_what_is_stale_is_asked_for_anew_not_validated() -> None:
    """A 304 answers GET and HEAD alone (RFC 9110 §13.1.2)."""
    table = edge()
    script = answering(200, b"may", Cache_Control="max-age=60", ETag='"1"')
    table.ask(options(), script)
    table.now += 61
    assert table.ask(options(), script).body == b"may"
    assert "if-none-match" not in table.fetched[-1].fields
    assert table.ask(options(), None).verdict == "HIT"


def test_a_refresh_behind_it_asks_the_same_way() -> None:
    """Under its own key, too."""
    table = edge()
    script = answering(200, b"may", Cache_Control="max-age=60, stale-while-revalidate=60")
    table.ask(options(Origin="a"), script)
    table.now += 61
    assert table.ask(options(Origin="a"), script).verdict == "STALE"
    assert [asked.method for asked in table.fetched] == ["OPTIONS"] * 2
    assert table.fetched[-1].fields.get("origin") == "a"
    assert table.ask(options(Origin="a"), None).verdict == "HIT"


def test_one_with_a_body_is_passed() -> None:
    """What it says may be what is answered."""
    table = edge()
    table.ask(options(), ALLOWED)
    visit = table.ask(options(Content_Length="3"), answering(200, b"yes", Cache_Control="max-age=60"))
    assert (visit.verdict, visit.body) == ("PASS", b"yes")
    assert table.ask(options(), None).verdict == "HIT"


def test_a_change_makes_them_invalid_and_so_does_a_purge_of_the_url() -> None:
    """RFC 9111 §4.4: whatever the method, it is the same resource."""
    table = edge()
    table.ask(options(Origin="a"), ALLOWED)
    table.ask(get(method="PUT"), answering(204, b""))
    assert table.ask(options(Origin="a"), ALLOWED).verdict == "MISS"
    table.purge_tags((path_tag("http://ex.com/a"),))
    assert table.ask(options(Origin="a"), ALLOWED).verdict == "MISS"
    only = Tabletop(evolve(KEPT, key=KeyPolicy(options=True)))
    only.ask(options(), ALLOWED)
    only.ask(get(method="PUT"), answering(204, b""))
    assert only.ask(options(), ALLOWED).verdict == "MISS"
