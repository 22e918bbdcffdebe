"""`POST <resource_type>/destroy`: one asset goes (upload-api §9)."""

from attrs import frozen

from origin.api.endpoint import Access, Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import flag, text
from origin.api.upload.upload import PURGE_SECONDS
from origin.api.wishes import STORED_TYPES, delivery_type
from origin.assets.destroy import Destroy
from origin.assets.outbox import Courier
from origin.catalogue import Identity
from origin.notifications.bodies import deletion_of
from origin.remote.urls import RemoteUrl


@frozen
class DestroyAsset:
    """Removes an asset by its name."""

    destroy: Destroy
    courier: Courier
    notifiers: Notifiers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call."""
        takes = (Param("public_id", required=True), Param("type"), Param("invalidate", Kind.FLAG), *NOTIFY)
        return (
            Endpoint(
                "POST",
                "{resource_type}/destroy",
                self.one,
                access=Access.SIGNED,
                takes=takes,
                summary="Remove an asset",
                action="destroy",
            ),
        )

    async def one(self, call: Call) -> Json:
        """`ok`, or `not found` with status 200."""
        public_id = text(call.params, "public_id") or ""
        kind = delivery_type(call.params, STORED_TYPES)
        name = str(RemoteUrl.parse(public_id)) if kind == "fetch" else public_id
        identity = Identity(call.cloud, call.path["resource_type"], kind, name)
        invalidate = flag(call.params, "invalidate")
        notifier = self.notifiers.of(call)
        gone = await self.destroy.one(
            identity, invalidate=invalidate, tell=lambda asset: notifier.tell("delete", deletion_of(asset))
        )
        if gone is not None and invalidate:
            await self.courier.purge_now(PURGE_SECONDS)
        return {"result": "ok" if gone is not None else "not found"}
