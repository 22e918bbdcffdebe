"""What goes upstream, and by what name others find it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from edge.core.asking import Ask
from edge.core.entry import Entry
from edge.core.parts import view_of
from edge.core.policy import Policy
from edge.core.reuse import terms_of
from edge.core.wish import Wish
from tests.edge.core.playbook import get, stored

FORWARD = Policy(range_fill="forward")
FILLING = Policy(range_fill_bytes=50)
RANGE = {"Range": "bytes=0-9"}
STALE = stored(99.0, ETag='"v1"')


def parts(first: int, end: int, size: int = 100, etag: str = '"v1"') -> Entry:
    """A view of one part."""
    return view_of([evolve(stored(ETag=etag), first=first, size=end - first, part_of=size)])


def wish(
    policy: Policy = FILLING, method: str = "GET", told: dict[str, str] | None = None, **held: Any
) -> Wish:
    """Of a request with these fields."""
    question = get(method=method, **(told or {}))
    return Wish(question, terms_of(question.fields, policy), policy, **held)


@pytest.mark.parametrize(
    ("wanted", "ask", "span", "shared"),
    [
        (wish(), Ask.FILL, "", True),
        (wish(told=RANGE), Ask.FILL, "", True),
        (wish(FORWARD, told=RANGE), Ask.AS_IS, "0-9", True),
        (wish(FORWARD, told={"Range": "bytes=-5"}), Ask.AS_IS, "-5", True),
        (wish(FORWARD, told={"Range": "bytes=0-1, 5-6"}), Ask.AS_IS, "", False),
        (wish(FORWARD, told={"Range": "lines=0-1"}), Ask.AS_IS, "", False),
        (wish(told=RANGE, is_alone=True), Ask.AS_IS, "0-9", True),
        (wish(is_alone=True), Ask.FILL, "", True),
        (wish(told=RANGE, partial=parts(50, 60)), Ask.AS_IS, "0-9", True),
        (wish(told=RANGE, partial=parts(0, 5, size=40)), Ask.COMPLETE, "", True),
        (wish(partial=parts(0, 5)), Ask.COMPLETE, "", True),
        (wish(partial=parts(50, 60)), Ask.FILL, "", True),
        (wish(partial=parts(0, 5, etag='W/"v1"')), Ask.FILL, "", True),
        (wish(selected=STALE), Ask.VALIDATE, "", True),
        (wish(selected=stored(99.0)), Ask.PLAIN, "", True),
        (wish(told=RANGE, selected=STALE, is_alone=True), Ask.VALIDATE, "", True),
        (wish(told=RANGE, selected=parts(0, 20)), Ask.VALIDATE, "", False),
        (wish(method="HEAD"), Ask.AS_IS, "", False),
        (wish(by_request=True), Ask.FILL, "", False),
        (wish(told={"Authorization": "x"}), Ask.FILL, "", False),
        (wish(FORWARD, told={**RANGE, "Cache_Control": "no-store"}), Ask.AS_IS, "0-9", False),
    ],
)
def test_what_is_asked_for_and_who_may_share_it(wanted: Wish, ask: Ask, span: str, shared: bool) -> None:
    """11.6, 11.10, 18.3."""
    assert (wanted.ask, wanted.span, wanted.may_be_shared) == (ask, span, shared)


@pytest.mark.parametrize(
    ("told", "received", "beyond"),
    [
        ({}, 0, False),
        (RANGE, 0, False),
        ({"Range": "bytes=55-59"}, 9, True),
        ({"Range": "bytes=55-59"}, 10, False),
    ],
)
def test_how_far_ahead_a_part_is_waited_for(told: dict[str, str], received: int, beyond: bool) -> None:
    """11.6: as far as would have been filled."""
    growing = evolve(stored(), size=1000)
    assert wish(told=told).is_beyond_reach(growing, received) is beyond
    assert not wish(told=told).is_beyond_reach(evolve(growing, size=-1), received)
    assert not wish(told=told).is_beyond_reach(evolve(growing, part_of=2000), received)
