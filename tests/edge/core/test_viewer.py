"""The viewer's side of an exchange: one answer, and only while somebody is there."""

from __future__ import annotations

import pytest

from edge.core.commands import Deliver, Forward, LeaveFlight, Respond
from edge.core.outcome import Verdict
from edge.core.policy import Policy
from edge.core.viewer import Viewer
from tests.edge.core.playbook import get, ok, stored
from wire.http.cache_status import CacheStatus

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
