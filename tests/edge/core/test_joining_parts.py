"""How parts are put together and seen as one (sheet 11.8, 20.4): the values alone."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.core.entry import Entry
from edge.core.parts import in_view, is_whole, joined, placed, reach, suffices, view_of
from edge.core.pieces import Extent, Span
from tests.edge.core.playbook import get
from tests.edge.core.stored_parts import part
from wire.http.fields import Fields


def test_what_is_put_together_is_as_old_as_its_oldest_part() -> None:
    """20.4: a ban that covers one part covers the whole made with it."""
    parts = (evolve(part(0, 50), generation=3), evolve(part(50, 50), generation=5))
    assert view_of(parts).generation == 3
    assert joined(parts[1], parts[:1], 1000)[0].generation == 3


@given(st.permutations(range(40)))
def test_however_a_body_comes_in_parts_few_are_kept_and_none_is_lost(order: list[int]) -> None:
    """Binary carrying: bytes held stay held, their number of parts stays small, each byte is copied few times."""
    held: list[Entry] = []
    seen: set[int] = set()
    copied = 0
    for number, place in enumerate(order):
        fresh = evolve(part(place, 1, 40), body_id=f"new{number}")
        together, pieces = joined(fresh, held, 1000)
        used = {piece.entry.body_id for piece in pieces if isinstance(piece, Extent)}
        copied += together.size if used else 0
        held = [each for each in held if each.body_id not in used] + [evolve(together, body_id=f"b{number}")]
        seen.add(place)
        covered = {byte for each in held for byte in range(each.first, each.end)}
        assert covered == seen
    (whole,) = held
    assert (whole.is_part, whole.size) == (False, 40)
    assert copied <= 40 * 40


def test_a_body_read_in_order_is_copied_a_few_times_only() -> None:
    """1024 parts: a binary counter's work, not a square's."""
    held: list[Entry] = []
    copied = most = 0
    for number in range(1023):
        together, pieces = joined(evolve(part(number, 1, 1024), body_id=f"n{number}"), held, 9999)
        used = {piece.entry.body_id for piece in pieces if isinstance(piece, Extent)}
        copied += together.size if used else 0
        held = [each for each in held if each.body_id not in used] + [evolve(together, body_id=f"b{number}")]
        most = max(most, len(held))
    assert most <= 11
    assert copied <= 1024 * 11


@given(
    st.lists(st.tuples(st.integers(0, 18), st.integers(1, 8)), min_size=1, max_size=6),
    st.integers(0, 19),
    st.integers(1, 20),
)
def test_a_view_gives_exactly_the_bytes_it_holds(
    spans: list[tuple[int, int]], start: int, length: int
) -> None:
    """11.8: whatever overlaps, what suffices is placed byte for byte, and nothing else suffices."""
    parts = tuple(part(first, min(size, 20 - first), 20) for first, size in spans)
    view = view_of(parts)
    stop = min(20, start + length)
    held = set().union(*(range(each.first, each.end) for each in parts))
    assert is_whole(view) is (held == set(range(20)))
    request = get(Range=f"bytes={start}-{stop - 1}")
    assert suffices(view, request, 0.0) is (set(range(start, stop)) <= held)
    assert suffices(view, get(), 0.0) is (held == set(range(20)))
    if suffices(view, request, 0.0):
        found: list[int] = []
        for piece in placed(view, (Span(start, stop),)):
            assert isinstance(piece, Extent)
            assert piece.stop <= piece.entry.size
            found += range(piece.entry.first + piece.start, piece.entry.first + piece.stop)
        assert found == list(range(start, stop))
    assert reach(view, start) >= start


def test_what_is_no_part_is_left_as_it_is() -> None:
    """The common case costs nothing; parts without a strong validator stay alone."""
    whole = Entry("k", 200, Fields(), 0, 0, 0, 60, 0, size=10)
    assert in_view((whole,)) == (whole,)
    weak = (part(0, 5, etag=None), part(5, 5, etag=None))
    assert len(in_view((*weak, whole))) == 3
    assert len(in_view((part(0, 5), part(5, 5), part(9, 5, etag='"v2"')))) == 2
