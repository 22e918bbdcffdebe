"""Assets and derived assets go: by name, prefix, tag or asset id, or all (admin-api §7)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

from origin.api.admin.choosing import Chosen, chosen, one_of
from origin.api.admin.paging import ids
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import flag, text
from origin.assets.destroy import Destroy
from origin.assets.outbox import Courier
from origin.assets.purging import are_listed
from origin.catalogue import Asset, Catalogue, Query, Term
from origin.notifications.bodies import deletion_of

INVALIDATE = Param("invalidate", Kind.FLAG, about="Whether caches forget what they hold of them")
OPTIONS = (
    Param("transformations", about="Only what was derived by these, joined by |"),
    Param("keep_original", Kind.FLAG, about="Only what was derived"),
    INVALIDATE,
    Param("next_cursor"),
    *NOTIFY,
)

Named = Callable[[Asset], str]


@frozen
class Deletion:
    """Removes assets."""

    catalogue: Catalogue
    destroy: Destroy
    courier: Courier
    notifiers: Notifiers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """A path for each way of naming them."""
        by_name = (Param("public_ids", Kind.LIST), Param("prefix"), Param("all", Kind.FLAG), *OPTIONS)
        by_id = (Param("asset_ids", Kind.LIST, required=True), *OPTIONS)
        derived = (Param("derived_resource_ids", Kind.LIST, required=True), INVALIDATE)
        deletions = (
            ("resources/{resource_type}/{type}", self.by_name, by_name, "Delete assets", "Deleted"),
            (
                "resources/{resource_type}/tags/{tag...}",
                self.by_tag,
                OPTIONS,
                "Delete assets with a tag",
                "Deleted",
            ),
            ("resources", self.by_asset_ids, by_id, "Delete assets by asset ids", "Deleted"),
            ("derived_resources", self.derived, derived, "Delete derived assets", "DerivedDeleted"),
        )
        return tuple(
            Endpoint("DELETE", path, verb, takes=takes, summary=summary, answer=answer)
            for path, verb, takes, summary, answer in deletions
        )

    async def by_name(self, call: Call) -> Json:
        """Those named, those of a prefix, or all of a type: up to a thousand, and a cursor where there are more."""
        path = call.path
        query, asked = one_of(call, resource_type=path["resource_type"], type=path["type"], may_be_all=True)
        return await self._deleted(call, await chosen(self.catalogue, query, asked), _public_id)

    async def by_tag(self, call: Call) -> Json:
        """Those that bear a tag, whatever their type."""
        query = Query(
            cloud=call.cloud,
            resource_type=call.path["resource_type"],
            term=Term.tag(call.path["tag"]),
            cursor=text(call.params, "next_cursor"),
        )
        return await self._deleted(call, await chosen(self.catalogue, query), _public_id)

    async def by_asset_ids(self, call: Call) -> Json:
        """Those of some asset ids, by which the answer names them."""
        asked = ids(call.params, "asset_ids")
        query = Query(cloud=call.cloud, asset_ids=asked)
        return await self._deleted(
            call, await chosen(self.catalogue, query, asked), lambda asset: asset.asset_id
        )

    async def derived(self, call: Call) -> Json:
        """Derived assets by their ids."""
        asked = ids(call.params, "derived_resource_ids")
        invalidate = flag(call.params, "invalidate")
        gone = await self.destroy.derived(call.cloud, asked, invalidate=invalidate)
        await self._purge(invalidate)
        return {"deleted": {each: "deleted" if each in gone else "not_found" for each in asked}}

    async def _deleted(self, call: Call, found: Chosen, named: Named) -> Json:
        params = call.params
        invalidate, notifier = flag(params, "invalidate"), self.notifiers.of(call)
        made_by = self.destroy.made_by(call.cloud, text(params, "transformations"))
        if made_by is not None or flag(params, "keep_original"):
            originals: Sequence[str] = ()
            derived = await self.destroy.derived_of(found.assets, made_by, invalidate=invalidate)
        else:
            gone = await self.destroy.all(
                found.assets,
                invalidate=invalidate,
                tell=lambda assets: notifier.tell("delete", deletion_of(*assets)),
            )
            originals = [each.asset.asset_id for each in gone]
            derived = {each.asset.asset_id: each.derived for each in gone}
        await self._purge(invalidate or are_listed(*(found.assets if originals else ())))
        return _told(found, named, originals, derived)

    async def _purge(self, is_due: bool) -> None:
        if is_due:
            await self.courier.purge_now()


def _public_id(asset: Asset) -> str:
    return asset.identity.public_id


def _told(found: Chosen, named: Named, originals: Sequence[str], derived: Mapping[str, int]) -> Json:
    """What became of each. Two assets of a name, as a tag may have, are counted together."""
    counts = {name: Counter(original=0, derived=0) for name in (*found.asked, *map(named, found.assets))}
    for asset in found.assets:
        counts[named(asset)].update(
            original=int(asset.asset_id in originals), derived=derived.get(asset.asset_id, 0)
        )
    there = {named(asset) for asset in found.assets}
    answer: Json = {
        "deleted": {name: "deleted" if name in there else "not_found" for name in counts},
        "deleted_counts": {name: dict(each) for name, each in counts.items()},
        "partial": found.next_cursor is not None,
    }
    return answer | ({"next_cursor": found.next_cursor} if found.next_cursor is not None else {})
