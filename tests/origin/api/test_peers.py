"""Two origins of one world: what a call changes at one holds at the other from its answer on.

The second one looks at the catalogue by itself once an hour only, so that nothing here comes true in the background.
"""

from collections.abc import AsyncIterator
from typing import Any

import cloudinary.api
import cloudinary.uploader
import pytest
import pytest_twisted
from attrs import frozen
from twisted.internet.threads import deferToThread

from origin.settings import Cloud
from tests.support.images import as_bytes, quartered
from tests.support.origins import KEY, LOOPBACK, SECRET, RunningOrigin, running_origin

PICTURE = as_bytes(quartered(), "PNG")
HOUR = 3600.0


@frozen
class Peers:
    """Two origins on one catalogue and one store."""

    first: RunningOrigin
    second: RunningOrigin


@pytest_twisted.async_yield_fixture(scope="module")
async def peers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Peers]:
    folder = tmp_path_factory.mktemp("peers")
    clouds = {"demo": Cloud(KEY, SECRET, fetch=LOOPBACK), "tight": Cloud(KEY, SECRET, strict=True)}
    told: dict[str, Any] = {"check_seconds": HOUR, "clouds": clouds}
    async with (
        running_origin(folder, **told) as first,
        running_origin(folder, name="origin-2", **told) as second,
    ):
        yield Peers(first, second)


async def shown(origin: RunningOrigin, path: str) -> Any:
    """The width of a picture, or the status of a refusal."""
    answer = await origin.get(f"/demo/image/upload/{path}")
    told = answer.headers.get("server-timing", "")
    return int(told.partition("width=")[2].partition(",")[0]) if answer.status == 200 else answer.status


@pytest_twisted.ensureDeferred
async def test_a_named_transformation_is_the_same_everywhere(peers: Peers) -> None:
    """Caches were told of the change: what an origin answers by the old definition they would keep for a month."""
    first, second = peers.first, peers.second
    await first.upload(PICTURE, public_id="peer")
    await first.called(cloudinary.api.create_transformation, "peer", "c_scale,w_11")
    assert await shown(second, "t_peer/peer.png") == 11
    await first.called(cloudinary.api.update_transformation, "peer", unsafe_update="c_scale,w_7")
    assert await shown(second, "t_peer/peer.png") == 7
    await first.called(cloudinary.api.delete_transformation, "peer", invalidate=True)
    assert await shown(second, "t_peer/peer.png") == 400


@pytest_twisted.ensureDeferred
async def test_an_upload_may_use_a_name_that_was_given_elsewhere(peers: Peers) -> None:
    await peers.first.called(cloudinary.api.create_transformation, "fresh", "c_scale,w_9")
    answer = await peers.second.upload(PICTURE, public_id="eager", eager="t_fresh")
    assert [each["width"] for each in answer["eager"]] == [9]
    await peers.first.called(cloudinary.api.create_transformation, "fresher", "c_scale,w_8")
    assert (await peers.second.upload(PICTURE, transformation="fresher"))["width"] == 8


@pytest_twisted.ensureDeferred
async def test_a_mapping_holds_everywhere_at_once(peers: Peers) -> None:
    await peers.first.upload(PICTURE, public_id="mapped_one")
    template = f"{peers.first.url}/demo/image/upload/"
    await peers.first.called(cloudinary.api.create_upload_mapping, "mapped", template=template)
    assert await shown(peers.second, "mapped/mapped_one.png") == quartered().width
    await peers.first.called(cloudinary.api.delete_upload_mapping, "mapped")
    assert await shown(peers.second, "mapped/another.png") == 404


@pytest_twisted.ensureDeferred
async def test_what_a_strict_cloud_allows_and_forbids_holds_everywhere(peers: Peers) -> None:
    """Each call is one of the cloud `tight`, whatever the SDK was set up for."""
    tight = {**peers.first.sdk(), "cloud_name": "tight"}
    for name in ("strict", "stricter"):  # what was derived of an asset before, it may show on
        await deferToThread(cloudinary.uploader.upload, PICTURE, public_id=name, **tight)
    for is_allowed, name, expected in ((True, "strict", 200), (False, "stricter", 401)):
        await deferToThread(
            cloudinary.api.update_transformation, "c_scale,w_6", allowed_for_strict=is_allowed, **tight
        )
        assert (await peers.second.get(f"/tight/image/upload/c_scale,w_6/{name}.png")).status == expected
