"""`resources/search`, `resources/visual_search` and `folders/search` (admin-api §12, §13)."""

from collections.abc import Callable

from attrs import frozen

from origin.api.admin.folders import shown
from origin.api.asking import found_at_most, sorting
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.params import text
from origin.api.searching import Searching, milliseconds, moment
from origin.assets.addons import not_subscribed
from origin.catalogue import Catalogue
from origin.catalogue.search.folders import SORTABLE, WantedFolders, order_of_folders
from origin.search.fields import FOLDER_FIELDS
from origin.search.parsing import parse
from wire.errors import InvalidRequest

_QUERY = (
    Param("expression", about="What is to be found; nothing means everything"),
    Param("sort_by", Kind.JSON, about='[{"created_at": "desc"}]'),
    Param("max_results", Kind.INTEGER, about="0 to 500; 0 only counts"),
    Param("next_cursor"),
)
_SHOWN = (
    Param("aggregate", Kind.JSON, about="Fields whose values are counted, or objects with ranges"),
    Param("with_field", Kind.LIST, about="What each result shows besides"),
    Param("fields", Kind.LIST, about="What each result shows, besides what it always does"),
)
_LIKE = ("image_url", "image_asset_id", "text", "image_file")


@frozen
class Search:
    """Finds assets and folders."""

    searching: Searching
    catalogue: Catalogue
    now: Callable[[], float]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Five calls: searches may be asked for by GET, too."""
        like = (*(Param(name) for name in _LIKE), Param("threshold"))
        return (
            *(
                Endpoint(method, path, call, takes=takes, summary=summary, answer=answer)
                for path, call, takes, summary, answer in (
                    (
                        "resources/search",
                        self.assets,
                        (*_QUERY, *_SHOWN),
                        "Search for assets",
                        "SearchResult",
                    ),
                    ("folders/search", self.folders, _QUERY, "Search for folders", "FolderSearchResult"),
                )
                for method in ("POST", "GET")
            ),
            Endpoint(
                "POST",
                "resources/visual_search",
                self.alike,
                takes=like,
                summary="Search for alike pictures",
                statuses=(),
            ),
        )

    async def assets(self, call: Call) -> Json:
        """By what is said of them."""
        return await self.searching.answer(call.caller, call.params)

    async def folders(self, call: Call) -> Json:
        """By name, path and age."""
        began, params = self.now(), call.params
        found = await self.catalogue.folder_searches.find(
            WantedFolders(
                cloud=call.cloud,
                tree=parse(text(params, "expression") or "", FOLDER_FIELDS),
                order=order_of_folders(sorting(params, SORTABLE)),
                limit=found_at_most(params),
                cursor=text(params, "next_cursor"),
            ),
            now=began,
        )
        answer: Json = {
            "total_count": found.total,
            "time": milliseconds(began, self.now()),
            "folders": [{**shown(each), "created_at": moment(each.created_at)} for each in found.folders],
        }
        return answer | ({"next_cursor": found.next_cursor} if found.next_cursor is not None else {})

    async def alike(self, call: Call) -> Json:
        """By their looks: that takes a model nobody has given us."""
        is_form = (call.header("Content-Type") or "").startswith("multipart/")  # perhaps with a picture
        if not is_form and not any(text(call.params, name) for name in _LIKE):
            raise InvalidRequest(f"Missing required parameter - {', '.join(_LIKE[:-1])} or {_LIKE[-1]}")
        raise not_subscribed("Visual Search")
