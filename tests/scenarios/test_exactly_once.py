"""kill -9 of an origin at every step of a change: afterwards the old state or the new, never a mix.

On both stores and both databases. What is told of a change is told if, and only if, the change was made.
"""

import hashlib
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import cloudinary.exceptions
import cloudinary.uploader
import pytest
import pytest_twisted
import urllib3.exceptions
from attrs import define, frozen
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from origin.assets.fsck import Finding, Fsck, Mending
from origin.catalogue import Asset, Catalogue, Identity
from origin.settings import Storage
from origin.store import ObjectStore, make_store
from tests.support.images import as_bytes, quartered
from tests.support.mortal import FATAL, Mortal, Nursery
from tests.support.notified import told_in
from tests.support.postgres import fresh_database

CLOUD = {"api_key": "1", "api_secret": "one"}
OLD, NEW = as_bytes(quartered(), "PNG"), as_bytes(quartered(), "JPEG")
MOST = 30  # more steps than any change has
PLACES = ("sqlite-filesystem", "sqlite-minio", "postgresql-filesystem", "postgresql-minio")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


@define
class Place:
    """A catalogue and a store, looked at from outside while no origin runs."""

    settings: dict[str, Any]
    catalogue: Catalogue
    store: ObjectStore

    async def row(self, kind: str, name: str) -> Asset | None:
        return await self.catalogue.assets.get(Identity("demo", kind, "upload", name))

    async def bytes_of(self, asset: Asset) -> bytes:
        async with self.store.local(asset.store_key) as path:
            return path.read_bytes()

    async def findings(self) -> list[Finding]:
        found: list[Finding] = []
        check = Fsck(catalogue=self.catalogue, store=self.store, clouds=["demo"], now=time.time)
        await check.run(Mending(), found.append)
        return found


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    database, kind = request.param.split("-")
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'catalogue.db'}"
        if database == "postgresql":
            url = stack.enter_context(fresh_database(request.getfixturevalue("postgres_server")))
        made = _place(url, _storage(request, folder, kind), folder)
        pytest_twisted.blockon(Deferred.fromCoroutine(made.store.check()))
        yield made
        pytest_twisted.blockon(Deferred.fromCoroutine(made.catalogue.close()))
        pytest_twisted.blockon(Deferred.fromCoroutine(made.store.close()))


def _storage(request: pytest.FixtureRequest, folder: Path, kind: str) -> dict[str, Any]:
    storage: dict[str, Any] = {"kind": kind, "path": str(folder / "media")}
    if kind == "minio":
        server = request.getfixturevalue("minio_server")
        keys = {"access_key": server.access_key, "secret_key": server.secret_key}
        storage |= {"endpoint": server.endpoint, "bucket": f"test-{uuid4().hex}", **keys}
    return storage


def _place(url: str, storage: dict[str, Any], folder: Path) -> Place:
    settings = {
        "name": "origin-1",
        "listen": "127.0.0.1:0",
        "control": "127.0.0.1:0",
        "state": str(folder / "state"),
        "clouds": {"demo": CLOUD},
        "catalogue": url,
        "storage": storage,
    }
    store = make_store(Storage(**storage), reactor=reactor, scratch=folder / "scratch")
    return Place(settings, Catalogue(url, reactor=reactor), store)


@frozen
class Change:
    """Something an origin does: what is there before, the call, and what must be true of old and new."""

    prepare: Callable[[dict[str, Any], str], object]
    call: Callable[[dict[str, Any], str], object]
    state: Callable[[Place, str], Coroutine[Any, Any, str]]  # "old" or "new"; a mix fails
    told: tuple[str, ...]  # of the new state, by type


def put_two(sdk: dict[str, Any], name: str) -> None:
    put(sdk, name)
    put(sdk, f"{name}-to", NEW)


def put(sdk: dict[str, Any], name: str, data: bytes = OLD, **more: Any) -> Any:
    return cloudinary.uploader.upload(data, resource_type="raw", public_id=name, **more, **sdk)


async def uploaded(place: Place, name: str) -> str:
    asset = await place.row("raw", name)
    if asset is None:
        return "old"
    return await seen(place, asset, {NEW: "new"})


async def overwritten(place: Place, name: str) -> str:
    asset = await place.row("raw", name)
    assert asset is not None
    found = await seen(place, asset, {OLD: "old", NEW: "new"})
    assert asset.tags == (("new",) if found == "new" else ("old",))
    return found


async def renamed(place: Place, name: str) -> str:
    source, target = await place.row("raw", name), await place.row("raw", f"{name}-to")
    assert (source is None) != (target is None), "it has one name"
    return await seen(place, source or target, {OLD: "new" if target else "old"})


async def replaced(place: Place, name: str) -> str:
    """The name was another asset's: both are there, or the renamed one alone."""
    source, target = await place.row("raw", name), await place.row("raw", f"{name}-to")
    assert target is not None
    if source is not None:
        await seen(place, source, {OLD: ""})
        return await seen(place, target, {NEW: "old"})
    return await seen(place, target, {OLD: "new"})


async def destroyed(place: Place, name: str) -> str:
    asset = await place.row("raw", name)
    return "new" if asset is None else await seen(place, asset, {OLD: "old"})


async def described(place: Place, name: str) -> str:
    asset = await place.row("raw", name)
    assert asset is not None
    await seen(place, asset, {OLD: ""})
    assert asset.tags in (("old",), ("new",))
    return asset.tags[0]


async def seen(place: Place, asset: Asset | None, meanings: dict[bytes, str]) -> str:
    """What the stored bytes mean; they are those that the row speaks of."""
    assert asset is not None
    data = await place.bytes_of(asset)
    assert (len(data), hashlib.md5(data).hexdigest()) == (asset.bytes, asset.etag)
    return meanings[data]


RAW: dict[str, Any] = {"resource_type": "raw"}
CHANGES = {
    "upload": Change(
        lambda sdk, name: None, lambda sdk, name: put(sdk, name, NEW), uploaded, told=("upload",)
    ),
    "overwrite": Change(
        lambda sdk, name: put(sdk, name, tags="old"),
        lambda sdk, name: put(sdk, name, NEW, tags="new", invalidate=True),
        overwritten,
        told=("upload",),
    ),
    "rename": Change(
        lambda sdk, name: put(sdk, name),
        lambda sdk, name: cloudinary.uploader.rename(name, f"{name}-to", **RAW, **sdk),
        renamed,
        told=("rename",),
    ),
    "rename over another": Change(
        put_two,
        lambda sdk, name: cloudinary.uploader.rename(name, f"{name}-to", overwrite=True, **RAW, **sdk),
        replaced,
        told=("delete", "rename"),
    ),
    "destroy": Change(
        lambda sdk, name: put(sdk, name),
        lambda sdk, name: cloudinary.uploader.destroy(name, invalidate=True, **RAW, **sdk),
        destroyed,
        told=("delete",),
    ),
    "explicit": Change(
        lambda sdk, name: put(sdk, name, tags="old"),
        lambda sdk, name: cloudinary.uploader.explicit(name, type="upload", tags="new", **RAW, **sdk),
        described,
        told=("upload",),
    ),
}


@pytest.mark.parametrize("title", CHANGES)
@pytest_twisted.ensureDeferred
async def test_a_change_is_made_whole_or_not_at_all(place: Place, nursery: Nursery, title: str) -> None:
    change, deaths = CHANGES[title], set[str]()
    for step in range(1, MOST):
        name = f"{title.replace(' ', '-')}-{step}"
        died_at, is_acknowledged = await deferToThread(_run, place, nursery, change, name, step)
        state = await change.state(place, name)
        told = tuple(each["notification_type"] for each in await told_in(place.catalogue, name))
        if is_acknowledged or died_at is None:
            assert state == "new", f"acknowledged, and gone after {died_at}, step {step}"
        assert told == {"old": (), "new": change.told}[state]
        if died_at is None:
            break  # the change has no more steps
        deaths.add(died_at)
    else:
        raise AssertionError(f"more than {MOST} steps")
    assert deaths >= {
        "transaction to be committed",
        "transaction committed",
        "answer to be sent",
        "answer sent",
    }
    assert await place.findings() == []


def test_the_dead_leave_nothing_on_their_disk(place: Place, nursery: Nursery) -> None:
    """Not once the next of the same name is there."""
    with nursery.origin(place.settings):
        disk = Path(place.settings["state"])
        assert [path for path in disk.rglob("*") if path.is_file()] == []


def _run(place: Place, nursery: Nursery, change: Change, name: str, step: int) -> tuple[str | None, bool]:
    """The step that the origin died at, and whether its caller had an answer."""
    problem: Exception | None = None
    with nursery.origin(place.settings, step) as mortal:
        change.prepare(_sdk(mortal), name)
        fatal = {"extra_headers": {FATAL: "yes"}, "notification_url": f"poll://{name}"}
        try:
            change.call({**_sdk(mortal), **fatal}, name)
        except (cloudinary.exceptions.Error, urllib3.exceptions.HTTPError, OSError) as error:
            problem = error
    if problem is not None and mortal.died_at is None:
        raise problem
    return mortal.died_at, problem is None


def _sdk(mortal: Mortal) -> dict[str, Any]:
    return {"cloud_name": "demo", "upload_prefix": mortal.url, "timeout": 20, **CLOUD}
