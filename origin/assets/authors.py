"""By whose keys an asset was made and its bytes came, as its details hold it (admin-api.md §13)."""

from collections.abc import Mapping
from typing import Any

from origin.catalogue import AssetDraft

CREATED, UPLOADED = "created_by", "uploaded_by"


def authored(api_key: str | None) -> dict[str, Any]:
    """The details of a new asset that say so; nothing of what no key asked for."""
    return {} if api_key is None else {CREATED: api_key, UPLOADED: api_key}


def made_before(old: AssetDraft) -> dict[str, Any]:
    """Those of an asset that stay when other bytes come."""
    return {CREATED: old.details[CREATED]} if CREATED in old.details else {}


def authors(asset: AssetDraft) -> dict[str, Any]:
    """As answers show them; null where no key asked, or nobody has noted it."""
    return {name: _shown(asset.details, name) for name in (CREATED, UPLOADED)}


def _shown(details: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    return {"access_key": details[name]} if name in details else None
