"""One edge or shield node, settled: all it is told before it starts."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen
from attrs.validators import deep_mapping, ge, gt, in_, matches_re, min_len

from edge.core.policy import FlightPolicy, KeyPolicy

MIB = 1 << 20


@frozen
class Limits:
    """How long an upstream may take, and how much an object may weigh."""

    connect_seconds: float = field(default=5.0, validator=gt(0))
    first_byte_seconds: float = field(default=30.0, validator=gt(0))
    between_bytes_seconds: float = field(default=15.0, validator=gt(0))
    resume_seconds: float = field(default=15.0, validator=gt(0))
    """An upstream that is silent for so long amid a body which another may go on with is left for that one."""
    send_seconds: float = field(default=15.0, validator=gt(0))
    """How long an upstream may take nothing of a request's body that waits for it."""
    object_bytes: int = field(default=1 << 30, validator=ge(0))
    """A larger body streams through and is not stored."""
    idle_seconds: float = field(default=60.0, validator=gt(0))
    """A viewer's connection on which nothing happens is closed."""
    drain_seconds: float = field(default=4.0, validator=ge(0))
    """What runs when the node is told to stop has this long to end."""
    purge_seconds: float = field(default=2.0, validator=gt(0))
    """How long a peer may take to confirm a purge."""


@frozen
class Settings:
    """What makes one node. Plain values all the way, so that a YAML document can hold them."""

    upstreams: tuple[str, ...] = field(validator=min_len(1))
    """Base URLs, in order of preference."""
    listen: str = "127.0.0.1:8080"
    control: str = "127.0.0.1:0"
    name: str = "edge"
    pop: str = ""
    """The place it stands in; its name when empty."""
    region: str = ""
    role: Literal["edge", "shield"] = field(default="edge", validator=in_(("edge", "shield")))
    balance: Literal["first", "hash", "round-robin"] = field(
        default="first", validator=in_(("first", "hash", "round-robin"))
    )
    host: str = ""
    """The Host to send upstream; empty passes the viewer's through."""
    cache_dir: str = ""
    """Where the disk tier lives; empty: memory only, and large bodies are not stored."""
    hot_bytes: int = field(default=64 * MIB, validator=ge(0))
    disk_bytes: int = field(default=1024 * MIB, validator=ge(0))
    key: KeyPolicy = field(factory=KeyPolicy)
    range_fill: Literal["whole", "forward"] = field(default="whole", validator=in_(("whole", "forward")))
    """What a Range that finds nothing stored asks for: the whole of objects up to `range_fill_bytes`, and of larger
    ones the range alone; or the range alone always (sheet 11.6). Ranges are kept as parts and put together."""
    range_fill_bytes: int = field(default=64 * MIB, validator=ge(0))
    client_cc: Literal["honour", "ignore"] = field(default="honour", validator=in_(("honour", "ignore")))
    """Whether a viewer's no-cache, max-age, min-fresh and Pragma may send a request upstream (sheet 7.2)."""
    head_fill: bool = True
    """A HEAD that finds nothing stored is asked upstream as GET and fills the cache."""
    accept_classes: tuple[str, ...] = ()
    """Reduce Accept to these types (`image/avif`), so that browsers share what varies on it; empty: as it is."""
    negative_ttl: dict[str, float] = field(
        factory=dict, validator=deep_mapping(matches_re("[45][0-9]{2}"), ge(0))
    )
    """Status → seconds for errors whose origin says nothing of caching (sheet 19.2); one that says `private`
    is taken at its word."""
    flights: FlightPolicy = field(factory=FlightPolicy)
    limits: Limits = field(factory=Limits)
    peers: tuple[str, ...] = ()
    """Control URLs that a purge is fanned out to."""
    purge_token: str = ""
    """Who sends PURGE with it as a Bearer token may purge at the viewers' port; empty: nobody."""
    access_log: str = ""
    """A file that gets one JSON line per request; empty: none."""
