"""MinIO gone, hanging, lying or locked: always `StoreUnavailable`, soon, and well again by itself."""

import gzip
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.threads import deferToThread

from origin.store import ObjectMissing, StoreUnavailable
from origin.store.minio import MinioStore
from tests.contracts.test_store import paused, read
from tests.support.consumers import Collector
from tests.support.minio import MinioServer
from tests.support.scripted_origin import ScriptedOrigin, reply


def make(server: MinioServer | None, scratch: Path, **more: Any) -> MinioStore:
    """A store with little patience."""
    settings: dict[str, Any] = {
        "endpoint": server.endpoint if server else "",
        "access_key": server.access_key if server else "access",
        "secret_key": server.secret_key if server else "secret-secret",
        "bucket": f"test-{uuid4().hex}",
        "region": "us-east-1",
        "secure": False,
        "reactor": reactor,
        "scratch": scratch,
        "answer_seconds": 2.0,
        "stall_seconds": 1.0,
    }
    return MinioStore(**{**settings, **more})


def spool(folder: Path, data: bytes) -> Path:
    """A file to put."""
    path = folder / uuid4().hex
    path.write_bytes(data)
    return path


async def is_unavailable(asking: Any, *, within_seconds: float) -> None:
    """It refuses, in time, with Retry-After."""
    start = monotonic()
    with pytest.raises(StoreUnavailable) as refusal:
        await asking
    assert monotonic() - start < within_seconds
    assert refusal.value.status == 503
    assert refusal.value.retry_after_seconds >= 1
    assert "127.0.0.1" not in refusal.value.public


@pytest_twisted.ensureDeferred
async def test_a_server_that_goes_and_comes_is_used_again(own_minio: MinioServer, tmp_path: Path) -> None:
    """Unreachable at start, up, killed, up again: one store object sees it through."""
    own_minio.stop()
    store = make(own_minio, tmp_path / "scratch")
    data = os.urandom(300_000)
    for asking in (
        store.check(),
        store.put("a/b", spool(tmp_path, data)),
        store.stat("a/b"),
        read(store, "a/b"),
    ):
        await is_unavailable(asking, within_seconds=3)
    await deferToThread(own_minio.start)
    await store.put("a/b", spool(tmp_path, data))  # makes the bucket it misses
    await store.check()
    assert await read(store, "a/b") == data
    own_minio.stop()
    with pytest.raises(StoreUnavailable):
        async with store.local("a/b"):
            pytest.fail("lent from a server that is gone")
    await is_unavailable(read(store, "a/b"), within_seconds=3)
    await is_unavailable(store.delete("a/b"), within_seconds=3)
    await deferToThread(own_minio.start)
    assert await read(store, "a/b") == data
    await store.check()
    await store.close()


@pytest_twisted.ensureDeferred
async def test_a_server_that_hangs_is_given_up(own_minio: MinioServer, tmp_path: Path) -> None:
    """Connections are taken and nothing is said: every call ends within its limit."""
    store = make(own_minio, tmp_path / "scratch")
    await store.put("a/b", spool(tmp_path, b"x" * 1000))
    own_minio.freeze()
    try:
        await is_unavailable(read(store, "a/b"), within_seconds=4)
        await is_unavailable(store.put("a/c", spool(tmp_path, b"y")), within_seconds=6)
        await is_unavailable(store.check(), within_seconds=4)
    finally:
        own_minio.thaw()
    assert await read(store, "a/b") == b"x" * 1000
    await store.close()


@pytest_twisted.ensureDeferred
async def test_a_server_killed_in_the_middle_makes_no_short_object(
    own_minio: MinioServer, tmp_path: Path
) -> None:
    """The bytes that came are not all: an error, not an end."""
    store = make(own_minio, tmp_path / "scratch")
    await store.put("a/b", spool(tmp_path, os.urandom(1 << 20) * 48))
    collector = Collector(pause_at=1 << 20)
    sending = Deferred.fromCoroutine(store.send("a/b", collector))
    await paused(collector)
    own_minio.stop()
    collector.pause_at = None
    collector.resume()
    with pytest.raises(StoreUnavailable):
        await sending
    assert len(collector.data) < 48 << 20
    assert collector.producer is None
    await store.close()


@pytest_twisted.ensureDeferred
async def test_the_bucket_is_private(minio_server: MinioServer, tmp_path: Path) -> None:
    """Without a signature nothing is read, listed or written."""
    bucket = f"test-{uuid4().hex}"
    store = make(minio_server, tmp_path / "scratch", bucket=bucket)
    await store.check()
    await store.check()
    await store.put("a/b", spool(tmp_path, b"secret"))

    def ask(path: str) -> int:
        try:
            with urlopen(f"http://{minio_server.endpoint}/{path}", timeout=5) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code

    assert await deferToThread(ask, f"{bucket}/a/b") == 403
    assert await deferToThread(ask, f"{bucket}/?list-type=2") == 403
    await store.close()


@pytest_twisted.ensureDeferred
async def test_a_wrong_secret_is_unavailable_not_missing(minio_server: MinioServer, tmp_path: Path) -> None:
    """A 404 would be cached; a 403 would blame the viewer."""
    store = make(minio_server, tmp_path / "scratch", secret_key="wrong-wrong-wrong")
    for asking in (
        store.check(),
        store.stat("a/b"),
        read(store, "a/b"),
        store.put("a/b", spool(tmp_path, b"x")),
    ):
        await is_unavailable(asking, within_seconds=3)
    await store.close()


@pytest_twisted.ensureDeferred
async def test_a_missing_bucket_is_unavailable_not_missing(minio_server: MinioServer, tmp_path: Path) -> None:
    """Somebody removed it: its objects are not simply gone, as far as we know."""
    store = make(minio_server, tmp_path / "scratch")
    await is_unavailable(store.stat("a/b"), within_seconds=3)
    await is_unavailable(read(store, "a/b"), within_seconds=3)
    await store.check()
    with pytest.raises(ObjectMissing):
        await store.stat("a/b")
    await store.close()


class Liar(Protocol):
    """Answers every request with the same bytes, then does as told."""

    def __init__(self, answer: bytes, hangs_up: bool) -> None:
        self._answer = answer
        self._hangs_up = hangs_up

    def dataReceived(self, data: bytes) -> None:
        """Do not even look."""
        assert self.transport is not None
        self.transport.write(self._answer)
        if self._hangs_up:
            self.transport.loseConnection()


@asynccontextmanager
async def liar(answer: bytes, *, hangs_up: bool) -> AsyncIterator[str]:
    """The endpoint of such a server."""
    endpoint = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
    made: list[Liar] = []

    class Liars(Factory):
        def buildProtocol(self, address: object) -> Liar:
            made.append(Liar(answer, hangs_up))
            return made[-1]

    port = await endpoint.listen(Liars())
    try:
        yield f"127.0.0.1:{port.getHost().port}"
    finally:
        await port.stopListening()
        for each in made:
            if each.transport is not None:
                each.transport.abortConnection()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("answer", "hangs_up"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 50, True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 50, False),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 50, True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nxxxxx\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Le", True),
        (b"", True),
        (b"\0\1\2 nonsense\r\n\r\n", True),
        (b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 500\r\n\r\n<Code>NoSuchBuck", False),
    ],
)
@pytest_twisted.ensureDeferred
async def test_half_an_answer_is_no_answer(tmp_path: Path, answer: bytes, hangs_up: bool) -> None:
    """Cut short, stalled, of unknown length or nonsense: never a short object, never an endless wait."""
    async with liar(answer, hangs_up=hangs_up) as endpoint:
        store = make(None, tmp_path / "scratch", endpoint=endpoint)
        await is_unavailable(read(store, "a/b"), within_seconds=6)
        with pytest.raises(StoreUnavailable):
            async with store.local("a/b"):
                pytest.fail("lent a short file")
        assert not (tmp_path / "scratch").exists() or list((tmp_path / "scratch").iterdir()) == []
        await store.close()


@pytest_twisted.ensureDeferred
async def test_a_range_answered_with_the_whole_is_refused(tmp_path: Path) -> None:
    """A server that ignores Range would give other bytes than asked."""
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"
    async with liar(whole, hangs_up=False) as endpoint:
        store = make(None, tmp_path / "scratch", endpoint=endpoint)
        await is_unavailable(read(store, "a/b", 2, 5), within_seconds=3)
        assert await read(store, "a/b") == b"0123456789"
        await store.close()


@pytest_twisted.ensureDeferred
async def test_bytes_come_as_they_are_stored(tmp_path: Path) -> None:
    """cdn-vendors §22.17: packed ones stay packed, and none is asked to be packed."""
    server, packed = ScriptedOrigin().listen(), gzip.compress(b"text")
    server.on("/media/a/b", reply(packed, Content_Encoding="gzip"))
    store = make(None, tmp_path / "scratch", endpoint=f"127.0.0.1:{server.port}", bucket="media")
    assert await read(store, "a/b") == packed
    assert "accept-encoding" not in {name.lower() for name, _ in server.requests[0].fields}
    await store.close()
    await server.stop()


@pytest_twisted.ensureDeferred
async def test_no_server_is_relied_upon_to_refuse_a_second_write(tmp_path: Path) -> None:
    """§22.16, §22.18: some ignore If-None-Match with 200, and the SDK makes metadata of it. No write of ours is asked
    to fail where there is one already: no two writers have the same key."""
    server = ScriptedOrigin().listen()
    server.on("/media/a/b", reply(b""))
    store = make(None, tmp_path / "scratch", endpoint=f"127.0.0.1:{server.port}", bucket="media")
    await store.put("a/b", spool(tmp_path, b"x"))
    (asked,) = server.requests
    assert (asked.method, asked.body) == ("PUT", b"x")
    names = {name.lower() for name, _ in asked.fields}
    assert not any(name.startswith(("if-", "x-amz-meta-")) for name in names)
    await store.close()
    await server.stop()
