"""What every object store promises, held to by memory, filesystem and a real MinIO."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.task import deferLater

from origin.settings import Storage
from origin.store import ObjectMissing, ObjectStore, StoreUnavailable, make_store, make_stores
from tests.support.consumers import Collector

MIB = 1024 * 1024


@pytest.fixture(params=["memory", "filesystem", "minio", "routed"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    """A store of each kind, empty and ready."""
    settings = Storage(kind=request.param, path=str(tmp_path / "media"))
    if request.param == "minio":
        server = request.getfixturevalue("minio_server")
        settings = Storage(
            kind="minio",
            endpoint=server.endpoint,
            access_key=server.access_key,
            secret_key=server.secret_key,
            bucket=f"test-{uuid4().hex}",
        )
    if request.param == "routed":
        made = make_stores(
            Storage(kind="filesystem", path=str(tmp_path / "media")),
            {"demo": Storage(kind="memory"), "own": Storage(kind="filesystem", path=str(tmp_path / "own"))},
            reactor=reactor,
            scratch=tmp_path / "scratch",
        )
    else:
        made = make_store(settings, reactor=reactor, scratch=tmp_path / "scratch")
    pytest_twisted.blockon(Deferred.fromCoroutine(made.check()))
    yield made
    pytest_twisted.blockon(Deferred.fromCoroutine(made.close()))
    scratch = tmp_path / "scratch"
    assert not scratch.exists() or list(scratch.iterdir()) == []  # nothing lent is ever left


@pytest.fixture
def spooled(tmp_path: Path) -> Callable[[bytes], Path]:
    """Makes files as uploads leave them."""

    def make(data: bytes) -> Path:
        path = tmp_path / f"spool-{uuid4().hex}"
        path.write_bytes(data)
        return path

    return make


Spooled = Callable[[bytes], Path]


async def read(store: ObjectStore, key: str, start: int = 0, stop: int | None = None) -> bytes:
    """All that `send` sends."""
    collector = Collector()
    await store.send(key, collector, start, stop)
    assert collector.producer is None  # unregistered
    return bytes(collector.data)


async def paused(collector: Collector) -> None:
    """Return when it is full, and the write that filled it has returned."""
    await collector.paused
    await deferLater(reactor, 0)


@pytest.mark.parametrize("size", [0, 1, 1000, 256 * 1024, 256 * 1024 + 1, 3 * MIB + 7])
@pytest_twisted.ensureDeferred
async def test_what_was_put_is_what_is_sent_and_lent(store: ObjectStore, spooled: Spooled, size: int) -> None:
    """At every size around the chunks it travels in."""
    data = os.urandom(size)
    source = spooled(data)
    await store.put("demo/original/ab/one.bin", source)
    assert not source.exists()
    assert await read(store, "demo/original/ab/one.bin") == data
    assert (await store.stat("demo/original/ab/one.bin")).size == size
    async with store.local("demo/original/ab/one.bin") as path:
        assert path.read_bytes() == data
        assert path.suffix == ".bin"


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, 1),
        (0, None),
        (5, 5),
        (10, 999_999),
        (262_143, 262_145),
        (999_999, None),
        (0, 1_000_000),
        (1_000_000, None),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_range_is_that_slice(
    store: ObjectStore, spooled: Spooled, start: int, stop: int | None
) -> None:
    """Stop is exclusive; None is the end; an empty range is no bytes."""
    data = os.urandom(1_000_000)
    await store.put("a/range", spooled(data))
    assert await read(store, "a/range", start, stop) == data[start:stop]


@pytest_twisted.ensureDeferred
async def test_a_range_beyond_the_end_is_never_a_short_answer(store: ObjectStore, spooled: Spooled) -> None:
    """The row said how many bytes there are; fewer are damage, which must not be delivered as a whole."""
    await store.put("a/short", spooled(b"0123456789"))
    for start, stop in [(0, 11), (5, 20), (10, 12), (30, 40)]:
        collector = Collector()
        with pytest.raises(StoreUnavailable):
            await store.send("a/short", collector, start, stop)
        assert collector.producer is None


@pytest_twisted.ensureDeferred
async def test_a_missing_object_is_told_before_the_first_byte(store: ObjectStore) -> None:
    """So that the answer can still be a 404."""
    collector = Collector()
    with pytest.raises(ObjectMissing):
        await store.send("no/such", collector)
    with pytest.raises(ObjectMissing):
        await store.send("no/such", collector, 3, 5)
    with pytest.raises(ObjectMissing):
        await store.send("no/such", collector, 0, 0)
    with pytest.raises(ObjectMissing):
        await store.stat("no/such")
    with pytest.raises(ObjectMissing):
        async with store.local("no/such"):
            pytest.fail("lent what is not there")
    assert collector.registrations == 0


@pytest_twisted.ensureDeferred
async def test_a_folder_of_keys_is_no_object(store: ObjectStore, spooled: Spooled) -> None:
    """However keys are kept."""
    await store.put("demo/one/object", spooled(b"x"))
    for key in ("demo", "demo/one"):
        with pytest.raises(ObjectMissing):
            await store.stat(key)
        with pytest.raises(ObjectMissing):
            await read(store, key)


@pytest_twisted.ensureDeferred
async def test_deleting_is_forgetting_and_may_be_repeated(store: ObjectStore, spooled: Spooled) -> None:
    """A removal whose answer was lost is simply made again."""
    await store.put("gone/soon", spooled(b"x"))
    await store.delete("gone/soon")
    await store.delete("gone/soon")
    await store.delete("never/was")
    with pytest.raises(ObjectMissing):
        await read(store, "gone/soon")


@pytest_twisted.ensureDeferred
async def test_putting_the_same_again_changes_nothing(store: ObjectStore, spooled: Spooled) -> None:
    """A put whose answer was lost is simply made again."""
    await store.put("twice/put", spooled(b"the same"))
    await store.put("twice/put", spooled(b"the same"))
    assert await read(store, "twice/put") == b"the same"
    assert [each.key async for each in store.list("twice/")] == ["twice/put"]


@pytest_twisted.ensureDeferred
async def test_a_listing_is_in_key_order_under_any_prefix(store: ObjectStore, spooled: Spooled) -> None:
    """Key order is byte order of the whole key: `a-b` and `a.b` come before `a/b`."""
    keys = ["a-b", "a.b", "a/b", "a/b-c/d", "a/bb", "a0", "demo/x/1", "demo/x/2", "demo2/x", "Z/z", "_/z"]
    for key in keys:
        await store.put(key, spooled(key.encode()))
    assert [each.key async for each in store.list("")] == sorted(keys)
    for prefix in ("a", "a/", "a/b", "demo", "demo/", "demo/x/", "demo/x/2", "nothing", "demo/x/22"):
        expected = sorted(each for each in keys if each.startswith(prefix))
        assert [each.key async for each in store.list(prefix)] == expected, prefix
    listed = [each async for each in store.list("demo/x/1")]
    assert listed[0].size == len("demo/x/1")
    assert listed[0].modified == pytest.approx((await store.stat("demo/x/1")).modified, abs=1.5)


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", "a b", "ä", "a\0", "a" * 513]
)
@pytest_twisted.ensureDeferred
async def test_a_bad_key_reaches_no_store(store: ObjectStore, spooled: Spooled, key: str) -> None:
    """Keys are made by us alone; one that could leave its folder is a bug, caught here at the latest."""
    with pytest.raises(ValueError):
        await store.put(key, spooled(b"x"))
    with pytest.raises(ValueError):
        await store.stat(key)
    with pytest.raises(ValueError):
        await store.delete(key)
    with pytest.raises(ValueError):
        await read(store, key)
    with pytest.raises(ValueError):
        async with store.local(key):
            pytest.fail("lent under a bad key")


@pytest_twisted.ensureDeferred
async def test_a_full_consumer_gets_no_more_until_it_asks(store: ObjectStore, spooled: Spooled) -> None:
    """Bytes never outrun their reader: 32 MiB wait on the other side of a pause."""
    data = os.urandom(MIB) * 32
    await store.put("big/one", spooled(data))
    collector = Collector(pause_at=MIB)
    sending = Deferred.fromCoroutine(store.send("big/one", collector))
    pauses = 0
    while not sending.called:
        await paused(collector)
        pauses += 1
        held = len(collector.data)
        await deferLater(reactor, 0.02)
        assert len(collector.data) - held <= 2 * MIB  # what was already read from the socket, once
        if pauses > 3:
            collector.pause_at = None
            collector.resume()
            break
        collector.resume()
    await sending
    assert hashlib.md5(collector.data).digest() == hashlib.md5(data).digest()


@pytest_twisted.ensureDeferred
async def test_cancelling_stops_the_transfer(store: ObjectStore, spooled: Spooled) -> None:
    """A viewer who left costs nothing more, and the store serves on."""
    data = os.urandom(MIB) * 16
    await store.put("big/two", spooled(data))
    collector = Collector(pause_at=100_000)
    sending = Deferred.fromCoroutine(store.send("big/two", collector))
    await paused(collector)
    sending.cancel()
    with pytest.raises(CancelledError):
        await sending
    assert collector.producer is None
    held = len(collector.data)
    await deferLater(reactor, 0.05)
    assert len(collector.data) == held
    assert await read(store, "big/two", 0, 10) == data[:10]


@pytest_twisted.ensureDeferred
async def test_a_consumer_may_stop_the_transfer(store: ObjectStore, spooled: Spooled) -> None:
    """As a transport does whose connection is lost."""
    await store.put("big/three", spooled(os.urandom(MIB) * 16))
    collector = Collector(pause_at=100_000)
    sending = Deferred.fromCoroutine(store.send("big/three", collector))
    await paused(collector)
    assert collector.producer is not None
    collector.producer.stopProducing()
    with pytest.raises(CancelledError):
        await sending
    assert collector.producer is None


@pytest_twisted.ensureDeferred
async def test_many_readers_and_writers_at_once(store: ObjectStore, spooled: Spooled) -> None:
    """Each gets its own bytes."""
    contents = {f"many/{number:02}": os.urandom(1000 * number) for number in range(40)}
    puts = [Deferred.fromCoroutine(store.put(key, spooled(data))) for key, data in contents.items()]
    await gatherResults(puts)
    reads = await gatherResults([Deferred.fromCoroutine(read(store, key)) for key in contents])
    assert reads == list(contents.values())


@pytest_twisted.ensureDeferred
async def test_a_lent_file_outlives_its_object(store: ObjectStore, spooled: Spooled) -> None:
    """A render that began keeps its source, even if the asset is deleted meanwhile."""
    await store.put("lent/out", spooled(b"pixels"))
    async with store.local("lent/out") as path:
        await store.delete("lent/out")
        assert path.read_bytes() == b"pixels"
    assert not path.exists()
