"""Upload mappings as the official SDK keeps them (admin-api.md §14)."""

from typing import Any

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted

from tests.support.origins import KEY, SECRET, RunningOrigin


@pytest_twisted.ensureDeferred
async def test_a_mapping_lives_and_dies(origin: RunningOrigin) -> None:
    created = await origin.called(
        cloudinary.api.create_upload_mapping, "wiki", template="https://upload.wikimedia.org/", tags=["x"]
    )
    assert (created["message"], created["folder"]) == ("created", "wiki")
    shown = await origin.called(cloudinary.api.upload_mapping, "wiki")
    assert shown["template"] == "https://upload.wikimedia.org/"
    assert (shown["external_id"], shown["upload_preset_name"]) == (created["external_id"], None)
    with pytest.raises(cloudinary.exceptions.AlreadyExists):
        await origin.called(cloudinary.api.create_upload_mapping, "wiki", template="https://x/")
    updated = await origin.called(
        cloudinary.api.update_upload_mapping, "wiki", template="https://images.example/a/"
    )
    assert updated["external_id"] == created["external_id"]
    listed = await origin.called(cloudinary.api.upload_mappings)
    assert [(each["folder"], each["template"]) for each in listed["mappings"]] == [
        ("wiki", "https://images.example/a/")
    ]
    assert listed["total_entries"] == 1
    assert "next_cursor" not in listed
    assert (await origin.called(cloudinary.api.delete_upload_mapping, "wiki"))["message"] == "deleted"
    for call in (cloudinary.api.upload_mapping, cloudinary.api.delete_upload_mapping):
        with pytest.raises(cloudinary.exceptions.NotFound, match="Can't find upload mapping for folder wiki"):
            await origin.called(call, "wiki")


@pytest_twisted.ensureDeferred
async def test_pages_show_every_mapping_once(origin: RunningOrigin) -> None:
    folders = ["a/b", "ä", "z"]
    for folder in folders:
        await origin.called(cloudinary.api.create_upload_mapping, folder, template="https://e.com/")
    seen, cursor = [], None
    while True:
        page = await origin.called(cloudinary.api.upload_mappings, max_results=2, next_cursor=cursor)
        assert page["total_entries"] == 3
        seen += [each["folder"] for each in page["mappings"]]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    assert sorted(seen) == sorted(folders)
    for folder in folders:
        await origin.called(cloudinary.api.delete_upload_mapping, folder)


@pytest.mark.parametrize(
    ("method", "document", "status", "sentence"),
    [
        ("POST", {"template": "https://e.com/"}, 400, "Missing required parameter - folder"),
        ("POST", {"folder": "x"}, 400, "Missing required parameter - template"),
        ("POST", {"folder": "/", "template": "https://e.com/"}, 400, "Invalid folder /"),
        ("POST", {"folder": "a\nb", "template": "https://e.com/"}, 400, "Invalid folder a%0Ab"),
        ("POST", {"folder": "x" * 3000, "template": "https://e.com/"}, 400, "Invalid folder xxx"),
        ("POST", {"folder": "x\ud800", "template": "https://e.com/"}, 400, "Invalid folder x%D800"),
        ("POST", {"folder": ["a"] * 10_000, "template": "https://e.com/"}, 400, "Invalid folder a,a"),
        ("POST", {"folder": "x", "template": "ftp://e.com/"}, 400, "Invalid template ftp://e.com/"),
        ("POST", {"folder": "x", "template": "file:///etc/"}, 400, "Invalid template file:///etc/"),
        ("POST", {"folder": "x", "template": "https://"}, 400, "Invalid template https://"),
        ("POST", {"folder": "x", "template": "https://[::1/"}, 400, "Invalid template https://[::1/"),
        (
            "POST",
            {"folder": "x", "template": "https://e.com/" + "x" * 3000},
            400,
            "Invalid template https://",
        ),
        ("POST", {"folder": "x", "template": {"a": [[1]]}}, 400, "Invalid template"),
        ("PUT", {"folder": "none", "template": "https://e.com/"}, 404, "for folder none"),
        ("PUT", {}, 400, "Missing required parameter - folder"),
        ("DELETE", {"folder": "none"}, 404, "for folder none"),
        ("DELETE", {}, 400, "Missing required parameter - folder"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_bad_input_is_told_and_leaves_nothing(
    origin: RunningOrigin, method: str, document: dict[str, Any], status: int, sentence: str
) -> None:
    url = f"{origin.url}/v1_1/demo/upload_mappings"
    answer = await origin.ask(method, url, auth=(KEY, SECRET), json=document)
    assert answer.status == status
    assert sentence in answer.json["error"]["message"]
    assert await origin.node.catalogue.mappings.all("demo") == ()
