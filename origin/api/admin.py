"""The Admin API's reads and deletes of assets: Basic authentication, Cloudinary's shapes."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Literal

from attrs import frozen

from origin.api.credentials import Caller
from origin.api.multipart import Form
from origin.api.params import Params, flag, integer, listed, text
from origin.api.resource import ApiResource, Desk, header
from origin.api.upload import PURGE_SECONDS
from origin.assets.destroy import Destroy
from origin.assets.outbox import Courier
from origin.catalogue import Asset, Catalogue, Identity, Query
from wire.components import printable
from wire.errors import InvalidRequest, NotFound
from wire.web.site import StreamingRequest

MAX_RESULTS = 500
MAX_IDS = 100
MAX_DELETED = 1000
_FLAGS_WE_LACK = (
    "accessibility_analysis",
    "cinemagraph_analysis",
    "colors",
    "exif",
    "faces",
    "image_metadata",
    "media_metadata",
    "phash",
    "quality_analysis",
    "related",
    "versions",
)
_ALWAYS = frozenset({"public_id", "asset_id"})


@frozen
class Archive:
    """Where assets are looked up and removed."""

    catalogue: Catalogue
    destroy: Destroy
    courier: Courier


class AdminResource(ApiResource):
    """One admin call; `verb` does it once the caller is known."""

    is_admin = True

    def __init__(self, desk: Desk, cloud: str, verb: "Verb") -> None:
        super().__init__(desk, cloud)
        self._verb = verb

    async def form_of(self, request: StreamingRequest) -> Form:
        self._caller = self.desk.doorkeeper.basic(self.cloud, header(request, b"Authorization"))
        return await super().form_of(request)

    async def call(self, request: StreamingRequest, form: Form) -> dict[str, Any]:
        return await self._verb(self._caller, form.params)


Verb = Callable[[Caller, Params], Awaitable[dict[str, Any]]]


@frozen
class Assets:
    """The verbs on assets."""

    desk: Desk
    archive: Archive

    async def ping(self, caller: Caller, params: Params) -> dict[str, Any]:
        """`GET ping`."""
        return {"status": "ok"}

    async def types(self, caller: Caller, params: Params) -> dict[str, Any]:
        """`GET resources`."""
        return {"resource_types": ["image", "raw", "video"]}

    def listing(self, resource_type: str, delivery_type: str | None) -> Verb:
        """`GET resources/<resource_type>[/<type>]`."""

        async def listing(caller: Caller, params: Params) -> dict[str, Any]:
            if text(params, "start_at") is not None:
                raise InvalidRequest("Parameter start_at is not supported by this server")
            ids = listed(params, "public_ids")
            if len(ids) > MAX_IDS:
                raise InvalidRequest(f"Too many public_ids. Maximum is {MAX_IDS}.")
            page = await self.archive.catalogue.assets.list(
                Query(
                    cloud=caller.cloud,
                    resource_type=resource_type,
                    type=delivery_type,
                    prefix=text(params, "prefix") or "",
                    public_ids=ids or None,
                    limit=max(1, min(integer(params, "max_results", 10), MAX_RESULTS)),
                    cursor=text(params, "next_cursor"),
                    direction=_direction(params),
                )
            )
            tags, context = flag(params, "tags"), flag(params, "context")
            fields = listed(params, "fields")
            answer: dict[str, Any] = {
                "resources": [
                    _restricted(
                        self.desk.answers.listed(asset, caller.api_secret, tags=tags, context=context), fields
                    )
                    for asset in page.assets
                ]
            }
            if page.next_cursor is not None:
                answer["next_cursor"] = page.next_cursor
            return answer

        return listing

    def detail(self, resource_type: str, delivery_type: str, public_id: str) -> Verb:
        """`GET resources/<resource_type>/<type>/<public_id>`."""

        async def detail(caller: Caller, params: Params) -> dict[str, Any]:
            for name in _FLAGS_WE_LACK:
                if flag(params, name):
                    raise InvalidRequest(f"Parameter {name} is not supported by this server")
            identity = Identity(caller.cloud, resource_type, delivery_type, public_id)
            asset = await self.archive.catalogue.assets.get(identity)
            if asset is None:
                raise NotFound(f"Resource not found - {printable(public_id)}")
            limit = max(1, min(integer(params, "max_results", 10), MAX_RESULTS - 1))
            derived = await self.archive.catalogue.derived.of(
                asset.asset_id, limit=limit + 1, after=text(params, "derived_next_cursor")
            )
            answer = self.desk.answers.detailed(asset, derived[:limit], caller.api_secret)
            if len(derived) > limit:
                answer["next_cursor"] = answer["derived_next_cursor"] = derived[limit - 1].derived_id
            if flag(params, "coordinates"):
                answer["coordinates"] = asset.details.get("coordinates", {})
            if flag(params, "pages") and asset.facts is not None:
                answer["pages"] = asset.facts.page_count
            return answer

        return detail

    def deletion(self, resource_type: str, delivery_type: str) -> Verb:
        """`DELETE resources/<resource_type>/<type>`."""

        async def deletion(caller: Caller, params: Params) -> dict[str, Any]:
            for name in ("transformations", "keep_original"):
                if text(params, name) not in (None, "false", "0"):
                    raise InvalidRequest(f"Parameter {name} is not supported by this server")
            invalidate = flag(params, "invalidate")
            identities, cursor = await self._chosen(caller, resource_type, delivery_type, params)
            deleted: dict[str, str] = {}
            counts: dict[str, dict[str, int]] = {}
            for identity in identities:
                original, derived = await self._removed(identity, invalidate)
                deleted[identity.public_id] = "deleted" if original else "not_found"
                counts[identity.public_id] = {"original": original, "derived": derived}
            if invalidate:
                await self.archive.courier.purge_now(PURGE_SECONDS)
            answer: dict[str, Any] = {
                "deleted": deleted,
                "deleted_counts": counts,
                "partial": cursor is not None,
            }
            return answer | ({"next_cursor": cursor} if cursor is not None else {})

        return deletion

    async def _chosen(
        self, caller: Caller, resource_type: str, delivery_type: str, params: Params
    ) -> tuple[list[Identity], str | None]:
        ids, prefix = listed(params, "public_ids"), text(params, "prefix")
        if len(ids) > MAX_IDS:
            raise InvalidRequest(f"Too many public_ids. Maximum is {MAX_IDS}.")
        if ids:
            return [
                Identity(caller.cloud, resource_type, delivery_type, each) for each in dict.fromkeys(ids)
            ], None
        if prefix is None and not flag(params, "all"):
            raise InvalidRequest("Missing required parameter - public_ids, prefix or all")
        found: list[Asset] = []
        cursor = text(params, "next_cursor")
        while len(found) < MAX_DELETED:
            page = await self.archive.catalogue.assets.list(
                Query(
                    cloud=caller.cloud,
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

    async def _removed(self, identity: Identity, invalidate: bool) -> tuple[int, int]:
        asset = await self.archive.catalogue.assets.get(identity)
        derived = await self.archive.catalogue.derived.of(asset.asset_id) if asset is not None else ()
        gone = await self.archive.destroy.one(identity, invalidate=invalidate)
        return (1, len(derived)) if gone is not None else (0, 0)


def _direction(params: Params) -> Literal["asc", "desc"]:
    match text(params, "direction"):
        case None | "desc" | "-1":
            return "desc"
        case "asc" | "1":
            return "asc"
        case other:
            raise InvalidRequest(f"Invalid value for parameter direction: {printable(other)}")


def _restricted(answer: dict[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    wanted = set(fields)
    return {name: value for name, value in answer.items() if name in wanted | _ALWAYS} if wanted else answer
