"""Whom a request is for (RFC 9110 §7.6.2, §9.3.7)."""

from __future__ import annotations

import pytest

from wire.http.fields import Fields, RequestHead
from wire.http.recipient import ends_here, with_one_hop_less


@pytest.mark.parametrize(
    ("method", "target", "hops", "ends"),
    [
        ("OPTIONS", "*", None, True),
        ("OPTIONS", "http://ex.com", None, True),
        ("OPTIONS", "HTTPS://ex.com:8443", None, True),
        ("OPTIONS", "http://ex.com/", None, False),
        ("OPTIONS", "http://ex.com?a", None, False),
        ("OPTIONS", "/a", None, False),
        ("OPTIONS", "/a", "0", True),
        ("OPTIONS", "/a", "00", True),
        ("OPTIONS", "/a", "1", False),
        ("OPTIONS", "/a", "-0", False),
        ("OPTIONS", "/a", "0, 0", False),
        ("GET", "/a", "0", False),
        ("POST", "/a", "0", False),
    ],
)
def test_an_options_about_the_server_or_at_its_last_hop_ends_here(
    method: str, target: str, hops: str | None, ends: bool
) -> None:
    """RFC 9112 §3.2.4 for the absolute form; Max-Forwards is for TRACE and OPTIONS alone."""
    fields = Fields() if hops is None else Fields.of(Max_Forwards=hops)
    assert ends_here(RequestHead(method, target, fields=fields)) is ends


@pytest.mark.parametrize(
    ("method", "said", "sent"),
    [("OPTIONS", "7", "6"), ("OPTIONS", "1", "0"), ("OPTIONS", "x", "x"), ("GET", "7", "7")],
)
def test_max_forwards_is_counted_down_where_it_means_something(method: str, said: str, sent: str) -> None:
    """RFC 9110 §7.6.2: MAY be ignored for other methods; never made up."""
    request = RequestHead(method, "/a", fields=Fields.of(Max_Forwards=said))
    assert with_one_hop_less(request).all("max-forwards") == (sent,)
    assert "max-forwards" not in with_one_hop_less(RequestHead(method, "/a"))
