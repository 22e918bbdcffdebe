"""Protected assets become public, and the older way to protect them (admin-api §9)."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from attrs import evolve, frozen

from origin.api.admin.choosing import Chosen, chosen, one_of
from origin.api.answers import Answers
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import flag, text
from origin.assets.editing import Editing
from origin.assets.outbox import Courier
from origin.catalogue import Asset, Catalogue, Query
from origin.notifications.notifier import Notifier
from wire.components import printable
from wire.errors import InvalidRequest

PROTECTED = ("private", "authenticated")
MODES = ("public", "authenticated")
WHICH = (Param("public_ids", Kind.LIST), Param("prefix"), Param("tag"), Param("next_cursor"))


@frozen(kw_only=True)
class Publishing:
    """Changes who may see assets."""

    catalogue: Catalogue
    answers: Answers
    courier: Courier
    notifiers: Notifiers
    editing: Editing

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Two calls."""
        published = (*WHICH, Param("type"), *(Param(name, Kind.FLAG) for name in ("overwrite", "invalidate")))
        return (
            Endpoint(
                "POST",
                "resources/{resource_type}/publish_resources",
                self.publish,
                takes=(*published, *NOTIFY),
                summary="Make private and authenticated assets public",
                answer="Published",
            ),
            Endpoint(
                "POST",
                "resources/{resource_type}/{type}/update_access_mode",
                self.update_access_mode,
                takes=(*WHICH, Param("access_mode", required=True), Param("invalidate", Kind.FLAG)),
                summary="Set the access mode of assets",
                answer="AccessModes",
            ),
        )

    async def publish(self, call: Call) -> Json:
        """Which assets are of type `upload` now, and for which that name was taken."""
        kind = text(call.params, "type")
        if kind is not None and kind not in PROTECTED:
            raise InvalidRequest(f"Invalid type {printable(kind)}: expected private or authenticated")
        query, _ = one_of(call, resource_type=call.path["resource_type"], type=kind)
        notifier = self.notifiers.of(call)
        published: list[Json] = []
        failed: list[Json] = []
        async for batch in self._batches(query):
            for asset in batch.assets:
                if asset.identity.type in PROTECTED:
                    done = await self._published(call, asset, notifier)
                    (published if "url" in done else failed).append(done)
        await self.courier.purge_now()
        return {"published": published, "failed": failed}

    async def _published(self, call: Call, asset: Asset, notifier: Notifier) -> Json:
        try:
            renamed = await self.editing.rename(
                asset.identity,
                evolve(asset.identity, type="upload"),
                overwrite=flag(call.params, "overwrite"),
                invalidate=flag(call.params, "invalidate"),
                tell=lambda renamed: notifier.tell("publish", self._shown(renamed.asset, call)),
            )
        except InvalidRequest:
            return {**_name(asset), "error": "already_exists"}
        if renamed is None:  # gone meanwhile
            return {**_name(asset), "error": "not_found"}
        return self._shown(renamed.asset, call)

    def _shown(self, asset: Asset, call: Call) -> Json:
        return self.answers.listed(asset, call.caller.api_secret)

    async def update_access_mode(self, call: Call) -> Json:
        """Each asset with its mode now; it is told again in answers, and protects nothing (upload-api §3.2)."""
        mode = text(call.params, "access_mode")
        if mode not in MODES:
            raise InvalidRequest(
                f"Invalid access_mode {printable(mode or '')}: expected public or authenticated"
            )
        query, asked = one_of(call, resource_type=call.path["resource_type"], type=call.path["type"])
        updated: list[str] = []
        async for batch in self._batches(query):
            edited = await self.editing.several(
                [each.identity for each in batch.assets], _with_mode(mode), tell=lambda _: ()
            )
            updated += [each.identity.public_id for each in edited]
        missing = [each for each in asked if each not in updated]
        return {
            "updated": [{"public_id": each, "access_mode": mode} for each in updated],
            "failed": [{"public_id": each, "error": "not_found"} for each in missing],
        }

    async def _batches(self, query: Query) -> AsyncIterator[Chosen]:
        while True:
            batch = await chosen(self.catalogue, query)
            yield batch
            if batch.next_cursor is None:
                return
            query = evolve(query, cursor=batch.next_cursor)


def _with_mode(mode: str) -> Callable[[Asset], Asset]:
    return lambda asset: evolve(asset, details={**asset.details, "access_mode": mode})


def _name(asset: Asset) -> dict[str, Any]:
    identity = asset.identity
    return {"public_id": identity.public_id, "resource_type": identity.resource_type, "type": identity.type}
