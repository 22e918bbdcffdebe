"""What changes in a head on its way through the balancer."""

import pytest

from edge.balancer.heads import LoopDetected, answered, asked, body_length
from wire.errors import InvalidRequest, MethodNotAllowed
from wire.http.fields import Fields, ResponseHead


def test_the_way_on_keeps_host_and_adds_the_marks_of_a_proxy() -> None:
    """Host picks the content; Via and X-Forwarded-For tell who came by (sheet 16.2, 16.3)."""
    fields = Fields(
        [
            ("Host", "media.example"),
            ("Via", "1.1 cdn"),
            ("X-Forwarded-For", "9.9.9.9"),
            ("Accept", "image/avif"),
        ]
    )
    onward = asked("GET", "/a?region=eu&b=1", "1.1", fields, "127.2.0.1", "bal").onward("bal")
    assert onward.target == "/a?b=1"
    assert onward.fields.get("host") == "media.example"
    assert onward.fields.get("accept") == "image/avif"
    assert onward.fields.all("via") == ("1.1 cdn, 1.1 bal",)
    assert onward.fields.all("x-forwarded-for") == ("9.9.9.9, 127.2.0.1",)


def test_what_came_chunked_promises_no_length() -> None:
    """Whatever else its head says: chunked wins (RFC 9112 §6.3), and one framing goes on."""
    head = ResponseHead(200, Fields.of(Content_Length="5", Transfer_Encoding="chunked"))
    assert body_length("GET", head) is None
    assert answered(head, "bal", "eu").fields.names() == {"via", "x-viewer-region"}


def test_what_belongs_to_the_viewers_connection_stays_behind() -> None:
    """Hop-by-hop fields, those that Connection names, and our own header (sheet 16.1)."""
    fields = Fields.of(
        Host="h",
        Connection="close, X-Trace",
        X_Trace="1",
        TE="trailers",
        Upgrade="x",
        X_Viewer_Region="eu",
        Expect="100-continue",
    )
    onward = asked("GET", "/", "1.1", fields, "c", "bal").onward("bal")
    assert onward.fields.names() == {"host", "x-forwarded-for", "via"}


def test_an_api_call_keeps_its_query_whole() -> None:
    """A parameter named region would be the API's own."""
    onward = asked("GET", "/v1_1/demo/resources?region=eu", "1.1", Fields.of(Host="h"), "c", "b").onward("b")
    assert onward.target == "/v1_1/demo/resources?region=eu"


@pytest.mark.parametrize(
    ("target", "path"),
    [("http://h:80/a?b", "/a?b"), ("HTTP://h", "/"), ("http://h?x=1", "/?x=1")],
)
def test_an_absolute_target_is_its_path(target: str, path: str) -> None:
    """Servers must accept the absolute form (RFC 9112 §3.2.2)."""
    assert asked("GET", target, "1.1", Fields.of(Host="h"), "c", "b").head.target == path


@pytest.mark.parametrize(("method", "target"), [("GET", "*"), ("GET", "a"), ("GET", "ftp://h/")])
def test_a_target_that_is_no_path_is_refused(method: str, target: str) -> None:
    """There is nothing behind the balancer that could answer it."""
    with pytest.raises(InvalidRequest):
        asked(method, target, "1.1", Fields.of(Host="h"), "c", "b")


def test_options_about_the_server_is_the_balancers_own() -> None:
    """RFC 9110 §9.3.7; of a resource it is passed on, while Max-Forwards lasts (§7.6.2)."""
    for target in ("*", "http://h"):
        assert asked("OPTIONS", target, "1.1", Fields.of(Host="h"), "c", "b").is_about_us
    last = asked("OPTIONS", "/a", "1.1", Fields.of(Host="h", Max_Forwards="0"), "c", "b")
    onward = asked("OPTIONS", "/a", "1.1", Fields.of(Host="h", Max_Forwards="3"), "c", "b")
    assert (last.is_about_us, onward.is_about_us) == (True, False)
    assert onward.onward("b").fields.get("max-forwards") == "2"


def test_tunnels_and_traces_are_refused() -> None:
    """CONNECT would make an open proxy; TRACE reflects credentials."""
    for method in ("CONNECT", "TRACE"):
        with pytest.raises(MethodNotAllowed):
            asked(method, "/", "1.1", Fields.of(Host="h"), "c", "b")


def test_a_request_that_was_here_before_is_a_loop() -> None:
    """A PoP whose URL is the balancer's own must not spin for ever."""
    with pytest.raises(LoopDetected) as refused:
        asked("GET", "/", "1.1", Fields.of(Host="h", Via="1.1 x, 1.1 bal"), "c", "bal")
    assert refused.value.status == 508


def test_the_answer_says_which_region_was_meant() -> None:
    """And lets a page of another site read it, if the upstream lets it read at all."""
    head = ResponseHead(200, Fields.of(ETag='"a"', Connection="close", Access_Control_Allow_Origin="*"))
    fields = answered(head, "bal", "eu").fields
    assert fields.get("x-viewer-region") == "eu"
    assert fields.get("via") == "1.1 bal"
    assert fields.get("access-control-expose-headers") == "X-Viewer-Region"
    assert "connection" not in fields


def test_heads_without_bodies_have_length_zero() -> None:
    """Whatever Content-Length says (sheet 12.4)."""
    fields = Fields.of(Content_Length="99")
    assert body_length("HEAD", ResponseHead(200, fields)) == 0
    assert body_length("GET", ResponseHead(304, fields)) == 0
    assert body_length("GET", ResponseHead(200, fields)) == 99
    assert body_length("GET", ResponseHead(200)) is None
    assert body_length("GET", ResponseHead(200, Fields.of(Content_Length="²"))) is None
