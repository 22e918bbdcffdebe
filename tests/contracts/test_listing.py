"""Listings by type, name and tag, in pages: held to on SQLite and on a real PostgreSQL."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Literal

import pytest
import pytest_twisted
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet import reactor

from origin.catalogue import (
    Asset,
    Catalogue,
    Query,
    Term,
    assets,
    listing,
)
from tests.support.drafts import draft, identity
from tests.support.owed import NOW
from wire.errors import InvalidRequest


async def pages_of(catalogue: Catalogue, query: Query) -> list[list[str]]:
    """The public ids of every page."""
    pages: list[list[str]] = []
    while True:
        page = await catalogue.assets.list(query)
        pages.append([each.identity.public_id for each in page.assets])
        if page.next_cursor is None:
            return pages
        query = Query(
            cloud=query.cloud,
            resource_type=query.resource_type,
            type=query.type,
            prefix=query.prefix,
            limit=query.limit,
            direction=query.direction,
            cursor=page.next_cursor,
        )


@pytest_twisted.ensureDeferred
async def test_a_listing_is_narrowed_by_what_the_query_says(catalogue: Catalogue) -> None:
    """Newest first; by type, literal prefix, or names; clouds never mix."""
    for number, public_id in enumerate(["a/1", "a/2", "a%1", "a_1", "b", "A/1", "a\U0010ffff", "ä"]):
        await catalogue.assets.put(draft(public_id), now=NOW + number)
    await catalogue.assets.put(draft("a/1", cloud="other"), now=NOW)

    async def found(**wanted: object) -> list[str]:
        query = Query(cloud="demo", resource_type="image", limit=500, **wanted)  # type: ignore[arg-type]
        return (await pages_of(catalogue, query))[0]

    everything = ["ä", "a\U0010ffff", "A/1", "b", "a_1", "a%1", "a/2", "a/1"]
    assert await found() == everything
    assert await found(direction="asc") == everything[::-1]
    assert await found(type="upload") == everything
    assert await found(type="private") == []
    assert await found(prefix="a/") == ["a/2", "a/1"]
    assert await found(prefix="a%") == ["a%1"]
    assert await found(prefix="a_") == ["a_1"]
    assert await found(prefix="a") == ["a\U0010ffff", "a_1", "a%1", "a/2", "a/1"]
    assert await found(prefix="a\U0010ffff") == ["a\U0010ffff"]
    assert await found(public_ids=("b", "nosuch", "a/1", "x\0y")) == ["b", "a/1"]
    assert await found(public_ids=()) == []


@pytest.mark.parametrize(
    "cursor", ["x", "!!!", "W10", "WzEsMl0x", "e30", "bnVs", "WyJhIiwgMV0", "ä", "W05hTiwgMV0"]
)
@pytest_twisted.ensureDeferred
async def test_a_cursor_we_did_not_make_is_refused(catalogue: Catalogue, cursor: str) -> None:
    """400, not a stack trace."""
    with pytest.raises(InvalidRequest):
        await catalogue.assets.list(Query(cloud="demo", resource_type="image", cursor=cursor))


clouds = iter(range(10**9))


def browsings(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Drawn for each database apart: pytest-twisted runs a parametrized Hypothesis test only once."""
    drawn = given(
        created=st.lists(st.integers(0, 5), min_size=0, max_size=14),
        limit=st.integers(1, 5),
        direction=st.sampled_from(["asc", "desc"]),
        seed=st.integers(0, 2**16),
    )
    fixtures = [HealthCheck.function_scoped_fixture]  # one database for all examples: each has its own cloud
    how = settings(max_examples=25, deadline=None, suppress_health_check=fixtures)
    return how(drawn(pytest_twisted.ensureDeferred(test)))


@browsings
async def test_all_pages_together_show_each_asset_that_stayed_once_on_sqlite(
    tmp_path: Path, created: list[int], limit: int, direction: Literal["asc", "desc"], seed: int
) -> None:
    """While assets come and go between pages: none that stayed is missed, none comes twice, order holds."""
    catalogue = Catalogue(f"sqlite:///{tmp_path / 'catalogue.db'}", reactor=reactor)
    await browse(catalogue, created, limit, direction, Random(seed))
    await catalogue.close()


@browsings
async def test_all_pages_together_show_each_asset_that_stayed_once_on_postgresql(
    postgres_url: str, created: list[int], limit: int, direction: Literal["asc", "desc"], seed: int
) -> None:
    """The same on the other one."""
    catalogue = Catalogue(postgres_url, reactor=reactor)
    await browse(catalogue, created, limit, direction, Random(seed))
    await catalogue.close()


async def browse(
    catalogue: Catalogue, created: list[int], limit: int, direction: Literal["asc", "desc"], rng: Random
) -> None:
    """Page through a listing while it changes, and compare."""
    cloud = f"cloud-{next(clouds)}"
    stayed: dict[str, int] = {}
    for number, second in enumerate(created):
        await catalogue.assets.put(draft(f"a{number}", cloud), now=NOW + second)
        stayed[f"a{number}"] = second
    shown: list[Asset] = []
    cursor = None
    while True:
        page = await catalogue.assets.list(
            Query(cloud=cloud, resource_type="image", limit=limit, direction=direction, cursor=cursor)
        )
        shown += page.assets
        assert len(page.assets) == limit or page.next_cursor is None
        cursor = page.next_cursor
        if cursor is None:
            break
        gone = rng.choice(list(stayed)) if stayed and rng.random() < 0.5 else None
        if gone is not None:
            await catalogue.assets.delete(identity(gone, cloud), now=NOW)
            del stayed[gone]
        if rng.random() < 0.5:
            await catalogue.assets.put(draft(f"new{rng.random()}", cloud), now=NOW + rng.randrange(6))
        if stayed and rng.random() < 0.5:
            await catalogue.assets.put(draft(rng.choice(list(stayed)), cloud), now=NOW + 9)  # overwritten
    names = [each.identity.public_id for each in shown]
    assert len(names) == len(set(names))
    assert stayed.keys() <= set(names)
    times = [each.created_at for each in shown]
    assert times == sorted(times, reverse=direction == "desc")


@pytest_twisted.ensureDeferred
async def test_assets_are_found_by_the_tags_they_bear_now(catalogue: Catalogue) -> None:
    """Not by those of an earlier revision, nor after they went; and in their own cloud only."""

    async def bearing(tag: str, **more: str) -> list[str]:
        query = Query(cloud="demo", resource_type="image", term=Term.tag(tag), limit=500, **more)  # type: ignore[arg-type]
        return [each.identity.public_id for each in (await catalogue.assets.list(query)).assets]

    await catalogue.assets.put(draft("cat", tags=("pet", "fürry", "pet")), now=NOW)
    await catalogue.assets.put(draft("dog", tags=("pet",)), now=NOW + 1)
    await catalogue.assets.put(draft("else", cloud="other", tags=("pet",)), now=NOW)
    await catalogue.assets.put(draft("odd", tags=("nul\0", "half\ud800")), now=NOW)
    assert await bearing("pet") == ["dog", "cat"]
    assert await bearing("pet", type="private") == []
    assert await bearing("fürry") == ["cat"]
    assert await bearing("pe") == await bearing("PET") == []
    await catalogue.assets.put(draft("cat", tags=("wild",)), now=NOW + 2)
    assert (await bearing("pet"), await bearing("wild")) == (["dog"], ["cat"])
    await catalogue.assets.delete(identity("cat"), now=NOW + 3)
    assert await bearing("wild") == []


@pytest_twisted.ensureDeferred
async def test_a_prefix_lists_the_same_however_many_assets_have_it(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few are sorted, many are come across in order; a page cannot tell."""
    for number in range(6):
        await catalogue.assets.put(draft(f"a/{5 - number}"), now=NOW + number)
    await catalogue.assets.put(draft("b/1"), now=NOW)
    query = Query(cloud="demo", resource_type="image", type="upload", prefix="a/", limit=4)
    for few in (2, 1000):
        for module in (listing, assets):
            monkeypatch.setattr(module, "FEW", few)
        first = await catalogue.assets.list(query)
        second = await catalogue.assets.list(evolve(query, cursor=first.next_cursor))
        names = [each.identity.public_id for each in (*first.assets, *second.assets)]
        assert names == [f"a/{number}" for number in range(6)]
        assert second.next_cursor is None
