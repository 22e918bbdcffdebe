"""Places of the pieces of a file: as headers say them, and whether they make a whole."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.catalogue.spans import (
    LEAST_BYTES,
    Span,
    check_fits,
    check_no_gap,
    checked_upload_id,
    is_whole,
    span_of,
)
from wire.errors import InvalidRequest


@st.composite
def wholes(draw: st.DrawFn) -> list[Span]:
    """A file of up to some bytes, cut anywhere, its pieces in any order."""
    total = draw(st.integers(1, 10**6))
    cuts = draw(st.sets(st.integers(1, max(1, total - 1)), max_size=8)) - {total}
    edges = [0, *sorted(cuts), total]
    return draw(st.permutations([Span(start, stop, total) for start, stop in pairwise(edges)]))


@given(wholes())
def test_a_file_cut_anywhere_is_whole_whatever_the_order_of_its_pieces(spans: list[Span]) -> None:
    """Conservation: nothing fits twice, nothing is missing, and all but one piece are not enough."""
    for number, span in enumerate(spans):
        assert not is_whole(spans[:number])
        check_fits(span, spans[:number])
    assert is_whole(spans)
    check_no_gap(spans)


@given(wholes(), st.data())
def test_a_missing_piece_is_a_gap_and_a_foreign_one_overlaps(spans: list[Span], data: st.DataObject) -> None:
    missing = data.draw(st.sampled_from(spans))
    rest = [each for each in spans if each is not missing]
    if rest and not missing.is_last:
        with pytest.raises(InvalidRequest, match=f"bytes {missing.start}-{missing.stop - 1} are missing"):
            check_no_gap(rest)
    start = data.draw(st.integers(0, missing.stop - 1))
    foreign = Span(start, data.draw(st.integers(max(start, missing.start) + 1, missing.stop)), missing.total)
    if not foreign.is_at(missing):
        with pytest.raises(InvalidRequest, match="overlap"):
            check_fits(foreign, spans)


@given(wholes())
def test_a_range_reads_back_as_it_is_written(spans: list[Span]) -> None:
    for span in spans:
        assert span_of(str(span), None, None) == span


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes 0-9/10", Span(0, 10, 10)),
        (" bytes 0-9/* ", Span(0, 10, None)),
        ("bytes 10-19/-1", Span(10, 20, None)),
        (None, None),
    ],
)
def test_a_total_may_be_unknown(header: str | None, span: Span | None) -> None:
    """Node says -1 on every part but the last (§5)."""
    assert span_of(header, None, None) == span


@pytest.mark.parametrize(
    "header",
    [
        "bytes 5-4/10",
        "bytes 0-10/10",
        "bytes */10",
        "0-9/10",
        "bytes 0-9",
        "bytes -1-9/10",
        "",
        "bytes 0-٣/9",
        "bytes 0-" + "9" * 19 + "/*",
        "bytes 0-9/10\r\nX: y",
    ],
)
def test_a_range_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(InvalidRequest, match="Invalid Content-Range") as refused:
        span_of(header, None, None)
    assert "\n" not in refused.value.public


def test_an_empty_file_is_told_as_such() -> None:
    """What an SDK would say of it (§5)."""
    with pytest.raises(InvalidRequest, match=r"^Empty file$"):
        span_of("bytes 0--1/0", None, None)


def test_numbers_are_places_too() -> None:
    first, second = span_of(None, "1", "2"), span_of("bytes 7-8/9", "2", None)
    assert (first, second) == (Span(0, 1, 2, True), Span(1, 2, None, True))
    assert first is not None
    assert second is not None
    check_fits(second, [first])
    assert is_whole([first, second])
    with pytest.raises(InvalidRequest, match="all a part number"):
        check_fits(Span(0, 10, 20), [first])


@pytest.mark.parametrize(
    ("number", "total"), [("0", None), ("10001", None), ("x", None), ("-1", None), ("3", "2"), ("1", "0")]
)
def test_a_number_that_is_none_is_refused(number: str, total: str | None) -> None:
    with pytest.raises(InvalidRequest, match="X-Upload-"):
        span_of(None, number, total)


def test_sizes_are_held_to_their_places() -> None:
    """Five megabytes at least, but for the last (§5)."""
    Span(0, LEAST_BYTES, None).check_size(LEAST_BYTES)
    Span(LEAST_BYTES, LEAST_BYTES + 1, LEAST_BYTES + 1).check_size(1)
    Span(1, 2, 2, True).check_size(1)
    with pytest.raises(InvalidRequest, match=r"^All parts except EOF-chunk must be larger than 5mb$"):
        Span(0, LEAST_BYTES - 1, 10**9).check_size(LEAST_BYTES - 1)
    with pytest.raises(InvalidRequest, match="larger than 5mb"):
        Span(0, 1, None, True).check_size(LEAST_BYTES - 1)
    with pytest.raises(InvalidRequest, match="expected 10 bytes, got 9"):
        Span(0, 10, 10).check_size(9)


@pytest.mark.parametrize(
    ("span", "before"),
    [
        (Span(10, 20, 30), Span(0, 10, 40)),
        (Span(10, 20, 20), Span(20, 30, None)),
        (Span(20, 30, None), Span(0, 10, 20)),
    ],
)
def test_parts_agree_about_the_whole(span: Span, before: Span) -> None:
    with pytest.raises(InvalidRequest, match="total size"):
        check_fits(span, [before])


@pytest.mark.parametrize("text", [None, "", "  ", "x" * 256])
def test_an_upload_needs_an_id(text: str | None) -> None:
    with pytest.raises(InvalidRequest, match="X-Unique-Upload-Id"):
        checked_upload_id(text)
