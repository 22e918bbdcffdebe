"""How long an HTTP/2 connection is waited for, what it may cost, and how it is left."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock

from tests.support.frames import frames_in
from tests.support.h2_client import Pipe, Viewer
from tests.support.h2_menu import More
from wire.http.incoming import HeadLimits
from wire.http2.frames import ACK, END_STREAM, Code, Kind, frame
from wire.http2.limits import Limits
from wire.web.http2.connection import Http2Channel
from wire.web.site import ConnectionLimits, StreamingSite

CANCEL, REFUSED = int(Code.CANCEL), int(Code.REFUSED_STREAM)


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
