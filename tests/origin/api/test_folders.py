"""Folders by the official SDK, in dynamic and in fixed mode."""

from collections.abc import AsyncIterator
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import pytest
import pytest_twisted

from origin.settings import Cloud
from tests.support.images import as_bytes, quartered
from tests.support.origins import CLOUD, KEY, SECRET, RunningOrigin, running_origin

TINY = as_bytes(quartered(), "PNG")


@pytest_twisted.async_yield_fixture(scope="module")
async def fixed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    """A cloud whose folders are paths of public ids, and one that retains what is said."""
    clouds = {CLOUD: Cloud(KEY, SECRET, folder_mode="fixed", retain_on_overwrite=True)}
    async with running_origin(tmp_path_factory.mktemp("fixed"), clouds=clouds) as running:
        yield running


async def names(origin: RunningOrigin, path: str = "", **more: Any) -> list[str]:
    """Paths of the folders in a folder."""
    call = (cloudinary.api.subfolders, path) if path else (cloudinary.api.root_folders,)
    answer = await origin.called(*call, max_results=500, **more)
    assert answer["total_count"] == len(answer["folders"])
    return [each["path"] for each in answer["folders"]]


@pytest_twisted.ensureDeferred
async def test_folders_are_created_listed_and_deleted(origin: RunningOrigin) -> None:
    made = await origin.called(cloudinary.api.create_folder, "made/b/c")
    assert (made["success"], made["path"], made["name"], len(made["external_id"])) == (
        True,
        "made/b/c",
        "c",
        32,
    )
    with pytest.raises(cloudinary.exceptions.AlreadyExists, match="Folder made/b already exists"):
        await origin.called(cloudinary.api.create_folder, "made/b")
    for name in ("made/z", "made/a", "made/Z"):
        await origin.called(cloudinary.api.create_folder, name)
    assert "made" in await names(origin)
    assert await names(origin, "made") == ["made/Z", "made/a", "made/b", "made/z"]
    first = await origin.called(cloudinary.api.subfolders, "made", max_results=3)
    rest = await origin.called(
        cloudinary.api.subfolders, "made", max_results=3, next_cursor=first["next_cursor"]
    )
    assert [each["name"] for each in (*first["folders"], *rest["folders"])] == ["Z", "a", "b", "z"]
    assert (first["total_count"], rest["total_count"], rest["next_cursor"]) == (4, 4, None)
    deleted = await origin.called(cloudinary.api.delete_folder, "made/b")
    assert deleted["deleted"] == ["made/b", "made/b/c"]
    for call in (cloudinary.api.delete_folder, cloudinary.api.subfolders):
        with pytest.raises(cloudinary.exceptions.NotFound, match="Can't find folder with path made/b"):
            await origin.called(call, "made/b")


@pytest_twisted.ensureDeferred
async def test_an_upload_creates_its_folder_and_fills_it(origin: RunningOrigin) -> None:
    """Dynamic mode: asset_folder counts, the path of the public id does not."""
    await origin.upload(TINY, public_id="path/of/id", asset_folder="filled/deep")
    assert await names(origin, "filled") == ["filled/deep"]
    assert "path" not in await names(origin)
    for path in ("filled", "filled/deep"):
        with pytest.raises(cloudinary.exceptions.BadRequest, match=r"Folder is not empty$"):
            await origin.called(cloudinary.api.delete_folder, path)
    await origin.called(cloudinary.uploader.destroy, "path/of/id")
    deleted = await origin.called(cloudinary.api.delete_folder, "filled", skip_backup=True)
    assert deleted["deleted"] == ["filled", "filled/deep"]


@pytest_twisted.ensureDeferred
async def test_a_folder_moves_with_all_that_is_in_it(origin: RunningOrigin) -> None:
    """Dynamic mode: public ids and versions stay."""
    before = await origin.upload(TINY, public_id="mover", asset_folder="from/in")
    answer = await origin.called(cloudinary.api.rename_folder, "from", "to/there")
    assert answer["from"] == {"name": "from", "path": "from"}
    assert answer["to"] == {"name": "there", "path": "to/there"}
    assert await names(origin, "to/there") == ["to/there/in"]
    shown = await origin.called(cloudinary.api.resource, "mover")
    assert (shown["asset_folder"], shown["version"]) == ("to/there/in", before["version"])
    with pytest.raises(cloudinary.exceptions.NotFound, match="Can't find folder with path from"):
        await origin.called(cloudinary.api.rename_folder, "from", "elsewhere")
    with pytest.raises(cloudinary.exceptions.BadRequest, match="cannot be moved into itself"):
        await origin.called(cloudinary.api.rename_folder, "to", "to/there/deep")
    await origin.called(cloudinary.api.create_folder, "stands")
    with pytest.raises(cloudinary.exceptions.AlreadyExists, match="Folder stands already exists"):
        await origin.called(cloudinary.api.rename_folder, "to", "stands")


@pytest_twisted.ensureDeferred
async def test_bad_paths_and_pages_are_refused_in_words(origin: RunningOrigin) -> None:
    standing = await names(origin)
    for method, path, form, status, text in (
        ("POST", "folders/a%3Fb", {}, 400, "folder (a?b) is invalid"),
        ("POST", "folders/a/../b", {}, 400, "folder (a/../b) is invalid"),
        ("POST", "folders/" + "x" * 256, {}, 400, "is invalid"),
        ("POST", "folders/%00", {}, 404, "Can't find folder with path %00"),
        ("GET", "folders?next_cursor=!", {}, 400, "Invalid value for parameter next_cursor"),
        ("GET", "folders?next_cursor=_w", {}, 400, "Invalid value for parameter next_cursor"),
        ("GET", "folders?max_results=many", {}, 400, "Invalid value for parameter max_results"),
        ("GET", "folders/no/such", {}, 404, "Can't find folder with path no/such"),
        ("PUT", "folders/no/such", {}, 400, "Missing required parameter - to_folder"),
        ("PUT", "folders/no/such", {"to_folder": "a?b"}, 400, "to_folder (a?b) is invalid"),
        ("PUT", "folders/no/such", {"to_folder": "/"}, 400, "to_folder (/) is invalid"),
        ("PUT", "folders/no/such", {"to_folder": "b"}, 404, "Can't find folder with path no/such"),
        ("DELETE", "folders/no/such", {}, 404, "Can't find folder with path no/such"),
    ):
        answer = await origin.ask(
            method,
            f"{origin.url}/v1_1/{CLOUD}/{path}",
            auth=(KEY, SECRET),
            **({"data": form} if form else {}),
        )
        assert "error" in answer.json, (method, path, answer.json)
        message = answer.json["error"]["message"]
        assert (answer.status, text in message) == (status, True), (method, path, answer.status, message)
    assert await names(origin) == standing


@pytest_twisted.ensureDeferred
async def test_fixed_mode_keeps_folders_in_public_ids(fixed: RunningOrigin) -> None:
    """`folder` is shown, what belongs to dynamic mode is ignored, and a rename moves (upload-api §10)."""
    answer = await fixed.upload(TINY, public_id="a/b/c", asset_folder="x", display_name="y")
    assert answer["folder"] == "a/b"
    assert "asset_folder" not in answer
    assert "display_name" not in answer
    assert (await names(fixed), await names(fixed, "a")) == (["a"], ["a/b"])
    renamed = await fixed.called(cloudinary.uploader.rename, "a/b/c", "d/c")
    assert (renamed["folder"], "display_name" in renamed) == ("d", False)
    assert await names(fixed) == ["a", "d"]
    said = await fixed.called(
        cloudinary.uploader.explicit, "d/c", type="upload", asset_folder="q", display_name="q"
    )
    assert said["folder"] == "d"
    assert await names(fixed) == ["a", "d"]
    with pytest.raises(cloudinary.exceptions.BadRequest, match=r"Folder is not empty$"):
        await fixed.called(cloudinary.api.delete_folder, "d")
    assert (await fixed.called(cloudinary.api.delete_folder, "a"))["deleted"] == ["a", "a/b"]


@pytest_twisted.ensureDeferred
async def test_fixed_mode_renames_the_assets_of_a_folder(fixed: RunningOrigin) -> None:
    before = await fixed.upload(TINY, public_id="album/x", folder="year")
    await fixed.upload(TINY, public_id="yearbook")
    await fixed.called(cloudinary.api.rename_folder, "year", "then")
    shown = await fixed.called(cloudinary.api.resource, "then/album/x")
    assert (shown["asset_id"], shown["version"] > before["version"]) == (before["asset_id"], True)
    assert (await fixed.get("/demo/image/upload/then/album/x")).status == 200
    assert (await fixed.get("/demo/image/upload/year/album/x")).status == 404
    assert (await fixed.get("/demo/image/upload/yearbook")).status == 200
    await fixed.upload(TINY, public_id="then/lone", type="private")
    assert await names(fixed, "then") == ["then/album"]


@pytest_twisted.ensureDeferred
async def test_a_cloud_may_retain_what_is_said_of_an_overwritten_asset(fixed: RunningOrigin) -> None:
    """upload-api §3.4: unless new values are sent."""
    await fixed.upload(TINY, public_id="kept", tags=["a"], context={"k": "v"})
    again = await fixed.upload(TINY, public_id="kept", tags=["b"])
    assert (again["tags"], again["context"], again["overwritten"]) == (["b"], {"custom": {"k": "v"}}, True)
    third = await fixed.upload(TINY, public_id="kept")
    assert (third["tags"], third["context"]) == (["b"], {"custom": {"k": "v"}})
