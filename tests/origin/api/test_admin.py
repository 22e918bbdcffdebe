"""The Admin API as the official SDK calls it."""

from email.utils import parsedate_to_datetime

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted

from tests.support.images import as_bytes, quartered
from tests.support.origins import RunningOrigin

PICTURE = as_bytes(quartered(), "PNG")


@pytest_twisted.ensureDeferred
async def test_ping_answers_with_rate_limits_that_clients_can_parse(origin: RunningOrigin) -> None:
    answer = await origin.called(cloudinary.api.ping)
    assert answer["status"] == "ok"
    assert (answer.rate_limit_allowed, answer.rate_limit_remaining) == (100_000, 99_999)
    raw = await origin.ask(
        "GET", f"{origin.url}/v1_1/demo/ping?", auth=(origin.sdk()["api_key"], origin.sdk()["api_secret"])
    )
    assert parsedate_to_datetime(raw.headers["x-featureratelimit-reset"]).minute == 0


@pytest_twisted.ensureDeferred
async def test_pages_of_a_listing_show_every_asset_once(origin: RunningOrigin) -> None:
    for number in range(5):
        await origin.upload(PICTURE, public_id=f"page/{number}", tags="t")
    seen, cursor = [], None
    while True:
        page = await origin.called(
            cloudinary.api.resources,
            type="upload",
            prefix="page/",
            max_results=2,
            next_cursor=cursor,
            direction="asc",
            tags=True,
        )
        seen += page["resources"]
        assert len(page["resources"]) <= 2
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    assert [each["public_id"] for each in seen] == [f"page/{number}" for number in range(5)]
    assert all(each["tags"] == ["t"] for each in seen)
    assert (seen[0]["width"], seen[0]["format"], seen[0]["type"]) == (64, "png", "upload")


@pytest_twisted.ensureDeferred
async def test_a_listing_by_ids_shows_those_that_exist(origin: RunningOrigin) -> None:
    await origin.upload(PICTURE, public_id="ids/ü 1")
    await origin.upload(PICTURE, public_id="ids/2")
    page = await origin.called(cloudinary.api.resources_by_ids, ["ids/ü 1", "ids/2", "ids/none"])
    assert {each["public_id"] for each in page["resources"]} == {"ids/ü 1", "ids/2"}
    assert "tags" not in page["resources"][0]
    assert "next_cursor" not in page


@pytest.mark.parametrize("public_id", ["detail", "folder/ü x"])
@pytest_twisted.ensureDeferred
async def test_a_detail_lists_what_was_derived(origin: RunningOrigin, public_id: str) -> None:
    await origin.upload(PICTURE, public_id=public_id, tags=["z", "a"], context="alt=sample")
    for width in (10, 20, 30):
        url, _ = cloudinary.utils.cloudinary_url(
            public_id, width=width, crop="scale", format="jpg", cloud_name="demo"
        )
        assert (await origin.get(url.partition("cloudinary.com")[2])).status == 200
    detail = await origin.called(cloudinary.api.resource, public_id, max_results=2)
    assert detail["tags"] == ["a", "z"]
    assert detail["context"] == {"custom": {"alt": "sample"}}
    assert [each["transformation"] for each in detail["derived"]] == ["c_scale,w_10", "c_scale,w_20"]
    assert detail["next_cursor"]
    rest = await origin.called(
        cloudinary.api.resource, public_id, max_results=2, derived_next_cursor=detail["next_cursor"]
    )
    assert [each["transformation"] for each in rest["derived"]] == ["c_scale,w_30"]
    got = await origin.get(rest["derived"][0]["url"].removeprefix("http://127.0.0.1:8000"))
    assert len(got.body) == rest["derived"][0]["bytes"]


@pytest_twisted.ensureDeferred
async def test_what_was_derived_is_listed_as_it_was_asked_for(origin: RunningOrigin) -> None:
    """§5: by whoever had it made; another spelling of the same is no other file, and finds it to delete it."""
    await origin.upload(PICTURE, public_id="asked", eager="w_12,c_pad,h_10/jpg")
    for chain in ("w_11,c_fill,h_10", "c_fill,h_10,w_11", "t_thumb"):
        assert (await origin.get(f"/demo/image/upload/{chain}/asked.png")).status == 200
    derived = (await origin.called(cloudinary.api.resource, "asked"))["derived"]
    written = ["c_pad,h_10,w_12", "w_11,c_fill,h_10", "t_thumb"]
    assert [each["transformation"] for each in derived] == written
    assert [each["url"].split("/")[6] for each in derived] == written
    for each in derived:
        got = await origin.get(each["url"].removeprefix("http://127.0.0.1:8000"))
        assert len(got.body) == each["bytes"]
    gone = await origin.called(
        cloudinary.api.delete_resources, ["asked"], keep_original=True, transformations="c_fill,w_11,h_10"
    )
    assert gone["deleted_counts"]["asked"] == {"original": 0, "derived": 1}


@pytest_twisted.ensureDeferred
async def test_an_encoded_slash_in_the_path_is_a_slash(origin: RunningOrigin) -> None:
    """Node sends `folder%2Fx`, and even whole endpoints as one segment."""
    await origin.upload(PICTURE, public_id="node/x")
    auth = (origin.sdk()["api_key"], origin.sdk()["api_secret"])
    detail = await origin.ask(
        "GET", f"{origin.url}/v1_1/demo/resources%2Fimage%2Fupload%2Fnode%2Fx", auth=auth
    )
    assert detail.json["public_id"] == "node/x"


@pytest_twisted.ensureDeferred
async def test_deletion_tells_what_went(origin: RunningOrigin) -> None:
    await origin.upload(PICTURE, public_id="gone/1")
    await origin.upload(PICTURE, public_id="gone/2")
    await origin.get("/demo/image/upload/w_9/gone/1.jpg")
    answer = await origin.called(cloudinary.api.delete_resources, ["gone/1", "never"])
    assert answer["deleted"] == {"gone/1": "deleted", "never": "not_found"}
    assert answer["deleted_counts"]["gone/1"] == {"original": 1, "derived": 1}
    rest = await origin.called(cloudinary.api.delete_resources_by_prefix, "gone/")
    assert rest["deleted"] == {"gone/2": "deleted"}
    assert rest["partial"] is False


@pytest_twisted.ensureDeferred
async def test_an_unknown_asset_is_told_in_the_sheets_words(origin: RunningOrigin) -> None:
    with pytest.raises(cloudinary.exceptions.NotFound, match="Resource not found - none"):
        await origin.called(cloudinary.api.resource, "none")
