"""`POST <resource_type>/destroy` and `asset/destroy`: one asset goes (upload-api §9)."""

import re

from attrs import frozen

from origin.api.endpoint import Access, Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import flag, text
from origin.api.upload.addressing import addressed
from origin.assets.destroy import Destroy
from origin.assets.outbox import Courier
from origin.assets.purging import are_listed
from origin.catalogue import Asset
from origin.catalogue.leaving import TellDeleted
from origin.notifications.bodies import deletion_of

ASSET_ID = re.compile("[0-9a-f]{32}")


@frozen
class DestroyAsset:
    """Removes an asset."""

    destroy: Destroy
    courier: Courier
    notifiers: Notifiers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """By name, and by id."""
        how = (Param("invalidate", Kind.FLAG), *NOTIFY)
        return (
            Endpoint(
                "POST",
                "{resource_type}/destroy",
                self.one,
                access=Access.SIGNED,
                takes=(Param("public_id", required=True), Param("type"), *how),
                summary="Remove an asset",
                answer="Result",
                action="destroy",
            ),
            Endpoint(
                "POST",
                "asset/destroy",
                self.by_id,
                access=Access.SIGNED,
                takes=(Param("asset_id", required=True), *how),
                summary="Remove an asset by its id",
                answer="Result",
                action="destroy",
            ),
        )

    async def one(self, call: Call) -> Json:
        """`ok`, or `not found` with status 200."""
        identity = addressed(call)
        invalidate, tell = self._how(call)
        gone = await self.destroy.one(identity, invalidate=invalidate, tell=tell)
        return await self._answer(gone, invalidate)

    async def by_id(self, call: Call) -> Json:
        """The same."""
        asset_id = text(call.params, "asset_id") or ""
        invalidate, tell = self._how(call)
        gone = None
        if ASSET_ID.fullmatch(asset_id):
            gone = await self.destroy.by_id(call.cloud, asset_id, invalidate=invalidate, tell=tell)
        return await self._answer(gone, invalidate)

    def _how(self, call: Call) -> tuple[bool, TellDeleted]:
        notifier = self.notifiers.of(call)
        return flag(call.params, "invalidate"), lambda asset: notifier.tell("delete", deletion_of(asset))

    async def _answer(self, gone: Asset | None, invalidate: bool) -> Json:
        if gone is not None and (invalidate or are_listed(gone)):
            await self.courier.purge_now()
        return {"result": "ok" if gone is not None else "not found"}
