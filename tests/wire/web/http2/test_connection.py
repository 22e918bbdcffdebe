"""HTTP/2 for a site, against the `h2` library: streams, windows, bodies both ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from twisted.internet.task import Clock

from tests.support.frames import GET, HELLO, Hand, frames_in, reset
from tests.support.h2_client import Pipe, Viewer
from tests.support.h2_menu import More
from tests.wire.web.test_site import MIB
from wire.http2.frames import END_HEADERS, END_STREAM, Code, Kind, frame
from wire.http2.limits import Limits
from wire.web.http2.connection import Http2Channel
from wire.web.request import StreamingRequest
from wire.web.resource import CoroutineResource
from wire.web.site import StreamingSite

CANCEL, REFUSED = int(Code.CANCEL), int(Code.REFUSED_STREAM)


def test_an_answer_is_that_of_the_resource(viewer: Viewer, sample: More) -> None:
    """With the request's own target, host and version (§8.3.1)."""
    seen = viewer.ask("/x?y=%41", Cookie="a=1")
    assert (seen.status, seen.body, seen.is_whole) == (200, b"hello", True)
    (request,) = sample.seen
    assert request == (b"GET", b"/x?y=%41", {b"Host": [b"localhost"], b"Cookie": [b"a=1"]})
    assert sample.requests[0].clientproto == b"HTTP/2"


def test_the_connections_own_fields_stay_behind(viewer: Viewer) -> None:
    """§8.2.2; names are in lower case (§8.2)."""
    assert viewer.ask("/hop").fields == {":status": "200", "set-cookie": "a=b", "x-a": "b"}


def test_interim_answers_come_before_the_answer(viewer: Viewer) -> None:
    """RFC 9113 §8.1; behind its head there is no place for one."""
    stream = viewer.begin("/hints")
    viewer.talk()
    answer = viewer.answers[stream]
    assert (answer.informational, answer.status, answer.body) == (["103"], 200, b"hello")


@pytest.mark.parametrize(("path", "method", "status"), [("/large", "HEAD", 200), ("/304", "GET", 304)])
def test_answers_without_a_body_end_with_their_head(
    path: str, method: str, status: int, viewer: Viewer
) -> None:
    """RFC 9110 §6.4.1: whatever the length says of another answer."""
    seen = viewer.ask(path, method)
    assert (seen.status, seen.body, seen.is_whole) == (status, b"", True)
    assert "content-length" in seen.fields


def test_refusals_and_bugs_are_answers_of_one_stream(viewer: Viewer) -> None:
    """The connection goes on."""
    assert viewer.ask("/deaf").status == 404
    assert viewer.ask("/busy").fields["retry-after"] == "7"
    assert viewer.ask("/begin").status == 200


@pytest.mark.filterwarnings("ignore")
def test_an_answer_that_breaks_off_is_reset(viewer: Viewer) -> None:
    """§8.1: the viewer can tell that it is not whole; the others' streams live on."""
    seen = viewer.ask("/half")
    assert (seen.is_whole, seen.reset) == (False, int(Code.INTERNAL_ERROR))
    assert viewer.ask("/x").is_whole


def test_many_are_answered_at_once_each_in_its_turn(site: StreamingSite, clock: Clock) -> None:
    """A large answer does not hold up the small ones behind it: frames of all alternate (§5)."""
    viewer = Viewer(site, clock, reads=False)
    large, small = viewer.begin("/large"), [viewer.begin("/x") for _ in range(20)]
    viewer.talk()
    assert all(viewer.answers[stream].body == b"hello" for stream in small if viewer.answers[stream].body)
    viewer.client.increment_flow_control_window(1 << 20)
    viewer.talk()
    assert all(viewer.answers[stream].is_whole for stream in small)
    assert not viewer.answers[large].is_whole


def test_a_large_answer_waits_for_the_viewers_window(site: StreamingSite, clock: Clock, sample: More) -> None:
    """§6.9: and its source waits with it: no more than a few slices are held here."""
    viewer = Viewer(site, clock, reads=False)
    stream = viewer.begin("/large")
    viewer.talk()
    assert len(viewer.answers[stream].body) == 65_535
    assert viewer.channel.streams[stream]._waiting_bytes <= 192 * 1024
    while not viewer.answers[stream].is_whole:
        viewer.client.increment_flow_control_window(50_000)
        viewer.client.increment_flow_control_window(50_000, stream)
        viewer.talk()
    assert len(viewer.answers[stream].body) == 4 * MIB


def test_a_full_socket_stops_all_streams_and_a_deaf_one_is_given_up(
    site: StreamingSite, clock: Clock
) -> None:
    """Nothing piles up behind a viewer who does not read."""
    viewer = Viewer(site, clock)
    viewer.channel.pauseProducing()
    stream = viewer.begin("/large")
    viewer.talk()
    assert viewer.answers[stream].body == b""
    viewer.channel.resumeProducing()
    viewer.talk()
    assert viewer.answers[stream].is_whole
    viewer.channel.pauseProducing()
    clock.advance(site.limits.stall_seconds + 1)
    assert viewer.pipe.is_aborted


def test_a_body_streams_to_its_reader(viewer: Viewer, sample: More) -> None:
    """In pieces as they come, the windows handed back (§6.9)."""
    seen = viewer.ask("/count", "POST", bytes(3 * MIB // 2))
    assert seen.body == b'{"size":%d}\n' % (3 * MIB // 2)
    assert len(sample.chunks) > 50


def test_a_reader_that_is_behind_stops_its_sender_and_no_other(
    site: StreamingSite, clock: Clock, sample: More
) -> None:
    """A stream's window is handed back when its bytes were taken."""
    viewer = Viewer(site, clock)
    stream = viewer.begin("/slow-count", "POST", end=False)
    sent = 0
    while (room := min(16_384, viewer.client.local_flow_control_window(stream))) and sent < 4 * MIB:
        viewer.client.send_data(stream, bytes(room))
        sent += room
        viewer.talk()
    assert 128 * 1024 <= sent <= 512 * 1024
    assert viewer.ask("/count", "POST", bytes(MIB)).status == 200
    viewer.leave()


def test_expect_is_answered_when_the_body_is_wanted(viewer: Viewer) -> None:
    """RFC 9110 §10.1.1."""
    stream = viewer.begin("/count", "POST", end=False, Expect="100-continue")
    viewer.talk()
    assert viewer.answers[stream].informational == ["100"]
    viewer.client.send_data(stream, b"abc", end_stream=True)
    viewer.talk()
    assert viewer.answers[stream].body == b'{"size":3}\n'


def test_an_answer_may_come_before_the_body(viewer: Viewer) -> None:
    """§8.1: then the rest is not wanted, without blame."""
    stream = viewer.begin("/early", "POST", end=False)
    viewer.client.send_data(stream, b"x")
    viewer.talk()
    seen = viewer.answers[stream]
    assert (seen.status, seen.body, seen.is_whole, seen.reset) == (403, b"no", True, int(Code.NO_ERROR))
    assert viewer.ask("/x").is_whole


def test_a_body_that_is_cut_short_is_told_to_its_reader(viewer: Viewer, sample: More) -> None:
    """Nothing half-read is answered as if it were whole."""
    stream = viewer.begin("/count", "POST", end=False)
    viewer.client.send_data(stream, b"abc")
    viewer.talk()
    viewer.client.reset_stream(stream, CANCEL)
    viewer.talk()
    assert viewer.channel.streams == {}
    assert viewer.answers[stream].fields == {}


def test_a_reset_ends_one_viewers_interest_and_no_others(viewer: Viewer, sample: More) -> None:
    """§5.4.2: what ran for it is cancelled."""
    one, other = viewer.begin("/hold"), viewer.begin("/hold")
    viewer.talk()
    viewer.client.reset_stream(one, CANCEL)
    viewer.talk()
    assert sample.cancelled == 1
    assert list(viewer.channel.streams) == [other]
    viewer.leave()
    assert sample.cancelled == 2


def test_a_get_has_no_body(viewer: Viewer) -> None:
    """Unkeyed input (sheet 22.2)."""
    stream = viewer.begin("/x", end=False)
    viewer.client.send_data(stream, b"abc", end_stream=True)
    viewer.talk()
    assert viewer.answers[stream].status == 400


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([*GET, (b"x-a", b"a" * 40_000)], b"431"),
        ([*GET, (b"connection", b"close")], b"400"),
        ([*GET, (b"host", b"elsewhere")], b"400"),
        ([(b":method", b"GET"), (b":path", b"/")], b"400"),
    ],
)
def test_what_is_no_request_is_told_why(
    lines: list[tuple[bytes, bytes]], status: bytes, site: StreamingSite, sample: More
) -> None:
    """§8.1.1, §10.5.1: before the stream ends; no resource hears of it."""
    channel, pipe, hand = Http2Channel(site, Limits()), Pipe(), Hand()
    channel.makeConnection(pipe)
    channel.dataReceived(HELLO)
    pipe.written.clear()
    block = hand.encoder.encode(lines)
    first, rest = block[:16_000], block[16_000:]
    channel.dataReceived(frame(Kind.HEADERS, END_STREAM | (0 if rest else END_HEADERS), 1, first))
    while rest:
        piece, rest = rest[:16_000], rest[16_000:]
        channel.dataReceived(frame(Kind.CONTINUATION, 0 if rest else END_HEADERS, 1, piece))
    head, body, *ends = frames_in(bytes(pipe.written))
    assert hand.lines(head)[":status"].encode() == status
    assert (body.ends, body.payload.endswith(b"\n")) == (True, True)
    assert [each.kind for each in ends] == []
    assert sample.started == 0
    channel.connectionLost()


@pytest.mark.parametrize("lines", [GET, [*GET, (b"connection", b"close")]], ids=["answered", "refused"])
def test_a_request_and_its_reset_at_once_are_no_harm_to_the_next(
    lines: Sequence[tuple[bytes, bytes]], clock: Clock
) -> None:
    """§5.4.2: an answer on the spot goes out on a stream whose end is among the bytes still to be read."""

    class Prompt(CoroutineResource):
        def render(self, request: StreamingRequest) -> Any:
            return b"prompt"

    resource = Prompt()
    channel, pipe, hand = (
        Http2Channel(StreamingSite(lambda _: resource, reactor=clock), Limits()),
        Pipe(),
        Hand(),
    )
    channel.makeConnection(pipe)
    channel.dataReceived(HELLO + hand.headers(1, lines) + reset(1) + hand.headers(3))
    clock.advance(0)
    bodies = {each.stream: each.payload for each in frames_in(bytes(pipe.written)) if each.kind is Kind.DATA}
    assert bodies[3] == b"prompt"
    assert not pipe.is_closed
    channel.connectionLost()


def test_a_broken_rule_is_told_and_ends_the_connection(viewer: Viewer, sample: More) -> None:
    """§5.4.1: what ran is cancelled with it."""
    viewer.begin("/wait")
    viewer.talk()
    viewer.channel.dataReceived(b"\xff" * 9)
    (goaway,) = frames_in(bytes(viewer.pipe.written))
    assert (goaway.kind, goaway.code, viewer.pipe.is_closed) == (Kind.GOAWAY, Code.FRAME_SIZE_ERROR, True)
    viewer.leave()
    assert sample.cancelled == 1


def test_a_resource_without_a_coroutine_is_answered_too(clock: Clock) -> None:
    """Bytes from `render`, as twisted.web has it."""

    class Plain(CoroutineResource):
        def render(self, request: StreamingRequest) -> Any:
            return b"plain"

    resource = Plain()
    make: Callable[[StreamingRequest], Any] = lambda _: resource  # noqa: E731
    seen = Viewer(StreamingSite(make, reactor=clock, scheme="https"), clock).ask("/")
    assert (seen.body, seen.fields["content-length"]) == (b"plain", "5")
