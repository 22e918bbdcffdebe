"""Related assets: each of two knows the other (admin-api §9)."""

import re
from collections.abc import Callable, Sequence

from attrs import frozen

from origin.api.admin.addressing import BY_ID, NAMED, asset_of, found
from origin.api.admin.paging import ids
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param, Reply
from origin.catalogue import Asset, Catalogue, Identity
from wire.errors import InvalidRequest, MediaError

MOST = 10
ASSET_ID = re.compile("[0-9a-f]{32}")
QUALIFIED = re.compile("(?P<resource_type>image|video|raw)/(?P<type>[^/]+)/(?P<public_id>.+)", re.DOTALL)

SUCCESS = ("success", "success_ids", 200)
INVALID = ("invalid asset id", "invalid_ids", 400)
ITSELF = ("an asset cannot be related to itself", "invalid_relate_to_self_id", 400)
UNKNOWN = ("asset does not exist", "non_existing_ids", 404)
RELATED = ("relation already exists", "already_exists_ids", 409)
UNRELATED = ("relation does not exist", "relation_does_not_exist_ids", 404)


@frozen(kw_only=True)
class Relating:
    """Relates assets, and ends that."""

    catalogue: Catalogue
    now: Callable[[], float]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """By name and by asset id."""
        about = f"Asset ids or <resource_type>/<type>/<public_id>, {MOST} at most"
        related = (Param("assets_to_relate", Kind.LIST, required=True, about=about),)
        unrelated = (Param("assets_to_unrelate", Kind.LIST, required=True, about=about),)
        paths = (f"resources/related_assets/{BY_ID}", f"resources/related_assets/{NAMED}")
        calls = (
            ("POST", self.add, related, "Relate assets"),
            ("DELETE", self.remove, unrelated, "End relations of assets"),
        )
        return tuple(
            Endpoint(
                method, path, call, takes=takes, summary=summary, answer="Relations", statuses=(200, 207)
            )
            for method, call, takes, summary in calls
            for path in paths
        )

    async def add(self, call: Call) -> Reply:
        """Which assets it is related to now, and which not, and why."""
        asset = await asset_of(self.catalogue, call)
        others = await self._others(call, asset, ids(call.params, "assets_to_relate", MOST))
        fresh = await self.catalogue.relations.add(asset, _ids_of(others), now=self.now())
        return _told({name: _outcome(other, fresh, RELATED) for name, other in others.items()})

    async def remove(self, call: Call) -> Reply:
        """Which assets it is related to no more."""
        asset = await asset_of(self.catalogue, call)
        others = await self._others(call, asset, ids(call.params, "assets_to_unrelate", MOST))
        gone = await self.catalogue.relations.remove(asset, _ids_of(others))
        return _told({name: _outcome(other, gone, UNRELATED) for name, other in others.items()})

    async def _others(self, call: Call, asset: Asset, named: Sequence[str]) -> "dict[str, Asset | Why]":
        others: dict[str, Asset | Why] = {}
        for name in named:
            other = await self._named(call.cloud, name)
            is_itself = isinstance(other, Asset) and other.asset_id == asset.asset_id
            others[name] = ITSELF if is_itself else other
        return others

    async def _named(self, cloud: str, name: str) -> "Asset | Why":
        wanted: Identity | str = name
        if not ASSET_ID.fullmatch(name):
            qualified = QUALIFIED.fullmatch(name)
            if qualified is None:
                return INVALID
            try:
                wanted = Identity(cloud, **qualified.groupdict())
            except MediaError:
                return INVALID
        return await found(self.catalogue, cloud, wanted) or UNKNOWN


Why = tuple[str, str, int]
"""Message, code and status of one asset of a call."""


def _ids_of(others: "dict[str, Asset | Why]") -> list[str]:
    return [each.asset_id for each in others.values() if isinstance(each, Asset)]


def _outcome(other: "Asset | Why", done: frozenset[str], undone: "Why") -> "Why":
    if not isinstance(other, Asset):
        return other
    return SUCCESS if other.asset_id in done else undone


def _told(outcomes: "dict[str, Why]") -> Reply:
    entries = [
        {"message": message, "code": code, "asset": name, "status": status}
        for name, (message, code, status) in outcomes.items()
    ]
    if not entries:
        raise InvalidRequest("No assets were named")
    failed = [each for each in entries if each["status"] != 200]
    success = [each for each in entries if each["status"] == 200]
    document: Json = {"failed": failed, "success": success}
    return Reply(document, 207 if failed and success else 200)
