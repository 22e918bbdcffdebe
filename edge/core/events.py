"""What an exchange is told. Past tense, frozen; `now` in wall seconds (see `Entry`)."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from edge.core.entry import Entry
from wire.http.fields import ResponseHead
from wire.http.proxy_status import ProxyError


class Role(Enum):
    """What became of a wish to join a flight."""

    LEADER = "leader"
    FOLLOWER = "follower"
    ALONE = "alone"
    """No flight for you: known to be unshareable, or too many wait. Fetch for yourself, tell no one."""
    LATE = "late"
    """A flight for this key landed since the store was asked: look up again."""
    DECLINED = "declined"
    """Background fetches only: somebody fetches it already."""
    HELD_OFF = "held off"
    """Background fetches only: the last one failed a moment ago."""


class Failure(Enum):
    """Why no whole answer came from upstream."""

    UNREACHABLE = "unreachable"
    """Name, connect or TLS failed, or no upstream is healthy."""
    BUSY = "busy"
    """Too many questions run or wait there already."""
    BREAKER_OPEN = "breaker-open"
    """Nobody was asked: no upstream has given an answer of late."""
    TIMED_OUT = "timed-out"
    CUT = "cut"
    """The connection ended before the message did."""
    MALFORMED = "malformed"
    """What came is not HTTP, or two parsers could read it in two ways."""
    SERVER_ERROR = "server-error"
    """Told among exchanges only: the upstream answered 500, 502, 503 or 504, and the leader went without
    it."""


@frozen
class StoreAnswered:
    """Answers LookUp: every variant stored under the key, in any order."""

    now: float
    entries: tuple[Entry, ...] = ()
    is_cut_off: bool = False
    """Nobody upstream is in reach, as far as checks can tell: "disconnected" (RFC 9111 §4.2.4)."""


@frozen
class FlightJoined:
    """Answers JoinFlight."""

    now: float
    role: Role


@frozen
class FlightHeadArrived:
    """To a follower: the leader's answer may be shared; its body is growing in the leader's spool. Told again, to those
    who wait for its length, when that is known."""

    now: float
    entry: Entry
    """A prospect: what will be stored if the body turns out whole."""
    is_whole: bool = False
    """Every byte is here already; only the store does not have it yet."""
    received: int = 0
    """Bytes that are here by now."""


@frozen
class FlightFreshened:
    """To a follower: the leader's validation confirmed this stored response (read it from the store)."""

    now: float
    entry: Entry


@frozen
class FlightReleased:
    """To a follower: wait no more, be it for a head or for a length; fetch for yourself."""

    now: float
    reason: str = "unshareable"


@frozen
class FlightPromoted:
    """To one follower: the leader failed before a head came; you lead now (once a flight)."""

    now: float
    is_cut_off: bool = False
    """As in StoreAnswered."""


@frozen
class FlightFailed:
    """To a follower: the flight failed for good before a head came."""

    now: float
    reason: Failure
    error: ProxyError | None = None
    """What the reason was more closely, where the leader knows."""


@frozen
class InterimArrived:
    """A 1xx head, before the final one; any number of them."""

    now: float
    head: ResponseHead


@frozen
class ResponseHeadArrived:
    """The final response's head."""

    now: float
    head: ResponseHead
    requested_at: float
    """When the request left this node (sheet 6.1)."""


@frozen
class ResponseBodyCompleted:
    """The whole message came (sheet 12.1). Also after heads that have no body (HEAD, 204, 304): size 0."""

    now: float
    size: int


@frozen
class ResponseBodyOutgrew:
    """The body is larger than `Policy.object_bytes`; it goes on arriving."""

    now: float


@frozen
class ResponseFailed:
    """No head, or no whole body, will come for the current Fetch."""

    now: float
    reason: Failure
    error: ProxyError | None = None
    """More closely, for Proxy-Status."""
    received: int = 0
    """Body bytes that came before that."""
    again_seconds: float = 0.0
    """Until another question may be worth it, where that is known."""


@frozen
class ViewerLeft:
    """The viewer hung up before the end, or wants nothing more of what arrives."""

    now: float
    followers: int = 0
    """How many others wait for or drink from this exchange's flight (`Flights.followers_of`)."""
    received: int = 0
    """Body bytes that came from upstream so far."""
    is_served: bool = False
    """He has all that he wanted: a part of what nobody else will read."""


Event = (
    StoreAnswered
    | FlightJoined
    | FlightHeadArrived
    | FlightFreshened
    | FlightReleased
    | FlightPromoted
    | FlightFailed
    | InterimArrived
    | ResponseHeadArrived
    | ResponseBodyCompleted
    | ResponseBodyOutgrew
    | ResponseFailed
    | ViewerLeft
)
