"""What is turned away at the door, whatever it is about."""

from __future__ import annotations

import pytest

from edge.core.admission import refusal_of
from tests.edge.core.playbook import get
from wire.http.fields import RequestHead
from wire.http.proxy_status import ProxyError


@pytest.mark.parametrize(
    ("request_", "status", "error"),
    [
        (get(method="TRACE", Max_Forwards="0"), 405, ProxyError.HTTP_REQUEST_DENIED),
        (get("ex.com:443", method="CONNECT"), 405, ProxyError.HTTP_REQUEST_DENIED),
        (get(Connection="Upgrade", Upgrade="websocket"), 501, ProxyError.HTTP_REQUEST_DENIED),
        (get(CDN_Loop="other, pixeledge; node=fra"), 508, ProxyError.PROXY_LOOP_DETECTED),
        (get(Content_Length="5"), 400, ProxyError.HTTP_REQUEST_ERROR),
        (get(method="HEAD", Transfer_Encoding="chunked"), 400, ProxyError.HTTP_REQUEST_ERROR),
    ],
)
def test_what_is_refused_has_a_status_and_a_kind(
    request_: RequestHead, status: int, error: ProxyError
) -> None:
    """13.1 (TRACE at any hop), 16.1, 16.2, 22.2."""
    refusal = refusal_of(request_, "fra")
    assert refusal is not None
    assert (refusal.status, refusal.error) == (status, error)


@pytest.mark.parametrize(
    "request_",
    [
        get(Content_Length="0", Upgrade="h2c", Connection="Upgrade"),
        get(method="POST", Content_Length="5"),
        get(method="BREW"),
        get(CDN_Loop="pixeledge; node=sin"),
    ],
)
def test_the_rest_comes_in(request_: RequestHead) -> None:
    """Unknown methods, too (13.1)."""
    assert refusal_of(request_, "fra") is None
