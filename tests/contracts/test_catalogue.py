"""What the catalogue promises of assets, held to on SQLite and on a real PostgreSQL."""

from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import (
    REMOVE_OBJECT,
    Asset,
    Catalogue,
    Identity,
    Message,
    Outcome,
    Query,
    Stored,
    Term,
)
from origin.transform.plan import SourceFacts
from tests.support.drafts import draft, identity, rendering
from tests.support.owed import NOW, claimed, garbage

LINGER = 60.0


@pytest.fixture
def kept_as() -> dict[str, Any]:
    return {"linger_seconds": LINGER}


@pytest_twisted.ensureDeferred
async def test_what_was_put_is_what_is_got(catalogue: Catalogue) -> None:
    """Every field, in every script, comes back as it went in."""
    wanted = draft(
        "ordner/Bäckerei 🥐",
        tags=("b", "ä,|"),
        context={"alt": "a\0b=|\ud800", "leer": ""},
        details={"pages": 1, "nested": {"list": [1, None, 2.5]}},
        asset_folder="x/y",
        display_name="Bäckerei",
    )
    stored = await catalogue.assets.put(wanted, now=NOW)
    assert stored.outcome is Outcome.CREATED
    got = await catalogue.assets.get(wanted.identity)
    assert got == stored.asset
    assert got is not None
    assert got.facts == SourceFacts(864, 576, "jpg", bytes=120_253, orientation=6)
    assert (got.tags, got.context, got.details) == (wanted.tags, wanted.context, wanted.details)
    assert (got.version, got.created_at, got.uploaded_at) == (int(NOW), NOW, NOW)
    assert len(got.asset_id) == 32
    assert await catalogue.assets.by_asset_id("demo", got.asset_id) == got


@pytest_twisted.ensureDeferred
async def test_what_optional_fields_lack_they_lack_afterwards(catalogue: Catalogue) -> None:
    """A raw file has no format, size or facts."""
    raw = draft("a.zip", format=None, width=None, height=None, facts=None, original_filename=None)
    await catalogue.assets.put(raw, now=NOW)
    got = await catalogue.assets.get(raw.identity)
    assert got is not None
    assert (got.format, got.width, got.height, got.facts, got.original_filename) == (None,) * 5


@pytest_twisted.ensureDeferred
async def test_an_asset_is_found_by_exactly_its_identity(catalogue: Catalogue) -> None:
    """Clouds, kinds, types and spellings are apart."""
    stored = await catalogue.assets.put(draft("cat"), now=NOW)
    for other in (
        Identity("demo2", "image", "upload", "cat"),
        Identity("demo", "raw", "upload", "cat"),
        Identity("demo", "image", "private", "cat"),
        Identity("demo", "image", "upload", "Cat"),
        Identity("demo", "image", "upload", "cat "),
        Identity("demo", "image", "upload", "ca%"),
    ):
        assert await catalogue.assets.get(other) is None
    assert await catalogue.assets.by_asset_id("demo2", stored.asset.asset_id) is None
    assert await catalogue.assets.by_asset_id("demo", "0" * 32) is None


@pytest_twisted.ensureDeferred
async def test_an_overwrite_keeps_the_asset_and_drops_what_was_derived(catalogue: Catalogue) -> None:
    """upload-api.md 3.4: same asset_id, new version; old bytes are queued for removal, after a while."""
    first = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    small = rendering(first)
    assert await catalogue.derived.add(small, now=NOW) is not None
    second = await catalogue.assets.put(draft("cat"), now=NOW + 0.1)
    assert second.outcome is Outcome.OVERWRITTEN
    assert second.replaced == first
    assert second.asset.asset_id == first.asset_id
    assert second.asset.created_at == first.created_at
    assert second.asset.version == first.version + 1  # though the same second
    assert await catalogue.derived.get(small.derived_key) is None
    assert await garbage(catalogue, NOW + LINGER - 1) == set()
    assert await garbage(catalogue) == {first.store_key, small.store_key}


@pytest_twisted.ensureDeferred
async def test_versions_rise_whatever_the_clock_says(catalogue: Catalogue) -> None:
    """Edges and browsers take a higher version for newer; a clock set back must not fool them."""
    versions = []
    for now in (NOW, NOW, NOW - 5000, NOW + 1, NOW + 7):
        versions.append((await catalogue.assets.put(draft("cat"), now=now)).asset.version)
    start = int(NOW)
    assert versions == [start, start + 1, start + 2, start + 3, start + 7]


@pytest_twisted.ensureDeferred
async def test_without_overwrite_the_first_stays_and_the_second_is_garbage(catalogue: Catalogue) -> None:
    """upload-api.md 3.4: 200, nothing changes, the answer describes the existing asset."""
    first = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    late = draft("cat")
    kept = await catalogue.assets.put(late, now=NOW + 9, overwrite=False, tell=lambda _: [Message("upload")])
    assert (kept.outcome, kept.asset) == (Outcome.EXISTING, first)
    assert await catalogue.assets.get(first.identity) == first
    (entry,) = await claimed(catalogue, NOW + 1000)
    assert entry.payload == {"key": late.store_key}


@pytest_twisted.ensureDeferred
async def test_the_same_revision_put_again_changes_nothing(catalogue: Catalogue) -> None:
    """A put whose answer was lost is simply made again: no second version, no garbage, nothing told twice."""
    one = draft("cat")
    first = await catalogue.assets.put(one, now=NOW, tell=lambda _: [Message("upload")])
    for overwrite in (True, False):
        again = await catalogue.assets.put(
            one, now=NOW + 5, overwrite=overwrite, tell=lambda _: [Message("upload")]
        )
        assert (again.outcome, again.asset) == (Outcome.REPEATED, first.asset)
    assert [each.kind for each in await claimed(catalogue, NOW + 1000)] == ["upload"]


@pytest_twisted.ensureDeferred
async def test_what_is_told_knows_the_row(catalogue: Catalogue) -> None:
    """Notifications carry version and asset_id, which only the transaction decides."""

    def tell(stored: Stored) -> list[Message]:
        return [
            Message("invalidate", {"keys": [stored.asset.asset_id], "was": stored.outcome.value}),
            Message("notify", {"version": stored.asset.version}, delay_seconds=5),
        ]

    stored = await catalogue.assets.put(draft("cat"), now=NOW, tell=tell)
    (invalidate,) = await claimed(catalogue, NOW)
    assert invalidate.kind == "invalidate"
    assert invalidate.payload == {"keys": [stored.asset.asset_id], "was": "created"}
    (notify,) = await claimed(catalogue, NOW + 5)
    assert notify.payload == {"version": int(NOW)}


@pytest_twisted.ensureDeferred
async def test_a_change_that_cannot_be_told_is_not_made(catalogue: Catalogue) -> None:
    """Row and messages are one transaction: a mistake in one undoes the other."""

    def tell(_: Stored) -> list[Message]:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        await catalogue.assets.put(draft("cat"), now=NOW, tell=tell)
    assert await catalogue.assets.get(identity("cat")) is None
    assert await catalogue.outbox.waiting() == 0


@pytest_twisted.ensureDeferred
async def test_deleting_forgets_the_asset_and_all_derived_of_it(catalogue: Catalogue) -> None:
    """And says what it was, once."""
    asset = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    other = (await catalogue.assets.put(draft("dog"), now=NOW)).asset
    mine, theirs = rendering(asset), rendering(other)
    await catalogue.derived.add(mine, now=NOW)
    await catalogue.derived.add(theirs, now=NOW)

    def tell(gone: Asset) -> list[Message]:
        return [Message("delete", {"version": gone.version})]

    assert await catalogue.assets.delete(asset.identity, now=NOW, tell=tell) == asset
    assert await catalogue.assets.delete(asset.identity, now=NOW, tell=tell) is None
    assert await catalogue.assets.get(asset.identity) is None
    assert await catalogue.derived.get(mine.derived_key) is None
    assert (await catalogue.derived.get(theirs.derived_key)) is not None
    entries = await claimed(catalogue, NOW + 1000)
    assert [each.kind for each in entries].count("delete") == 1
    removed = {each.payload["key"] for each in entries if each.kind == REMOVE_OBJECT}
    assert removed == {asset.store_key, mine.store_key}


@pytest_twisted.ensureDeferred
async def test_puts_of_one_identity_at_once_make_one_asset(catalogue: Catalogue) -> None:
    """One of them creates it; every other overwrites; no version is given twice."""
    puts = [Deferred.fromCoroutine(catalogue.assets.put(draft("cat"), now=NOW)) for _ in range(20)]
    stored = await gatherResults(puts)
    assert len({each.asset.asset_id for each in stored}) == 1
    assert sorted(each.asset.version for each in stored) == list(range(int(NOW), int(NOW) + 20))
    assert [each.outcome for each in stored].count(Outcome.CREATED) == 1


@pytest_twisted.ensureDeferred
async def test_named_objects_are_those_of_rows_and_of_queued_removals(catalogue: Catalogue) -> None:
    """A sweep must leave both alone: the second lingers for those who looked just before."""
    first = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    small = rendering(first)
    await catalogue.derived.add(small, now=NOW)
    dog = (await catalogue.assets.put(draft("dog"), now=NOW)).asset
    await catalogue.assets.delete(dog.identity, now=NOW)
    keys = [first.store_key, small.store_key, dog.store_key]
    orphans = [f"demo/original/00/{number}" for number in range(1200)]
    assert await catalogue.objects.named([*orphans, *keys]) == frozenset(keys)
    await catalogue.outbox.done(*await claimed(catalogue, NOW + 1000))
    assert await catalogue.objects.named(keys) == {first.store_key, small.store_key}
    assert await catalogue.objects.named([]) == frozenset()


@pytest_twisted.ensureDeferred
async def test_details_are_replaced_while_the_revision_is_shown(catalogue: Catalogue) -> None:
    """What was learnt of a revision says nothing of the next."""
    first = (await catalogue.assets.put(draft(details={"a": 1}), now=NOW)).asset
    await catalogue.assets.annotate(first, {"b": 2})
    assert (shown := await catalogue.assets.get(identity("cat"))) is not None
    assert shown.details == {"b": 2}
    assert (shown.version, shown.revision) == (first.version, first.revision)
    await catalogue.assets.put(draft(details={"c": 3}), now=NOW)
    await catalogue.assets.annotate(first, {"b": 4})
    assert (shown := await catalogue.assets.get(identity("cat"))) is not None
    assert shown.details == {"c": 3}


@pytest_twisted.ensureDeferred
async def test_what_is_learnt_is_added_to_what_is_known(catalogue: Catalogue) -> None:
    """By two callers who saw the same row; it moves no time, and is not of the next revision."""
    first = (await catalogue.assets.put(draft(details={"a": 1}), now=NOW)).asset
    await catalogue.assets.learn(first, {"phash": "0", "colors": []})
    await catalogue.assets.learn(first, {"phash": "1", "faces": None})
    assert (shown := await catalogue.assets.get(identity("cat"))) is not None
    assert shown.details == {"a": 1, "analysis": {"phash": "1", "colors": [], "faces": None}}
    assert (shown.version, shown.last_updated) == (first.version, first.last_updated)
    await catalogue.assets.put(draft(details={"c": 3}), now=NOW)
    await catalogue.assets.learn(first, {"phash": "2"})
    assert (shown := await catalogue.assets.get(identity("cat"))) is not None
    assert shown.details == {"c": 3}
    await catalogue.assets.delete(identity("cat"), now=NOW + 1)
    await catalogue.assets.learn(first, {"phash": "3"})


@pytest_twisted.ensureDeferred
async def test_an_edit_changes_what_is_said_and_nothing_else(catalogue: Catalogue) -> None:
    stored = (await catalogue.assets.put(draft("cat", tags=("a",)), now=NOW)).asset

    def edit(asset: Asset) -> Asset:
        return evolve(asset, tags=("b", "c"), metadata={"color": ["red"]}, details={"x": 1})

    def tell(old: Asset, new: Asset) -> list[Message]:
        return [Message("changed", {"from": list(old.tags), "to": list(new.tags)})]

    changed = await catalogue.assets.change(identity("cat"), edit, now=NOW + 5, tell=tell)
    assert changed == evolve(
        edit(stored),
        last_updated={"tags_updated_at": NOW + 5, "metadata_updated_at": NOW + 5, "updated_at": NOW + 5},
    )
    assert await catalogue.assets.get(identity("cat")) == changed
    query = Query(cloud="demo", resource_type="image", term=Term.tag("b"))
    assert [each.asset_id for each in (await catalogue.assets.list(query)).assets] == [stored.asset_id]
    assert not (await catalogue.assets.list(evolve(query, term=Term.tag("a")))).assets
    told = [each for each in await claimed(catalogue, NOW + 6) if each.kind == "changed"]
    assert [each.payload for each in told] == [{"from": ["a"], "to": ["b", "c"]}]


@pytest_twisted.ensureDeferred
async def test_an_edit_of_nothing_changes_nothing(catalogue: Catalogue) -> None:
    assert await catalogue.assets.change(identity("cat"), lambda asset: asset, now=NOW) is None
    stored = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    told: list[tuple[Asset, Asset]] = []

    def tell(old: Asset, new: Asset) -> list[Message]:
        told.append((old, new))
        return []

    for edit in (lambda asset: None, lambda asset: asset):
        assert await catalogue.assets.change(identity("cat"), edit, now=NOW + 5, tell=tell) == stored
    assert await catalogue.assets.get(identity("cat")) == stored
    assert told == [(stored, stored)]  # who asked for nothing new is heard, who left it alone is not
