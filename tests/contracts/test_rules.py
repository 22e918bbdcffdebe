"""What delivery goes by, as the catalogue keeps it: transformations, mappings, sums; on both databases."""

from collections.abc import Sequence

import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import MEZZANINE, RULES, Catalogue, Identity, Mapping, Message, Tally, Transformation
from tests.support.drafts import draft, rendering

NOW = 1_719_307_544.5


def named(name: str = "thumb", cloud: str = "demo", **more: object) -> Transformation:
    return Transformation(cloud=cloud, name=name, **{"chain": "c_fill,w_10", **more})  # type: ignore[arg-type]


@pytest_twisted.ensureDeferred
async def test_a_name_is_taken_once_in_each_cloud(catalogue: Catalogue) -> None:
    known = catalogue.transformations
    assert await known.add(named("ä b"), now=NOW)
    assert not await known.add(named("ä b", chain="w_1"), now=NOW)
    assert await known.add(named("ä b", cloud="other", allowed=False), now=NOW)
    assert await known.add(named("ä b", is_named=False), now=NOW)  # a chain may be spelled like a name
    assert [(each.name, each.chain, each.is_named, each.allowed) for each in await known.all("demo")] == [
        ("ä b", "c_fill,w_10", False, True),
        ("ä b", "c_fill,w_10", True, True),
    ]
    assert [each.allowed for each in await known.all("other")] == [False]


@pytest_twisted.ensureDeferred
async def test_a_change_says_whether_there_was_anything_and_is_counted(catalogue: Catalogue) -> None:
    """Other processes look at the count alone; what came to nothing costs them no second look."""
    known = catalogue.transformations
    told = [Message("purge", {"keys": ["k"]})]
    assert not await known.change("demo", "thumb", is_named=True, now=NOW, chain="w_1", tell=told)
    assert await catalogue.tallies.by_cloud(RULES) == {}
    await known.add(named(), now=NOW)
    assert await known.change("demo", "thumb", is_named=True, now=NOW, chain="w_1", allowed=False, tell=told)
    assert not await known.change("other", "thumb", is_named=True, now=NOW, chain="w_2")
    assert [(each.chain, each.allowed) for each in await known.all("demo")] == [("w_1", False)]
    assert await catalogue.tallies.by_cloud(RULES) == {"demo": 2}
    assert await known.delete("demo", "thumb", is_named=True, now=NOW)
    assert not await known.delete("demo", "thumb", is_named=True, now=NOW)
    assert await catalogue.tallies.by_cloud(RULES) == {"demo": 3}
    entries = await catalogue.outbox.claim(10, now=NOW + 1, lease_seconds=1)
    assert [entry.payload for entry in entries] == [{"keys": ["k"]}]


@pytest_twisted.ensureDeferred
async def test_what_is_derived_is_found_by_its_chain(catalogue: Catalogue) -> None:
    """In one cloud, in order, without what we keep for ourselves."""
    cat = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    dog = (await catalogue.assets.put(draft("dog"), now=NOW)).asset
    alien = (await catalogue.assets.put(draft("cat", cloud="other"), now=NOW)).asset
    for asset in (cat, dog, alien):
        for chain in ("w_2", "w_1", MEZZANINE):
            await catalogue.derived.add(rendering(asset, chain), now=NOW)
    await catalogue.derived.add(rendering(dog, "w_1", derived_key="x", format="png"), now=NOW)
    known = catalogue.transformations
    assert await known.used("demo", limit=10) == ("w_1", "w_2")
    assert await known.used("demo", limit=1, after="w_1") == ("w_2",)
    assert await known.used_of("demo", ["w_2", "w_3"]) == {"w_2"}
    first = await known.derived_by("demo", "w_1", None, limit=2)
    assert [(identity.public_id, each.format) for identity, each in first] == [("cat", "jpg"), ("dog", "jpg")]
    rest = await known.derived_by("demo", "w_1", None, limit=2, after=first[-1][1].derived_id)
    assert [(identity.public_id, each.format) for identity, each in rest] == [("dog", "png")]
    assert [each.format for _, each in await known.derived_by("demo", "w_1", "png", limit=9)] == ["png"]
    assert await known.is_derived(cat.asset_id, "w_1", "jpg")
    assert not await known.is_derived(cat.asset_id, "w_1", "png")
    assert not await known.is_derived(cat.asset_id, "w_3", None)


@pytest_twisted.ensureDeferred
async def test_long_chains_that_begin_alike_are_apart(catalogue: Catalogue) -> None:
    """No index holds the whole of them; astral characters count as one in both databases."""
    cat = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    start = "l_text:Arial_20:" + "🥐" * 3000
    for number in range(3):
        await catalogue.derived.add(rendering(cat, f"{start}{number}"), now=NOW)
    known = catalogue.transformations
    assert len(await known.derived_by("demo", f"{start}1", None, limit=9)) == 1
    assert await known.used_of("demo", [f"{start}2", f"{start}3"]) == {f"{start}2"}
    assert not await known.is_derived(cat.asset_id, start, None)


@pytest_twisted.ensureDeferred
async def test_derived_assets_go_with_their_chain(catalogue: Catalogue) -> None:
    """Of one cloud only; their objects are queued for removal, and somebody may tell of the assets."""
    cat = (await catalogue.assets.put(draft("cat"), now=NOW)).asset
    alien = (await catalogue.assets.put(draft("cat", cloud="other"), now=NOW)).asset
    gone = await catalogue.derived.add(rendering(cat, "w_1"), now=NOW)
    await catalogue.derived.add(rendering(cat, "w_2"), now=NOW)
    await catalogue.derived.add(rendering(alien, "w_1"), now=NOW)
    heard: list[Identity] = []

    def tell(identities: Sequence[Identity]) -> list[Message]:
        heard.extend(identities)
        return []

    known = catalogue.transformations
    assert await known.drop_derived("demo", "w_1", "png", now=NOW, tell=tell) == 0
    assert await known.drop_derived("demo", "w_1", None, now=NOW, tell=tell) == 1
    assert heard == [cat.identity]
    assert await known.used("demo", limit=9) == ("w_2",)
    assert await known.used("other", limit=9) == ("w_1",)
    assert gone is not None
    entries = await catalogue.outbox.claim(10, now=NOW + 1000, lease_seconds=1)
    assert [entry.payload["key"] for entry in entries] == [gone.store_key]


def mapping(folder: str = "wiki", cloud: str = "demo", **more: object) -> Mapping:
    values = {"template": "https://e.com/", "external_id": "0" * 32, "created_at": NOW, **more}
    return Mapping(cloud=cloud, folder=folder, **values)  # type: ignore[arg-type]


@pytest_twisted.ensureDeferred
async def test_a_folder_has_one_mapping(catalogue: Catalogue) -> None:
    known = catalogue.mappings
    assert await known.add(mapping())
    assert not await known.add(mapping(template="https://other/"))
    assert await known.add(mapping("ä/b", upload_preset="p"))
    assert await known.add(mapping(cloud="other"))
    assert await known.get("demo", "wiki") == mapping()
    assert await known.get("demo", "none") is None
    first, total = await known.page("demo", limit=1)
    rest, _ = await known.page("demo", limit=9, after=first[-1].folder)
    assert ([each.folder for each in (*first, *rest)], total) == (["wiki", "ä/b"], 2)
    assert await known.all("demo") == (*first, *rest)
    changed = await known.change("demo", "wiki", template="https://new/", upload_preset="q")
    assert changed == await known.get("demo", "wiki") == mapping(template="https://new/", upload_preset="q")
    assert await known.change("demo", "none", template="x", upload_preset=None) is None
    assert await known.delete("demo", "wiki")
    assert not await known.delete("demo", "wiki")
    assert [each.folder for each in await known.all("other")] == ["wiki"]
    assert await catalogue.tallies.by_cloud(RULES) == {"demo": 4, "other": 1}


@pytest_twisted.ensureDeferred
async def test_sums_lose_nothing_however_many_add(catalogue: Catalogue) -> None:
    hour = Tally("demo", "api", 5)
    sums = await gatherResults([Deferred.fromCoroutine(catalogue.tallies.add(hour)) for _ in range(20)])
    assert sorted(sums) == list(range(1, 21))
    await catalogue.tallies.add_all({hour: 5, Tally("demo", "bytes", 5): 1 << 40, Tally("demo", "api", 6): 1})
    assert await catalogue.tallies.of_period("demo", 5) == {"api": 25, "bytes": 1 << 40}
    assert await catalogue.tallies.of_period("other", 5) == {}
    assert await catalogue.tallies.totals("demo") == {"api": 26, "bytes": 1 << 40}
    assert await catalogue.tallies.totals("demo", since=6) == {"api": 1}
