"""Every error of the balancer's own says what kind it is (RFC 9209)."""

from __future__ import annotations

import json

import pytest
import pytest_twisted
from twisted.internet import reactor

from edge.balancer.heads import LoopDetected
from edge.balancer.refusals import kind_of, nobody, unanswered
from edge.core.events import Failure
from edge.upstream.failing import UpstreamFailed
from tests.support.balancer import resets, says, silent, stage
from tests.support.scripted import Conversation, Received, Script
from wire.errors import InternalError, InvalidRequest, MediaError, MethodNotAllowed, TooLarge
from wire.http.proxy_status import ProxyError


@pytest.mark.parametrize(
    ("reason", "error", "status", "kind"),
    [
        (Failure.BUSY, None, 503, ProxyError.CONNECTION_LIMIT_REACHED),
        (Failure.UNREACHABLE, None, 503, ProxyError.DESTINATION_UNAVAILABLE),
        (Failure.UNREACHABLE, ProxyError.CONNECTION_REFUSED, 503, ProxyError.CONNECTION_REFUSED),
        (Failure.TIMED_OUT, None, 504, ProxyError.HTTP_RESPONSE_TIMEOUT),
        (Failure.CUT, None, 502, ProxyError.CONNECTION_TERMINATED),
        (Failure.MALFORMED, ProxyError.HTTP_PROTOCOL_ERROR, 502, ProxyError.HTTP_PROTOCOL_ERROR),
    ],
)
@pytest.mark.parametrize("is_for_api", [False, True])
def test_a_failed_upstream_is_told_as_it_failed(
    reason: Failure, error: ProxyError | None, status: int, kind: ProxyError, is_for_api: bool
) -> None:
    """As closely as it is known."""
    failed = UpstreamFailed(reason, "a sentence for the log", error)
    with pytest.raises(MediaError) as refused:
        raise unanswered(failed, is_for_api=is_for_api) from failed
    assert (refused.value.status, kind_of(refused.value)) == (status, kind)
    assert ("origin" in refused.value.public) is is_for_api
    assert "log" not in refused.value.public


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (MethodNotAllowed("x"), ProxyError.HTTP_REQUEST_DENIED),
        (InvalidRequest("x"), ProxyError.HTTP_REQUEST_ERROR),
        (TooLarge("x"), ProxyError.HTTP_REQUEST_ERROR),
        (LoopDetected("x"), ProxyError.PROXY_LOOP_DETECTED),
        (nobody("PoP"), ProxyError.DESTINATION_UNAVAILABLE),
        (InternalError("x"), ProxyError.PROXY_INTERNAL_ERROR),
    ],
)
def test_refusals_of_the_request_have_kinds_too(refusal: MediaError, kind: ProxyError) -> None:
    """RFC 9209 §2.3; what has none is our own fault."""
    assert kind_of(refusal) is kind


def garbage(request: Received, viewer: Conversation) -> None:
    viewer.send(b"garbage\r\n\r\n")


@pytest.mark.parametrize(
    ("script", "status", "kind"),
    [
        (resets, 502, "connection_terminated"),
        (garbage, 502, "http_protocol_error"),
        (silent, 504, "http_response_timeout"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_the_viewer_hears_the_kind(script: Script, status: int, kind: str) -> None:
    """In Proxy-Status, under the balancer's name; an SDK in its own words, too."""
    async with stage(reactor, {"eu": script}, (script,), first_byte_seconds=0.3) as world:
        image, call = await world.ask("/a"), await world.ask("/v1_1/demo/upload", "POST", b"x")
    assert (image.status, image.fields["proxy-status"]) == (status, f"bal; error={kind}")
    assert (call.status, call.fields["proxy-status"]) == (status, f"bal; error={kind}")
    assert json.loads(call.body)["error"]["message"]


@pytest_twisted.ensureDeferred
async def test_answers_of_others_have_none_of_ours() -> None:
    """An upstream's error is passed on as it is; a refused method says what is allowed."""

    def failing(request: Received, viewer: Conversation) -> None:
        viewer.answer(b"no", "502 Bad Gateway", Proxy_Status="fra; error=dns_error")

    async with stage(reactor, {"eu": failing}, (says("api"),)) as world:
        passed, traced = await world.ask("/a"), await world.ask("/a", "TRACE")
        looped = await world.ask("/a", Via="1.1 bal")
    assert (passed.status, passed.fields["proxy-status"]) == (502, "fra; error=dns_error")
    assert (traced.status, traced.fields["proxy-status"]) == (405, "bal; error=http_request_denied")
    assert "OPTIONS" in traced.fields["allow"]
    assert (looped.status, looped.fields["proxy-status"]) == (508, "bal; error=proxy_loop_detected")
