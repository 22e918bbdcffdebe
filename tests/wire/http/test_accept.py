"""Request headers that mean the same (sheet 8.5, 8.6)."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wire.http.accept import best_coding, normalised, reduced_accept


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("x-shape", "1, 2", "1,2"),
        ("x-shape", "1,2", "1,  2 ,"),
        ("accept-language", "fr, it", "IT ,fr"),
        ("accept-encoding", "gzip, br", "br,gzip"),
        ("accept-encoding", "x-gzip", "gzip;q=1.0"),
        ("accept-encoding", "gzip; q=0.5, br", "br;q=1, gzip;q=0.50"),
        ("accept", "text/html;level=1;q=1", "text/html; level=1"),
    ],
)
def test_equal_meanings_have_equal_text(name: str, one: str, other: str) -> None:
    """8.5: what the header's own definition makes equal."""
    assert normalised(name, one) == normalised(name, other)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("x-shape", "1, 2", "2, 1"),
        ("x-shape", "a", "A"),
        ("accept-encoding", "gzip, br;q=0.5", "br, gzip;q=0.5"),
        ("accept-encoding", "gzip;q=0", "gzip"),
    ],
)
def test_other_meanings_have_other_text(name: str, one: str, other: str) -> None:
    """8.5: case and order matter where nothing says otherwise."""
    assert normalised(name, one) != normalised(name, other)


@given(st.sampled_from(["accept", "accept-encoding", "x-any"]), st.text("abq=;0.15, *-", max_size=30))
@example("accept", "0,;")
@example("accept", "a;q=0.5000001,b;q=0.5000002")
@example("accept", "a;q=nan")
def test_normalising_twice_is_normalising_once(name: str, text: str) -> None:
    """Stored values are compared with fresh ones: both must be fixed points."""
    once = normalised(name, text)
    assert normalised(name, once) == once


@pytest.mark.parametrize(
    ("accepted", "reduced"),
    [
        ("gzip, deflate, br", "br"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("deflate", "identity"),
        ("gzip;q=0, *", "br"),
    ],
)
def test_encodings_reduce_to_those_that_count(accepted: str, reduced: str) -> None:
    """8.6: so that the origin's choice fits the key."""
    assert best_coding(accepted, ("br", "gzip")) == reduced


def test_two_browsers_are_one_class() -> None:
    """Accept texts differ by browser; what matters is which image types are named."""
    types = ("image/avif", "image/webp")
    chrome = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
    firefox = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
    assert reduced_accept(chrome, types) == reduced_accept(firefox, types) == "image/avif, image/webp, */*"
    assert reduced_accept("*/*", types) == "*/*"
    assert reduced_accept("image/webp;q=0", types) == "*/*"


@pytest.mark.parametrize(
    ("accepted", "best"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("x-gzip", "gzip"),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "zstd"),
        ("identity, gzip;q=0.5", "identity"),
        ("identity;q=0.5, gzip", "gzip"),
        ("gzip;q=0", "identity"),
        ("deflate", "identity"),
        ("", "identity"),
    ],
)
def test_the_coding_that_is_liked_best(accepted: str, best: str) -> None:
    """By weight, then by our own order; none where none at all is liked better (RFC 9110 §12.5.3)."""
    assert best_coding(accepted, ("br", "zstd", "gzip")) == best


@given(st.text(max_size=40))
def test_the_best_coding_is_one_of_ours_or_none(accepted: str) -> None:
    assert best_coding(accepted, ("br", "gzip")) in ("br", "gzip", "identity")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("x-gzip, X-Compress;q=0.5", "gzip, compress;q=0.5"),
        ("x-snappy", "x-snappy"),
        ("gzip;q=much", "gzip"),
    ],
)
def test_old_names_and_weights_that_are_none(text: str, meaning: str) -> None:
    """8.5 (RFC 9110 §8.4.1): of codings that had an `x-` once; a weight nobody can read is the usual one."""
    assert normalised("accept-encoding", text) == meaning


def test_a_type_counts_whatever_its_parameters() -> None:
    """8.5."""
    assert reduced_accept("image/avif;v=1, image/webp;q=0", ("image/avif", "image/webp")) == "image/avif, */*"
