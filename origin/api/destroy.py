"""`POST /v1_1/<cloud>/<resource_type>/destroy`."""

from typing import Any

from origin.api.multipart import Form
from origin.api.params import flag, text
from origin.api.resource import ApiResource, Desk, header
from origin.api.upload import PURGE_SECONDS
from origin.api.wishes import STORED_TYPES, delivery_type
from origin.assets.destroy import Destroy
from origin.assets.outbox import Courier
from origin.catalogue import Identity
from origin.remote.urls import RemoteUrl
from wire.errors import InvalidRequest
from wire.web.site import StreamingRequest


class DestroyResource(ApiResource):
    """Removes one asset."""

    action = "destroy"

    def __init__(
        self, desk: Desk, cloud: str, resource_type: str, destroy: Destroy, courier: Courier
    ) -> None:
        super().__init__(desk, cloud)
        self._resource_type = resource_type
        self._destroy = destroy
        self._courier = courier

    async def call(self, request: StreamingRequest, form: Form) -> dict[str, Any]:
        caller = self.desk.doorkeeper.upload(
            self.cloud, header(request, b"Authorization"), form.params, action="destroy", now=self.desk.now()
        )
        public_id = text(form.params, "public_id")
        if public_id is None:
            raise InvalidRequest("Missing required parameter - public_id")
        kind = delivery_type(form.params, STORED_TYPES)
        name = str(RemoteUrl.parse(public_id)) if kind == "fetch" else public_id
        identity = Identity(caller.cloud, self._resource_type, kind, name)
        invalidate = flag(form.params, "invalidate")
        gone = await self._destroy.one(identity, invalidate=invalidate)
        if gone is not None and invalidate:
            await self._courier.purge_now(PURGE_SECONDS)
        return {"result": "ok" if gone is not None else "not found"}
