"""Upload mappings: an asset missing from a mapped folder is loaded from its template, and stays (admin-api.md §14)."""

from collections.abc import Awaitable, Callable

from attrs import define, field

from origin.api.spooling import SpooledFile
from origin.catalogue import Asset, Catalogue, Identity, Mapping
from origin.delivery.flights import Flights
from origin.delivery.remote import RemoteAssets
from origin.delivery.rules import Rulebook
from origin.remote.errors import RemoteTrouble
from origin.remote.failures import Failures
from origin.remote.loading import Loaded, Loader
from wire.components import decoded
from wire.delivery import DeliveryUrl
from wire.errors import InvalidRequest, MediaError, NotFound
from wire.public_ids import check_public_id, escaped

Take = Callable[[Identity, SpooledFile, str | None], Awaitable[None]]
"""Makes a file the asset of that name, by a preset; the file is consumed, whatever comes of it."""


@define(eq=False, kw_only=True)
class MappedAssets:
    """The mapped folders of every cloud."""

    rules: Rulebook
    remotes: RemoteAssets
    loader: Loader
    catalogue: Catalogue
    take: Take
    now: Callable[[], float]
    _flights: Flights[Asset] = field(init=False, factory=Flights)
    _failures: Failures = field(init=False, factory=Failures)

    async def asset(self, url: DeliveryUrl, is_signed: bool) -> tuple[Asset, str | None] | None:
        """The asset, loaded now, and the format that the URL asks for; None if nothing is mapped there, or found.

        What could not be loaded is not asked for again for a while.
        """
        name = decoded(url.source)
        await self.rules.refresh()
        mapping = self._mapping(url.cloud, name)
        if mapping is None or url.asset_type == "video" or not _is_sound(name):
            return None
        self.remotes.check_access(url.cloud, is_signed=is_signed)
        public_id, extension = url.candidates()[0]
        identity = Identity(url.cloud, url.asset_type, url.delivery_type, public_id)
        if await self.catalogue.assets.get(identity) is not None:  # it is there, and hidden
            return None
        remote = mapping.template + escaped(name[len(mapping.folder) + 1 :])
        try:
            self._failures.check(remote, self.now())
            loaded = self._flights.join(remote, lambda: self._loaded(identity, remote, mapping))
            return await loaded, extension
        except NotFound:
            return None

    def _mapping(self, cloud: str, name: str) -> Mapping | None:
        """That of the innermost folder."""
        mappings = self.rules.of(cloud).mappings
        return next((each for each in mappings if name.startswith(f"{each.folder}/")), None)

    async def _loaded(self, identity: Identity, remote: str, mapping: Mapping) -> Asset:
        try:
            found = await self.loader.load(remote, self.remotes.bounds(identity.cloud))
            if not isinstance(found, Loaded):
                raise RemoteTrouble(remote, "it says unchanged, though nobody asked")
            return await self._stored(identity, found, mapping)
        except MediaError as error:
            self._failures.note(remote, error, self.now())
            raise

    async def _stored(self, identity: Identity, found: Loaded, mapping: Mapping) -> Asset:
        file = SpooledFile(found.file.path, found.file.size, found.file.md5, found.file.filename)
        await self.take(identity, file, mapping.upload_preset)
        asset = await self.catalogue.assets.get(identity)
        if asset is None:
            raise NotFound(f"{identity.public_id} is gone again")
        return asset


def _is_sound(name: str) -> bool:
    """Whether an asset may bear the name; so a template is never left by way of `..`."""
    try:
        check_public_id(name)
    except InvalidRequest:
        return False
    return True
