"""What a node is told of TLS. Plain values."""

from __future__ import annotations

from attrs import field, frozen
from attrs.validators import ge, gt


@frozen
class Pair:
    """A certificate (with its chain below it) and its key: PEM files."""

    cert: str
    key: str


@frozen
class Tls:
    """Where viewers ask over TLS, and who vouches for us: given certificates, else the local authority."""

    listen: str = ""
    """`host:port`; empty: nowhere."""
    certificates: tuple[Pair, ...] = ()
    """The first one is for viewers who name no host. Read again when the files change."""
    authority: str = ""
    """Folder of the local authority, made when it is missing; used where no certificates are given."""
    hosts: tuple[str, ...] = ()
    """Hosts that a new local authority may sign for beside `localhost`, `*.localhost` and loopback."""
    http2: bool = True
    handshake_seconds: float = field(default=10.0, validator=gt(0))
    streams: int = field(default=128, validator=ge(1))
    """Requests that one HTTP/2 connection may have under way."""
