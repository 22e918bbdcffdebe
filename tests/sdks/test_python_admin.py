"""`cloudinary.api`: the account, listings, details, changes and deletions of assets (admin-api §3–§9)."""

from datetime import UTC, date, datetime, timedelta

import cloudinary
import pytest

from tests.sdks.python_sdk import ASSET, HEX, LISTED, PICTURE, api, get, holds, put, uploader
from tests.support.images import ASTRONAUT
from tests.support.listeners import Listener

pytestmark = pytest.mark.usefixtures("python_cloud")


@pytest.fixture(scope="module", autouse=True)
def _assets(python_cloud: None) -> None:
    for number in range(3):
        put(
            f"adm/{number}", tags=["adm", f"adm-{number}"], context={"shelf": str(number)}, asset_folder="adm"
        )


def ids(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [each["public_id"] for each in answer["resources"]]


def test_the_account_tells_what_it_is() -> None:
    pinged = api.ping()
    assert pinged["status"] == "ok"
    assert pinged.rate_limit_allowed == 10_000
    assert 0 < pinged.rate_limit_remaining < 10_000
    assert pinged.rate_limit_reset_at > datetime.now(UTC).timetuple()
    assert api.resource_types()["resource_types"] == ["image", "raw", "video"]
    told = api.config(settings=True)
    assert (told["cloud_name"], told["settings"]) == ("python", {"folder_mode": "dynamic"})
    holds(told, {"created_at"})
    usage = api.usage()
    wanted = {"plan", "last_updated", "transformations", "objects", "bandwidth", "storage", "requests"}
    holds(usage, wanted | {"resources", "derived_resources", "media_limits"})
    holds(usage["media_limits"], {"image_max_size_bytes", "video_max_size_bytes", "raw_max_size_bytes"})
    before = api.usage(date=date.today() - timedelta(days=1))
    assert "limit" not in before["bandwidth"]


def test_assets_are_listed_by_whatever_they_have() -> None:
    first = api.resources(
        type="upload", prefix="adm/", max_results=2, direction="asc", tags=True, context=True
    )
    assert ids(first) == ["adm/0", "adm/1"]
    holds(first["resources"][0], LISTED | {"tags", "context"})
    assert first["resources"][1]["context"] == {"custom": {"shelf": "1"}}
    rest = api.resources(
        type="upload", prefix="adm/", max_results=2, direction="asc", next_cursor=first["next_cursor"]
    )
    assert ids(rest) == ["adm/2"]
    assert "next_cursor" not in rest
    assert set(ids(api.resources_by_tag("adm", fields=["public_id", "bytes"]))) == {"adm/0", "adm/1", "adm/2"}
    assert ids(api.resources_by_tag("no such tag")) == []
    assert ids(api.resources_by_context("shelf", "1")) == ["adm/1"]
    assert len(ids(api.resources_by_context("shelf"))) == 3
    assert set(ids(api.resources_by_ids(["adm/0", "adm/2", "adm/none"]))) == {"adm/0", "adm/2"}
    known = [each["asset_id"] for each in first["resources"]]
    assert set(ids(api.resources_by_asset_ids(known))) == {"adm/0", "adm/1"}
    in_folder = api.resources_by_asset_folder("adm", max_results=1)
    assert (in_folder["total_count"], len(in_folder["resources"])) == (3, 1)
    with pytest.raises(cloudinary.exceptions.NotFound):
        api.resources_by_asset_folder("adm/none")
    put("adm-held", moderation="manual")
    (held,) = api.resources_by_moderation("manual", "pending", moderations=True, max_results=1)["resources"]
    assert (held["moderation_kind"], held["moderation_status"]) == ("manual", "pending")
    assert api.tags(prefix="adm-", max_results=2)["tags"] == ["adm-0", "adm-1"]
    assert api.tags(prefix="nothing like it")["tags"] == []


def test_the_details_of_an_asset_by_either_name() -> None:
    made = uploader.upload(
        str(ASTRONAUT), public_id="adm-whole", tags="z,a", eager={"width": 7, "crop": "scale"}
    )
    flags = ("colors", "faces", "exif", "image_metadata", "media_metadata", "pages", "phash", "coordinates")
    more = ("versions", "quality_analysis", "accessibility_analysis", "cinemagraph_analysis", "related")
    detail = api.resource("adm-whole", **dict.fromkeys(flags + more, True))
    holds(detail, LISTED | {"derived", "tags", "colors", "predominant", "faces", "phash", "image_metadata"})
    holds(detail, {"quality_analysis", "accessibility_analysis", "cinemagraph_analysis", "versions"})
    assert detail["tags"] == ["a", "z"]
    assert isinstance(detail["quality_analysis"]["focus"], float)
    (derived,) = detail["derived"]
    holds(derived, {"transformation", "format", "bytes", "id", "url", "secure_url"})
    assert derived["transformation"] == "c_scale,w_7"
    by_id = api.resource_by_asset_id(made["asset_id"])
    assert by_id["public_id"] == "adm-whole"
    assert api.delete_derived_resources([derived["id"], "0" * 32])["deleted"] == {
        derived["id"]: "deleted",
        "0" * 32: "not_found",
    }
    assert api.resource("adm-whole")["derived"] == []
    with pytest.raises(cloudinary.exceptions.NotFound, match=r"Resource not found - adm-none$"):
        api.resource("adm-none")


def test_an_asset_is_changed() -> None:
    put("adm-change", moderation="manual", context="old=1")
    changed = api.update(
        "adm-change",
        tags=["b", "a"],
        context={"new": "2"},
        moderation_status="approved",
        face_coordinates=[[1, 2, 30, 40]],
        custom_coordinates=[1, 2, 300, 400],
        display_name="Changed",
        asset_folder="elsewhere",
    )
    holds(changed, LISTED | {"moderation", "moderation_kind", "moderation_status", "derived"} - {"derived"})
    assert (changed["tags"], changed["context"]) == (["a", "b"], {"custom": {"new": "2"}})
    assert (changed["moderation"][0]["status"], changed["moderation_status"]) == ("approved", "approved")
    holds(changed["moderation"][0], {"kind", "status", "updated_at"})
    assert (changed["display_name"], changed["asset_folder"]) == ("Changed", "elsewhere")
    seen = api.resource("adm-change", coordinates=True)["coordinates"]
    assert seen == {"faces": [[1, 2, 30, 40]], "custom": [[1, 2, 300, 400]]}
    with pytest.raises(cloudinary.exceptions.BadRequest, match=r"Illegal value"):
        api.update("adm-change", raw_convert="illegal")


def test_assets_are_deleted_by_whatever_they_have() -> None:
    for name in ("del/a", "del/b", "del/c", "kept/d"):
        put(name, tags="del" if name == "del/b" else "", eager={"width": 6, "crop": "scale"})
    answer = api.delete_derived_by_transformation(["kept/d"], {"width": 6, "crop": "scale"}, invalidate=True)
    assert answer["deleted_counts"]["kept/d"] == {"original": 0, "derived": 1}
    answer = api.delete_resources(["del/a", "del/none"])
    assert answer["deleted"] == {"del/a": "deleted", "del/none": "not_found"}
    assert answer["deleted_counts"] == {
        "del/a": {"original": 1, "derived": 1},
        "del/none": {"original": 0, "derived": 0},
    }
    assert answer["partial"] is False
    assert api.delete_resources_by_tag("del")["deleted"] == {"del/b": "deleted"}
    assert api.delete_resources_by_prefix("del/")["deleted"] == {"del/c": "deleted"}
    known = api.resource("kept/d")["asset_id"]
    assert api.delete_resources_by_asset_ids([known])["deleted"] == {known: "deleted"}
    for number in range(2):
        put(f"all/{number}", type="authenticated")
    answer = api.delete_all_resources(type="authenticated")
    assert {"all/0", "all/1"} <= answer["deleted"].keys()
    assert ids(api.resources(type="authenticated")) == []


def test_what_was_deleted_is_restored_from_its_backup() -> None:
    first = put("back/one", backup=True)
    put("back/two", backup=True)
    deleted = api.delete_resources(["back/one", "back/two"])
    assert set(deleted["deleted"].values()) == {"deleted"}
    placeholder = api.resource("back/one")
    assert (placeholder["placeholder"], placeholder["bytes"]) == (True, 0)
    restored = api.restore(["back/one", "back/never"])
    holds(
        restored["back/one"],
        ASSET - {"api_key", "request_id", "pages", "etag", "url", "secure_url", "display_name"},
    )
    assert restored["back/one"]["asset_id"] == first["asset_id"]
    assert restored["back/never"] == {"error": "no_backup"}
    assert get(api.resource("back/one")["url"]).data == PICTURE
    two = api.resource("back/two")["asset_id"]
    assert api.restore_by_asset_ids([two])[two]["public_id"] == "back/two"
    versions = [each["version_id"] for each in api.resource("back/one", versions=True)["versions"]]
    gone = api.delete_backed_up_assets(first["asset_id"], versions)
    assert (gone["asset_id"], sorted(gone["deleted_version_ids"])) == (first["asset_id"], sorted(versions))


def test_hidden_assets_are_published() -> None:
    for name in ("pub/id", "pre/fix", "pub/tag"):
        put(name, type="private", tags="publish" if name == "pub/tag" else "")
    for answer, name in (
        (api.publish_by_ids(["pub/id"], type="private"), "pub/id"),
        (api.publish_by_prefix("pre/"), "pre/fix"),
        (api.publish_by_tag("publish"), "pub/tag"),
    ):
        (published,) = answer["published"]
        holds(published, {"public_id", "resource_type", "type", "url"})
        assert (published["public_id"], published["type"], answer["failed"]) == (name, "upload", [])
        assert get(published["url"]).status == 200
    assert api.publish_by_tag("no such tag") == {"published": [], "failed": []}


def test_assets_are_related_both_ways() -> None:
    one, two = put("rel/one"), put("rel/two")
    answer = api.add_related_assets("rel/one", "image/upload/rel/two")
    assert answer["failed"] == []
    assert answer["success"] == [
        {"message": "success", "code": "success_ids", "asset": "image/upload/rel/two", "status": 200}
    ]
    related = api.resource("rel/two", related=True)["related_assets"]
    assert [each["public_id"] for each in related] == ["rel/one"]
    holds(related[0], {"asset_id", "public_id", "resource_type", "type"})
    assert api.delete_related_assets("rel/one", ["image/upload/rel/two"])["failed"] == []
    partial = api.add_related_assets_by_asset_ids(one["asset_id"], [two["asset_id"], "0" * 32])
    assert [each["asset"] for each in partial["success"]] == [two["asset_id"]]
    assert [each["code"] for each in partial["failed"]] == ["non_existing_ids"]
    gone = api.delete_related_assets_by_asset_ids(one["asset_id"], two["asset_id"])
    assert [each["asset"] for each in gone["success"]] == [two["asset_id"]]


def test_what_needs_a_model_is_refused(listener: Listener) -> None:
    """Known, not here: 420 (upload-api §12) or 403 (admin-api §18)."""
    refusals = (cloudinary.exceptions.RateLimited, cloudinary.exceptions.NotAllowed)
    with pytest.raises(refusals, match=r"You don't have an active subscription for"):
        api.visual_search(text="a cat")
    with pytest.raises(refusals, match=r"You don't have an active subscription for"):
        api.analyze("uri", "captioning", uri=f"{listener.url}/astronaut.jpg")
    with pytest.raises(cloudinary.exceptions.BadRequest, match=r"Illegal value nonsense for analysis_type"):
        api.analyze("uri", "nonsense", uri=f"{listener.url}/astronaut.jpg")


def test_low_level_calls_reach_the_same_server() -> None:
    assert HEX.fullmatch(api.resource("adm/0")["asset_id"])
    assert cloudinary.api.call_api("get", ["ping"], {})["status"] == "ok"
    assert cloudinary.api.call_json_api("get", ["ping"], {})["status"] == "ok"
    assert api.only({"a": 1, "b": 2}, "a") == {"a": 1}
    assert api.transformation_string({"width": 3, "crop": "scale"}) == "c_scale,w_3"
