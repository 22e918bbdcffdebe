"""Remote files as assets of type `fetch`: loaded when first asked for, looked after from then on. Sheet:
delivery-urls.md §6, §12.

The copy is an asset like any other: an identity (its public id is the URL), revisions, derived files. Once it
is no longer fresh, the next who asks has its server asked whether it has changed; while that cannot be known,
what we have stays.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field, frozen
from twisted.logger import Logger

from origin.assets.drafting import Received, draft_of
from origin.assets.naming import stem_and_extension
from origin.assets.purging import purge_of
from origin.catalogue import Asset, AssetDraft, Catalogue, Identity, Message, Outcome, Stored
from origin.delivery.copies import CopyKeeping
from origin.delivery.flights import Flights
from origin.remote.addresses import Guard
from origin.remote.errors import RemoteUnreachable
from origin.remote.failures import Failures
from origin.remote.loading import NO_VALIDATORS, Bounds, Loaded, Loader, Unchanged, Validators
from origin.remote.urls import RemoteUrl
from origin.render.pool import RenderPool
from origin.settings import Cloud
from origin.store.interface import ObjectStore
from origin.transform.plan import SourceFacts
from wire.components import printable
from wire.errors import InvalidRequest, MediaError, Unauthorized
from wire.public_ids import MAX_CHARACTERS

log = Logger()

FETCH = "fetch"
FRESH_SECONDS = 7 * 24 * 3600.0
AGAIN_SECONDS = 60.0  # after a look that told us nothing
_DETAIL = "remote"


@frozen
class Standing:
    """What is remembered of a copy's server, and until when it need not be asked."""

    fresh_until: float  # unix seconds
    validators: Validators = NO_VALIDATORS

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> "Standing | None":
        """That of an asset, if it is a copy."""
        known = details.get(_DETAIL)
        if known is None:
            return None
        return cls(known["fresh_until"], Validators(known.get("etag"), known.get("last_modified")))

    def details(self) -> dict[str, Any]:
        """As an asset's row holds it."""
        validators = {"etag": self.validators.etag, "last_modified": self.validators.last_modified}
        return {_DETAIL: {"fresh_until": self.fresh_until, **validators}}

    def lasting(self, now: float, seconds: float) -> "Standing":
        """Fresh for so many seconds from now."""
        return evolve(self, fresh_until=now + seconds)


def fresh_until(*assets: Asset) -> float | None:
    """When the first of the copies among these assets should be looked after; None if none is one."""
    standings = [Standing.of(asset.details) for asset in assets]
    return min((each.fresh_until for each in standings if each is not None), default=None)


@define(eq=False)
class RemoteAssets:
    """The remote files of every cloud."""

    catalogue: Catalogue
    store: ObjectStore
    renders: RenderPool
    loader: Loader
    copies: CopyKeeping
    clouds: Mapping[str, Cloud]
    now: Callable[[], float]
    new_id: Callable[[], str]
    _bounds: dict[str, Bounds] = field(init=False)
    _flights: Flights[Asset] = field(init=False, factory=Flights)
    _failures: Failures = field(init=False, factory=Failures)  # by file
    _unreachable: Failures = field(init=False, factory=Failures)  # by server

    @_bounds.default
    def _told(self) -> dict[str, Bounds]:
        return {
            name: Bounds(
                guard=Guard.allowing(cloud.fetch.allow),
                seconds=cloud.fetch.seconds,
                most_bytes=cloud.fetch.most_bytes,
            )
            for name, cloud in self.clouds.items()
        }

    def bounds(self, cloud: str) -> Bounds:
        """What a load of this cloud may cost, and where it may go."""
        return self._bounds[cloud]

    def check_access(self, cloud: str, *, is_signed: bool) -> None:
        """401 where a cloud loads only what it has signed for."""
        if FETCH in self.clouds[cloud].restricted and not is_signed:
            raise Unauthorized(restriction(FETCH))

    async def asset(self, cloud: str, resource_type: str, url: str) -> Asset:
        """The asset that a remote file is; loaded at most once, however many ask meanwhile."""
        if resource_type == "video":
            raise InvalidRequest("Unsupported video format or file")
        remote = RemoteUrl.parse(url)
        identity = Identity(cloud, resource_type, FETCH, str(remote))
        known = await self.catalogue.assets.get(identity)
        if known is None:
            self._failures.check(str(identity), self.now())
            self._check_host(cloud, remote)
        if known is None or not self._is_fresh(known):
            known = await self._flights.join(str(identity), lambda: self._looked_after(identity, known))
        await self.copies.delivered(known)
        return known

    def _check_host(self, cloud: str, url: RemoteUrl) -> None:
        """The refusal of another file of a host that nobody could reach just before."""
        try:
            self._unreachable.check(f"{cloud} {url.server}", self.now())
        except RemoteUnreachable as error:
            raise error.of(str(url)) from None

    def _is_fresh(self, asset: Asset) -> bool:
        standing = Standing.of(asset.details)
        return standing is None or self.now() < standing.fresh_until

    async def _looked_after(self, identity: Identity, known: Asset | None) -> Asset:
        if known is None:
            return await self._first_taken_in(identity)
        try:
            self._check_host(identity.cloud, RemoteUrl.parse(identity.public_id))
            return await self._taken_in(identity, known)
        except MediaError as error:
            log.info("{asset} stays as it is: {why}", asset=str(identity), why=str(error))
            standing = Standing.of(known.details) or Standing(0.0)
            await self._noted(known, standing.lasting(self.now(), AGAIN_SECONDS))
            return known

    async def _first_taken_in(self, identity: Identity) -> Asset:
        try:
            return await self._taken_in(identity, None)
        except MediaError as error:
            self._failures.note(str(identity), error, self.now())
            if isinstance(error, RemoteUnreachable):
                self._unreachable.note(f"{identity.cloud} {error.server}", error, self.now())
            raise

    async def _taken_in(self, identity: Identity, known: Asset | None) -> Asset:
        standing = Standing.of(known.details) if known else None
        validators = standing.validators if standing else NO_VALIDATORS
        found = await self.loader.load(identity.public_id, self._bounds[identity.cloud], validators)
        now = self.now()
        if isinstance(found, Unchanged):
            assert known is not None
            assert standing is not None
            return await self._noted(known, standing.lasting(now, max(FRESH_SECONDS, found.max_age)))
        file = Received(found.file.path, found.file.size, found.file.md5)
        try:
            fresh = Standing(now + max(FRESH_SECONDS, found.max_age), found.validators)
            if known is not None and known.etag == file.md5:
                return await self._noted(known, fresh)
            return await self._stored(identity, file, found, fresh)
        finally:
            file.path.unlink(missing_ok=True)

    async def _stored(self, identity: Identity, file: Received, found: Loaded, standing: Standing) -> Asset:
        if file.size == 0:
            raise InvalidRequest("Empty file")
        draft = draft_of(identity, self.new_id(), file, await self._facts(identity, file))
        draft = evolve(draft, original_filename=stem_of(found.file.filename), details=standing.details())
        return await self._put(draft, file)

    async def _facts(self, identity: Identity, file: Received) -> SourceFacts | None:
        if identity.resource_type == "raw":
            return None
        return await self.renders.probe(file.path, verify=True)

    async def _put(self, draft: AssetDraft, file: Received) -> Asset:
        await self.store.put(draft.store_key, file.path)
        stored = await self.catalogue.assets.put(draft, now=self.now(), tell=_changed)
        return stored.asset

    async def _noted(self, asset: Asset, standing: Standing) -> Asset:
        details = {**asset.details, **standing.details()}
        await self.catalogue.assets.annotate(asset, details)
        return evolve(asset, details=details)


def stem_of(filename: str | None) -> str | None:
    """The original filename of a file that its server calls so."""
    return printable(stem_and_extension(filename)[0])[:MAX_CHARACTERS] if filename else None


def restriction(delivery_type: str) -> str:
    """What is said of a delivery type that a cloud shows only to signed URLs."""
    return f"Images of type {printable(delivery_type)} are restricted in this account"


def _changed(stored: Stored) -> Sequence[Message]:
    """A copy that turned out different ends what caches hold of the old one."""
    return purge_of(stored.asset.identity) if stored.outcome is Outcome.OVERWRITTEN else ()
