"""What an answer from upstream means for the viewer and the store, case by case (sheet 3.2, 9, 10, 12.6, 17.2)."""

from __future__ import annotations

from typing import Any

import pytest

from edge.core.commands import Abort, CancelFetch, Drop, Forward, Freshen, Respond
from edge.core.events import Failure, ResponseFailed, ResponseHeadArrived, ViewerLeft
from edge.core.policy import Policy
from tests.edge.core.playbook import get, leading, looking, ok, status_of, stored
from tests.edge.core.tabletop import Tabletop, Visit, answering

KEPT: Any = {"Cache_Control": "max-age=60", "ETag": '"v1"'}


def told(visit: Visit) -> str:
    """Our member of Cache-Status."""
    return str(visit.field("cache-status")).rpartition(", ")[2]


@pytest.mark.parametrize("precondition", [{"If_Match": '"v1"'}, {"If_Unmodified_Since": "D"}], ids=str)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_preconditions_for_the_origin_pass_and_leave_the_store_alone(
    method: str, precondition: dict[str, Any]
) -> None:
    """10.2, 17.2."""
    edge = Tabletop()
    passed = edge.ask(get(method=method, **precondition), answering(**KEPT))
    assert (passed.verdict, told(passed)) == ("PASS", "edge; fwd=bypass")
    assert edge.fetched[-1].fields.names() >= {name.lower().replace("_", "-") for name in precondition}
    assert not edge.stored


@pytest.mark.parametrize(("method", "verdict"), [("HEAD", "MISS"), ("POST", "PASS"), ("OPTIONS", "PASS")])
def test_what_a_forwarded_answer_is_called(method: str, verdict: str) -> None:
    """13.1, 13.3."""
    assert Tabletop().ask(get(method=method), answering()).verdict == verdict


def test_a_posts_answer_that_is_stored_has_one_length() -> None:
    """13.2, 4.6."""
    edge = Tabletop()
    visit = edge.ask(
        get(method="POST"), answering(Content_Location="/a", Cache_Control="max-age=60", Content_Length="10")
    )
    assert visit.head is not None
    assert visit.head.fields.all("content-length") == ("10",)
    assert edge.ask(get()).verdict == "HIT"


@pytest.mark.parametrize("name", ["If_None_Match", "If_Modified_Since"])
def test_a_304_to_the_viewers_own_question_is_the_viewers(name: str) -> None:
    """10.1; without a question of anybody's it is the origin's error (9.3)."""
    asked: Any = {name: '"v1"'}
    visit = Tabletop().ask(get(**asked), answering(304))
    assert visit.head is not None
    assert visit.head.status == 304
    plain = Tabletop().ask(get(), answering(304))
    assert plain.head is not None
    assert plain.head.status == 502
    edge = Tabletop()  # what is stored has nothing to validate with: asked anew, without conditions
    edge.ask(get(), answering(Cache_Control="max-age=1"))
    edge.now += 5
    wrong = edge.ask(get(**asked), answering(304))
    assert not {"if-none-match", "if-modified-since"} & edge.fetched[-1].fields.names()
    assert wrong.head is not None
    assert wrong.head.status == 502


@pytest.mark.parametrize("terms", [{"Authorization": "x"}, {"Cache_Control": "no-store"}], ids=str)
def test_a_304_that_says_nothing_of_the_entry_leaves_it(terms: dict[str, Any]) -> None:
    """9.4, 3.3, 7.7: what may not be stored of this answer is served once, and the old entry is kept."""
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control="max-age=1", ETag='"v1"'))
    edge.now += 5
    once = edge.ask(get(**terms), answering(304, b"", X_New="1"))
    assert (once.verdict, once.field("x-new"), once.field("age")) == ("REVALIDATED", "1", "0")
    edge.ask(get(), answering(304, b"", **KEPT))
    assert edge.fetched[-1].fields.get("if-none-match") == '"v1"'


def test_what_became_of_it_is_told_to_the_letter() -> None:
    """17.2."""
    edge = Tabletop()
    assert told(edge.ask(get(), answering(**KEPT))) == "edge; fwd=uri-miss; stored; ttl=60"
    assert told(edge.ask(get())) == "edge; hit; ttl=60"
    edge.now += 61
    assert told(edge.ask(get(), answering(304, b"", **KEPT))) == "edge; fwd=stale; fwd-status=304; ttl=60"
    wanted = get(Cache_Control="no-cache")
    assert told(edge.ask(wanted, answering(304, b"", **KEPT))) == "edge; fwd=request; fwd-status=304; ttl=60"
    assert told(edge.ask(wanted, answering(**KEPT))) == "edge; fwd=request; fwd-status=200; stored; ttl=60"
    edge.now += 61
    assert told(edge.ask(get(), answering(**KEPT))) == "edge; fwd=stale; fwd-status=200; stored; ttl=60"
    shaped: Any = {"Vary": "X-Shape", **KEPT}
    edge.ask(get("/b", X_Shape="1"), answering(**shaped))
    assert (
        told(edge.ask(get("/b", X_Shape="2"), answering(**shaped))) == "edge; fwd=vary-miss; stored; ttl=60"
    )
    assert told(edge.ask(get("/c"), answering(404))) == "edge; fwd=uri-miss; fwd-status=404"


def test_who_may_see_is_told_why() -> None:
    """17.2, 22.4: the key, and what forbade storing."""
    edge = Tabletop(Policy(debug=True))
    visit = edge.ask(get(), answering(Cache_Control="no-store"))
    assert told(visit) == 'edge; fwd=uri-miss; key="http://ex.com/a"; detail=no-store'


@pytest.mark.parametrize(
    ("status", "control", "is_gone"),
    [(404, "no-store", True), (499, "no-store", True), (500, "no-store", False)],
)
def test_what_an_answer_that_is_not_kept_supersedes(status: int, control: str, is_gone: bool) -> None:
    """3.2, 9.2: it answers what was asked about the entry, unless it is an error."""
    entry = stored(61.0, ETag='"v1"')
    book = leading(get(), entry)
    book >> ResponseHeadArrived(1.0, ok(status, Cache_Control=control), 0.0)
    assert (Drop(entry) in book.pending) is is_gone
    quiet = looking(get(Cache_Control="no-store"), entry)
    quiet.pending.clear()
    quiet >> ResponseHeadArrived(1.0, ok(status, Cache_Control=control), 0.0)
    assert Drop(entry) not in quiet.pending, "what is not stored for the request's sake says nothing (7.7)"


def test_who_has_left_is_not_cut() -> None:
    """18.4, 12.1: the fill went on for others, and broke."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0)
    book.pending.clear()
    book >> ViewerLeft(1.5, followers=1) >> ResponseFailed(2.0, Failure.CUT)
    assert Abort() not in book.pending


@pytest.mark.parametrize(
    ("length", "received", "finishes"),
    [
        ("100", 0, True),
        ("101", 50, False),
        ("101", 51, True),
        ("102", 51, False),
        ("0", 0, True),
        (None, 100, True),
        (None, 101, False),
    ],
)
def test_small_and_half_done_to_the_byte(length: str | None, received: int, finishes: bool) -> None:
    """12.6, with `finish_abandoned_bytes` of 100."""
    fields: Any = {} if length is None else {"Content_Length": length}
    book = leading(get(), policy=Policy(finish_abandoned_bytes=100))
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60", **fields), 0.0)
    book.pending.clear()
    book >> ViewerLeft(2.0, received=received)
    assert (CancelFetch() not in book.pending) is finishes


def test_a_head_speaks_for_the_store_only_where_something_changed() -> None:
    """13.3: what it leaves as it was is not written again."""
    book = looking(get(method="HEAD"), stored(61.0, ETag='"v1"'))
    book.pending.clear()
    book >> ResponseHeadArrived(1.0, ok(500), 0.0)
    assert [type(command) for command in book.pending] == [Respond]
    assert status_of(book.pending[0]) == 500
    book = looking(get(method="HEAD"), stored(61.0, ETag='"v1"'))
    book.pending.clear()
    book >> ResponseHeadArrived(1.0, ok(404), 0.0)
    assert [type(command) for command in book.pending] == [Freshen, Respond]
    assert not any(isinstance(command, Forward) for command in book.pending)
