"""May a 206 be stored as a part, and what of it (sheet 11.7)?"""

from __future__ import annotations

import pytest
from attrs import evolve

from edge.core.entry import Entry
from edge.core.key import address_of
from edge.core.policy import Policy
from edge.core.storing import Filling, Refusal, part_prospect_of
from tests.edge.core.playbook import get, stored
from wire.http.dates import format_date
from wire.http.fields import Fields, RequestHead, ResponseHead

NOW = 1_800_000_000.0
PLACE = "bytes 2-4/10"


def judge(
    request: RequestHead, held: Entry | None = None, policy: Policy | None = None, /, **fields: str
) -> Entry | Refusal:
    rules = policy or Policy()
    filling = Filling(address_of(request, rules.key), request.fields, NOW, NOW)
    return part_prospect_of(ResponseHead(206, Fields.of(**fields)), filling, rules, held)


def test_a_part_is_as_large_as_its_place_whatever_frames_it() -> None:
    """11.7: chunked answers say no length, and need not."""
    for framing in ({}, {"Content_Length": "3"}):
        part = judge(get(), Cache_Control="max-age=60", Content_Range=PLACE, **framing)
        assert isinstance(part, Entry)
        assert (part.first, part.size, part.part_of, part.status) == (2, 3, 10, 200)
        assert not {"content-range", "content-length"} & part.fields.names()


def test_two_places_are_none() -> None:
    """11.7: one of them is wrong, and nothing says which."""
    lines = [("Cache-Control", "max-age=60"), ("Content-Range", PLACE), ("Content-Range", PLACE)]
    filling = Filling(address_of(get(), Policy().key), Fields(), NOW, NOW)
    assert part_prospect_of(ResponseHead(206, Fields(lines)), filling, Policy()) == Refusal(
        "no single content-range"
    )


@pytest.mark.parametrize("length", ["2", "4", "10", "x"])
def test_a_length_that_is_not_the_places_is_refused(length: str) -> None:
    """11.7, 12.2."""
    refused = judge(get(), Cache_Control="max-age=60", Content_Range=PLACE, Content_Length=length)
    assert refused == Refusal("content-range and content-length disagree")


def test_an_answer_to_if_range_leaves_fields_out_and_is_stored_only_beside_what_has_them() -> None:
    """11.7, 11.9 (RFC 9110 §15.3.7): the viewer has the other fields, we may not."""
    asked = get(Range="bytes=2-4", If_Range='"v1"')
    said = {"Content_Range": PLACE, "ETag": '"v1"', "Cache_Control": "max-age=60"}
    assert judge(asked, **said) == Refusal("a part without its fields")
    held = evolve(stored(0.0, Age="50", Content_Type="a/b", ETag='"v1"', X="old"), part_of=10, size=2)
    part = judge(asked, held, X="new", **said)
    assert isinstance(part, Entry)
    assert (part.fields.get("content-type"), part.fields.all("x")) == ("a/b", ("old",)), "a 200's are kept"
    part = judge(asked, evolve(held, of_206=True), X="new", **said)
    assert isinstance(part, Entry)
    assert (part.fields.get("content-type"), part.fields.all("x")) == ("a/b", ("new",))
    assert (part.initial_age, part.fields.get("age")) == (0.0, None), (
        "the old message's Age is not this one's"
    )


def test_a_part_larger_than_may_be_kept_is_refused_at_its_head() -> None:
    """11.7, 12.7."""
    said = {"Content_Range": PLACE, "Content_Length": "3", "Cache_Control": "max-age=60"}
    assert judge(get(), None, Policy(object_bytes=2), **said) == Refusal("too large")
    assert isinstance(judge(get(), None, Policy(object_bytes=3), **said), Entry)


def test_a_part_follows_the_rules_of_its_whole() -> None:
    """11.7: by the status 200, as its origin's Last-Modified would have it."""
    guessed = judge(get(), Content_Range=PLACE, Last_Modified=format_date(NOW - 36_000))
    assert isinstance(guessed, Entry)
    assert guessed.lifetime == 3600
