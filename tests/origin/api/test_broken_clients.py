"""Clients that stop half way, stall or leave while a file comes in: no file, object or row of theirs stays."""

from collections.abc import AsyncIterator

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet.defer import Deferred

from origin.catalogue import upload_key
from origin.catalogue.spans import LEAST_BYTES
from tests.support.half_uploads import FILE_HEAD, connected, rows
from tests.support.images import ASTRONAUT
from tests.support.origins import KEY, RunningOrigin, running_origin
from tests.support.remote import RemoteServer, remote_server, response

PATH = "/v1_1/demo/raw/upload"
GOOD = ASTRONAUT.read_bytes()


@pytest_twisted.async_yield_fixture(scope="module")
async def origin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    async with running_origin(tmp_path_factory.mktemp("origin")) as running:
        yield running


@pytest_twisted.async_yield_fixture()
async def remote() -> AsyncIterator[RemoteServer]:
    async with remote_server() as server:
        yield server


def head(length: int, *fields: str, boundary: str = "frontier") -> bytes:
    lines = [
        f"POST {PATH} HTTP/1.1",
        "Host: x",
        f"Content-Length: {length}",
        f"Content-Type: multipart/form-data; boundary={boundary}",
        *fields,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


PART = ("X-Unique-Upload-Id: broken", f"Content-Range: bytes 0-{LEAST_BYTES - 1}/{2 * LEAST_BYTES}")


async def nothing_stays(origin: RunningOrigin, before: int) -> None:
    """Neither on disk, nor in the store, nor in the catalogue; and it serves on."""
    await origin.eventually(lambda: not origin.spooled(), "the spool is empty")
    assert [each.key async for each in origin.node.store.list("demo/incoming/")] == []
    assert await origin.node.catalogue.uploads.get(upload_key("demo", KEY, "broken")) is None
    assert await rows(origin) == before
    assert await origin.node.catalogue.outbox.waiting() == 0
    assert (await origin.get("/healthz")).status == 200


@pytest.mark.parametrize("fields", [(), PART], ids=["whole", "part"])
@pytest_twisted.ensureDeferred
async def test_whoever_leaves_half_way_leaves_nothing(origin: RunningOrigin, fields: tuple[str, ...]) -> None:
    before = await rows(origin)
    line = await connected(origin)
    line.send(head(LEAST_BYTES + 1000, *fields) + FILE_HEAD + GOOD)
    await origin.eventually(origin.spooled, "the file is on its way")
    line.leave()
    await line.ended
    await nothing_stays(origin, before)


@pytest_twisted.ensureDeferred
async def test_whoever_stalls_is_let_go(origin: RunningOrigin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of which nothing comes for twenty seconds is given up; here it is a moment."""
    before = await rows(origin)
    main, _ = origin.node._sites
    monkeypatch.setattr(main, "limits", evolve(main.limits, body_seconds=0.3))
    line = await connected(origin)
    line.send(head(LEAST_BYTES + 1000, *PART) + FILE_HEAD + GOOD)
    await origin.eventually(origin.spooled, "the file is on its way")
    await line.ended
    await nothing_stays(origin, before)


@pytest.mark.parametrize(
    "body",
    [
        FILE_HEAD + GOOD + b"\r\n--frontier\r\n",
        FILE_HEAD + GOOD + b"\r\n--other--\r\n",
        b"--other" + FILE_HEAD[10:] + GOOD + b"\r\n--other--\r\n",
        FILE_HEAD + GOOD,
        FILE_HEAD + GOOD + b"\r\n" + FILE_HEAD + GOOD + b"\r\n--frontier--\r\n",
        FILE_HEAD[:40],
    ],
    ids=["open", "wrong end", "wrong boundary", "no end", "two files", "half a head"],
)
@pytest.mark.parametrize("fields", [(), PART], ids=["whole", "part"])
@pytest_twisted.ensureDeferred
async def test_a_broken_form_is_refused_and_leaves_nothing(
    origin: RunningOrigin, body: bytes, fields: tuple[str, ...]
) -> None:
    before = await rows(origin)
    line = await connected(origin)
    line.send(head(len(body), *fields, "Connection: close") + body)
    await line.ended
    assert line.received.startswith(b"HTTP/1.1 400 ")
    assert b'{"error":' in line.received
    await nothing_stays(origin, before)


@pytest_twisted.ensureDeferred
async def test_whoever_leaves_while_a_remote_file_loads_ends_the_load(
    origin: RunningOrigin, remote: RemoteServer
) -> None:
    """Nobody waits for it any more: the connection goes, too."""
    before = await rows(origin)
    remote.scripts["/slow.bin"] = lambda talk: talk.transport.write(response(GOOD)[:-100])
    waiting = Deferred.fromCoroutine(origin.post(PATH, {}, remote.url("/slow.bin")))
    waiting.addErrback(lambda _: None)
    await origin.eventually(origin.spooled, "it loads")
    waiting.cancel()
    await origin.eventually(lambda: not remote.open, "the connection is gone")
    await nothing_stays(origin, before)
