"""`DELETE resources/<resource_type>/<type>`: assets by name, by prefix or all (admin-api §7)."""

from attrs import frozen

from origin.api.admin.paging import MAX_RESULTS, ids
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import flag, text
from origin.api.upload.upload import PURGE_SECONDS
from origin.assets.destroy import Destroy
from origin.assets.outbox import Courier
from origin.catalogue import Asset, Catalogue, Identity, Query
from origin.notifications.bodies import deletion_of
from origin.notifications.notifier import Notifier
from wire.errors import InvalidRequest

MAX_DELETED = 1000


@frozen
class Deletion:
    """Removes assets."""

    catalogue: Catalogue
    destroy: Destroy
    courier: Courier
    notifiers: Notifiers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """By ids, by prefix, or all."""
        takes = (
            Param("public_ids", Kind.LIST),
            Param("prefix"),
            Param("all", Kind.FLAG),
            Param("invalidate", Kind.FLAG),
            Param("next_cursor"),
            *NOTIFY,
        )
        pattern = "resources/{resource_type}/{type}"
        return (Endpoint("DELETE", pattern, self.some, takes=takes, summary="Delete assets"),)

    async def some(self, call: Call) -> Json:
        """Up to a thousand at once; a cursor where there are more."""
        params = call.params
        for name in ("transformations", "keep_original"):
            if text(params, name) not in (None, "false", "0"):
                raise InvalidRequest(f"Parameter {name} is not supported by this server")
        invalidate, notifier = flag(params, "invalidate"), self.notifiers.of(call)
        identities, cursor = await self._chosen(call)
        deleted: dict[str, str] = {}
        counts: dict[str, dict[str, int]] = {}
        for identity in identities:
            original, derived = await self._removed(identity, invalidate, notifier)
            deleted[identity.public_id] = "deleted" if original else "not_found"
            counts[identity.public_id] = {"original": original, "derived": derived}
        if invalidate:
            await self.courier.purge_now(PURGE_SECONDS)
        answer: Json = {"deleted": deleted, "deleted_counts": counts, "partial": cursor is not None}
        return answer | ({"next_cursor": cursor} if cursor is not None else {})

    async def _chosen(self, call: Call) -> tuple[list[Identity], str | None]:
        named, prefix = ids(call.params), text(call.params, "prefix")
        kind = (call.cloud, call.path["resource_type"], call.path["type"])
        if named:
            return [Identity(*kind, each) for each in dict.fromkeys(named)], None
        if prefix is None and not flag(call.params, "all"):
            raise InvalidRequest("Missing required parameter - public_ids, prefix or all")
        found: list[Asset] = []
        cursor = text(call.params, "next_cursor")
        while len(found) < MAX_DELETED:
            cloud, resource_type, delivery_type = kind
            page = await self.catalogue.assets.list(
                Query(
                    cloud=cloud,
                    resource_type=resource_type,
                    type=delivery_type,
                    prefix=prefix or "",
                    limit=MAX_RESULTS,
                    cursor=cursor,
                )
            )
            found += page.assets
            cursor = page.next_cursor
            if cursor is None:
                break
        return [asset.identity for asset in found], cursor

    async def _removed(self, identity: Identity, invalidate: bool, notifier: Notifier) -> tuple[int, int]:
        asset = await self.catalogue.assets.get(identity)
        derived = await self.catalogue.derived.of(asset.asset_id) if asset is not None else ()
        gone = await self.destroy.one(
            identity, invalidate=invalidate, tell=lambda asset: notifier.tell("delete", deletion_of(asset))
        )
        return (1, len(derived)) if gone is not None else (0, 0)
