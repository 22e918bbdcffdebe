"""What the catalogue promises, held to on SQLite and on a real PostgreSQL."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any, Literal

import pytest
import pytest_twisted
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import (
    MEZZANINE,
    REMOVE_OBJECT,
    Asset,
    Catalogue,
    Identity,
    Message,
    OutboxEntry,
    Outcome,
    Query,
    Stored,
    Term,
    assets,
    derived_key,
    listing,
)
from origin.transform.plan import SourceFacts
from origin.transform.sight import BLANK, Face, Importance, Sight
from tests.support.drafts import draft, identity, rendering
from wire.errors import InvalidRequest

NOW = 1_719_307_544.5
LINGER = 60.0


@pytest.fixture
def kept_as() -> dict[str, Any]:
    return {"linger_seconds": LINGER}


async def claimed(catalogue: Catalogue, now: float) -> list[OutboxEntry]:
    """Everything due."""
    return list(await catalogue.outbox.claim(1000, now=now, lease_seconds=30))


async def garbage(catalogue: Catalogue, now: float = NOW + 1000) -> set[str]:
    """Store keys whose removal is due."""
    return {each.payload["key"] for each in await claimed(catalogue, now) if each.kind == REMOVE_OBJECT}


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
async def test_puts_of_one_identity_at_once_make_one_asset(catalogue: Catalogue) -> None:
    """One of them creates it; every other overwrites; no version is given twice."""
    puts = [Deferred.fromCoroutine(catalogue.assets.put(draft("cat"), now=NOW)) for _ in range(20)]
    stored = await gatherResults(puts)
    assert len({each.asset.asset_id for each in stored}) == 1
    assert sorted(each.asset.version for each in stored) == list(range(int(NOW), int(NOW) + 20))
    assert [each.outcome for each in stored].count(Outcome.CREATED) == 1


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


@pytest_twisted.ensureDeferred
async def test_a_claim_hides_an_entry_until_its_lease_ends(catalogue: Catalogue) -> None:
    """Two processes do not tell twice; what a killed one had claimed comes back."""
    await catalogue.outbox.add([Message("a"), Message("b")], now=NOW)
    entries = await catalogue.outbox.claim(10, now=NOW, lease_seconds=30)
    assert [each.kind for each in entries] == ["a", "b"]
    assert await catalogue.outbox.claim(10, now=NOW + 29, lease_seconds=30) == ()
    again = await catalogue.outbox.claim(10, now=NOW + 30, lease_seconds=30)
    assert [(each.kind, each.attempts) for each in again] == [("a", 2), ("b", 2)]
    await catalogue.outbox.done(*again)
    await catalogue.outbox.done(*again)
    assert await catalogue.outbox.waiting() == 0


@pytest_twisted.ensureDeferred
async def test_an_entry_put_off_comes_when_it_said(catalogue: Catalogue) -> None:
    """Back-off; but not by one whose lease ended, when another has claimed it since."""
    await catalogue.outbox.add([Message("a")], now=NOW)
    (entry,) = await catalogue.outbox.claim(10, now=NOW, lease_seconds=30)
    await catalogue.outbox.later(entry, NOW + 180)
    assert await catalogue.outbox.claim(10, now=NOW + 179, lease_seconds=30) == ()
    (second,) = await catalogue.outbox.claim(10, now=NOW + 180, lease_seconds=30)
    await catalogue.outbox.later(entry, NOW)
    assert await catalogue.outbox.claim(10, now=NOW + 181, lease_seconds=30) == ()
    assert second.attempts == 2


@pytest_twisted.ensureDeferred
async def test_claims_at_once_share_the_entries(catalogue: Catalogue) -> None:
    """Each entry goes to one of them; `limit` and `kinds` narrow a claim."""
    await catalogue.outbox.add([Message("a", {"n": n}) for n in range(20)] + [Message("b")], now=NOW)

    async def claim() -> list[int]:
        some = await catalogue.outbox.claim(6, now=NOW, lease_seconds=30, kinds=["a"])
        assert len(some) <= 6
        return [each.payload["n"] for each in some]

    shares = await gatherResults([Deferred.fromCoroutine(claim()) for _ in range(5)])
    taken = [number for share in shares for number in share]
    assert len(taken) == len(set(taken))
    (left,) = await catalogue.outbox.claim(6, now=NOW, lease_seconds=30, kinds=["b"])
    assert left.kind == "b"


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
