"""`GET resources/<resource_type>[/<type>]`: assets in pages (admin-api §4)."""

from attrs import frozen

from origin.api.admin.paging import PAGE, direction, ids, page_size, restricted
from origin.api.answers import Answers
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.params import flag, listed, text
from origin.catalogue import Catalogue, Page, Query
from wire.errors import InvalidRequest

SHOWN = (
    *PAGE,
    Param("direction"),
    Param("tags", Kind.FLAG),
    Param("context", Kind.FLAG),
    Param("fields", Kind.LIST),
)


@frozen
class Listing:
    """Lists assets."""

    catalogue: Catalogue
    answers: Answers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """By resource type, and by delivery type, too."""
        chosen = (*SHOWN, Param("prefix"), Param("public_ids", Kind.LIST), Param("start_at"))
        return (
            Endpoint("GET", "resources/{resource_type}", self.all, takes=chosen, summary="List assets"),
            Endpoint(
                "GET",
                "resources/{resource_type}/{type}",
                self.all,
                takes=chosen,
                summary="List assets of a type",
            ),
        )

    async def all(self, call: Call) -> Json:
        """Every asset, those of a prefix, or those named."""
        params = call.params
        if text(params, "start_at") is not None:
            raise InvalidRequest("Parameter start_at is not supported by this server")
        page = await self.catalogue.assets.list(
            Query(
                cloud=call.cloud,
                resource_type=call.path["resource_type"],
                type=call.path.get("type"),
                prefix=text(params, "prefix") or "",
                public_ids=ids(params) or None,
                limit=page_size(params),
                cursor=text(params, "next_cursor"),
                direction=direction(params),
            )
        )
        return self.shown(call, page)

    def shown(self, call: Call, page: Page) -> Json:
        """A page as the caller wants to see it."""
        tags, context = flag(call.params, "tags"), flag(call.params, "context")
        fields = listed(call.params, "fields")
        answer: Json = {
            "resources": [
                restricted(
                    self.answers.listed(asset, call.caller.api_secret, tags=tags, context=context), fields
                )
                for asset in page.assets
            ]
        }
        if page.next_cursor is not None:
            answer["next_cursor"] = page.next_cursor
        return answer
