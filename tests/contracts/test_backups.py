"""Kept versions, placeholders, relations and deletion in numbers, on SQLite and on a real PostgreSQL."""

from collections.abc import Sequence

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import (
    MEZZANINE,
    REMOVE_OBJECT,
    Asset,
    Catalogue,
    Identity,
    Message,
    NotRestored,
    Outcome,
    Query,
    Term,
    Wanted,
)
from tests.support.drafts import draft, identity, rendering

NOW = 1_719_307_544.5


async def garbage(catalogue: Catalogue) -> set[str]:
    """Store keys whose removal is due."""
    entries = await catalogue.outbox.claim(1000, now=NOW + 10_000, lease_seconds=30)
    return {each.payload["key"] for each in entries if each.kind == REMOVE_OBJECT}


async def restored(
    catalogue: Catalogue, wanted: Identity | str, version: str | None = None, cloud: str = "demo"
) -> Asset | NotRestored:
    return await catalogue.backups.restore(cloud, Wanted(wanted, version), now=NOW + 9, tell=lambda _: ())


@pytest_twisted.ensureDeferred
async def test_an_object_is_garbage_only_when_neither_asset_nor_version_names_it(
    catalogue: Catalogue,
) -> None:
    """Overwritten, deleted, restored: the kept bytes stay until their version and every asset of them went."""
    first = (await catalogue.assets.put(draft("cat"), now=NOW, backup=True)).asset
    second = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    assert await garbage(catalogue) == set()
    await catalogue.assets.delete(identity("cat"), now=NOW)
    assert await garbage(catalogue) == {second.store_key}
    assert await catalogue.objects.named([first.store_key]) == {first.store_key}
    back = await restored(catalogue, identity("cat"))
    assert isinstance(back, Asset)
    assert back.store_key == first.store_key
    ids = [each.version_id for each in await catalogue.backups.of("demo", first.asset_id)]
    assert ids == [back.revision, first.revision]
    assert await catalogue.backups.remove("demo", first.asset_id, [*ids, "junk"], now=NOW) == set(ids)
    assert await garbage(catalogue) == set()  # shown
    await catalogue.assets.delete(identity("cat"), now=NOW)
    assert await garbage(catalogue) == {first.store_key}
    assert await restored(catalogue, identity("cat")) is NotRestored.NO_BACKUP


@pytest_twisted.ensureDeferred
async def test_what_comes_back_is_what_went_with_the_bytes_that_were_kept(catalogue: Catalogue) -> None:
    """All that was said of it last, its id, its folder; it can be found by it."""
    old = draft("cat", details={"coordinates": {"faces": [[1, 2, 3, 4]]}, "access_mode": "public"})
    first = (await catalogue.assets.put(old, now=NOW, backup=True)).asset

    def said(asset: Asset) -> Asset:
        return evolve(asset, tags=("t",), metadata={"m": 1}, asset_folder="a/b")

    last = await catalogue.assets.change(identity("cat"), said, now=NOW + 1)
    assert last is not None
    gone = await catalogue.assets.delete(identity("cat"), now=NOW + 2)
    assert gone == last
    assert await catalogue.backups.placeholder(identity("cat"), "demo") == last
    assert await catalogue.backups.placeholder(first.asset_id, "other") is None
    back = await restored(catalogue, first.asset_id)
    assert isinstance(back, Asset)
    assert back == evolve(
        last,
        revision=back.revision,
        version=int(NOW + 9),
        uploaded_at=NOW + 9,
        last_updated={**last.last_updated, "updated_at": NOW + 9},
    )
    assert back.revision != last.revision
    assert await catalogue.assets.get(identity("cat")) == back
    assert await catalogue.backups.placeholder(identity("cat"), "demo") is None
    query = Query(cloud="demo", resource_type="image", term=Term.tag("t"))
    assert (await catalogue.assets.list(query)).assets == (back,)
    assert await catalogue.folders.get("demo", "a/b") is not None


@pytest_twisted.ensureDeferred
async def test_an_earlier_version_replaces_what_is_shown(catalogue: Catalogue) -> None:
    """What was derived goes with it; what is said of the asset stays."""
    first = (await catalogue.assets.put(draft("cat", bytes=1), now=NOW, backup=True)).asset
    moderated = {"moderation": [{"kind": "manual", "status": "rejected", "updated_at": NOW}], "x": 1}
    second = (
        await catalogue.assets.put(draft("cat", bytes=2, tags=("t",), details=moderated), now=NOW + 1)
    ).asset
    small = rendering(second)
    await catalogue.derived.add(small, now=NOW)
    back = await restored(catalogue, identity("cat"), first.revision)
    assert isinstance(back, Asset)
    assert (back.bytes, back.tags, back.details) == (1, ("t",), {"moderation": moderated["moderation"]})
    assert back.version > second.version
    assert await catalogue.derived.of(back.asset_id) == ()
    assert await garbage(catalogue) == {second.store_key, small.store_key}
    assert await restored(catalogue, identity("cat"), back.revision) == back  # it is shown already


@pytest_twisted.ensureDeferred
async def test_what_cannot_come_back_says_why(catalogue: Catalogue) -> None:
    """A foreign asset, an unknown version, a name that another asset has by now."""
    kept = (await catalogue.assets.put(draft("cat"), now=NOW, backup=True)).asset
    await catalogue.assets.put(draft("plain"), now=NOW)
    assert await restored(catalogue, identity("plain")) is NotRestored.NO_BACKUP
    assert await restored(catalogue, identity("cat"), "0" * 32) is NotRestored.NO_BACKUP
    await catalogue.assets.delete(identity("cat"), now=NOW)
    assert await restored(catalogue, kept.asset_id, cloud="other") is NotRestored.NO_BACKUP
    assert await catalogue.backups.get("other", kept.asset_id, kept.revision) is None
    await catalogue.edits.rename(identity("plain"), identity("cat"), now=NOW)
    assert await restored(catalogue, kept.asset_id) is NotRestored.FAILED
    assert (await catalogue.assets.get(identity("cat"))) is not None


@pytest_twisted.ensureDeferred
async def test_a_new_upload_under_a_deleted_name_is_the_same_asset(catalogue: Catalogue) -> None:
    kept = (await catalogue.assets.put(draft("cat"), now=NOW, backup=True)).asset
    await catalogue.assets.delete(identity("cat"), now=NOW)
    again = await catalogue.assets.put(draft("cat"), now=NOW - 100)
    assert again.outcome is Outcome.CREATED
    assert again.asset.asset_id == kept.asset_id
    assert again.asset.version == kept.version + 1
    assert await catalogue.backups.placeholder(kept.asset_id, "demo") is None


@pytest_twisted.ensureDeferred
async def test_restores_and_removals_at_once_never_lose_bytes_that_are_shown(catalogue: Catalogue) -> None:
    """Whichever commits first: an asset that came back has its object."""
    for _ in range(6):
        kept = (await catalogue.assets.put(draft("cat"), now=NOW, backup=True)).asset
        await catalogue.assets.delete(identity("cat"), now=NOW)
        both = [
            restored(catalogue, kept.asset_id),
            catalogue.backups.remove("demo", kept.asset_id, [kept.revision], now=NOW),
        ]
        await gatherResults([Deferred.fromCoroutine(each) for each in both])
        shown = await catalogue.assets.get(identity("cat"))
        if shown is not None:
            assert shown.store_key not in await garbage(catalogue)
            await catalogue.assets.delete(identity("cat"), now=NOW)


@pytest_twisted.ensureDeferred
async def test_many_go_in_one_transaction(catalogue: Catalogue) -> None:
    """Those that are there, of this cloud; with what was derived of them; told once."""
    one = (await catalogue.assets.put(draft("one", tags=("t",)), now=NOW)).asset
    two = (await catalogue.assets.put(draft("two"), now=NOW)).asset
    foreign = (await catalogue.assets.put(draft("one", cloud="other"), now=NOW)).asset
    small, hidden = rendering(one), rendering(one, MEZZANINE)
    for each in (small, hidden):
        await catalogue.derived.add(each, now=NOW)
    ids = [two.asset_id, one.asset_id, foreign.asset_id, "0" * 32]
    gone = await catalogue.assets.delete_all(
        "demo", ids, now=NOW, tell=lambda assets: [Message("told", {"count": len(assets)})]
    )
    assert {each.asset.asset_id: each.derived for each in gone} == {one.asset_id: 1, two.asset_id: 0}
    entries = await catalogue.outbox.claim(100, now=NOW + 1000, lease_seconds=30)
    assert [each.payload for each in entries if each.kind == "told"] == [{"count": 2}]
    removed = {each.payload["key"] for each in entries if each.kind == REMOVE_OBJECT}
    assert removed == {one.store_key, two.store_key, small.store_key, hidden.store_key}
    assert await catalogue.assets.get(foreign.identity) == foreign
    assert await catalogue.assets.delete_all("demo", ids, now=NOW) == ()

    def fail(_: object) -> list[Message]:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        await catalogue.assets.delete_all("other", [foreign.asset_id], now=NOW, tell=fail)
    assert await catalogue.assets.get(foreign.identity) == foreign


@pytest_twisted.ensureDeferred
async def test_derived_assets_go_by_transformation_and_by_id(catalogue: Catalogue) -> None:
    """Of this cloud's assets only; what nobody is shown stays."""
    asset = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    drafts = [rendering(asset, "w_1"), rendering(asset, "w_2"), rendering(asset, MEZZANINE)]
    first, second, hidden = [await catalogue.derived.add(each, now=NOW) for each in drafts]
    assert first is not None
    assert second is not None
    assert hidden is not None
    drop = catalogue.derived.drop_shown
    assert await drop("other", [asset.asset_id], now=NOW) == {}
    assert await drop("demo", [asset.asset_id], {("w_1", "png"), ("w_9", None)}, now=NOW) == {}
    assert await drop("demo", [asset.asset_id], frozenset(), now=NOW) == {}
    told: list[Identity] = []

    def tell(identities: Sequence[Identity]) -> tuple[Message, ...]:
        told.extend(identities)
        return ()

    gone = await drop("demo", [asset.asset_id], {("w_1", "jpg")}, now=NOW, tell=tell)
    assert (gone, set(told)) == ({asset.asset_id: 1}, {asset.identity})
    by_ids = catalogue.derived.drop_by_ids
    ids = [first.derived_id, second.derived_id, hidden.derived_id]
    assert await by_ids("other", ids, now=NOW) == frozenset()
    assert await by_ids("demo", ids, now=NOW) == {second.derived_id}
    assert await catalogue.derived.get(hidden.derived_key) == hidden
    assert await garbage(catalogue) == {first.store_key, second.store_key}


@pytest_twisted.ensureDeferred
async def test_relations_hold_both_ways_until_one_of_the_two_goes(catalogue: Catalogue) -> None:
    one, two, three = [(await catalogue.assets.put(draft(name), now=NOW)).asset for name in ("1", "2", "3")]
    foreign = (await catalogue.assets.put(draft("1", cloud="other"), now=NOW)).asset
    relations = catalogue.relations
    others = [two.asset_id, three.asset_id, one.asset_id, foreign.asset_id, "0" * 32, two.asset_id]
    assert await relations.add(one, others, now=NOW) == {two.asset_id, three.asset_id}
    assert await relations.add(two, [one.asset_id, three.asset_id], now=NOW + 1) == {three.asset_id}

    async def of(asset: Asset) -> set[str]:
        return {each.asset_id for _, each in await relations.of(asset.asset_id, limit=10)}

    assert [await of(each) for each in (one, two, three)] == [
        {two.asset_id, three.asset_id},
        {one.asset_id, three.asset_id},
        {one.asset_id, two.asset_id},
    ]
    ((when, last),) = await relations.of(one.asset_id, limit=1)
    ((_, rest),) = await relations.of(one.asset_id, limit=10, after=(when, last.asset_id))
    assert {last.asset_id, rest.asset_id} == {two.asset_id, three.asset_id}
    assert await relations.remove(three, [one.asset_id, foreign.asset_id]) == {one.asset_id}
    assert await of(one) == {two.asset_id}
    await catalogue.assets.delete(two.identity, now=NOW)
    assert [await of(each) for each in (one, three)] == [set(), set()]
    assert await relations.add(two, [one.asset_id], now=NOW) == frozenset()


@pytest_twisted.ensureDeferred
async def test_relating_at_once_relates_once(catalogue: Catalogue) -> None:
    """From either side."""
    one, two = [(await catalogue.assets.put(draft(name), now=NOW)).asset for name in ("1", "2")]
    both = [(one, two), (two, one)] * 5
    added = await gatherResults(
        [
            Deferred.fromCoroutine(catalogue.relations.add(asset, [other.asset_id], now=NOW))
            for asset, other in both
        ]
    )
    assert sum(map(len, added)) == 1
