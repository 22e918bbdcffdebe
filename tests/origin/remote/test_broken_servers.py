"""Servers that break off, lie, stall or send too much: no file, and nothing left behind."""

import gzip
import socket
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred, gatherResults

from origin.remote.errors import RemoteTooLarge, RemoteTrouble, RemoteUnreachable
from origin.remote.loading import Loaded
from tests.support.loading import BODY, HERE, left_in, loaded, loader, refused
from tests.support.origins import pause
from tests.support.remote import Conversation, RemoteServer, remote_server, response
from wire.errors import Unavailable


@pytest_twisted.async_yield_fixture
async def server() -> AsyncIterator[RemoteServer]:
    async with remote_server() as running:
        yield running


def half_way(conversation: Conversation) -> None:
    conversation.say(response(BODY)[:-1])


def reset(conversation: Conversation) -> None:
    conversation.transport.write(response(BODY)[:200])
    conversation.transport.abortConnection()


def nothing(conversation: Conversation) -> None:
    conversation.transport.abortConnection()


def gibberish(conversation: Conversation) -> None:
    conversation.say(b"\x16\x03\x01 SSH-2.0\r\n\r\n")


def half_chunked(conversation: Conversation) -> None:
    conversation.say(response(b"", "200 OK", "Transfer-Encoding: chunked", length=False) + b"5\r\nab")


def half_zipped(conversation: Conversation) -> None:
    conversation.say(response(gzip.compress(BODY)[:-9], "200 OK", "Content-Encoding: gzip"))


def ill_zipped(conversation: Conversation) -> None:
    conversation.say(response(b"not gzip at all", "200 OK", "Content-Encoding: gzip"))


def strange_coding(conversation: Conversation) -> None:
    conversation.say(response(BODY, "200 OK", "Content-Encoding: compress"))


def partial(conversation: Conversation) -> None:
    conversation.say(response(BODY, "206 Partial Content"))


def chatter(conversation: Conversation) -> None:
    """A head without end."""
    conversation.transport.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        conversation.transport.write(
            b"".join(b"X-%d-%d: %s\r\n" % (number, each, b"x" * 90) for each in range(90))
        )


def hints(conversation: Conversation) -> None:
    """Early hints without end."""
    conversation.transport.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 10_000)


@pytest.mark.parametrize(
    "script",
    [
        *(
            half_way,
            reset,
            nothing,
            gibberish,
            half_chunked,
            half_zipped,
            ill_zipped,
            strange_coding,
            partial,
        ),
        *(chatter, hints),
    ],
)
@pytest_twisted.ensureDeferred
async def test_half_an_answer_is_none(server: RemoteServer, tmp_path: Path, script: Any) -> None:
    server.scripts["/x"] = script
    error = await refused(tmp_path, server.url("/x"))
    assert isinstance(error, RemoteTrouble), error


@pytest_twisted.ensureDeferred
async def test_a_closed_port_is_trouble(tmp_path: Path) -> None:
    async with remote_server() as gone:
        url = gone.url("/x")
    error = await refused(tmp_path, url)
    assert isinstance(error, RemoteUnreachable)
    assert error.reason == "its host does not take the connection"


@pytest_twisted.ensureDeferred
async def test_a_host_that_never_answers_a_connection_is_unreachable(tmp_path: Path) -> None:
    """Time ran out before there was anybody to ask; a server that is only slow is another matter."""
    with socket.socket() as full, socket.socket() as one, socket.socket() as two:
        full.bind(("127.0.0.1", 0))
        full.listen(0)  # what connects beyond this many waits for ever
        for each in (one, two):
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        port = full.getsockname()[1]
        error = await refused(tmp_path, f"http://127.0.0.1:{port}/x", evolve(HERE, seconds=0.3))
    assert isinstance(error, RemoteUnreachable)
    assert (error.server, error.reason) == (f"127.0.0.1:{port}", "not loaded within 0.3 s")


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "GZIP, identity"])
@pytest_twisted.ensureDeferred
async def test_a_coding_that_nobody_asked_for_is_undone(
    server: RemoteServer, tmp_path: Path, coding: str
) -> None:
    coded = zlib.compress(BODY) if coding == "deflate" else gzip.compress(BODY)
    url = server.serves("/x", coded, f"Content-Encoding: {coding}")
    assert (await loaded(tmp_path, url)).file.path.read_bytes() == BODY


def announced(conversation: Conversation) -> None:
    conversation.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n")


def unannounced(conversation: Conversation) -> None:
    conversation.say(response(bytes(100_001), length=False))


def bomb(conversation: Conversation) -> None:
    """A hundred kilobytes that stand for a hundred megabytes."""
    conversation.say(response(gzip.compress(bytes(100_000_000), 9), "200 OK", "Content-Encoding: gzip"))


@pytest.mark.parametrize("script", [announced, unannounced, bomb])
@pytest_twisted.ensureDeferred
async def test_what_is_too_large_is_cut_off(server: RemoteServer, tmp_path: Path, script: Any) -> None:
    server.scripts["/x"] = script
    error = await refused(tmp_path, server.url("/x"))
    assert isinstance(error, RemoteTooLarge)
    assert error.public == "File size too large. Maximum is 100000."


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", response(BODY)[:500]])
@pytest_twisted.ensureDeferred
async def test_a_slow_server_is_left_in_time(server: RemoteServer, tmp_path: Path, begun: bytes) -> None:
    """Before its first byte, within its head, within its body: no connection and no file is left."""
    server.scripts["/x"] = lambda conversation: conversation.transport.write(begun) if begun else None
    error = await refused(tmp_path, server.url("/x"), evolve(HERE, seconds=0.2))
    assert type(error) is RemoteTrouble
    assert error.reason == "not loaded within 0.2 s"
    while server.open:
        await pause(0.01)


@pytest.mark.parametrize("begun", [b"", response(BODY)[:500]])
@pytest_twisted.ensureDeferred
async def test_what_nobody_wants_any_more_is_dropped(
    server: RemoteServer, tmp_path: Path, begun: bytes
) -> None:
    server.scripts["/x"] = lambda conversation: conversation.transport.write(begun) if begun else None
    loading = Deferred.fromCoroutine(loader(tmp_path).load(server.url("/x"), HERE))
    while not server.asked:
        await pause(0.01)
    await pause(0.05)
    loading.cancel()
    with pytest.raises(CancelledError):
        await loading
    assert left_in(tmp_path) == []
    while server.open:
        await pause(0.01)


@pytest_twisted.ensureDeferred
async def test_few_load_at_once_a_few_wait_the_rest_come_again(server: RemoteServer, tmp_path: Path) -> None:
    held: list[Conversation] = []
    server.scripts["/x"] = held.append
    crowd = loader(tmp_path, running=2, waiting=1)
    loading = [Deferred.fromCoroutine(crowd.load(server.url("/x"), HERE)) for _ in range(3)]
    while len(held) < 2:
        await pause(0.01)
    with pytest.raises(Unavailable):
        await crowd.load(server.url("/x"), HERE)
    assert len(held) == 2
    for each in tuple(held):
        each.say(response(BODY))
    while len(held) < 3:
        await pause(0.01)
    held[2].say(response(BODY))
    found = await gatherResults(loading)
    assert [each.file.size for each in found if isinstance(each, Loaded)] == [len(BODY)] * 3


@pytest_twisted.ensureDeferred
async def test_who_waits_too_long_for_a_turn_is_told_to_come_again(
    server: RemoteServer, tmp_path: Path
) -> None:
    server.scripts["/x"] = lambda conversation: None
    crowd = loader(tmp_path, running=1)
    first = Deferred.fromCoroutine(crowd.load(server.url("/x"), HERE))
    with pytest.raises(Unavailable):
        await crowd.load(server.url("/x"), evolve(HERE, seconds=0.05))
    first.cancel()
    with pytest.raises(CancelledError):
        await first
