"""`GET tags/<resource_type>`: the tags in use (admin-api §4)."""

from attrs import frozen

from origin.api.admin.paging import PAGE, page_size, place_of
from origin.api.endpoint import Call, Endpoint, Json, Param
from origin.api.params import text
from origin.catalogue import Assets, cursor_of, is_storable
from wire.errors import InvalidRequest


@frozen
class Tags:
    """Lists tags."""

    assets: Assets

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call."""
        takes = (Param("prefix"), *PAGE)
        return (
            Endpoint(
                "GET", "tags/{resource_type}", self.some, takes=takes, summary="List tags", answer="TagPage"
            ),
        )

    async def some(self, call: Call) -> Json:
        """Sorted, those that begin with the prefix."""
        prefix, limit = text(call.params, "prefix") or "", page_size(call.params)
        if not is_storable(prefix):
            raise InvalidRequest("prefix is invalid")
        after = place_of(call.params) or None
        found = await self.assets.tags(
            call.cloud, call.path["resource_type"], prefix=prefix, after=after, limit=limit + 1
        )
        shown = found[:limit]
        more = {"next_cursor": cursor_of(shown[-1])} if len(found) > limit else {}
        return {"tags": list(shown), **more}
