"""Responses that are told, where an action itself answers something else (upload-api.md §7)."""

from typing import Any

from origin.catalogue import Asset


def deletion_of(*assets: Asset) -> dict[str, Any]:
    """The `resources` of a `delete` notification."""
    return {
        "resources": [
            {
                "resource_type": asset.identity.resource_type,
                "type": asset.identity.type,
                "asset_id": asset.asset_id,
                "public_id": asset.identity.public_id,
                "version": asset.version,
            }
            for asset in assets
        ]
    }
