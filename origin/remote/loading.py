"""One remote file loaded: asked for, redirects followed, spooled; within time, size and a bounded crowd."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from attrs import frozen
from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore
from twisted.internet.defer import TimeoutError as TooLate
from twisted.python.failure import Failure
from twisted.web.iweb import IResponse

from origin.api.spooling import FileSpool, SpooledFile
from origin.remote.addresses import Guard
from origin.remote.asking import Asker, Question, StillConnecting
from origin.remote.connecting import Resolve, system_resolver
from origin.remote.decoding import Damaged, Decoding, decoding_of
from origin.remote.errors import RemoteMissing, RemoteTooLarge, RemoteTrouble, RemoteUnreachable
from origin.remote.receiving import CutShort, Receiver, TooMuch
from origin.remote.urls import RemoteUrl
from origin.store.streams import discard
from wire.errors import MediaError, Unavailable
from wire.http.cache_control import parse_cache_control
from wire.http.hops import LOAD_TOKEN

T = TypeVar("T")

FIELDS = {
    b"Accept": [b"*/*"],
    b"Accept-Encoding": [b"identity"],
    b"CDN-Loop": [LOAD_TOKEN.encode("ascii")],  # RFC 8586: a load that comes back to us must not load
}
REDIRECTS = frozenset({301, 302, 303, 307, 308})


PUBLIC_ONLY = Guard()


@frozen(kw_only=True)
class Bounds:
    """What one load may cost, and where it may go."""

    guard: Guard = PUBLIC_ONLY
    seconds: float = 10.0
    most_bytes: int = 10_000_000
    redirects: int = 5


@frozen
class Validators:
    """By which a server tells whether its file is still the one we have."""

    etag: str | None = None
    last_modified: str | None = None

    def fields(self) -> dict[bytes, list[bytes]]:
        """The conditions of a request."""
        named = {b"If-None-Match": self.etag, b"If-Modified-Since": self.last_modified}
        return {name: [value.encode("latin-1", "replace")] for name, value in named.items() if value}


NO_VALIDATORS = Validators()


@frozen
class Loaded:
    """A file that came, now the caller's to move or remove, and what its server said of it."""

    file: SpooledFile
    validators: Validators
    max_age: int  # seconds its server calls it fresh; 0 when it says nothing
    media_type: str = ""  # Content-Type as its server wrote it


@frozen
class Unchanged:
    """The file we have is still the one."""

    max_age: int


class Loader:
    """Loads remote files, `running` at once; `waiting` more may wait, the others are told to come again."""

    def __init__(
        self,
        reactor: Any,
        spool: Path,
        *,
        resolve: Resolve | None = None,
        running: int = 16,
        waiting: int = 64,
        trust: Any = None,
    ) -> None:
        self._reactor = reactor
        self._spool = spool
        self._asker = Asker(reactor, resolve or system_resolver(reactor), trust)
        self._turns = DeferredSemaphore(running)
        self._waiting = waiting

    async def load(
        self, url: str, bounds: Bounds, validators: Validators = NO_VALIDATORS
    ) -> Loaded | Unchanged:
        """The file at the URL. `Unchanged` only when there were validators to ask with.

        Raises `RemoteMissing`, `RemoteTrouble`, `RemoteTooLarge`, or `Unavailable` when too many load already.
        Cancelled, it leaves neither file nor connection.
        """
        await self._turn(bounds.seconds)
        try:
            return await self._within(bounds.seconds, lambda: self._followed(url, bounds, validators))
        except TooLate as error:
            reason = f"not loaded within {bounds.seconds:g} s"
            if isinstance(error.__cause__, StillConnecting):
                raise RemoteUnreachable(url, reason, error.__cause__.server) from error
            raise RemoteTrouble(url, reason) from error
        finally:
            self._turns.release()

    async def _turn(self, seconds: float) -> None:
        if len(self._turns.waiting) >= self._waiting:
            raise _crowded()
        try:
            await self._turns.acquire().addTimeout(seconds, self._reactor)
        except TooLate as error:
            raise _crowded() from error

    async def _within(self, seconds: float, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return await Deferred.fromCoroutine(work()).addTimeout(seconds, self._reactor, onTimeoutCancel=_late)

    async def _followed(self, named: str, bounds: Bounds, validators: Validators) -> Loaded | Unchanged:
        """Errors speak of the URL that was asked for, whose redirects are nobody's business."""
        url = RemoteUrl.parse(named)
        for _ in range(bounds.redirects + 1):
            question = Question(b"GET", url, {**FIELDS, **validators.fields()})
            response, meter = await self._asker.ask(question, bounds.guard, named=named)
            meter.is_open = True
            if response.code not in REDIRECTS:
                return await self._taken(named, url, response, bounds, validators)
            discard(response)
            location = response.headers.getRawHeaders(b"location")
            if not location:
                raise RemoteTrouble(named, f"answered with {response.code}, without a Location")
            url = url.joined(location[0].decode("utf-8", "replace"))
        raise RemoteTrouble(named, f"more than {bounds.redirects} redirects")

    async def _taken(
        self, named: str, url: RemoteUrl, response: IResponse, bounds: Bounds, validators: Validators
    ) -> Loaded | Unchanged:
        said = parse_cache_control(_joined(response, b"cache-control"))
        max_age = max(0, said.seconds("max-age") or 0)
        if response.code == 304 and validators.fields():
            return Unchanged(max_age)
        try:
            decoding = _decoding_of(named, response, bounds.most_bytes)
        except MediaError:
            discard(response)
            raise
        spool = FileSpool(self._spool)
        receiver = Receiver(spool, decoding, bounds.most_bytes)
        try:
            response.deliverBody(receiver)
            await receiver.finished
            file = spool.finish(unquote(url.filename) or None)
        except TooMuch as error:
            spool.discard()
            raise RemoteTooLarge(named, bounds.most_bytes) from error
        except (CutShort, Damaged) as error:
            spool.discard()
            raise RemoteTrouble(named, "its answer is not whole", log=str(error)) from error
        except BaseException:
            spool.discard()
            raise
        told = Validators(_joined(response, b"etag"), _joined(response, b"last-modified"))
        return Loaded(file, told, max_age, _joined(response, b"content-type") or "")


def _late(outcome: T | Failure, _: float) -> T | Failure:
    """What time ran out on is kept as the cause."""
    if isinstance(outcome, Failure):
        outcome.trap(CancelledError)
        raise TooLate from outcome.value
    return outcome


def _decoding_of(named: str, response: IResponse, most: int) -> Decoding:
    """What turns the response's body into the file; raises why there is none to be had."""
    if response.code >= 400:
        raise RemoteMissing(named, response.code)
    if response.code != 200:
        raise RemoteTrouble(named, f"answered with {response.code}")
    decoding = decoding_of(_joined(response, b"content-encoding"))
    if decoding is None:
        raise RemoteTrouble(named, "its content coding is not supported")
    if isinstance(response.length, int) and response.length > most:
        raise RemoteTooLarge(named, most, response.length)
    return decoding


def _joined(response: IResponse, name: bytes) -> str | None:
    lines = response.headers.getRawHeaders(name)
    return b", ".join(lines).decode("latin-1") if lines else None


def _crowded() -> Unavailable:
    return Unavailable("Too many remote files are being loaded, ask again", retry_after_seconds=2)
