"""A connection of the loop that sends bytes of a file by the kernel alone: in order, in step with the peer, visibly cut
where the file is."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.threads import deferToThread

from tests.support.caches import pattern
from tests.support.edge_node import until
from tests.support.transports import MUCH, Source, a_bare_peer, a_pair, by_the_loop, read_all
from wire.web.files import SharedFile


def opened(folder: Path, size: int) -> SharedFile:
    """A file with a pattern."""
    path = folder / "body"
    path.write_bytes(pattern(size))
    return SharedFile(path.open("rb", buffering=0))


def is_open(number: int) -> bool:
    """Whether this process has such a descriptor."""
    return os.path.exists(f"/proc/self/fd/{number}")


@pytest.mark.parametrize("size", [1, 100_000, MUCH])
@pytest.mark.parametrize("before", [b"", b"head", bytes(300_000)])
@pytest_twisted.ensureDeferred
async def test_a_file_goes_between_what_is_written_before_and_behind(
    size: int, before: bytes, tmp_path: Path
) -> None:
    """However much of either the socket takes at once."""
    async with a_pair(by_the_loop) as (served, client, _):
        file = opened(tmp_path, size)
        served.transport.write(before)
        served.transport.write_file(file, 1, size, b"HEAD")
        served.transport.write(b"behind")
        served.transport.writeSequence([b"it", b"!"])
        file.close()
        served.transport.loseConnection()
        assert await client.ended is True
        assert bytes(client.received) == before + b"HEAD" + pattern(size)[1:] + b"behindit!"
        assert not is_open(file.number) or not os.path.samefile(
            f"/proc/self/fd/{file.number}", tmp_path / "body"
        )


@pytest_twisted.ensureDeferred
async def test_who_produces_waits_until_the_file_has_gone(tmp_path: Path) -> None:
    """A peer that does not read holds it up, and the file stays open so long."""
    async with a_bare_peer(by_the_loop) as (served, peer):
        source, file = Source(), opened(tmp_path, MUCH)
        served.transport.registerProducer(source, True)
        served.transport.write_file(file, 0, MUCH)
        file.close()
        assert source.told == ["pause"]
        with pytest.raises(RuntimeError, match="already"):
            served.transport.write_file(file, 0, MUCH)
        served.transport.write(b"behind")
        assert (
            served.transport.outlet.get_write_buffer_size() == 0
        )  # else it might go between the file's bytes
        reading = deferToThread(read_all, peer)
        await until(lambda: source.told[-1] == "resume")
        assert set(source.told[:-1]) == {"pause"}
        served.transport.unregisterProducer()
        served.transport.loseConnection()
        assert await reading == pattern(MUCH) + b"behind"


@pytest_twisted.ensureDeferred
async def test_a_file_that_ends_too_soon_ends_the_connection(tmp_path: Path) -> None:
    """Or its reader would wait for the rest, or take what comes next for it."""
    async with a_pair(by_the_loop) as (served, client, _):
        file = opened(tmp_path, 1_000)
        served.transport.write_file(file, 0, 2_000)
        file.close()
        served.transport.write(b"behind")
        await client.ended
        await until(lambda: served.lost)
        assert b"behind" not in client.received
        assert served.lost[0].check(ConnectionLost)


@pytest_twisted.ensureDeferred
async def test_a_peer_that_has_said_all_still_gets_the_file(tmp_path: Path) -> None:
    """As it gets what was written before: whoever asks once may close its own direction."""
    async with a_bare_peer(by_the_loop) as (served, peer):
        file = opened(tmp_path, MUCH)
        served.transport.write_file(file, 0, MUCH)
        file.close()
        peer.shutdown(socket.SHUT_WR)
        await until(lambda: served.transport.disconnecting)
        assert await deferToThread(read_all, peer) == pattern(MUCH)
        await until(lambda: served.lost)
        assert served.lost[0].check(ConnectionDone)


@pytest.mark.parametrize("how", ["abortConnection", "leave"])
@pytest_twisted.ensureDeferred
async def test_a_connection_that_ends_lets_go_of_its_file(how: str, tmp_path: Path) -> None:
    """Whoever ends it, in the middle."""
    async with a_bare_peer(by_the_loop) as (served, peer):
        file = opened(tmp_path, MUCH)
        before = len(os.listdir("/proc/self/fd"))
        served.transport.write_file(file, 0, MUCH)
        file.close()
        if how == "leave":
            peer.close()
        else:
            served.transport.abortConnection()
        await until(lambda: served.lost)
        with pytest.raises(ValueError, match="closed"):
            file.share()
        await until(lambda: len(os.listdir("/proc/self/fd")) < before)
