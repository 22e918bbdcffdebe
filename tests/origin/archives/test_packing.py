"""Archives at the pace of whoever takes them."""

import io
import zipfile
from pathlib import Path
from typing import cast

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred

from origin.archives.formats import Zip
from origin.archives.naming import Names, Style
from origin.archives.packing import Member, Packing
from origin.assets.copies import Copies
from origin.assets.eager import EagerWish
from origin.catalogue import Asset
from origin.delivery.derive import original
from origin.delivery.heads import Delivered
from origin.store.memory import MemoryStore
from tests.origin.archives.test_naming import asset
from tests.support.consumers import Collector
from wire.errors import InvalidRequest

FILES = 40
SIZE = 10_000


class AllThere:
    """Every original is there."""

    async def of(self, one: Asset, _: EagerWish) -> Delivered:
        return original(one)


async def packing(tmp_path: Path) -> tuple[Packing, list[Member]]:
    store, members = MemoryStore(tmp_path, lambda: 0.0), []
    for number in range(FILES):
        path = tmp_path / str(number)
        path.write_bytes(bytes([number]) * SIZE)
        key = f"demo/original/{number}"
        await store.put(key, path)
        members.append(Member(_sized(number, key), EagerWish("")))
    return Packing(cast(Copies, AllThere()), store), members


def _sized(number: int, key: str) -> Asset:
    return evolve(asset(f"file{number}"), store_key=key, bytes=SIZE, format="bin")


@pytest_twisted.ensureDeferred
async def test_nothing_is_written_while_its_reader_pauses(tmp_path: Path) -> None:
    """Many small files are as patient as one large one: one file more at the most is under way."""
    packer, members = await packing(tmp_path)
    taker = Collector(pause_at=25_000)
    begun: list[int] = []
    packed = Deferred.fromCoroutine(
        packer.pack(members, Zip(), Names(Style()), taker, begins=lambda: begun.append(len(taker.data)))
    )
    while not packed.called:
        await taker.paused
        assert taker._since <= 25_000 + 2 * SIZE
        taker.resume()
    await packed
    assert begun == [0]
    assert taker.registrations == 1
    with zipfile.ZipFile(io.BytesIO(bytes(taker.data))) as file:
        assert file.testzip() is None
        assert len(file.namelist()) == FILES


@pytest_twisted.ensureDeferred
async def test_a_reader_that_leaves_ends_it(tmp_path: Path) -> None:
    """And nothing more is read."""
    packer, members = await packing(tmp_path)
    taker = Collector(pause_at=25_000)
    packed = Deferred.fromCoroutine(packer.pack(members, Zip(), Names(Style()), taker))
    await taker.paused
    taker.producer.stopProducing()  # type: ignore[union-attr]
    with pytest.raises(CancelledError):
        await packed
    assert len(taker.data) < FILES * SIZE


@pytest_twisted.ensureDeferred
async def test_an_archive_that_is_kept_has_its_limit(tmp_path: Path) -> None:
    """Before the file that would be too much."""
    packer, members = await packing(tmp_path)
    with pytest.raises(InvalidRequest, match="Maximum is 100000 bytes"):
        await packer.pack(members, Zip(), Names(Style()), Collector(), most_bytes=100_000)
