"""Copies of remote files within their bounds, held to on SQLite and on a real PostgreSQL."""

from typing import Any

import pytest
import pytest_twisted
from attrs import evolve

from origin.assets.purging import purge_of
from origin.catalogue import Asset, Catalogue, Identity
from origin.catalogue.copies import Bound
from tests.support.drafts import draft

NOW = 1_719_307_544.5
SIZE = 1000


@pytest.fixture
def kept_as() -> dict[str, Any]:
    return {"linger_seconds": 0.0}


def named(name: str, cloud: str = "demo", kind: str = "fetch") -> Identity:
    return Identity(cloud, "image", kind, f"http://example.com/{name}")


async def copied(catalogue: Catalogue, name: str, at: float, cloud: str = "demo") -> Asset:
    fresh = evolve(draft(cloud=cloud, bytes=SIZE), identity=named(name, cloud))
    return (await catalogue.assets.put(fresh, now=at)).asset


async def left(catalogue: Catalogue, cloud: str = "demo") -> str:
    """Which of the copies a to z are there."""
    names = [chr(each) for each in range(ord("a"), ord("z") + 1)]
    return "".join([each for each in names if await catalogue.assets.get(named(each, cloud)) is not None])


async def shrunk(catalogue: Catalogue, bound: Bound) -> int:
    return await catalogue.copies.shrink(
        "demo", bound, now=NOW, tell=lambda leaving: purge_of(*(each.identity for each in leaving))
    )


@pytest_twisted.ensureDeferred
async def test_beyond_the_quota_those_least_recently_delivered_go(catalogue: Catalogue) -> None:
    """Loaded long ago, but delivered since: it stays. Of other clouds and uploads nothing goes."""
    await catalogue.assets.put(draft("upload", bytes=SIZE), now=NOW - 99)
    await copied(catalogue, "x", NOW - 99, cloud="other")
    first, *_ = [await copied(catalogue, name, NOW - 50 + at) for at, name in enumerate("abcd")]
    await catalogue.copies.delivered(first.asset_id, NOW - 9)
    await catalogue.copies.delivered(first.asset_id, NOW - 2)
    assert await shrunk(catalogue, Bound(None, 4 * SIZE)) == 0
    assert await shrunk(catalogue, Bound(None, 2 * SIZE + 1)) == 2
    assert await left(catalogue) == "ad"
    assert await left(catalogue, "other") == "x"
    assert await catalogue.assets.get(draft("upload").identity) is not None
    assert await shrunk(catalogue, Bound(None, 2 * SIZE + 1)) == 0


@pytest_twisted.ensureDeferred
async def test_what_nobody_was_shown_for_long_goes(catalogue: Catalogue) -> None:
    """With its object, and with what caches hold of it."""
    old, *_ = [await copied(catalogue, name, NOW - 50 + at) for at, name in enumerate("abc")]
    assert await shrunk(catalogue, Bound(NOW - 50, None)) == 0
    assert await shrunk(catalogue, Bound(NOW - 49, None)) == 1
    assert await left(catalogue) == "bc"
    entries = await catalogue.outbox.claim(now=NOW + 10, limit=9, lease_seconds=1)
    assert {each.kind for each in entries} == {"remove-object", "purge"}
    assert old.store_key in str([each.payload for each in entries])


@pytest_twisted.ensureDeferred
async def test_many_go_a_few_hundred_at_a_time(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("origin.catalogue.copies.AT_ONCE", 3)
    for at, name in enumerate("abcdefgh"):
        await copied(catalogue, name, NOW - 50 + at)
    assert [await shrunk(catalogue, Bound(None, 1)) for _ in range(4)] == [3, 3, 2, 0]


@pytest_twisted.ensureDeferred
async def test_a_copy_that_comes_again_was_never_delivered(catalogue: Catalogue) -> None:
    """Nothing is remembered of what went, and nothing is written of what is not there."""
    gone = await copied(catalogue, "a", NOW - 90)
    await catalogue.copies.delivered(gone.asset_id, NOW)
    await catalogue.assets.delete(gone.identity, now=NOW)
    await catalogue.copies.delivered(gone.asset_id, NOW)
    await copied(catalogue, "a", NOW - 80)
    assert await shrunk(catalogue, Bound(NOW - 1, None)) == 1
