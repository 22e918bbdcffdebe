"""A search answered: for the Admin API and for search URLs (admin-api §13, signing §8)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from origin.api.answers import Answers, Json
from origin.api.asking import extras, wanted
from origin.api.credentials import Caller
from origin.api.params import Params, listed
from origin.assets.authors import authors
from origin.catalogue import Asset, Catalogue
from origin.search.analysis import image_analysis
from origin.search.literals import aspect_ratio

ALWAYS = frozenset(
    ("public_id", "asset_id", "asset_folder", "folder", "created_at", "status", "type", "resource_type")
)


@frozen
class Searching:
    """Finds assets and shows them."""

    catalogue: Catalogue
    answers: Answers
    now: Callable[[], float]

    async def answer(self, caller: Caller, params: Params) -> Json:
        """One page of what is found, and what is true of all pages."""
        began = self.now()
        more, fields = extras(params), listed(params, "fields")
        found = await self.catalogue.searches.find(wanted(caller.cloud, params), now=began)
        kept = await self._kept(caller.cloud, found.assets, fields)
        answer: Json = {
            "total_count": found.total,
            "time": milliseconds(began, self.now()),
            "resources": [
                _restricted(self._shown(asset, caller, fields or more, kept), fields)
                for asset in found.assets
            ],
        }
        if found.next_cursor is not None:
            answer["next_cursor"] = found.next_cursor
        if params.get("aggregate"):
            answer["aggregations"] = found.aggregations
        return answer

    async def _kept(self, cloud: str, found: Sequence[Asset], fields: Collection[str]) -> Mapping[str, int]:
        """The bytes of their versions, where they are to be shown."""
        if not found or (fields and "backup_bytes" not in fields):
            return {}
        return await self.catalogue.backups.bytes_of(cloud, [each.asset_id for each in found])

    def _shown(self, asset: Asset, caller: Caller, more: Collection[str], kept: Mapping[str, int]) -> Json:
        listed = self.answers.listed(asset, caller.api_secret)
        has_size = asset.width is not None and asset.height is not None
        size = _size(asset.width, asset.height) if has_size else {}
        return {
            **listed,
            "filename": asset.identity.public_id.rpartition("/")[2],
            **size,
            "created_at": moment(asset.created_at),
            "uploaded_at": moment(asset.uploaded_at),
            "backup_bytes": kept.get(asset.asset_id, 0),
            "status": "active",
            "access_mode": asset.details.get("access_mode") or "public",
            "access_control": asset.details.get("access_control") or None,
            "etag": asset.etag,
            **authors(asset),
            **{name: value for name, value in _extras(asset).items() if name in more},
        }


def moment(seconds: float) -> str:
    """UTC as `YYYY-MM-DDTHH:MM:SS+00:00`."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()


def milliseconds(began: float, now: float) -> int:
    """How long it took; clocks may be set back."""
    return max(0, round((now - began) * 1000))


def _size(width: Any, height: Any) -> Json:
    return {
        "width": width,
        "height": height,
        "aspect_ratio": aspect_ratio(width, height),
        "pixels": width * height,
    }


def _extras(asset: Asset) -> Json:
    """What is shown only on request; context is flat here."""
    analysis = asset.details.get("analysis") or {}
    has_alpha = None if asset.facts is None else asset.facts.has_alpha
    return {
        "context": dict(asset.context),
        "tags": list(asset.tags),
        "metadata": dict(asset.metadata),
        "image_metadata": analysis.get("image_metadata") or {},
        "image_analysis": image_analysis(asset.details, has_alpha, asset.etag),
        "quality_analysis": analysis.get("quality_analysis") or {},
        "accessibility_analysis": analysis.get("accessibility_analysis") or {},
    }


def _restricted(shown: Json, fields: Collection[str]) -> Json:
    if not fields:
        return shown
    return {name: value for name, value in shown.items() if name in ALWAYS or name in fields}
