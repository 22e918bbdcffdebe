"""What the catalogue promises of derived files, held to on SQLite and on a real PostgreSQL."""

import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import (
    MEZZANINE,
    Catalogue,
    derived_key,
)
from tests.support.drafts import draft, identity, rendering
from tests.support.owed import NOW, garbage


@pytest_twisted.ensureDeferred
async def test_two_renders_of_one_key_leave_one_row_and_one_garbage(catalogue: Catalogue) -> None:
    """Two processes rendered at once: the first row stands, both use it, the loser's object is removed."""
    asset = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    first, second = rendering(asset), rendering(asset)
    standing = await catalogue.derived.add(first, now=NOW)
    assert standing is not None
    assert standing.store_key == first.store_key
    assert await catalogue.derived.add(second, now=NOW + 1) == standing
    assert await catalogue.derived.add(first, now=NOW + 2) == standing  # an answer lost, made again
    assert await catalogue.derived.get(first.derived_key) == standing
    assert await garbage(catalogue) == {second.store_key}


@pytest_twisted.ensureDeferred
async def test_nothing_derived_is_added_to_a_revision_that_went(catalogue: Catalogue) -> None:
    """A render that ends after its original was overwritten or deleted must not show old pixels."""
    old = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    new = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    late = rendering(old)
    assert await catalogue.derived.add(late, now=NOW) is None
    assert await catalogue.derived.get(late.derived_key) is None
    assert late.store_key in await garbage(catalogue)
    await catalogue.assets.delete(new.identity, now=NOW)
    later = rendering(new)
    assert await catalogue.derived.add(later, now=NOW) is None
    assert later.store_key in await garbage(catalogue)


@pytest_twisted.ensureDeferred
async def test_adding_derived_beside_overwrites_never_leaves_a_stale_row(catalogue: Catalogue) -> None:
    """Whatever order they commit in: each derived row there is belongs to the revision shown."""
    await catalogue.assets.put(draft("cat"), now=NOW)

    async def render(number: int) -> None:
        asset = await catalogue.assets.get(identity("cat"))
        assert asset is not None
        await catalogue.derived.add(rendering(asset, f"w_{number}"), now=NOW)

    async def overwrite() -> None:
        await catalogue.assets.put(draft("cat"), now=NOW)

    both = [render(number) if number % 4 else overwrite() for number in range(60)]
    await gatherResults([Deferred.fromCoroutine(each) for each in both])
    shown = await catalogue.assets.get(identity("cat"))
    assert shown is not None
    assert shown.version == int(NOW) + 15
    kept = await catalogue.derived.of(shown.asset_id)
    assert {each.revision for each in kept} <= {shown.revision}


@pytest_twisted.ensureDeferred
async def test_a_mezzanine_is_kept_like_a_derived_asset_and_shown_to_nobody(catalogue: Catalogue) -> None:
    """Found by its key, gone with the others; no list has it."""
    asset = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    made = await catalogue.derived.add(rendering(asset, MEZZANINE), now=NOW)
    shown = await catalogue.derived.add(rendering(asset, "w_1"), now=NOW)
    assert made is not None
    assert await catalogue.derived.get(made.derived_key) == made
    assert await catalogue.derived.of(asset.asset_id) == (shown,)
    assert made.store_key in await catalogue.objects.named([made.store_key])
    assert await catalogue.derived.drop(asset.asset_id, now=NOW) == 2


@pytest_twisted.ensureDeferred
async def test_derived_assets_are_listed_in_pages_and_dropped_together(catalogue: Catalogue) -> None:
    """Oldest first; the drop returns how many went."""
    asset = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    for width in range(7):
        await catalogue.derived.add(rendering(asset, f"w_{width}"), now=NOW)
    first = await catalogue.derived.of(asset.asset_id, limit=4)
    rest = await catalogue.derived.of(asset.asset_id, limit=4, after=first[-1].derived_id)
    assert [each.transformation for each in (*first, *rest)] == [f"w_{width}" for width in range(7)]
    assert await catalogue.derived.drop(asset.asset_id, now=NOW) == 7
    assert await catalogue.derived.of(asset.asset_id) == ()
    assert len(await garbage(catalogue)) == 7


@pytest_twisted.ensureDeferred
async def test_a_derived_key_names_revision_and_recipe(catalogue: Catalogue) -> None:
    """Parts cannot run into each other, and another revision is another key."""
    first = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    second = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    keys = [derived_key(first, "a", "b"), derived_key(first, "ab"), derived_key(first, "a,b")]
    keys += [derived_key(second, "a", "b")]
    assert len(set(keys)) == 4
    assert derived_key(first, "a", "b") == keys[0]
