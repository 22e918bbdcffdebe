"""The viewer's side of an exchange: one answer, and only while somebody is there."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from edge.core.commands import Deliver, Follow, Forward, Inform, LeaveFlight, Respond
from edge.core.outcome import Verdict
from edge.core.policy import Policy
from edge.core.viewer import Viewer
from tests.edge.core.playbook import get, ok, stored
from wire.http.cache_status import CacheStatus
from wire.http.dates import format_date
from wire.http.proxy_status import ProxyError

HIT, MISS = CacheStatus("edge"), CacheStatus("edge", "uri-miss")


def viewer(method: str = "GET", **fields: str) -> Viewer:
    return Viewer(get(method=method, **fields), Policy())


def test_there_is_one_answer_and_no_second() -> None:
    """Whatever is decided later, the viewer has been told."""
    asking = viewer()
    (said,) = asking.from_store(stored(), 1.0, Verdict.HIT, HIT)
    assert isinstance(said, Deliver)
    assert asking.refuse(502, 2.0, "late") == []
    assert asking.outcome(3.0, stored=False, complete=True).status == 200


def test_nobody_is_told_anything_who_has_left() -> None:
    """A fill may go on for others."""
    asking = viewer()
    asking.is_present = False
    assert asking.relay(ok(), 3, 1.0, Verdict.MISS, MISS) == []
    assert asking.outcome(2.0, stored=False, complete=False).answered_at == 2.0


def test_a_follower_who_needs_no_body_leaves_at_once() -> None:
    """A 304 made of the leader's head: nothing to drink."""
    asking = viewer(If_None_Match='"v1"')
    said = asking.from_flight(stored(ETag='"v1"'), "k", 1.0, Verdict.MISS, MISS)
    assert [type(command) for command in said] == [Respond, LeaveFlight]
    assert asking.collapsed


@pytest.mark.parametrize(
    ("method", "status", "has_body"), [("GET", 200, True), ("HEAD", 200, False), ("GET", 204, False)]
)
def test_relayed_heads_keep_the_length_that_was_promised(method: str, status: int, has_body: bool) -> None:
    """12.4: no body for HEAD and 204; a HEAD keeps the length of the GET."""
    (said,) = viewer(method).relay(ok(status, Content_Length="9"), 9, 1.0, Verdict.PASS, MISS)
    assert isinstance(said, Forward if has_body else Respond)
    assert said.head.fields.get("content-length") == (None if status == 204 else "9")


def test_what_the_edge_makes_from_nothing_has_no_cache_status() -> None:
    """17.2: but errors of a fetch that was tried do; neither may be stored by anyone."""
    (refusal,) = viewer().refuse(400, 1.0, "no Host")
    assert isinstance(refusal, Respond)
    assert "cache-status" not in refusal.head.fields
    assert refusal.head.fields.get("cache-control") == "no-store"
    assert refusal.head.fields.get("content-length") == str(len(refusal.body))
    (failure,) = viewer("HEAD").refuse(504, 1.0, "timed-out", MISS)
    assert isinstance(failure, Respond)
    assert failure.head.fields.get("cache-status") == "edge; fwd=uri-miss"
    assert failure.body == b""


def test_a_304_is_relayed_without_a_length() -> None:
    """10.1, 12.4: and a length of nothing is one."""
    (said,) = viewer().relay(ok(304, Content_Length="9"), 9, 1.0, Verdict.PASS, MISS)
    assert isinstance(said, Respond)
    assert "content-length" not in said.head.fields
    for status in (200, 205, 303, 305):
        (said,) = viewer().relay(ok(status), 0, 1.0, Verdict.PASS, MISS)
        assert isinstance(said, Forward)
        assert said.head.fields.get("content-length") == "0"


@pytest.mark.parametrize(
    ("seconds", "fields", "age"),
    [(0.9, {}, None), (1.0, {}, "1"), (2.9, {}, "2"), (2.9, {"Age": "30"}, "30")],
)
def test_what_took_long_has_aged(seconds: float, fields: dict[str, Any], age: str | None) -> None:
    """6.1, 6.4: the time it was under way, where nobody before us told its age."""
    slow = evolve(stored(**fields), request_time=100.0, response_time=100.0 + seconds)
    (said,) = viewer().from_fetch(slow, slow.fields, 103.0, Verdict.MISS, MISS)
    assert isinstance(said, Forward)
    assert said.head.fields.get("age") == age


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_via_tells_how_the_answer_was_received(version: str) -> None:
    """16.2 (RFC 9110 §7.6.3): whoever is answered, and also later."""
    old, head = evolve(stored(), version=version), evolve(ok(), version=version)
    told = [
        *viewer().from_store(old, 1.0, Verdict.HIT, HIT),
        *viewer().from_flight(old, "k", 1.0, Verdict.MISS, MISS),
        *viewer().from_fetch(old, old.fields, 1.0, Verdict.MISS, MISS),
        *viewer().relay(head, 0, 1.0, Verdict.PASS, MISS),
    ]
    for said in told:
        assert isinstance(said, Deliver | Follow | Forward)
        assert said.head.fields.get("via") == f"{version} edge"


def test_a_followers_answer_tells_its_age() -> None:
    """6.4, 18.4."""
    (said,) = viewer().from_flight(stored(7.5), "k", 1.0, Verdict.MISS, MISS)
    assert isinstance(said, Follow)
    assert said.head.fields.get("age") == "8"


@pytest.mark.parametrize(
    ("status", "version", "is_told"),
    [(103, "1.1", True), (102, "2", True), (100, "1.1", False), (103, "1.0", False)],
)
def test_interim_heads_are_for_those_who_can_read_them(status: int, version: str, is_told: bool) -> None:
    """16.4, 16.1, 16.2: until the final one was told."""
    asking = Viewer(evolve(get(), version=version), Policy())
    head = ok(status, Link="</s.css>", Connection="X-Hop", X_Hop="1")
    said = asking.inform(head)
    assert [type(command) for command in said] == [Inform] * is_told
    if isinstance(said[0] if said else None, Inform):
        (told,) = said
        assert isinstance(told, Inform)
        assert (told.head.status, set(told.head.fields.names())) == (status, {"link", "via"})
    asking.is_present = False
    assert asking.inform(head) == []
    answered = viewer()
    answered.refuse(400, 1.0, "no Host")
    assert answered.inform(head) == []


def test_refusals_say_what_they_are() -> None:
    """17.1, 13.1: a Date, a type, and what is allowed or when to come again."""
    lines = {}
    for status in (400, 405, 503):
        (said,) = viewer().refuse(status, 0.0, "so it is", error=ProxyError.HTTP_REQUEST_ERROR)
        assert isinstance(said, Respond)
        lines[status] = said.head.fields
        assert lines[status].get("date") == format_date(0.0)
        assert lines[status].get("content-type") == "text/plain; charset=utf-8"
        assert str(lines[status].get("proxy-status")).endswith("error=http_request_error")
    assert [status for status, fields in lines.items() if "allow" in fields] == [405]
    assert [status for status, fields in lines.items() if "retry-after" in fields] == [503]
    assert "GET" in str(lines[405].get("allow"))
    (plain,) = viewer().refuse(400, 0.0, "so it is")
    assert isinstance(plain, Respond)
    assert "proxy-status" not in plain.head.fields
