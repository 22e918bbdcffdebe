"""HTTP/2 for a site, against the `h2` library: streams, windows, bodies both ways, patience and farewells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from tests.support.frames import GET, HELLO, Hand, frames_in, reset
from tests.support.h2_client import Pipe, Viewer
from tests.wire.web.test_site import MIB, Sample
from wire.http.fields import Fields, ResponseHead
from wire.http.incoming import HeadLimits
from wire.http2.frames import ACK, END_HEADERS, END_STREAM, Code, Kind, frame
from wire.http2.limits import Limits
from wire.web.http2.connection import Http2Channel
from wire.web.request import StreamingRequest
from wire.web.resource import CoroutineResource
from wire.web.site import ConnectionLimits, StreamingSite

CANCEL, REFUSED = int(Code.CANCEL), int(Code.REFUSED_STREAM)


class More(Sample):
    """The menu of the HTTP/1 tests, and what only matters here."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[StreamingRequest] = []
        self.seen: list[tuple[bytes, bytes, dict[bytes, Sequence[bytes]]]] = []

    async def answer(self, request: StreamingRequest) -> None:
        self.requests.append(request)
        self.seen.append((request.method, request.uri, dict(request.requestHeaders.getAllRawHeaders())))
        match request.path:
            case b"/hop":
                fields = Fields(
                    [("Connection", "close"), ("Keep-Alive", "1"), ("Set-Cookie", "a=b"), ("X-A", "b")]
                )
                request.begin(ResponseHead(200, fields), b"hi")
            case b"/304":
                request.begin(ResponseHead(304, Fields([("ETag", '"a"'), ("Content-Length", "5")])))
            case b"/hints":
                request.inform(ResponseHead(103, Fields.of(Link="</a>", Connection="X-Hop")))
                request.write(b"hello")
                request.inform(ResponseHead(103))
            case b"/early":
                request.begin(ResponseHead(403, Fields([("Content-Length", "2")])), b"no")
            case b"/hold":
                held: Deferred[None] = Deferred()
                try:
                    await held
                finally:
                    self.cancelled += 1
            case _:
                await super().answer(request)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sample() -> More:
    return More()


@pytest.fixture
def site(clock: Clock, sample: More) -> StreamingSite:
    return StreamingSite(lambda _: sample, reactor=clock, scheme="https")


@pytest.fixture
def viewer(site: StreamingSite, clock: Clock) -> Viewer:
    return Viewer(site, clock)


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


def test_an_idle_connection_is_closed_with_a_word(viewer: Viewer, clock: Clock) -> None:
    """§6.8, §9.1."""
    viewer.ask("/x")
    closed = []
    for seconds in (59, 0, 59, 2):
        clock.advance(seconds)
        closed.append(viewer.pipe.is_closed)
        if not seconds:
            viewer.ask("/x")
    assert closed == [False, False, False, True]
    assert [each.kind for each in frames_in(bytes(viewer.pipe.written))] == [Kind.GOAWAY]


def test_a_sign_of_life_is_no_request(viewer: Viewer, clock: Clock) -> None:
    """§6.7: who only pings is idle all the same, and so is who never gets to the end of a frame's head."""
    for _ in range(6):
        clock.advance(9)
        viewer.channel.dataReceived(frame(Kind.PING, 0, 0, bytes(8)))
    viewer.channel.dataReceived(b"\0\0")
    assert not viewer.pipe.is_closed
    clock.advance(7)
    assert viewer.pipe.is_closed


def test_idleness_begins_with_the_end_of_the_last_stream(viewer: Viewer, clock: Clock) -> None:
    """§9.1: whichever side ended it."""
    stream = viewer.begin("/hold")
    viewer.talk()
    clock.advance(100)
    viewer.client.reset_stream(stream, CANCEL)
    viewer.talk()
    clock.advance(59)
    assert not viewer.pipe.is_closed
    clock.advance(2)
    assert viewer.pipe.is_closed


def test_a_viewer_who_owes_a_body_is_not_waited_for(viewer: Viewer, clock: Clock, sample: More) -> None:
    """Slow uploads hold nothing; an answer that takes long is waited for."""
    owing, waiting = viewer.begin("/count", "POST", end=False), viewer.begin("/wait")
    viewer.talk()
    clock.advance(61)
    viewer.talk()
    assert viewer.answers[owing].reset == CANCEL
    assert list(viewer.channel.streams) == [waiting]
    viewer.leave()


def test_a_viewer_who_takes_nothing_of_an_answer_is_not_waited_for(site: StreamingSite, clock: Clock) -> None:
    """A window that stays shut, while the connection seems alive."""
    viewer = Viewer(site, clock, reads=False)
    stream = viewer.begin("/large")
    viewer.talk()
    for _ in range(7):
        clock.advance(site.limits.idle_seconds)
    viewer.talk()
    assert viewer.answers[stream].reset == CANCEL


def test_a_site_that_closes_answers_what_runs_and_refuses_what_comes(
    viewer: Viewer, site: StreamingSite, sample: More
) -> None:
    """§6.8: the connection closes behind the last answer."""
    stream = viewer.begin("/wait")
    viewer.talk()
    site.close_idle()
    came = frames_in(bytes(viewer.pipe.written))
    viewer.pipe.written.clear()
    assert [(each.kind, each.last) for each in came if each.kind is Kind.GOAWAY] == [
        (Kind.GOAWAY, (1 << 31) - 1)
    ]
    (ping,) = [each.payload for each in came if each.kind is Kind.PING]
    viewer.channel.dataReceived(frame(Kind.PING, ACK, 0, ping))
    (final,) = frames_in(bytes(viewer.pipe.written))
    assert (final.kind, final.last, viewer.pipe.is_closed) == (Kind.GOAWAY, stream, False)
    sample.gate.callback(None)
    viewer.clock.advance(0)
    assert viewer.pipe.is_closed


def test_a_peer_that_does_not_hang_up_is_not_waited_for(
    viewer: Viewer, site: StreamingSite, clock: Clock
) -> None:
    """TLS waits for its goodbye, and some never say it."""
    site.close_idle()
    clock.advance(site.limits.stall_seconds - 1)
    assert (viewer.pipe.is_closed, viewer.pipe.is_aborted) == (True, False)
    clock.advance(2)
    assert viewer.pipe.is_aborted


def test_an_idle_connection_of_a_site_that_closes_goes_at_once(viewer: Viewer, site: StreamingSite) -> None:
    """Nobody is kept waiting."""
    viewer.ask("/x")
    site.close_idle()
    assert viewer.pipe.is_closed
    viewer.leave()
    assert site.channels == set()


def test_a_peer_that_leaves_gets_its_answers(viewer: Viewer, sample: More) -> None:
    """§6.8: GOAWAY says that it will ask for nothing more."""
    viewer.begin("/wait")
    viewer.talk()
    viewer.channel.dataReceived(frame(Kind.GOAWAY, 0, 0, bytes(8)))
    assert not viewer.pipe.is_closed
    assert len(viewer.channel.streams) == 1
    viewer.leave()


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


def limited(clock: Clock, sample: More, **limits: Any) -> StreamingSite:
    """A site with limits of its own."""
    return StreamingSite(lambda _: sample, reactor=clock, scheme="https", limits=ConnectionLimits(**limits))


def test_a_body_that_comes_too_slowly_is_told_so(clock: Clock, sample: More) -> None:
    """408 on its stream; the connection's other streams go on."""
    viewer = Viewer(limited(clock, sample, body_seconds=10.0, body_rate=100.0), clock)
    stream = viewer.begin("/count", "POST", end=False)
    for _ in range(2):
        viewer.client.send_data(stream, bytes(10))
        viewer.talk()
        clock.advance(5)
    viewer.talk()
    assert (viewer.answers[stream].status, viewer.answers[stream].is_whole) == (408, True)
    assert viewer.channel.factory.refused[408] == 1
    assert viewer.ask("/x").is_whole


def test_a_body_over_the_limit_is_told_so_when_it_is(clock: Clock, sample: More) -> None:
    """413, for a body that did not say its length."""
    head = HeadLimits(body_bytes=1000)
    viewer = Viewer(limited(clock, sample, head=head), clock)
    stream = viewer.begin("/slow-count", "POST", end=False)
    viewer.client.send_data(stream, bytes(900))
    viewer.talk()
    assert viewer.answers[stream].fields == {}
    viewer.client.send_data(stream, bytes(101))
    viewer.talk()
    assert viewer.answers[stream].status == 413
    assert viewer.channel.streams == {}


def test_an_answer_that_takes_for_ever_is_given_up(clock: Clock, sample: More) -> None:
    """503 where nothing was said yet."""
    viewer = Viewer(limited(clock, sample, request_seconds=100.0), clock)
    stream = viewer.begin("/wait")
    viewer.talk()
    clock.pump([60.0, 60.0])
    viewer.talk()
    seen = viewer.answers[stream]
    assert (seen.status, seen.fields["retry-after"], seen.fields["date"]) == (
        503, "1", "Thu, 01 Jan 1970 00:02:00 GMT",
    )  # fmt: skip
    assert sample.cancelled == 1


def test_a_header_block_that_never_ends_is_not_waited_for(viewer: Viewer, clock: Clock) -> None:
    """Slowloris by CONTINUATION: more of it buys no time."""
    viewer.channel.dataReceived(frame(Kind.HEADERS, END_STREAM, 1, b"\x82"))
    for _ in range(2):
        clock.advance(9)
        viewer.channel.dataReceived(frame(Kind.CONTINUATION, 0, 1, b"\x86"))
    assert not viewer.pipe.is_closed
    clock.advance(3)
    assert viewer.pipe.is_closed


def test_an_old_connection_is_left_behind_its_answers(clock: Clock, sample: More) -> None:
    """So that viewers find their way to other nodes in time."""
    viewer = Viewer(limited(clock, sample, connection_seconds=100.0, idle_seconds=1000.0), clock)
    clock.advance(50)
    assert viewer.ask("/x").is_whole
    clock.advance(51)
    assert viewer.ask("/x").is_whole
    assert viewer.pipe.is_closed
    assert [event.error_code for event in viewer.goaways][-1] == 0


def test_there_is_no_place_for_one_too_many(clock: Clock, sample: More) -> None:
    """The site's places are counted over all its connections, and given back."""
    site = limited(clock, sample, connections_per_address=1)
    first = Viewer(site, clock)
    second, pipe = Http2Channel(site, Limits()), Pipe()
    second.makeConnection(pipe)
    assert pipe.is_closed
    assert site.refused[503] == 1
    second.connectionLost()
    assert first.ask("/x").is_whole
    first.leave()
    assert Viewer(site, clock).ask("/x").is_whole


def test_a_deaf_viewer_that_pings_is_given_up_all_the_same(clock: Clock, sample: More) -> None:
    """A sign of life is no excuse for a window that stays shut."""
    viewer = Viewer(limited(clock, sample, stall_seconds=100.0), clock, reads=False)
    stream = viewer.begin("/large")
    viewer.talk()
    for _ in range(13):
        clock.advance(10)
        viewer.client.ping(bytes(8))
        viewer.talk()
    assert viewer.answers[stream].reset == CANCEL
