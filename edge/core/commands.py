"""What an exchange wants done. Imperative, frozen; the shell carries a list out in order, each before the
next."""

from __future__ import annotations

from attrs import field, frozen

from edge.core.entry import Entry
from edge.core.events import Failure
from edge.core.express import Leave
from edge.core.outcome import Outcome
from edge.core.pieces import WHOLE, Piece
from wire.http.fields import RequestHead, ResponseHead
from wire.http.proxy_status import ProxyError

# The store. Answered by StoreAnswered, or by nothing.


@frozen
class LookUp:
    """Read every variant under the key → StoreAnswered."""

    key: str


@frozen
class Store:
    """Insert the entry with the current fetch's finished spool as its body (adopt it), or what purges have left of it
    since (`PurgeLog.left(mark_at_fetch, entry)`, sheet 20.5). Of too many variants the store lets the one go that was
    not used for longest (8.4).

    A part (`Entry.is_part`) may be the beginning of a body that will not come whole: what came of it. `pieces` other
    than WHOLE: the body is made of the spool's Spans and of Extents of stored ones, copied together.
    """

    entry: Entry
    pieces: tuple[Piece, ...] = WHOLE


@frozen
class Freshen:
    """Replace the stored head of `entry.body_id`; the body stays. Same purge rule as Store."""

    entry: Entry


@frozen
class Drop:
    """Remove one stored response: `entry.body_id` under `entry.key`."""

    entry: Entry


@frozen
class Invalidate:
    """Remove all variants of these keys, and all that carries one of these tags; tell PurgeLog and Flights
    (`purge(keys, tags)`), so that no fetch under way stores or shares them. Then take the mark of this
    exchange's own fetch anew: a POST's answer may be stored after it (13.2).
    """

    keys: tuple[str, ...]
    tags: tuple[str, ...] = ()


# The flight table. JoinFlight is answered by FlightJoined; the rest become notices to other exchanges.


@frozen
class JoinFlight:
    """Ask `Flights.join(key, waiter, now, since=…, background=…)`; the notices it answers hold our
    FlightJoined.

    Pass `since` on: when the store was asked. A flight that landed after it means the store knows more by
    now.
    """

    key: str
    since: float
    background: bool = False


@frozen
class LeaveFlight:
    """A follower wants nothing more of the flight: `Flights.leave`."""

    key: str


@frozen
class ShareFlight:
    """The leader's answer may be shared: `Flights.share`. Followers drink from this fetch's spool."""

    key: str
    entry: Entry


@frozen
class FreshenFlight:
    """The leader's validation confirmed a stored response: `Flights.freshen`. Ends the flight."""

    key: str
    entry: Entry


@frozen
class ReleaseFlight:
    """Nothing for followers: `Flights.release`. Ends the flight; `remember` makes it hit-for-miss."""

    key: str
    remember: bool = False


@frozen
class FailFlight:
    """The leader failed: `Flights.fail`. Before the head one follower is promoted, once; after it the shell
    fails the spool, which cuts whoever drinks from it. Of one who leads nobody: a failure to be held (`Policy`)."""

    key: str
    reason: Failure
    error: ProxyError | None = None
    """What the reason was more closely, for the followers' own answers."""
    hold_seconds: float = 0.0
    """How long it answers whoever asks for the same next."""


@frozen
class ForgetUnshareable:
    """The answer to a lone fetch could be shared after all: `Flights.forget`."""

    key: str


@frozen
class CompleteFlight:
    """The leader's body is whole, though not stored yet: `Flights.complete`. Who joins from now on has a hit: nothing
    has to come from anywhere."""

    key: str
    entry: Entry | None = None
    """What was shared, now that its length is known; None where that was told beforehand."""


@frozen
class LandFlight:
    """All arrived and stored: `Flights.land(waiter, now)`. Later requests find the entry in the store."""

    key: str


# Upstream. Answered by ResponseHeadArrived, then ResponseBodyCompleted; or by ResponseFailed at any time.


@frozen
class Fetch:
    """Send the request upstream, hop-by-hop fields already right. The body goes to a new spool.

    Take `PurgeLog.mark` before it leaves. `body`: the viewer's request body goes along (unsafe methods). Read
    no body bytes before the core has answered the head: only then `Forward.keep` tells where they go.
    """

    head: RequestHead
    body: bool = False


@frozen
class Prepend:
    """The current fetch brings the rest of a body that begins with these stored bytes: they go into its spool first
    (sheet 11.10). Open them now; copy them while the next commands go ahead, before the fetch's own bytes."""

    extents: tuple[Piece, ...]


@frozen
class CancelFetch:
    """Stop the current fetch and forget its events; its spool is failed."""


@frozen
class Keep:
    """The current fetch's body is wanted whole for the store, though nobody reads it as it arrives."""

    from_start: bool = False
    """A Forward may follow that wants its first byte, even of a body that outgrows what is kept."""
    on_disk: bool = True
    """False: it may not be stored, and is held as far as memory takes one body (22.4); beyond that it has outgrown."""


@frozen
class Inform:
    """Send the viewer a 1xx head at once, before the answer (sheet 16.4)."""

    head: ResponseHead


# The viewer. Exactly one of these four begins the answer. Heads are ready to send, Content-Length included.


@frozen
class Respond:
    """An answer the core made whole: 304, 416, 504, a HEAD …"""

    head: ResponseHead
    body: bytes = b""
    leave: Leave | None = field(default=None, eq=False)
    """To say so again without asking."""


@frozen
class Deliver:
    """Send pieces of a stored body; carried out once the body is open, while it is sent the next may go
    ahead.

    Evicted meanwhile? Start anew: a fresh Exchange for the same request, its StoreAnswered without this
    entry.
    """

    entry: Entry
    head: ResponseHead
    pieces: tuple[Piece, ...] = WHOLE
    """Extents where the entry is a view of parts."""
    leave: Leave | None = field(default=None, eq=False)


@frozen
class Forward:
    """Send pieces of the current fetch's body, as it arrives. No Content-Length in the head: chunked, or
    close.

    `keep` False: nobody else will ever read these bytes; let the viewer's pace hold back the upstream.
    """

    head: ResponseHead
    pieces: tuple[Piece, ...] = WHOLE
    keep: bool = True


@frozen
class Follow:
    """Send pieces of the flight leader's body, as it arrives. If it fails midway, cut the viewer's
    connection."""

    head: ResponseHead
    pieces: tuple[Piece, ...] = WHOLE
    key: str = ""


@frozen
class Abort:
    """The answer under way can never be whole: cut the viewer's connection so that it sees so (12.1)."""


@frozen
class Refresh:
    """Start a background exchange for this stale entry: `Exchange.refreshing(entry, request, policy)`
    (14.6)."""

    entry: Entry
    request: RequestHead


@frozen
class Done:
    """The core has nothing more to say; the last command. A body begun may still be on its way to the
    viewer."""

    outcome: Outcome


Command = (
    LookUp
    | Store
    | Freshen
    | Drop
    | Invalidate
    | JoinFlight
    | LeaveFlight
    | ShareFlight
    | FreshenFlight
    | ReleaseFlight
    | FailFlight
    | CompleteFlight
    | LandFlight
    | ForgetUnshareable
    | Fetch
    | Prepend
    | CancelFetch
    | Keep
    | Inform
    | Respond
    | Deliver
    | Forward
    | Follow
    | Abort
    | Refresh
    | Done
)
