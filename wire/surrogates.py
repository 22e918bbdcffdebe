"""The surrogate keys an asset answers to: one name by which every cache finds all of its responses.

Keys travel space-separated in a header, so each is printable ASCII without spaces. The most telling
comes first; the last covers the whole cloud.
"""

import hashlib

from wire.public_ids import escaped

_LONGEST_NAME = 200


def asset_key(cloud: str, asset_type: str, delivery_type: str, public_id: str) -> str:
    """The key of one asset: original, derived files, and the errors of its URLs."""
    name = escaped(public_id)
    if len(name) > _LONGEST_NAME:
        name = "sha256:" + hashlib.sha256(public_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{escaped(cloud)}/{escaped(asset_type)}/{escaped(delivery_type)}/{name}"


def tag_key(cloud: str, asset_type: str, tag: str) -> str:
    """The key of whatever shows the assets that bear a tag."""
    return asset_key(cloud, asset_type, "tag", tag)


def named_key(cloud: str, name: str) -> str:
    """The key of whatever is made by a named transformation."""
    return asset_key(cloud, "transformation", "named", name)


def cloud_key(cloud: str) -> str:
    """The key of everything a cloud delivers."""
    return f"{escaped(cloud)}/*"


def keys_of(cloud: str, asset_type: str, delivery_type: str, public_id: str) -> tuple[str, ...]:
    """Every key a response made from this asset carries."""
    return asset_key(cloud, asset_type, delivery_type, public_id), cloud_key(cloud)
