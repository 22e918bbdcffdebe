"""Hop-by-hop fields and the marks of a hop (sheet 4.2, 16)."""

from __future__ import annotations

import pytest

from wire.http.fields import Fields
from wire.http.hops import (
    asks_for_websocket,
    end_to_end,
    has_passed,
    is_from_our_edge,
    with_exposed,
    with_forwarder,
    with_loop_mark,
    with_via,
)


def test_the_connections_own_fields_go_no_further() -> None:
    """4.2: hop-by-hop fields, and whatever Connection lists, in any case."""
    fields = Fields(
        [("Connection", "x-hop, X-Two"), ("X-Hop", "1"), ("x-two", "2"), ("Keep-Alive", "5"), ("X-End", "3")]
    )
    assert list(end_to_end(fields)) == [("X-End", "3")]
    assert list(end_to_end(Fields.of(TE="x", Upgrade="y", Trailer="z", Transfer_Encoding="chunked"))) == []
    two = Fields([("Connection", ", x-hop ,,"), ("Connection", "X-Two"), ("X-Hop", "1"), ("X-Two", "2")])
    assert list(end_to_end(two)) == [], "1.1, 1.2"


def test_who_sent_it_is_noted_after_what_we_were_told() -> None:
    """16.3: several lines become one list; nothing is believed, nothing is lost."""
    told = Fields([("X-Forwarded-For", "9.9.9.9"), ("x-forwarded-for", "8.8.8.8")])
    assert with_forwarder(told, "127.2.0.1").all("x-forwarded-for") == ("9.9.9.9, 8.8.8.8, 127.2.0.1",)
    assert with_forwarder(Fields(), "::1").all("x-forwarded-for") == ("::1",)


def test_names_are_exposed_once_whatever_their_case() -> None:
    """Each of our nodes adds the same ones."""
    assert with_exposed(None, ("Age", "Via")) == "Age, Via"
    assert with_exposed("via, X", ("Age", "Via")) == "via, X, Age"
    assert with_exposed(with_exposed("X", ("Age",)), ("Age",)) == "X, Age"
    assert with_exposed("*", ("Age",)) == "*"


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


@pytest.mark.parametrize(
    ("fields", "asks"),
    [
        ({"Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade"}, True),
        ({"Upgrade": "h2c, websocket", "Connection": "upgrade"}, True),
        ({"Upgrade": "websocket"}, False),
        ({"Upgrade": "h2c", "Connection": "upgrade"}, False),
        ({"Connection": "upgrade"}, False),
    ],
)
def test_who_asks_for_websocket(fields: dict[str, str], asks: bool) -> None:
    """16.4 (RFC 9110 §7.8): by both fields, in any case; other upgrades may be ignored."""
    assert asks_for_websocket(Fields.of(**fields)) is asks


def test_the_first_hop_leaves_the_first_mark() -> None:
    """16.2, 16.3."""
    assert with_via(Fields(), "1.1", "edge").get("via") == "1.1 edge"
    assert with_loop_mark(Fields(), "edge").get("cdn-loop") == "pixeledge; node=edge"
    other = Fields.of(X="1")
    assert list(with_forwarder(other, "10.0.0.1")) == [("X", "1"), ("X-Forwarded-For", "10.0.0.1")]
    two = Fields((("X-Forwarded-For", "a"), ("X", "1"), ("x-forwarded-for", "b")))
    assert list(with_forwarder(two, "c")) == [("X", "1"), ("X-Forwarded-For", "a, b, c")]


def test_marks_are_read_however_they_are_spaced() -> None:
    """16.2 (RFC 8586): a node's name counts as a parameter alone."""
    assert has_passed(Fields.of(CDN_Loop="a, pixeledge;\tnode=edge"), "edge")
    assert not has_passed(Fields.of(CDN_Loop="node=edge; x"), "edge")
    assert is_from_our_edge(Fields.of(CDN_Loop="a, PixelEdge\t; node=far"))
    assert not is_from_our_edge(Fields.of(CDN_Loop="pixeledge-load; node=far"))
    assert end_to_end(Fields.of(Connection="X-Hop", X_HOP="1", X="2")) == Fields.of(X="2")
