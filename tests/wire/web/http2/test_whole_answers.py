"""Answers that are whole when they begin, their heads packed already: in one go where that may be, else in turn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.internet.task import Clock

from tests.support.h2_client import Viewer
from wire.http2.events import RequestArrived
from wire.http2.frames import Code
from wire.http2.packing import packed
from wire.web.files import SharedFile
from wire.web.http2.connection import Http2Channel
from wire.web.http2.sending import BATCH_BYTES
from wire.web.http2.stream import HIGH_WATER
from wire.web.site import StreamingSite

OK = packed((b":status", b"200"))


def content(size: int) -> bytes:
    """No two places in it are alike."""
    return b"".join(b"%07d\n" % number for number in range(size // 8 + 1))[:size]


class Ready(Http2Channel):
    """Answers /N with N bytes."""

    def begin(self, arrived: RequestArrived) -> None:
        self.answer(arrived, OK, content(int(arrived.head.target[1:])))


@pytest.fixture
def ready(site: StreamingSite, clock: Clock) -> Viewer:
    site.http2_protocol = Ready
    return Viewer(site, clock)


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize(
    "sizes", [(5,), (0, 1, 0), (16_384, 16_385), (60_000, 70_000, 5), (200_000, 5, 1_000) * 4]
)
def test_every_body_comes_whole(ready: Viewer, sizes: tuple[int, ...], reads: bool) -> None:
    """Asked for in one write, with windows of 65,535 bytes that are handed back at once, or late."""
    ready.reads = reads
    streams = [ready.begin(f"/{size}") for size in sizes]
    ready.talk()
    if not reads:
        for stream in streams:
            ready.client.increment_flow_control_window(1 << 20)
            if not ready.answers[stream].is_whole:
                ready.client.increment_flow_control_window(1 << 20, stream)
        ready.talk()
    assert [ready.answers[stream].body for stream in streams] == [content(size) for size in sizes]
    assert all(ready.answers[stream].is_whole for stream in streams)
    assert not ready.channel.streams
    assert not ready.channel.engine.streams


SHOWN = 300_000


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[SharedFile]:
    """An open file, closed when nobody uses it any more."""
    path = tmp_path / "shown"
    path.write_bytes(content(SHOWN))
    file = SharedFile(path.open("rb"))
    yield file
    file.close()
    assert file.read_now(0, 1) is None


@pytest.fixture
def showing(site: StreamingSite, clock: Clock, shown: SharedFile) -> Viewer:
    """Whoever asks has the file."""

    class Showing(Http2Channel):
        def begin(self, arrived: RequestArrived) -> None:
            self.answer_from_file(arrived, OK, shown)

    site.http2_protocol = Showing
    return Viewer(site, clock)


def test_files_come_whole_beside_each_other(showing: Viewer) -> None:
    """Each in its turn."""
    streams = [showing.begin("/") for _ in range(5)]
    showing.talk()
    assert all(showing.answers[stream].body == content(SHOWN) for stream in streams)
    assert all(showing.answers[stream].is_whole for stream in streams)
    assert not showing.channel.streams


def test_of_a_file_no_more_is_read_than_the_viewer_takes(
    showing: Viewer, shown: SharedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its window, and what waits for the next."""
    read = shown.read
    taken = []

    def reads(start: int, length: int) -> bytes:
        taken.append(length)
        return read(start, length)

    monkeypatch.setattr(shown, "read", reads)
    showing.reads = False
    stream = showing.begin("/")
    showing.talk()
    assert len(showing.answers[stream].body) == 65_535
    assert sum(taken) <= 65_535 + 2 * HIGH_WATER
    showing.leave()


def test_a_file_that_became_shorter_ends_the_stream(showing: Viewer, tmp_path: Path) -> None:
    """Not as if it were whole, and no other stream."""
    os.truncate(tmp_path / "shown", 100_000)
    stream = showing.begin("/")
    showing.talk()
    assert not showing.answers[stream].is_whole
    assert showing.answers[stream].reset == Code.INTERNAL_ERROR
    assert not showing.goaways


def test_a_viewer_that_leaves_lets_go_of_the_file(showing: Viewer) -> None:
    """The fixture sees to it that it is closed."""
    showing.reads = False
    showing.begin("/")
    showing.talk()
    assert showing.channel.streams
    showing.leave()
    assert not showing.channel.streams


def test_a_request_that_goes_on_is_ended_behind_its_answer(ready: Viewer) -> None:
    """RFC 9113 §8.1: its body is of no more use."""
    stream = ready.begin("/5", "POST", end=False)
    ready.talk()
    assert (ready.answers[stream].body, ready.answers[stream].reset) == (content(5), 0)


def test_a_socket_that_takes_no_more_is_heeded(ready: Viewer) -> None:
    """What is asked meanwhile waits, and so does the rest of one batch of requests."""
    ready.client.increment_flow_control_window(1 << 24)
    ready.talk()
    streams = [ready.begin("/60000") for _ in range(10)]
    pipe, write = ready.pipe, ready.pipe.write

    def takes_one(data: bytes) -> None:
        write(data)
        ready.channel.pauseProducing()

    pipe.write = takes_one  # type: ignore[method-assign]
    ready.talk()
    begun = [stream for stream in streams if ready.answers[stream].body]
    assert begun == streams[: BATCH_BYTES // 60_000 + 1]
    pipe.write = write  # type: ignore[method-assign]
    ready.channel.resumeProducing()
    ready.talk()
    assert all(ready.answers[stream].body == content(60_000) for stream in streams)


def test_the_connection_ends_when_it_is_old(ready: Viewer, clock: Clock) -> None:
    """Behind the answer."""
    clock.rightNow += ready.channel.factory.limits.connection_seconds + 1
    stream = ready.begin("/5")
    ready.talk()
    assert ready.answers[stream].is_whole
    assert ready.goaways
    assert ready.pipe.is_closed
