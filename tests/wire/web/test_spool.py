"""One writer, many readers: whatever the order of things, a reader sees a prefix, or all of it."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule
from twisted.internet.defer import Deferred

from wire.web.spool import Reader, Spool, SpoolFailed, SpoolGone, State

AHEAD = 300
THRESHOLD = 100


class Brake:
    """A source that notes whether it was told to stop."""

    def __init__(self) -> None:
        self.is_paused = False

    def pause(self) -> None:
        assert not self.is_paused
        self.is_paused = True

    def resume(self) -> None:
        assert self.is_paused
        self.is_paused = False


class Follower:
    """A reader at work: reads on as fast as bytes come, when it is let."""

    def __init__(self, reader: Reader, start: int, stop: int | None) -> None:
        self.reader = reader
        self.start = start
        self.stop = stop
        self.seen = b""
        self.is_done = False
        self.failure: BaseException | None = None
        self._pending: Deferred[bytes] | None = None

    def step(self, limit: int) -> None:
        """Ask for more, unless the last question is still open."""
        if self._pending is not None or self.is_done or self.failure is not None:
            return
        self._pending = Deferred.fromCoroutine(self.reader.read(limit))
        self._pending.addCallbacks(self._took, self._failed)

    def _took(self, data: bytes) -> None:
        self._pending = None
        self.seen += data
        self.is_done = not data

    def _failed(self, failure: object) -> None:
        self._pending = None
        self.failure = failure.value  # type: ignore[attr-defined]

    @property
    def waits(self) -> bool:
        return self._pending is not None

    def leave(self) -> None:
        if self._pending is not None:
            self._pending.addErrback(lambda _: None)
            self._pending.cancel()
        self.reader.close()


class SpoolMachine(RuleBasedStateMachine):
    """A spool beside the plain bytes it stands for."""

    followers = Bundle("followers")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="spools-"))
        self.brake = Brake()
        self.spool = Spool(self.folder, memory_bytes=THRESHOLD, ahead_bytes=AHEAD, source=self.brake)
        self.written = b""
        self.open: list[Follower] = []
        self.adopted: Path | None = None
        self.is_closed = False

    @precondition(lambda self: self.spool.state is State.GROWING)
    @rule(data=st.binary(min_size=1, max_size=90))
    def write(self, data: bytes) -> None:
        self.spool.write(data)
        self.written += data

    @precondition(lambda self: not self.is_closed)
    @rule(target=followers, start=st.integers(0, 200), length=st.none() | st.integers(0, 200))
    def read(self, start: int, length: int | None) -> Follower:
        stop = None if length is None else start + length
        try:
            reader = self.spool.reader(start, stop)
        except SpoolGone:
            assert not self.spool.is_kept
            reader = self.spool.reader(start := len(self.written), None)
            stop = None
        follower = Follower(reader, start, stop)
        self.open.append(follower)
        return follower

    @rule(follower=followers, limit=st.integers(1, 120))
    def step(self, follower: Follower, limit: int) -> None:
        if follower in self.open:
            follower.step(limit)

    @rule(follower=consumes(followers))
    def leave(self, follower: Follower) -> None:
        follower.leave()
        self.open.remove(follower)

    @precondition(lambda self: self.spool.state is State.GROWING)
    @rule()
    def complete(self) -> None:
        self.spool.complete()

    @precondition(lambda self: self.spool.state is State.GROWING)
    @rule()
    def fail(self) -> None:
        self.spool.fail(SpoolFailed("cut"))

    @rule()
    def pass_on(self) -> None:
        self.spool.pass_on()

    @precondition(lambda self: not self.is_closed)
    @rule()
    def adopt(self) -> None:
        destination = self.folder.parent / f"{self.folder.name}.adopted"
        if self.spool.state is State.COMPLETE and self.spool.is_kept and self.adopted is None:
            self.spool.adopt(destination)
            self.adopted = destination
            assert destination.read_bytes() == self.written
        elif self.adopted is None:
            with pytest.raises(SpoolFailed):
                self.spool.adopt(destination)

    @rule()
    def close(self) -> None:
        self.spool.close()
        self.is_closed = True

    @invariant()
    def each_reader_sees_a_prefix_and_the_whole_when_it_is_done(self) -> None:
        for follower in self.open:
            expected = self.written[follower.start : follower.stop]
            assert expected.startswith(follower.seen)
            if follower.is_done:
                assert follower.seen == expected
                assert self.spool.state is State.COMPLETE or len(expected) == (
                    (follower.stop or 0) - follower.start
                )

    @invariant()
    def nobody_waits_for_what_is_there(self) -> None:
        for follower in self.open:
            if follower.waits:
                assert self.spool.state is State.GROWING
                assert follower.start + len(follower.seen) >= len(self.written)

    @invariant()
    def a_reader_fails_only_where_the_body_was_cut(self) -> None:
        for follower in self.open:
            if follower.failure is not None:
                assert isinstance(follower.failure, SpoolFailed)
                is_short = follower.stop is not None and follower.stop > len(self.written)
                assert self.spool.state is State.FAILED or is_short

    @invariant()
    def memory_is_bounded(self) -> None:
        if self.spool.is_kept:
            assert len(self.spool._memory) <= THRESHOLD

    @invariant()
    def the_source_is_held_back_only_for_a_passing_body(self) -> None:
        if self.spool.state is not State.GROWING:
            return
        slowest = min((min(f.start + len(f.seen), len(self.written)) for f in self.open), default=None)
        ahead = 0 if slowest is None else len(self.written) - slowest
        assert self.brake.is_paused == (not self.spool.is_kept and ahead > AHEAD)

    @invariant()
    def no_more_than_one_file(self) -> None:
        assert len(list(self.folder.iterdir())) <= 1

    def teardown(self) -> None:
        for follower in self.open:
            follower.leave()
        self.spool.close()
        assert not list(self.folder.iterdir())
        shutil.rmtree(self.folder)
        if self.adopted is not None:
            assert self.adopted.read_bytes() == self.written
            self.adopted.unlink()


SpoolMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestSpoolMachine = SpoolMachine.TestCase


def test_a_waiting_reader_gets_bytes_as_they_come() -> None:
    """Followers drink while the spool fills."""
    spool = Spool()
    follower = Follower(spool.reader(), 0, None)
    follower.step(100)
    assert follower.waits
    spool.write(b"ab")
    assert follower.seen == b"ab"


def test_a_passing_spool_never_makes_a_file(tmp_path: Path) -> None:
    """What may not be stored is not written to disk (sheet 22.4)."""
    spool = Spool(tmp_path, keep=False, memory_bytes=10)
    reader = spool.reader()
    spool.write(b"x" * 10_000)
    assert not list(tmp_path.iterdir())
    reader.close()
    spool.close()


def test_a_full_disk_makes_a_body_passing_rather_than_wrong(tmp_path: Path) -> None:
    """The reader still gets every byte; the body just cannot be stored."""
    spool = Spool(tmp_path / "missing", memory_bytes=10)
    follower = Follower(spool.reader(), 0, None)
    spool.write(b"y" * 50)
    assert not spool.is_kept
    spool.complete()
    follower.step(1000)
    follower.step(1000)
    assert (follower.seen, follower.is_done) == (b"y" * 50, True)
    assert spool.content() is None


def test_a_full_disk_leaves_a_body_in_memory_up_to_a_limit(tmp_path: Path) -> None:
    """It can be stored there; what is larger passes, and its reader gets every byte of either."""
    spool = Spool(tmp_path / "missing", memory_bytes=10, fallback_bytes=100)
    follower = Follower(spool.reader(), 0, None)
    spool.write(b"y" * 50)
    spool.write(b"z" * 50)
    was_kept = spool.is_kept
    spool.write(b"!")
    assert (was_kept, spool.is_kept) == (True, False)
    spool.complete()
    follower.step(1000)
    follower.step(1000)
    assert (follower.seen, follower.is_done) == (b"y" * 50 + b"z" * 50 + b"!", True)
    small = Spool(tmp_path / "missing", memory_bytes=10, fallback_bytes=100)
    small.write(b"y" * 50)
    small.complete()
    assert small.content() == b"y" * 50


def test_a_disk_that_fills_up_amid_a_body_makes_it_passing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its beginning is in the file; there is no going back."""
    spool = Spool(tmp_path, memory_bytes=10, fallback_bytes=100)
    spool.write(b"y" * 50)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("wire.web.spool.os.pwrite", full)
    spool.write(b"z" * 20)
    assert not spool.is_kept
    spool.close()
    assert not list(tmp_path.iterdir())


def test_a_reader_outlives_the_file_s_new_owner(tmp_path: Path) -> None:
    """Given away and removed by the cache, the body is still read to its end."""
    spool = Spool(tmp_path, memory_bytes=10)
    spool.write(b"z" * 5000)
    reader = spool.reader()
    spool.complete()
    spool.give_away().unlink()
    spool.close()
    assert reader.read_now(10_000) == b"z" * 5000
    reader.close()
