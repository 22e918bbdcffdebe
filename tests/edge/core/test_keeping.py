"""What is stored when a body has ended, and what gives way to it (sheet 8.4, 9.2, 11.7, 11.9, 12.1)."""

from __future__ import annotations

import pytest
from attrs import evolve

from edge.core.commands import Drop, Freshen, Store
from edge.core.entry import Entry
from edge.core.keeping import is_storable, salvaged, storing
from edge.core.parts import in_view, outdated_by, placed, view_of
from edge.core.pieces import Span
from edge.core.policy import Policy
from wire.http.fields import Fields


def whole(shape: str = "", age: float = 0.0, etag: str | None = '"v1"') -> Entry:
    """A stored whole of ten bytes, one of several variants if it has a shape."""
    vary = (("x-shape", shape),) if shape else ()
    entry = Entry("k", 200, Fields(), 0, -age, 0, 60, 0, size=10, etag=etag, vary=vary)
    return evolve(entry, body_id=f"{shape}{age}{etag}")


def part(first: int, size: int, etag: str | None = '"v1"', of: int = 100) -> Entry:
    """A stored part."""
    return evolve(whole(etag=etag), first=first, size=size, part_of=of, body_id=f"{first}+{size}")


@pytest.mark.parametrize(
    ("first", "size", "is_new"),
    [(0, 10, False), (0, 4, False), (6, 4, False), (2, 3, False), (0, 11, True), (9, 2, True), (20, 1, True)],
)
def test_a_part_that_is_there_is_not_stored_again(first: int, size: int, is_new: bool) -> None:
    """11.9."""
    assert bool(storing(part(first, size), (part(0, 10),), (), Policy())) is is_new


def test_a_part_that_is_there_confirms_a_stale_one_that_holds_it() -> None:
    """11.9 (RFC 9111 §3.4): by the same strong tag; no byte is lost or written again."""
    new = evolve(part(2, 3), fields=Fields.of(X="new"))
    stale = evolve(part(0, 10), initial_age=60.0, body_id="old")
    confirmed = evolve(new, first=0, size=10, body_id="old")
    assert storing(new, (stale,), (), Policy()) == [Freshen(confirmed)]
    assert storing(new, (evolve(stale, etag='"v2"'),), (), Policy())[0] == Store(new)


def test_of_two_that_become_one_the_other_goes_once() -> None:
    """11.9: and takes no more room."""
    first, rest = part(0, 5), part(5, 5)
    store, *drops = storing(first, (rest,), (), Policy())
    assert isinstance(store, Store)
    assert (store.entry.first, store.entry.size, len(store.pieces)) == (0, 10, 2)
    assert drops == [Drop(rest)]
    store, *drops = storing(rest, (first,), (), Policy())
    assert drops == [], "the new one takes the slot of the first"


def test_other_variants_stay_but_what_was_asked_about() -> None:
    """8.4, 9.2: how many there may be is the store's to say."""
    kept = tuple(whole(shape) for shape in "abc")
    new = whole("d")
    assert storing(new, kept, (), Policy()) == [Store(new)]
    assert storing(new, kept, kept[:1], Policy()) == [Store(new), Drop(kept[0])]
    assert storing(whole("a", 1.0), kept, kept[:1], Policy()) == [Store(whole("a", 1.0))], "its own slot"


def test_parts_of_other_variants_stay() -> None:
    """11.9, 8.1: a whole supersedes the parts of its own variant, and no whole."""
    mine, other = part(0, 5), evolve(part(5, 5), vary=(("x-shape", "b"),))
    assert outdated_by(whole(), (mine, other, whole(age=1.0))) == (mine,)
    assert outdated_by(part(0, 5, None), (whole(), part(5, 5))) == (), (
        "what has no tag says nothing of others"
    )
    assert outdated_by(part(0, 5), (whole(etag=None), whole(etag='"v2"'))) == (whole(etag='"v2"'),)


def test_one_view_is_of_one_size_and_one_variant() -> None:
    """11.9."""
    shaped = evolve(part(5, 5), vary=(("x-shape", "b"),))
    for other in (part(5, 5, of=101), shaped, part(5, 5, '"v2"'), part(5, 5, None)):
        assert len(in_view((part(0, 5), other))) == 2
    (seen,) = in_view((part(5, 5), part(0, 5)))
    assert (seen.first, seen.size, seen.is_part, seen.body_id) == (0, 100, False, "")
    assert placed(view_of([part(0, 5)]), (b"--x", Span(0, 2)))[0] == b"--x"


def test_what_may_be_stored_when_it_has_ended() -> None:
    """12.7, 11.7, 11.10: no larger than allowed, and what its place told."""
    policy = Policy(object_bytes=10)
    assert is_storable(whole(), 10, policy, with_prefix=False)
    assert is_storable(whole(), 9, policy, with_prefix=False), "its framing was the judge"
    assert not is_storable(whole(), 11, policy, with_prefix=False)
    assert not is_storable(whole(), 9, policy, with_prefix=True)
    assert is_storable(whole(), 10, policy, with_prefix=True)
    assert not is_storable(part(0, 5), 4, policy, with_prefix=False)
    assert is_storable(part(0, 5), 5, policy, with_prefix=False)
    assert not is_storable(part(0, 11), 11, policy, with_prefix=False)


@pytest.mark.parametrize(
    ("got", "limit", "is_kept"), [(0, 9, False), (1, 9, True), (9, 9, True), (9, 8, False)]
)
def test_a_beginning_is_kept_as_a_part(got: int, limit: int, is_kept: bool) -> None:
    """12.1, 12.7."""
    kept = salvaged(whole(), got, Policy(object_bytes=limit))
    assert (kept is not None) is is_kept
    if kept is not None:
        assert (kept.first, kept.size, kept.part_of) == (0, got, 10)


def test_a_beginning_is_kept_only_where_its_rest_can_be_asked_for() -> None:
    """12.1, 11.10: a strong tag, and a length that was not reached."""
    policy = Policy()
    assert salvaged(None, 5, policy) is None
    for tag in (None, 'W/"v1"', "v1"):
        assert salvaged(whole(etag=tag), 5, policy) is None
    assert salvaged(whole(), 10, policy) is None
    kept = salvaged(part(20, 10), 5, policy)
    assert kept is not None
    assert (kept.first, kept.size, kept.part_of) == (20, 5, 100)
