"""A viewer who keeps one connection, and asks on it again and again."""

from __future__ import annotations

from twisted.internet import reactor

from tests.support.chunks import dechunked
from tests.support.edge_node import until
from tests.support.scripted import ViewerConnection, connect, seen

PLAIN = b"GET /a?region=eu HTTP/1.1\r\nHost: media.example\r\n\r\n"


def size_in(data: bytes, method: str = "GET") -> int | None:
    """The size of the first whole answer in some bytes; None while there is none, or where only the end tells."""
    start = 0
    while True:
        end = data.find(b"\r\n\r\n", start) + 4
        if end < 4:
            return None
        answer = seen(data[start:], method)
        if answer.status // 100 != 1:
            break
        start = end
    if answer.fields.get("connection") == "close":
        return None
    if method == "HEAD" or answer.status in (204, 304):
        return end
    if "transfer-encoding" in answer.fields:
        return len(data) if dechunked(data[end:])[1] else None
    if "content-length" not in answer.fields:
        return None
    length = int(answer.fields["content-length"])
    return end + length if len(data) - end >= length else None


class Kept:
    """A viewer who asks again and again on one connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._taken = 0
        self.viewer: ViewerConnection | None = None

    async def ask(self, raw: bytes = PLAIN) -> bytes:
        """One question, and all that comes of it; anew where the connection has ended."""
        await self.send(raw)
        return await self.answer(raw.partition(b" ")[0].decode())

    async def send(self, raw: bytes) -> ViewerConnection:
        if self.viewer is None or self.viewer.ended.called:
            self.viewer, self._taken = await connect(reactor, self._port, raw), 0
        else:
            self.viewer.transport.write(raw)
        return self.viewer

    async def answer(self, method: str = "GET") -> bytes:
        """The next one."""
        viewer = self.viewer
        assert viewer is not None
        await until(
            lambda: viewer.ended.called or size_in(viewer.data[self._taken :], method) is not None,
            within_seconds=20,
        )
        rest = viewer.data[self._taken :]
        size = size_in(rest, method) or len(rest)
        self._taken += size
        return rest[:size]

    def leave(self) -> None:
        if self.viewer is not None:
            self.viewer.transport.abortConnection()
