"""Kept versions of assets: shown again, or kept no more (admin-api §8)."""

from collections.abc import Callable, Mapping

from attrs import frozen

from origin.api.admin.addressing import missing
from origin.api.admin.paging import ids
from origin.api.answers import Answers
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param, Reply
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import listed
from origin.assets.outbox import Courier
from origin.assets.purging import purge_of, purge_of_tags
from origin.catalogue import Asset, Catalogue, Identity, Message, NotRestored, Outcome, Stored, Wanted
from origin.notifications.notifier import Notifier
from wire.errors import InvalidRequest

VERSIONS = Param(
    "versions", Kind.LIST, about="version_ids, one for each asset; the last version if none is named"
)


@frozen(kw_only=True)
class Restoring:
    """Brings versions back, or forgets them."""

    catalogue: Catalogue
    answers: Answers
    courier: Courier
    notifiers: Notifiers
    now: Callable[[], float]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """By name, by asset id; and the end of versions."""
        by_name = (Param("public_ids", Kind.LIST, required=True), VERSIONS, *NOTIFY)
        by_id = (Param("asset_ids", Kind.LIST, required=True), VERSIONS, *NOTIFY)
        path = "resources/{resource_type}/{type}/restore"
        gone = (Param("version_ids", Kind.LIST, required=True),)
        return (
            Endpoint("POST", path, self.by_name, takes=by_name, summary="Restore assets", answer="Restored"),
            Endpoint(
                "POST",
                "resources/restore",
                self.by_asset_ids,
                takes=by_id,
                summary="Restore by asset ids",
                answer="Restored",
            ),
            Endpoint(
                "DELETE",
                "resources/backup/{asset_id}",
                self.forget,
                takes=gone,
                summary="Delete versions",
                answer="VersionsDeleted",
                statuses=(200, 207),
            ),
        )

    async def by_name(self, call: Call) -> Json:
        """Each asset by its public id, or why it did not come back."""
        path, names = call.path, ids(call.params)
        named = {name: Identity(call.cloud, path["resource_type"], path["type"], name) for name in names}
        return await self._restored(call, named, "public_ids")

    async def by_asset_ids(self, call: Call) -> Json:
        """The same by asset id."""
        return await self._restored(call, {each: each for each in ids(call.params, "asset_ids")}, "asset_ids")

    async def _restored(self, call: Call, named: Mapping[str, Identity | str], param: str) -> Json:
        versions = listed(call.params, "versions") or (None,) * len(named)
        if len(listed(call.params, param)) != len(named):
            raise InvalidRequest(f"{param} names an asset twice")
        if len(versions) != len(named):
            raise InvalidRequest(f"versions must name one version for each of {param}")
        notifier = self.notifiers.of(call)
        answer: Json = {}
        for (name, wanted), version in zip(named.items(), versions, strict=True):
            back = await self.catalogue.backups.restore(
                call.cloud,
                Wanted(wanted, version),
                now=self.now(),
                tell=lambda asset: self._told(asset, call, notifier),
            )
            answer[name] = {"error": back.value} if isinstance(back, NotRestored) else self._shown(back, call)
        await self.courier.purge_now()
        return answer

    def _shown(self, asset: Asset, call: Call) -> Json:
        return self.answers.uploaded(Stored(asset, Outcome.CREATED), call.caller)

    def _told(self, asset: Asset, call: Call, notifier: Notifier) -> tuple[Message, ...]:
        identity = asset.identity
        return (
            *purge_of(identity),
            *purge_of_tags(identity.cloud, identity.resource_type, *asset.tags),
            *notifier.tell("restore_asset_version", self._shown(asset, call)),
        )

    async def forget(self, call: Call) -> Reply:
        """Versions go for good; 207 if some of them were not there."""
        asset_id, asked = call.path["asset_id"], ids(call.params, "version_ids")
        backups = self.catalogue.backups
        if not await backups.of(call.cloud, asset_id):
            raise missing(asset_id)
        gone = await backups.remove(call.cloud, asset_id, asked, now=self.now())
        answer: Json = {
            "asset_id": asset_id,
            "deleted_version_ids": [each for each in asked if each in gone],
        }
        failures = [{"version_id": each, "error": "not_found"} for each in asked if each not in gone]
        return Reply({**answer, "failures": failures}, 207) if failures else Reply(answer)
