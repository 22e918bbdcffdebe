"""Assets in pages: all, by prefix, name, tag, context, moderation or folder (admin-api §4)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from attrs import frozen

from origin.api.admin.paging import MAX_IDS, PAGE, direction, ids, page_size, restricted
from origin.api.answers import Answers
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.params import Params, flag, listed, text
from origin.assets.moderation import ADDONS, MANUAL, STATUSES
from origin.assets.naming import checked_folder
from origin.catalogue import Catalogue, Page, Query, Term
from wire.components import printable
from wire.errors import InvalidRequest, NotFound

ADDED = ("tags", "context", "metadata", "moderations")
DECISION = {"moderation_kind", "moderation_status"}
SHOWN = (
    *PAGE,
    Param("direction", about="asc or desc (the default), by creation time"),
    *(Param(name, Kind.FLAG, about="Whether each asset shows it") for name in ADDED),
    Param("fields", Kind.LIST, about="What each asset shows, besides its ids"),
)


@frozen
class Listing:
    """Lists assets."""

    catalogue: Catalogue
    answers: Answers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """A path for each thing that assets are listed by."""
        chosen = (Param("prefix"), Param("public_ids", Kind.LIST), Param("start_at"))
        by_context = (Param("key", required=True), Param("value"))
        listings = (
            ("resources/{resource_type}", self.all, chosen, "List assets"),
            ("resources/{resource_type}/{type}", self.all, chosen, "List assets of a type"),
            ("resources/{resource_type}/tags/{tag...}", self.by_tag, (), "List assets with a tag"),
            ("resources/{resource_type}/context", self.by_context, by_context, "List assets by context"),
            (
                "resources/{resource_type}/moderations/{kind}/{status}",
                self.by_moderation,
                (),
                "List assets by moderation",
            ),
            (
                "resources/by_asset_folder",
                self.by_folder,
                (Param("asset_folder"),),
                "List assets in a folder",
            ),
            (
                "resources/by_asset_ids",
                self.by_asset_ids,
                (Param("asset_ids", Kind.LIST, required=True),),
                "List assets by asset ids",
            ),
        )
        return tuple(
            Endpoint("GET", path, verb, takes=(*takes, *SHOWN), summary=summary, answer="AssetPage")
            for path, verb, takes, summary in listings
        )

    async def all(self, call: Call) -> Json:
        """Every asset, those of a prefix, those named, or those since a moment."""
        params, names = call.params, ids(call.params)
        prefix, since = text(params, "prefix") or "", _moment(text(params, "start_at"))
        if since is not None and (prefix or names):
            raise InvalidRequest("start_at cannot be used with prefix or public_ids")
        return await self._page(
            call,
            Query(
                cloud=call.cloud,
                resource_type=call.path["resource_type"],
                type=call.path.get("type"),
                prefix=prefix,
                public_ids=names or None,
                created_since=since,
                **_window(params, MAX_IDS if names else 10),
            ),
        )

    async def by_tag(self, call: Call) -> Json:
        """Those that bear a tag."""
        return await self._by(call, Term.tag(call.path["tag"]))

    async def by_context(self, call: Call) -> Json:
        """Those with a key of contextual metadata, perhaps with one value."""
        return await self._by(call, Term.context(text(call.params, "key") or "", text(call.params, "value")))

    async def by_moderation(self, call: Call) -> Json:
        """Those of which a kind of moderation says so."""
        kind, status = call.path["kind"], call.path["status"]
        if kind != MANUAL and kind not in ADDONS:
            raise InvalidRequest(f"Invalid moderation kind {printable(kind)}")
        if status not in STATUSES:
            raise InvalidRequest(f"Invalid moderation status {printable(status)}")
        return await self._by(call, Term.moderation(kind, status))

    async def by_folder(self, call: Call) -> Json:
        """Those in a folder, not in the folders in it, and how many they are; 404 for an unknown folder."""
        if call.cloud in self.answers.fixed_folders:
            raise InvalidRequest("Assets are listed by asset folder in dynamic folder mode only")
        if "asset_folder" not in call.params:
            raise InvalidRequest("Missing required parameter - asset_folder")
        folder = checked_folder(text(call.params, "asset_folder") or "", "asset_folder")
        query = Query(cloud=call.cloud, asset_folder=folder, **_window(call.params))
        if folder and await self.catalogue.folders.get(call.cloud, folder) is None:
            raise NotFound(f"Can't find folder with path {printable(folder)}")
        return {**await self._page(call, query), "total_count": await self.catalogue.assets.count(query)}

    async def by_asset_ids(self, call: Call) -> Json:
        """Those that exist."""
        named = ids(call.params, "asset_ids")
        return await self._page(
            call, Query(cloud=call.cloud, asset_ids=named, **_window(call.params, MAX_IDS))
        )

    async def _by(self, call: Call, term: Term) -> Json:
        resource_type = call.path["resource_type"]
        return await self._page(
            call, Query(cloud=call.cloud, resource_type=resource_type, term=term, **_window(call.params))
        )

    async def _page(self, call: Call, query: Query) -> Json:
        return self.shown(call, await self.catalogue.assets.list(query))

    def shown(self, call: Call, page: Page) -> Json:
        """A page as the caller wants to see it."""
        fields = listed(call.params, "fields")
        wanted = {*fields, *(name for name in ADDED if flag(call.params, name))}
        if wanted & DECISION:
            wanted.add("moderations")
        answer: Json = {
            "resources": [
                restricted(self.answers.listed(asset, call.caller.api_secret, wanted), fields)
                for asset in page.assets
            ]
        }
        if page.next_cursor is not None:
            answer["next_cursor"] = page.next_cursor
        return answer


def _window(params: Params, size: int = 10) -> Json:
    """Which part of a listing, in which order."""
    return {
        "limit": page_size(params, size),
        "cursor": text(params, "next_cursor"),
        "direction": direction(params),
    }


def _moment(told: str | None) -> float | None:
    """ISO 8601, or a date as the Node SDK spells it, as unix seconds; UTC where no zone is told."""
    if told is None:
        return None
    read = parsedate_to_datetime if told.rstrip().endswith("GMT") else datetime.fromisoformat
    try:
        moment = read(told.strip().removesuffix(" UTC"))
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(f"Invalid start_at {printable(told)}: expected ISO 8601") from error
