"""The assets that one call is to change, a thousand at once (admin-api §1, §7, §9)."""

from collections.abc import Iterator
from typing import Any

from attrs import evolve, frozen

from origin.api.admin.paging import MAX_RESULTS, ids
from origin.api.endpoint import Call
from origin.api.params import flag, text
from origin.catalogue import Asset, Catalogue, Query, Term
from wire.errors import InvalidRequest

AT_ONCE = 1000


@frozen
class Chosen:
    """Assets, the ids that were asked for, and where to go on if there are more assets."""

    assets: tuple[Asset, ...]
    asked: tuple[str, ...] = ()
    next_cursor: str | None = None


async def chosen(catalogue: Catalogue, query: Query, asked: tuple[str, ...] = ()) -> Chosen:
    """The first thousand of a listing, from its cursor."""
    found: list[Asset] = []
    while True:
        page = await catalogue.assets.list(evolve(query, limit=min(MAX_RESULTS, AT_ONCE - len(found))))
        found += page.assets
        query = evolve(query, cursor=page.next_cursor)
        if page.next_cursor is None or len(found) >= AT_ONCE:
            return Chosen(tuple(found), asked, page.next_cursor)


def one_of(call: Call, **known: Any) -> tuple[Query, tuple[str, ...]]:
    """What a call's `public_ids`, `prefix`, `tag` or `all` means, and the ids; 400 unless it is just one of them.

    `all` is for those whose `known` says `may_be_all`.
    """
    may_be_all = known.pop("may_be_all", False)
    wanted = {**known, "cursor": text(call.params, "next_cursor"), "cloud": call.cloud}
    given = list(_given(call, may_be_all=may_be_all))
    if len(given) != 1:
        names = "public_ids, prefix or all" if may_be_all else "public_ids, prefix or tag"
        raise InvalidRequest(
            f"Only one of {names} may be given" if given else f"Missing required parameter - {names}"
        )
    more, asked = given[0]
    return Query(**wanted, **more), asked


def _given(call: Call, *, may_be_all: bool) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    params, named = call.params, ids(call.params)
    if named:
        yield {"public_ids": named}, named
    if (prefix := text(params, "prefix")) is not None:
        yield {"prefix": prefix}, ()
    if may_be_all and flag(params, "all"):
        yield {}, ()
    if not may_be_all and (tag := text(params, "tag")) is not None:
        yield {"term": Term.tag(tag)}, ()
