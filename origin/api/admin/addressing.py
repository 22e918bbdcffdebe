"""Which asset a call is about, by its name or its asset id (admin-api §2)."""

from origin.api.endpoint import Call
from origin.catalogue import Asset, Catalogue, Identity
from wire.components import printable
from wire.errors import NotFound

NAMED = "{resource_type}/{type}/{public_id...}"
BY_ID = "{asset_id}"


def identity_of(call: Call) -> Identity:
    """The name in the path."""
    path = call.path
    return Identity(call.cloud, path["resource_type"], path["type"], path["public_id"])


def wanted_of(call: Call) -> Identity | str:
    """The name in the path, or the asset id."""
    return call.path["asset_id"] if "asset_id" in call.path else identity_of(call)


async def found(catalogue: Catalogue, cloud: str, wanted: Identity | str) -> Asset | None:
    """The asset, if it is there."""
    if isinstance(wanted, Identity):
        return await catalogue.assets.get(wanted)
    return await catalogue.assets.by_asset_id(cloud, wanted)


async def asset_of(catalogue: Catalogue, call: Call) -> Asset:
    """The asset; 404 in the words that clients look for."""
    wanted = wanted_of(call)
    asset = await found(catalogue, call.cloud, wanted)
    if asset is None:
        raise missing(wanted)
    return asset


def missing(wanted: Identity | str) -> NotFound:
    """There is no such asset."""
    name = wanted.public_id if isinstance(wanted, Identity) else wanted
    return NotFound(f"Resource not found - {printable(name)}")
