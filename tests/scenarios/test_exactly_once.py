"""kill -9 of an origin at every step of a change: afterwards the old state or the new, never a mix."""

import hashlib
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import cloudinary.api
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
from tests.support.mortal import POINTS, Nursery

CLOUD = {"api_key": "1", "api_secret": "one"}
OLD, NEW = as_bytes(quartered(), "PNG"), as_bytes(quartered(), "JPEG")
MOST = 8  # more steps of one kind than any change has


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


@pytest.fixture(params=["sqlite-filesystem", "postgresql-minio"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    database, kind = request.param.split("-")
    url = f"sqlite:///{tmp_path / 'catalogue.db'}"
    if database == "postgresql":
        url = str(request.getfixturevalue("postgres_url"))
    storage: dict[str, Any] = {"kind": kind, "path": str(tmp_path / "media")}
    if kind == "minio":
        server = request.getfixturevalue("minio_server")
        keys = {"access_key": server.access_key, "secret_key": server.secret_key}
        storage |= {"endpoint": server.endpoint, "bucket": f"test-{uuid4().hex}", **keys}
    settings = {
        "name": "origin-1",
        "listen": "127.0.0.1:0",
        "control": "127.0.0.1:0",
        "state": str(tmp_path / "state"),
        "clouds": {"demo": CLOUD},
        "catalogue": url,
        "storage": storage,
    }
    store = make_store(Storage(**storage), reactor=reactor, scratch=tmp_path / "scratch")
    made = Place(settings, Catalogue(url, reactor=reactor), store)
    pytest_twisted.blockon(Deferred.fromCoroutine(store.check()))
    yield made
    pytest_twisted.blockon(Deferred.fromCoroutine(made.catalogue.close()))
    pytest_twisted.blockon(Deferred.fromCoroutine(store.close()))


@frozen
class Change:
    """Something an origin does: what is there before, the call, and what must be true of old and new."""

    prepare: Callable[[dict[str, Any], str], object]
    call: Callable[[dict[str, Any], str], object]
    state: Callable[[Place, str], Coroutine[Any, Any, str]]  # "old" or "new"; a mix fails


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


async def seen(place: Place, asset: Asset | None, meanings: dict[bytes, str]) -> str:
    """What the stored bytes mean; they are those that the row speaks of."""
    assert asset is not None
    data = await place.bytes_of(asset)
    assert (len(data), hashlib.md5(data).hexdigest()) == (asset.bytes, asset.etag)
    return meanings[data]


CHANGES = {
    "upload": Change(lambda sdk, name: None, lambda sdk, name: put(sdk, name, NEW), uploaded),
    "overwrite": Change(
        lambda sdk, name: put(sdk, name, tags="old"),
        lambda sdk, name: put(sdk, name, NEW, tags="new", invalidate=True),
        overwritten,
    ),
    "rename": Change(
        lambda sdk, name: put(sdk, name),
        lambda sdk, name: cloudinary.uploader.rename(name, f"{name}-to", resource_type="raw", **sdk),
        renamed,
    ),
    "rename over another": Change(
        put_two,
        lambda sdk, name: cloudinary.uploader.rename(
            name, f"{name}-to", overwrite=True, resource_type="raw", **sdk
        ),
        replaced,
    ),
    "destroy": Change(
        lambda sdk, name: put(sdk, name),
        lambda sdk, name: cloudinary.uploader.destroy(name, resource_type="raw", invalidate=True, **sdk),
        destroyed,
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest_twisted.ensureDeferred
async def test_a_change_is_made_whole_or_not_at_all(place: Place, nursery: Nursery, change: Change) -> None:
    steps = [(point, number) for point in POINTS for number in range(1, MOST)]
    names = {step: f"victim-{index}" for index, step in enumerate(steps)}
    await deferToThread(_prepare, place, nursery, change, names.values())
    deaths: set[str] = set()
    for point in POINTS:
        for number in range(1, MOST):
            name = names[point, number]
            has_died, is_acknowledged = await deferToThread(_run, place, nursery, change, name, point, number)
            state = await change.state(place, name)
            if is_acknowledged or not has_died:
                assert state == "new", f"acknowledged, and gone after {point} {number}"
            assert state in ("old", "new")
            if not has_died:
                break  # the change has no such step any more
            deaths.add(point)
        else:
            raise AssertionError(f"{point}: more than {MOST} times")
    assert deaths >= {
        "transaction to be committed",
        "transaction committed",
        "answer to be sent",
        "answer sent",
    }
    assert await place.findings() == []
    with nursery.origin(place.settings):
        disk = Path(place.settings["state"])
        assert [path for path in disk.rglob("*") if path.is_file()] == []  # what the dead left on their disk


def _prepare(place: Place, nursery: Nursery, change: Change, names: Iterable[str]) -> None:
    with nursery.origin(place.settings) as url:
        for name in names:
            change.prepare(_sdk(url), name)


def _run(
    place: Place, nursery: Nursery, change: Change, name: str, point: str, number: int
) -> tuple[bool, bool]:
    """Whether the origin died, and whether its caller had an answer."""
    with nursery.origin(place.settings, point, number) as url:
        sdk = _sdk(url)
        try:
            change.call(sdk, name)
            is_acknowledged = True
        except (cloudinary.exceptions.Error, urllib3.exceptions.HTTPError, OSError):
            is_acknowledged = False
        return _has_died(sdk), is_acknowledged


def _sdk(url: str) -> dict[str, Any]:
    return {"cloud_name": "demo", "upload_prefix": url, "timeout": 20, **CLOUD}


def _has_died(sdk: dict[str, Any]) -> bool:
    try:
        cloudinary.api.ping(**sdk)
    except (cloudinary.exceptions.Error, urllib3.exceptions.HTTPError, OSError):
        return True
    return False
