"""Upload mappings at delivery: what is missing from a folder is loaded once, and stays (admin-api.md §14)."""

from collections.abc import AsyncIterator

import cloudinary.api
import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import Asset, Identity
from origin.settings import Cloud
from tests.support.images import ASTRONAUT, as_bytes, quartered
from tests.support.notified import told, told_once
from tests.support.origins import CLOUD, KEY, LOOPBACK, SECRET, RunningOrigin, running_origin
from tests.support.remote import RemoteServer, remote_server

PHOTO = ASTRONAUT.read_bytes()
OTHER = as_bytes(quartered(), "PNG")


@pytest_twisted.async_yield_fixture
async def remote() -> AsyncIterator[RemoteServer]:
    async with remote_server() as running:
        yield running


@pytest_twisted.async_yield_fixture(scope="module")
async def mapping(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    clouds = {
        CLOUD: Cloud(KEY, SECRET, fetch=LOOPBACK),
        "shut": Cloud("8", "shut"),  # its loads may not go to this machine
        "signed": Cloud("9", "signed", fetch=LOOPBACK, restricted=("fetch",)),
    }
    async with running_origin(tmp_path_factory.mktemp("mapped"), clouds=clouds) as running:
        yield running


async def mapped(
    origin: RunningOrigin,
    folder: str,
    template: str,
    cloud: str = CLOUD,
    key: str = KEY,
    secret: str = SECRET,
    preset: str | None = None,
) -> None:
    answer = await origin.ask(
        "POST",
        f"{origin.url}/v1_1/{cloud}/upload_mappings",
        auth=(key, secret),
        json={"folder": folder, "template": template, "upload_preset_name": preset},
    )
    assert answer.status == 200


async def asset_of(origin: RunningOrigin, public_id: str, kind: str = "image") -> Asset | None:
    return await origin.node.catalogue.assets.get(Identity(CLOUD, kind, "upload", public_id))


@pytest_twisted.ensureDeferred
async def test_a_missing_asset_is_loaded_once_and_stays(mapping: RunningOrigin, remote: RemoteServer) -> None:
    """However many ask at once; the asset is an ordinary one from then on."""
    remote.serves("/base/a/b%20c.jpg", PHOTO)
    await mapped(mapping, "wiki", remote.url("/base/"))
    answers = await gatherResults(
        [Deferred.fromCoroutine(mapping.get("/demo/image/upload/v1/wiki/a/b%20c.jpg")) for _ in range(4)]
    )
    assert [(each.status, each.body) for each in answers] == [(200, PHOTO)] * 4
    assert (await mapping.get("/demo/image/upload/c_scale,w_9/v1/wiki/a/b%20c.png")).status == 200
    assert remote.paths() == ["/base/a/b%20c.jpg"]
    asset = await asset_of(mapping, "wiki/a/b c")
    assert asset is not None
    assert (asset.format, asset.original_filename, asset.asset_folder) == ("jpg", "b c", "wiki/a")
    await mapping.called(cloudinary.api.delete_upload_mapping, "wiki")
    assert (await mapping.get("/demo/image/upload/v1/wiki/a/b%20c.jpg")).status == 200


@pytest_twisted.ensureDeferred
async def test_what_cannot_be_loaded_is_missing_and_remembered(
    mapping: RunningOrigin, remote: RemoteServer
) -> None:
    await mapped(mapping, "gone", remote.url("/"))
    remote.serves("/text.jpg", b"no picture")
    for _ in range(2):
        answer = await mapping.get("/demo/image/upload/gone/none.jpg")
        assert (answer.status, answer.headers["x-cld-error"]) == (404, "Resource not found - gone/none")
        answer = await mapping.get("/demo/image/upload/gone/text.jpg")
        assert (answer.status, answer.headers["x-cld-error"]) == (400, "Invalid image file")
    assert remote.paths() == ["/none.jpg", "/text.jpg"]
    assert await asset_of(mapping, "gone/text") is None
    assert mapping.spooled() == []


@pytest_twisted.ensureDeferred
async def test_the_innermost_folder_counts(mapping: RunningOrigin, remote: RemoteServer) -> None:
    remote.serves("/outer/x.png", OTHER)
    remote.serves("/inner/x.png", OTHER)
    await mapped(mapping, "deep", remote.url("/outer/"))
    await mapped(mapping, "deep/er", remote.url("/inner/"))
    assert (await mapping.get("/demo/image/upload/v1/deep/er/x.png")).status == 200
    assert (await mapping.get("/demo/image/upload/v1/deep/x.png")).status == 200
    assert remote.paths() == ["/inner/x.png", "/outer/x.png"]


@pytest_twisted.ensureDeferred
async def test_a_raw_file_is_loaded_under_its_whole_name(
    mapping: RunningOrigin, remote: RemoteServer
) -> None:
    remote.serves("/a.txt", b"text")
    await mapped(mapping, "files", remote.url("/"))
    answer = await mapping.get("/demo/raw/upload/v1/files/a.txt")
    assert (answer.status, answer.body) == (200, b"text")
    assert await asset_of(mapping, "files/a.txt", "raw") is not None


@pytest.mark.parametrize(
    "path",
    [
        "v1/kept/../secret.png",
        "v1/kept/%2E%2E/secret.png",
        "v1/kept/a%3Fb.png",
        "v1/kept/a%23b.png",
        "kept",
        "v1/keptx/a.png",
        "v1/kept/",
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_template_is_never_left(mapping: RunningOrigin, remote: RemoteServer, path: str) -> None:
    if not any(each.folder == "kept" for each in await mapping.node.catalogue.mappings.all(CLOUD)):
        await mapped(mapping, "kept", remote.url("/base/"))
    assert (await mapping.get(f"/demo/image/upload/{path}")).status in (400, 404)
    assert remote.paths() == []


@pytest_twisted.ensureDeferred
async def test_a_load_goes_only_where_the_cloud_may(mapping: RunningOrigin, remote: RemoteServer) -> None:
    """Behind the address guard; and unsigned only where fetching is."""
    remote.serves("/x.png", OTHER)
    await mapped(mapping, "far", remote.url("/"), "shut", "8", "shut")
    assert (await mapping.get("/shut/image/upload/v1/far/x.png")).status == 404
    await mapped(mapping, "far", remote.url("/"), "signed", "9", "signed")
    refused = await mapping.get("/signed/image/upload/v1/far/x.png")
    assert (refused.status, refused.headers["x-cld-error"]) == (
        401,
        "Images of type fetch are restricted in this account",
    )
    assert remote.paths() == []


@pytest_twisted.ensureDeferred
async def test_a_mapping_to_itself_ends(mapping: RunningOrigin) -> None:
    """An origin that loads from itself is not waited for."""
    await mapped(mapping, "loop", f"{mapping.url}/demo/image/upload/v1/loop/")
    assert (await mapping.get("/demo/image/upload/v1/loop/x.png")).status == 404


@pytest_twisted.ensureDeferred
async def test_what_is_loaded_is_uploaded_by_the_preset_of_its_mapping(
    mapping: RunningOrigin, remote: RemoteServer
) -> None:
    """§14: what it says of assets holds, what it says of names does not; it is told as an upload is."""
    remote.serves("/base/a.png", OTHER)
    await mapping.called(
        cloudinary.api.create_upload_preset,
        name="wiki",
        tags="from,afar",
        folder="elsewhere",
        public_id="other",
        overwrite=True,
        transformation={"width": 7, "crop": "scale"},
        eager={"width": 3, "crop": "scale"},
        notification_url="poll://wiki",
    )
    await mapped(mapping, "by/preset", remote.url("/base/"), preset="wiki")
    assert (await mapping.get("/demo/image/upload/v1/by/preset/a.png")).status == 200
    asset = await asset_of(mapping, "by/preset/a")
    assert asset is not None
    assert (asset.tags, asset.width, asset.asset_folder) == (("from", "afar"), 7, "by/preset")
    assert await asset_of(mapping, "other") is None
    made = await told_once(mapping, "wiki", 2)
    (uploaded, _) = await told(mapping, "wiki")
    assert uploaded["notification_type"] == "upload"
    assert uploaded["notification_context"]["triggered_by"]["source"] == "auto_upload"
    assert (made["notification_type"], made["eager"][0]["width"]) == ("eager", 3)
    await mapping.called(cloudinary.api.delete_upload_preset, "wiki")
    remote.serves("/base/b.png", OTHER)
    assert (await mapping.get("/demo/image/upload/v1/by/preset/b.png")).status == 200  # without it


@pytest_twisted.ensureDeferred
async def test_what_its_preset_refuses_is_not_stored(mapping: RunningOrigin, remote: RemoteServer) -> None:
    remote.serves("/base/a.png", OTHER)
    await mapping.called(cloudinary.api.create_upload_preset, name="jpegs", allowed_formats="jpg")
    await mapped(mapping, "only", remote.url("/base/"), preset="jpegs")
    refused = await mapping.get("/demo/image/upload/v1/only/a.png")
    assert (refused.status, refused.headers["x-cld-error"]) == (400, "Image file format png not allowed")
    assert await asset_of(mapping, "only/a") is None
    assert mapping.spooled() == []


@pytest_twisted.ensureDeferred
async def test_a_preset_that_tells_where_nobody_may_leaves_no_file(
    mapping: RunningOrigin, remote: RemoteServer
) -> None:
    """Refused before the file is taken in: it is gone all the same."""
    remote.serves("/base/a.png", OTHER)
    await mapping.called(cloudinary.api.create_upload_preset, name="astray", notification_url="ftp://nobody")
    await mapped(mapping, "astray", remote.url("/base/"), preset="astray")
    refused = await mapping.get("/demo/image/upload/v1/astray/a.png")
    assert (refused.status, "notification_url" in refused.headers["x-cld-error"]) == (400, True)
    assert await asset_of(mapping, "astray/a") is None
    assert mapping.spooled() == []
