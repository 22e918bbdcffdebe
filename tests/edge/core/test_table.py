"""The sheet's §23: one table of responses, fetched at t0 and asked again three seconds later."""

from __future__ import annotations

import pytest
from attrs import frozen

from edge.core.events import Failure
from tests.edge.core.playbook import get
from tests.edge.core.tabletop import START, Script, Tabletop, Visit, answering, dated
from wire.http.fields import RequestHead

DAY = 86_400.0
PLAIN = get()


def first(**fields: str) -> Script:
    return answering(200, b"0123456789", **fields)


def refusing(_request: RequestHead) -> Failure:
    return Failure.UNREACHABLE


@frozen
class Row:
    """What the origin said at t0, and what the edge must do at t+3."""

    said: Script
    then: str
    """forward, hit, hit-stale, validate, or a status to be seen by the viewer."""
    request: RequestHead = PLAIN
    now_says: Script | None = None
    between: tuple[RequestHead, int] | None = None
    soft_purge: bool = False
    cut: bool = False


ROWS = {
    "nothing": Row(first(), "forward"),
    "max-age=60": Row(first(Cache_Control="max-age=60"), "hit"),
    "max-age=2": Row(first(Cache_Control="max-age=2"), "forward"),
    "max-age=2 + ETag": Row(first(Cache_Control="max-age=2", ETag='"v1"'), "validate"),
    "max-age=0 + future Expires": Row(
        first(Cache_Control="max-age=0", Expires=dated(START, 3600)), "forward"
    ),
    "Expires = Date + 60": Row(first(Date=dated(START), Expires=dated(START, 60)), "hit"),
    "Expires: 0 + old Last-Modified": Row(
        first(Expires="0", Last_Modified=dated(START, -365 * DAY)), "validate"
    ),
    "heuristic": Row(first(Date=dated(START), Last_Modified=dated(START, -36_000)), "hit"),
    "302 has no heuristic": Row(
        answering(302, Date=dated(START), Last_Modified=dated(START, -36_000)), "forward"
    ),
    "s-maxage over max-age": Row(first(Cache_Control="s-maxage=60, max-age=0"), "hit"),
    "private": Row(first(Cache_Control="private, max-age=60"), "forward"),
    "no-cache + ETag": Row(first(Cache_Control="max-age=60, no-cache", ETag='"v1"'), "validate"),
    "Age: 59": Row(first(Cache_Control="max-age=60", Age="59"), "forward"),
    "Vary: *": Row(first(Cache_Control="max-age=60", Vary="*"), "forward"),
    "Authorization": Row(first(Cache_Control="max-age=60"), "forward", get(Authorization="x")),
    "body cut short": Row(first(Cache_Control="max-age=60"), "forward", cut=True),
    "POST 200 between": Row(first(Cache_Control="max-age=60"), "forward", between=(get(method="POST"), 200)),
    "POST 500 between": Row(first(Cache_Control="max-age=60"), "hit", between=(get(method="POST"), 500)),
    "stale-while-revalidate": Row(first(Cache_Control="max-age=1, stale-while-revalidate=60"), "hit-stale"),
    "stale-if-error, 503": Row(
        first(Cache_Control="max-age=1, stale-if-error=60"), "stale", now_says=answering(503)
    ),
    "503": Row(first(Cache_Control="max-age=1"), "503", now_says=answering(503)),
    "refused": Row(first(Cache_Control="max-age=1"), "stale", now_says=refusing),
    "refused, must-revalidate": Row(
        first(Cache_Control="max-age=1, must-revalidate"), "504", now_says=refusing
    ),
    "CDN-Cache-Control": Row(first(CDN_Cache_Control="max-age=60", Cache_Control="no-store"), "hit"),
    "CDN-Cache-Control in upper case": Row(
        first(CDN_Cache_Control="MAX-AGE=60", Cache_Control="max-age=1"), "forward"
    ),
    "soft purge": Row(first(Cache_Control="max-age=60", ETag='"v1"'), "validate", soft_purge=True),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_three_seconds_later(row: Row) -> None:
    """Sheet §23, row by row."""
    edge = Tabletop()
    visit = edge.begin(row.request)
    said = row.said(get())
    assert isinstance(said, tuple)
    edge.send_head(visit, said[0])
    if row.cut:
        edge.send_body(visit, b"0123", whole=False)
        edge.fail(visit)
        assert visit.aborted
    else:
        edge.send_body(visit, said[1])
    assert visit.answers == 1
    if row.between is not None:
        edge.ask(row.between[0], answering(row.between[1]))
    if row.soft_purge:
        edge.soft_purge()
    edge.now += 3
    edge.fetched.clear()
    again = edge.begin(row.request)
    check(edge, row, again)


def check(edge: Tabletop, row: Row, visit: Visit) -> None:
    """What `row.then` means."""
    if row.then == "hit":
        assert visit.verdict == "HIT"
        assert not edge.fetched
        assert visit.field("age") == "3"
        return
    if row.then == "hit-stale":
        assert visit.verdict == "STALE"
        assert visit.field("age") == "3"
        assert len(edge.fetched) == 1
        return
    assert len(edge.fetched) == 1
    sent = edge.fetched[0].fields
    if row.then == "validate":
        assert "if-none-match" in sent or "if-modified-since" in sent
        return
    if row.then == "forward":
        assert "if-none-match" not in sent
        return
    edge.answer_all(row.now_says)
    expected = 200 if row.then == "stale" else int(row.then)
    assert visit.head is not None
    assert visit.head.status == expected
    if row.then == "stale":
        assert visit.verdict == "STALE"
        assert visit.body == b"0123456789"
