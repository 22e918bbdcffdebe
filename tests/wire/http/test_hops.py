"""Hop-by-hop fields and the marks of a hop (sheet 4.2, 16)."""

from __future__ import annotations

from wire.http.fields import Fields
from wire.http.hops import end_to_end, has_passed, is_from_our_edge, with_loop_mark, with_via


def test_the_connections_own_fields_go_no_further() -> None:
    """4.2: hop-by-hop fields, and whatever Connection lists, in any case."""
    fields = Fields(
        [("Connection", "x-hop, X-Two"), ("X-Hop", "1"), ("x-two", "2"), ("Keep-Alive", "5"), ("X-End", "3")]
    )
    assert list(end_to_end(fields)) == [("X-End", "3")]
    assert list(end_to_end(Fields.of(TE="x", Upgrade="y", Trailer="z", Transfer_Encoding="chunked"))) == []


def test_via_grows_by_one_hop() -> None:
    """16.2: the version is that of the message received; earlier hops stay, on one line."""
    fields = with_via(Fields([("Via", "1.0 a"), ("via", "1.1 b")]), "1.1", "edge")
    assert fields.all("via") == ("1.0 a, 1.1 b, 1.1 edge",)


def test_a_request_that_comes_round_is_known() -> None:
    """16.2, RFC 8586: our own name, not another node's, nor another CDN's."""
    fields = with_loop_mark(Fields.of(CDN_Loop="otherCDN"), "fra")
    assert fields.get("cdn-loop") == "otherCDN, pixeledge; node=fra"
    assert has_passed(fields, "fra")
    assert not has_passed(fields, "fr")
    assert not has_passed(fields, "sin")
    assert is_from_our_edge(fields)
    assert not is_from_our_edge(Fields.of(CDN_Loop="otherCDN; node=fra"))


def test_odd_names_are_quoted() -> None:
    """A node's name may hold anything."""
    assert has_passed(with_loop_mark(Fields(), "a b"), "a b")
