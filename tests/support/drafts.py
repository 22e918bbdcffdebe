"""Assets and derived files for catalogue tests, as short as their tests want to say."""

from itertools import count
from typing import Any

from origin.catalogue import Asset, AssetDraft, DerivedDraft, Identity, derived_key
from origin.transform.plan import SourceFacts

_numbers = count(1)


def identity(public_id: str, cloud: str = "demo") -> Identity:
    """An uploaded image."""
    return Identity(cloud, "image", "upload", public_id)


def draft(public_id: str = "cat", cloud: str = "demo", **more: Any) -> AssetDraft:
    """A fresh revision."""
    revision = more.pop("revision", f"{next(_numbers):032x}")
    values: dict[str, Any] = {
        "store_key": f"{cloud}/original/{revision[-2:]}/{revision}.jpg",
        "bytes": 120_253,
        "etag": "7242" * 8,
        "format": "jpg",
        "width": 864,
        "height": 576,
        "facts": SourceFacts(864, 576, "jpg", bytes=120_253, orientation=6),
        "original_filename": "Kätzchen",
    }
    return AssetDraft(identity=identity(public_id, cloud), revision=revision, **{**values, **more})


def rendering(asset: Asset, chain: str = "c_fill,w_100", **more: Any) -> DerivedDraft:
    """A freshly rendered file."""
    key = derived_key(asset, chain, "jpg")
    values: dict[str, Any] = {
        "derived_key": key,
        "asset_id": asset.asset_id,
        "revision": asset.revision,
        "transformation": chain,
        "format": "jpg",
        "store_key": f"demo/derived/{key[:2]}/{key}-{next(_numbers)}.jpg",
        "bytes": 7112,
        "etag": "ab" * 16,
        "width": 100,
        "height": 67,
    }
    return DerivedDraft(**{**values, **more})
