"""An answer's head as HTTP/2 sends it, with room for its age."""

from __future__ import annotations

from attrs import frozen

from wire.http.lines import Line
from wire.http2.packing import packed, packed_name, plain_text
from wire.web.http2.stream import SECRET, as_sent


@frozen
class PackedTemplate:
    """As `edge.http.express.Template`, for a head that is packed without the connection's table."""

    before: bytes
    between: bytes
    member: bytes
    """This node's of Cache-Status, up to its ttl."""
    after: bytes
    joined_bytes = 0
    """Head and body go in frames of their own."""

    @classmethod
    def of(cls, head: bytes, age: int, ttl: int) -> PackedTemplate | None:
        """A head, as `Http2Request.begin` tells it, that shows this age and ttl; None where it does not."""
        lines = [(name, value) for name, value, *_ in as_sent(200, lines_of(head))]
        aged, ending = (b"age", b"%d" % age), b"; ttl=%d" % ttl
        if aged not in lines:
            return None
        at = lines.index(aged)
        told = next((n for n in range(at + 1, len(lines)) if lines[n][0] == b"cache-status"), None)
        if told is None or not lines[told][1].endswith(ending):
            return None
        member = lines[told][1].removesuffix(b"%d" % ttl)
        return cls(
            _packed(lines[:at]) + packed_name(b"age"),
            _packed(lines[at + 1 : told]) + packed_name(b"cache-status"),
            member,
            _packed(lines[told + 1 :]),
        )

    def head_at(self, age: int, ttl: int) -> bytes:
        """The head, at another age."""
        aged, status = plain_text(b"%d" % age), plain_text(b"%b%d" % (self.member, ttl))
        return b"".join((self.before, aged, self.between, status, self.after))


def lines_of(head: bytes) -> list[Line]:
    """The field lines of a head, its first line left out."""
    pairs = (line.partition(b": ") for line in head.split(b"\r\n")[1:] if line)
    return [(name, value) for name, _, value in pairs]


def _packed(lines: list[Line]) -> bytes:
    return b"".join([packed(line, is_secret=line[0] == SECRET) for line in lines])
