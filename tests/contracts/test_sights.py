"""What the catalogue remembers of looks at pictures, held to on SQLite and on a real PostgreSQL."""

import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import (
    Catalogue,
)
from origin.transform.sight import BLANK, Face, Importance, Sight
from tests.support.drafts import draft
from tests.support.owed import NOW

SIGHT = Sight((Face((1, 2, 30, 40), ((5, 6), (7, 8))), Face((9, 9, 9, 9))), Importance(2, 3, bytes(range(6))))


@pytest_twisted.ensureDeferred
async def test_what_was_seen_is_remembered_for_each_way_of_looking(catalogue: Catalogue) -> None:
    """Of one page as of another; a second look in the same way takes the place of the first."""
    asset = (await catalogue.assets.put(draft(), now=NOW)).asset
    assert await catalogue.sights.get(asset, "1/haar") is None
    await catalogue.sights.put(asset, "1/haar", SIGHT)
    assert await catalogue.sights.get(asset, "1/haar") == SIGHT
    assert await catalogue.sights.get(asset, "1/haar/2") is None
    await catalogue.sights.put(asset, "1/haar/2", BLANK)
    assert await catalogue.sights.get(asset, "1/haar/2") == BLANK
    assert await catalogue.sights.get(asset, "1/haar") == SIGHT
    await catalogue.sights.put(asset, "1/haar", BLANK)
    assert await catalogue.sights.get(asset, "1/haar") == BLANK


@pytest_twisted.ensureDeferred
async def test_what_was_seen_goes_with_its_revision(catalogue: Catalogue) -> None:
    """By an overwrite and by a deletion; a look that ends later leaves nothing behind."""
    old = (await catalogue.assets.put(draft(), now=NOW)).asset
    await catalogue.sights.put(old, "1", SIGHT)
    await catalogue.sights.put(old, "1/2", SIGHT)
    new = (await catalogue.assets.put(draft(), now=NOW)).asset
    assert await catalogue.sights.get(new, "1") is None
    assert await catalogue.sights.get(old, "1/2") is None
    await catalogue.sights.put(old, "1", SIGHT)
    assert await catalogue.sights.get(old, "1") is None
    await catalogue.sights.put(new, "1", SIGHT)
    assert await catalogue.assets.delete(new.identity, now=NOW) == new
    await catalogue.sights.put(new, "1", SIGHT)
    assert await catalogue.sights.get(new, "1") is None


@pytest_twisted.ensureDeferred
async def test_looks_at_once_leave_one_row(catalogue: Catalogue) -> None:
    """Two nodes may look at the same picture."""
    asset = (await catalogue.assets.put(draft(), now=NOW)).asset
    looks = [Deferred.fromCoroutine(catalogue.sights.put(asset, "1", SIGHT)) for _ in range(5)]
    await gatherResults(looks, consumeErrors=True)
    assert await catalogue.sights.get(asset, "1") == SIGHT
