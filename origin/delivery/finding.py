"""From a delivery URL to the asset it may show: types, signature, look-up, in the sheet's order (§8.2)."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from attrs import evolve, frozen

from origin.catalogue import Asset, Catalogue, Identity, is_rejected, is_storable
from origin.delivery.access import EVERYBODY, NOBODY, REFUSED, Admission, Bearer, Gate
from origin.delivery.chains import ChainReader, is_only_attachment
from origin.delivery.mapped import MappedAssets
from origin.delivery.remote import FETCH, RemoteAssets, restriction
from origin.settings import Cloud
from origin.transform.values import unproducible
from wire.components import printable, split_chain
from wire.delivery import SOCIAL_TYPES, DeliveryUrl
from wire.errors import MediaError, NotFound, Unauthorized
from wire.public_ids import split_extension
from wire.signing import verify_delivery
from wire.surrogates import keys_of

PLACEHELD = SOCIAL_TYPES | {"upload"}
"""Delivery types whose missing assets a default image may stand in for (§8.3)."""

_EXTENSION = re.compile(r"[A-Za-z0-9]{1,10}")


HIDDEN = frozenset(("authenticated", "private"))
"""Delivery types that a token opens as a signature does."""


@frozen
class Claim:
    """What a viewer has to show for it."""

    is_signed: bool = False  # the URL
    has_token: bool = False  # where one counts


@frozen
class Found:
    """The asset that answers, and how it was asked for."""

    asset: Asset
    extension: str | None  # requested format
    is_signed: bool
    may_see_original: bool = False  # by a signature or by a token
    stands_in_for: str | None = None  # the refusal that a default image replaces
    admission: Admission = EVERYBODY
    is_makeshift: bool = False  # a stand-in that the URL itself names, not a named transformation (§8.3)


class Finder:
    """Knows which URLs may see which assets."""

    def __init__(
        self,
        catalogue: Catalogue,
        clouds: Mapping[str, Cloud],
        chains: ChainReader,
        remotes: RemoteAssets,
        gate: Gate,
        mapped: MappedAssets,
    ) -> None:
        self._catalogue = catalogue
        self._clouds = clouds
        self._chains = chains
        self._remotes = remotes
        self._gate = gate
        self._mapped = mapped

    def check_cloud(self, name: str) -> None:
        """404 for a cloud that does not exist, 401 for one that is closed: before all else is said of a URL."""
        cloud = self._clouds.get(name)
        if cloud is None:
            raise NotFound(f"Invalid cloud_name {printable(name)}")
        if cloud.disabled:
            raise Unauthorized(f"cloud_name {name} is disabled")

    def check_access(self, url: DeliveryUrl, bearer: Bearer = NOBODY) -> Claim:
        """What the viewer has to show; 401 where that is too little, or a wrong signature."""
        if url.signature is not None:
            if not self._verified(url):
                raise Unauthorized(REFUSED)
            return Claim(is_signed=True)
        if url.delivery_type in self._clouds[url.cloud].restricted:
            raise Unauthorized(restriction(url.delivery_type))
        if url.delivery_type not in HIDDEN:
            return Claim()
        if self._gate.keys_shown(url.cloud, bearer):
            return Claim(has_token=True)
        if url.delivery_type == "authenticated" or is_only_attachment(url.chain):
            raise Unauthorized(REFUSED)
        return Claim()

    def _verified(self, url: DeliveryUrl) -> tuple[DeliveryUrl, ...]:
        """The readings of a signed URL that its signature covers."""
        secrets = self._clouds[url.cloud].secrets
        return tuple(each for each in url.readings() if verify_delivery(each, secrets))

    async def find(self, url: DeliveryUrl, bearer: Bearer = NOBODY) -> Found:
        """The asset, or its stand-in, or 404; 401 where this viewer may not see it."""
        claim = self.check_access(url, bearer)
        found = await self._found(url, claim.is_signed, bearer)
        admission = self._gate.admission(found.asset, bearer)
        if claim.has_token:
            admission = evolve(admission, is_personal=True)
        return evolve(found, may_see_original=claim.is_signed or claim.has_token, admission=admission)

    async def _found(self, url: DeliveryUrl, is_signed: bool, bearer: Bearer) -> Found:
        if url.delivery_type == FETCH:
            return Found(
                await self._remotes.asset(url.cloud, url.asset_type, url.remote_url), None, is_signed
            )
        for reading in self._verified(url) if is_signed else url.readings():
            for public_id, extension in reading.candidates():
                asset = await self._get(reading, reading.delivery_type, public_id)
                if asset is not None:
                    return Found(asset, extension, is_signed)
        if url.delivery_type in self._clouds[url.cloud].resolvers:
            return await self._resolved(url, is_signed)
        await self._check_extension(url)
        if url.delivery_type == "upload" and not bearer.is_loader:
            mapped = await self._mapped.asset(url, is_signed)
            if mapped is not None:
                return Found(*mapped, is_signed)
        reason = f"Resource not found - {printable(url.public_id)}"
        return await self._stand_in(url, is_signed, reason)

    async def _check_extension(self, url: DeliveryUrl) -> None:
        """400 for an image that is there, in a format that nobody has heard of (§4)."""
        stem, _, extension = url.public_id.rpartition(".")
        if not stem or url.asset_type != "image" or _EXTENSION.fullmatch(extension) is None:
            return
        if await self._get(url, url.delivery_type, stem) is not None:
            raise unproducible(extension)

    async def fetched(self, cloud: str, asset_type: str, delivery_type: str, name: str) -> Asset | None:
        """The copy of a remote file, by its URL; or of a picture kept at a social network, by the name it has there
        (§1.2). None for delivery types whose assets are not fetched."""
        if delivery_type == FETCH:
            return await self._remotes.asset(cloud, asset_type, name)
        pattern = self._clouds[cloud].resolvers.get(delivery_type)
        if pattern is None:
            return None
        return await self._remotes.asset(cloud, "image", pattern.replace("{id}", quote(name, safe="")))

    async def _resolved(self, url: DeliveryUrl, is_signed: bool) -> Found:
        try:
            asset = await self.fetched(url.cloud, "image", url.delivery_type, url.public_id)
        except NotFound:
            asset = None
        if asset is None:
            return await self._stand_in(url, is_signed, f"Resource not found - {printable(url.public_id)}")
        return Found(asset, url.extension, is_signed)

    async def _stand_in(self, url: DeliveryUrl, is_signed: bool, reason: str) -> Found:
        named = self._default_image(url) if url.delivery_type in PLACEHELD else None
        if named is not None:
            public_id, extension = split_extension(named)
            asset = await self._get(url, "upload", public_id)
            if asset is not None:
                return Found(
                    asset,
                    url.extension or extension,
                    is_signed,
                    stands_in_for=reason,
                    is_makeshift=names_placeholder(url.chain),
                )
        raise NotFound(reason)

    async def _get(self, url: DeliveryUrl, delivery_type: str, public_id: str) -> Asset | None:
        if not is_storable(public_id):
            return None
        asset = await self._catalogue.assets.get(
            Identity(url.cloud, url.asset_type, delivery_type, public_id)
        )
        return None if asset is not None and is_rejected(asset) else asset

    def _default_image(self, url: DeliveryUrl) -> str | None:
        if url.asset_type != "image":
            return None
        try:
            return self._chains.read(url.cloud, url.chain).default_image
        except MediaError:  # asset first: a bad value on a missing asset is a 404 (§8.2)
            return None


def names_placeholder(chain: str) -> bool:
    """Whether a raw chain itself holds `d_`."""
    return any(param.key == "d" for component in split_chain(chain) for param in component.params)


def surrogate_keys(url: DeliveryUrl, asset: Asset | None = None) -> tuple[str, ...]:
    """The keys of every asset the answer may depend on, so that any change of theirs can end it."""
    names = [public_id for reading in url.readings() for public_id, _ in reading.candidates()]
    keys = [key for name in names for key in keys_of(url.cloud, url.asset_type, url.delivery_type, name)]
    if asset is not None:
        keys += asset.identity.surrogate_keys
    return tuple(dict.fromkeys(keys))
