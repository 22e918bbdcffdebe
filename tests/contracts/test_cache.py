"""What every cache tier promises, held over memory, disk and both: see `edge.cache.interface.Cache`."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.testing import StringTransport

from edge.cache.interface import VARIANTS, BodyMissing
from tests.support.caches import KINDS, bodies, entry_of, opened, pattern

SIZES = [0, 1, 100, 16 * 1024, 16 * 1024 + 1, 300_000]

every_kind = pytest.mark.parametrize("kind", KINDS)
lasting_kind = pytest.mark.parametrize("kind", ["disk", "tiered"])


@every_kind
@pytest.mark.parametrize("size", SIZES)
@pytest_twisted.ensureDeferred
async def test_what_is_found_is_what_was_inserted(kind: str, size: int, tmp_path: Path) -> None:
    """Head and bytes, whether small or large, whole or in parts."""
    body = pattern(size)
    async with opened(kind, reactor, tmp_path) as cache:
        stored = await cache.insert("/cat.jpg", entry_of(), body)
        assert stored is not None
        assert (await cache.variants("/cat.jpg")) == (stored,)
        assert (stored.size, stored.fields, stored.etag) == (size, entry_of().fields, '"v1"')
        with await cache.open(stored) as opened_body:
            assert opened_body.size == size
            assert await opened_body.read() == body
            assert await opened_body.read(1, 5) == body[1:5]
            consumer = StringTransport()
            await opened_body.send(consumer, 0, None)
            assert consumer.value() == body
            assert consumer.producer is None
            assert opened_body.data in (None, body)


@every_kind
@pytest_twisted.ensureDeferred
async def test_a_body_in_a_file_is_taken_over(kind: str, tmp_path: Path) -> None:
    """The caller's file is gone afterwards, its bytes are the cache's."""
    async with opened(kind, reactor, tmp_path / "cache") as cache:
        for size in SIZES:
            spool = tmp_path / "spool"
            spool.write_bytes(pattern(size, 7))
            await cache.insert(f"/{size}", entry_of(f"/{size}"), spool)
            assert not spool.exists()
            assert await bodies(cache, f"/{size}") == [pattern(size, 7)]


@every_kind
@pytest_twisted.ensureDeferred
async def test_variants_live_side_by_side_and_replace_only_themselves(kind: str, tmp_path: Path) -> None:
    """One head lists them all, in the order of insertion (sheet 8.4)."""
    async with opened(kind, reactor, tmp_path) as cache:
        for variant, word in (("avif", b"1"), ("webp", b"2"), (None, b"3"), ("avif", b"4")):
            await cache.insert("/cat.jpg", entry_of(variant=variant), word)
        assert sorted(await bodies(cache, "/cat.jpg")) == [b"2", b"3", b"4"]
        assert await cache.variants("/dog.jpg") == ()


@every_kind
@pytest.mark.parametrize("size", [10, 70_000])  # both tiers hold it, the disk alone
@pytest_twisted.ensureDeferred
async def test_of_too_many_variants_the_least_recently_used_goes(
    kind: str, size: int, tmp_path: Path
) -> None:
    """8.4: a key has 64; who came first stays as long as it is asked for."""
    async with opened(kind, reactor, tmp_path, capacity_bytes=64_000_000) as cache:
        stored = [
            await cache.insert("/cat.jpg", entry_of(variant=str(at)), pattern(size, at))
            for at in range(VARIANTS)
        ]
        for used in (stored[0], stored[2]):
            (await cache.open(used)).close()
        for at in range(2):
            await cache.insert("/cat.jpg", entry_of(variant=f"new {at}"), pattern(size, VARIANTS + at))
        left = await cache.variants("/cat.jpg")
        assert len(left) == VARIANTS
        assert [entry for entry in stored if entry not in left] == [stored[1], stored[3]]


@every_kind
@pytest.mark.parametrize("variant", [None, "avif"])
@pytest_twisted.ensureDeferred
async def test_parts_live_side_by_side_and_leave_one_by_one(
    kind: str, variant: str | None, tmp_path: Path
) -> None:
    """Of one whole, or one variant of it (sheet 11.9): each goes its own way, whoever came after it."""
    whole = entry_of(variant=variant)
    async with opened(kind, reactor, tmp_path) as cache:
        for first, word in ((0, b"1"), (10, b"2"), (20, b"3"), (10, b"4")):
            await cache.insert("/cat.jpg", evolve(whole, first=first, part_of=30), word)
        await cache.insert("/cat.jpg", whole, b"5")
        assert sorted(await bodies(cache, "/cat.jpg")) == [b"1", b"3", b"4", b"5"]
        (first,) = (part for part in await cache.variants("/cat.jpg") if part.is_part and not part.first)
        await cache.drop(first)
        assert sorted(await bodies(cache, "/cat.jpg")) == [b"3", b"4", b"5"]
        for part in await cache.variants("/cat.jpg"):
            await cache.update("/cat.jpg", evolve(part, fields=part.fields.adding("X-More", "said")))
        assert sorted(await bodies(cache, "/cat.jpg")) == [b"3", b"4", b"5"]
        assert await cache.remove("/cat.jpg") == 3
        assert await cache.variants("/cat.jpg") == ()


@every_kind
@pytest_twisted.ensureDeferred
async def test_an_update_changes_the_head_and_leaves_the_body(kind: str, tmp_path: Path) -> None:
    """As a 304 does; what it says of surrogate keys counts from now on, and what is gone stays gone."""
    async with opened(kind, reactor, tmp_path) as cache:
        stored = await cache.insert("/cat.jpg", entry_of(tags=("old",)), b"meow")
        await cache.update("/cat.jpg", evolve(stored, lifetime=9.0, surrogate_keys=("new",)))
        (found,) = await cache.variants("/cat.jpg")
        assert (found.lifetime, found.body_id) == (9.0, stored.body_id)
        assert await bodies(cache, "/cat.jpg") == [b"meow"]
        assert await cache.purge_tags(("old",)) == 0
        assert await cache.purge_tags(("new",)) == 1
        await cache.update("/cat.jpg", stored)
        assert await cache.variants("/cat.jpg") == ()


@every_kind
@pytest_twisted.ensureDeferred
async def test_what_was_removed_is_gone(kind: str, tmp_path: Path) -> None:
    """A key with all its variants; one variant alone; a key nobody knows is no error."""
    async with opened(kind, reactor, tmp_path) as cache:
        for variant in ("avif", "webp"):
            await cache.insert("/cat.jpg", entry_of(variant=variant), b"meow")
        dog = await cache.insert("/dog.jpg", entry_of("/dog.jpg"), b"woof")
        assert await cache.remove("/cat.jpg") == 2
        assert await cache.remove("/cat.jpg") == 0
        assert await cache.variants("/cat.jpg") == ()
        assert await cache.drop(dog) is True
        assert await cache.drop(dog) is False
        assert await cache.variants("/dog.jpg") == ()
        with pytest.raises(BodyMissing):
            await cache.open(dog)


@every_kind
@pytest_twisted.ensureDeferred
async def test_a_purge_takes_every_carrier_of_the_tag_and_no_other(kind: str, tmp_path: Path) -> None:
    """Across keys, and single variants of a key; twice is once."""
    async with opened(kind, reactor, tmp_path) as cache:
        await cache.insert("/a", entry_of("/a", tags=("cat", "pets")), b"a")
        await cache.insert("/b", entry_of("/b", tags=("pets",)), pattern(40_000))
        await cache.insert("/c", entry_of("/c", variant="x", tags=("pets",)), b"c")
        await cache.insert("/c", entry_of("/c", variant="y", tags=("dog",)), b"d")
        assert {entry.key for entry in await cache.tagged(("cat", "dog"))} == {"/a", "/c"}
        assert await cache.purge_tags(("pets", "unknown")) == 3
        assert await cache.purge_tags(("pets",)) == 0
        assert await cache.variants("/a") == await cache.variants("/b") == ()
        assert await bodies(cache, "/c") == [b"d"]


@every_kind
@pytest_twisted.ensureDeferred
async def test_a_purge_called_while_an_insert_runs_wins(kind: str, tmp_path: Path) -> None:
    """Whoever purges may rely on it, whatever was on its way to the disk (sheet 20.6)."""
    async with opened(kind, reactor, tmp_path) as cache:
        for forget in (lambda: cache.remove("/cat.jpg"), lambda: cache.purge_tags(("cat",))):
            inserting = Deferred.fromCoroutine(
                cache.insert("/cat.jpg", entry_of(tags=("cat",)), pattern(50_000))
            )
            await forget()
            assert await cache.variants("/cat.jpg") == ()
            await inserting
            assert await cache.variants("/cat.jpg") == ()


@every_kind
@pytest_twisted.ensureDeferred
async def test_an_open_body_reads_to_its_end_whatever_happens_to_its_entry(kind: str, tmp_path: Path) -> None:
    """A viewer in the middle of a download does not notice a purge."""
    body = pattern(1_900_000)
    async with opened(kind, reactor, tmp_path) as cache:
        stored = await cache.insert("/cat.jpg", entry_of(), body)
        with await cache.open(stored) as being_read:
            assert await being_read.read(0, 10) == body[:10]
            await cache.remove("/cat.jpg")
            assert await being_read.read() == body


@every_kind
@pytest_twisted.ensureDeferred
async def test_a_cache_never_outgrows_its_limit(kind: str, tmp_path: Path) -> None:
    """Under concurrent inserts of all sizes; what is too large is refused, and what is found is right."""
    rng, limit = Random(5), 1_000_000
    sizes = {f"/{at}": rng.choice([10, 5_000, 20_000, 60_000, 200_000, 2_000_000]) for at in range(120)}
    async with opened(kind, reactor, tmp_path, limit) as cache:
        for start in range(0, 120, 12):
            batch = [f"/{at}" for at in range(start, start + 12)]
            inserts = (cache.insert(key, entry_of(key), pattern(sizes[key], int(key[1:]))) for key in batch)
            await gatherResults([Deferred.fromCoroutine(insert) for insert in inserts])
            stats = cache.stats()
            assert stats.hot_bytes <= stats.hot_limit <= limit
            assert stats.disk_bytes <= stats.disk_limit <= limit
        assert sum(path.stat().st_size for path in tmp_path.rglob("*.val")) <= limit
        found = {key: await bodies(cache, key) for key in sizes}
        assert 10 < sum(bool(one) for one in found.values()) < 120
        for key, one in found.items():
            assert one in ([], [pattern(sizes[key], int(key[1:]))])
        assert cache.stats().evictions > 0


@every_kind
@pytest_twisted.ensureDeferred
async def test_what_is_used_outlives_what_is_not(kind: str, tmp_path: Path) -> None:
    """Least recently used goes first; opening counts as a use, in whichever tier it happens."""
    async with opened(kind, reactor, tmp_path, 1_000_000) as cache:
        beloved = await cache.insert("/beloved", entry_of("/beloved"), pattern(9_000))
        for at in range(150):
            await cache.insert(f"/{at}", entry_of(f"/{at}"), pattern(9_000, at))
            (await cache.open(beloved)).close()
        assert await bodies(cache, "/beloved") == [pattern(9_000)]
        assert await cache.variants("/0") == ()


@lasting_kind
@pytest_twisted.ensureDeferred
async def test_a_restart_keeps_heads_bodies_tags_and_recency(kind: str, tmp_path: Path) -> None:
    """A warm cache after a rolling restart; and a purge finds what an earlier process stored."""
    async with opened(kind, reactor, tmp_path) as cache:
        for size in SIZES:
            await cache.insert(f"/{size}", entry_of(f"/{size}", tags=(f"t{size}",)), pattern(size))
        before = {size: await cache.variants(f"/{size}") for size in SIZES}
    async with opened(kind, reactor, tmp_path) as cache:
        assert cache.stats().entries == len(SIZES)
        for size in SIZES:
            assert await cache.variants(f"/{size}") == before[size]
            assert await bodies(cache, f"/{size}") == [pattern(size)]
        assert await cache.purge_tags(("t300000",)) == 1
    async with opened(kind, reactor, tmp_path) as cache:
        assert await cache.variants("/300000") == ()
