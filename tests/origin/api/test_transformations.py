"""Transformations as the official SDK names, allows, lists and deletes them (admin-api.md §10)."""

from typing import Any

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from origin.catalogue import RULES
from tests.support.images import as_bytes, quartered
from tests.support.node import NodeSdk
from tests.support.origins import KEY, SECRET, Answer, RunningOrigin

PICTURE = as_bytes(quartered(), "PNG")


async def admin(origin: RunningOrigin, method: str, path: str, document: Any = None, **more: Any) -> Answer:
    told = {"json": document} if document is not None else {}
    return await origin.ask(method, f"{origin.url}/v1_1/demo/{path}", auth=(KEY, SECRET), **told, **more)


async def delivered(origin: RunningOrigin, path: str) -> int:
    return (await origin.get(f"/demo/image/upload/{path}")).status


@pytest_twisted.ensureDeferred
async def test_a_named_transformation_lives_and_dies(origin: RunningOrigin) -> None:
    await origin.upload(PICTURE, public_id="named")
    created = await origin.called(
        cloudinary.api.create_transformation, "small_one", {"width": 10, "crop": "scale"}
    )
    assert created["message"] == "created"
    shown = await origin.called(cloudinary.api.transformation, "small_one")
    assert shown["info"] == [{"crop": "scale", "width": 10}]
    assert (shown["name"], shown["named"], shown["used"]) == ("small_one", True, False)
    assert (shown["allowed_for_strict"], shown["derived"]) == (True, [])
    assert await delivered(origin, "t_small_one/named.png") == 200
    shown = await origin.called(cloudinary.api.transformation, "t_small_one")
    assert shown["used"] is True
    assert [(each["public_id"], each["format"]) for each in shown["derived"]] == [("named", "png")]
    with pytest.raises(cloudinary.exceptions.AlreadyExists, match="small_one already exists"):
        await origin.called(cloudinary.api.create_transformation, "small_one", "w_5")
    updated = await origin.called(
        cloudinary.api.update_transformation,
        "small_one",
        allowed_for_strict=False,
        unsafe_update="c_scale,w_7",
    )
    assert updated["message"] == "updated"
    shown = await origin.called(cloudinary.api.transformation, "small_one")
    assert (shown["info"], shown["allowed_for_strict"]) == ([{"crop": "scale", "width": 7}], False)
    picture = await origin.get("/demo/image/upload/t_small_one/named.png")
    assert "width=7," in picture.headers["server-timing"]
    gone = await origin.called(cloudinary.api.delete_transformation, "small_one", invalidate=True)
    assert gone["message"] == "deleted"
    assert await delivered(origin, "t_small_one/named.png") == 400
    with pytest.raises(cloudinary.exceptions.NotFound, match="Can't find transformation small_one"):
        await origin.called(cloudinary.api.transformation, "small_one")
    with pytest.raises(cloudinary.exceptions.NotFound):
        await origin.called(cloudinary.api.delete_transformation, "small_one")


@pytest_twisted.ensureDeferred
async def test_a_chain_exists_while_something_is_derived_by_it(origin: RunningOrigin) -> None:
    """However it is spelled; deleting it deletes the derived assets."""
    await origin.upload(PICTURE, public_id="implicit", eager="c_scale,w_13|w_13,c_scale/jpg")
    assert await delivered(origin, "w_14,c_scale/implicit.png") == 200
    for spelled in ("c_scale,w_14", "w_14,c_scale"):
        shown = await origin.called(cloudinary.api.transformation, spelled)
        assert (shown["name"], shown["named"], shown["used"]) == ("c_scale,w_14", False, True)
    both = await origin.called(cloudinary.api.transformation, "c_scale,w_13", max_results=1)
    rest = await origin.called(
        cloudinary.api.transformation, "c_scale,w_13", max_results=1, next_cursor=both["next_cursor"]
    )
    assert [each["format"] for each in (*both["derived"], *rest["derived"])] == ["png", "jpg"]
    one = await origin.called(cloudinary.api.transformation, "c_scale,w_13/jpg")
    assert one["info"] == [{"crop": "scale", "format": "jpg", "width": 13}]
    assert [each["format"] for each in one["derived"]] == ["jpg"]
    overlaid = "c_scale,l_text:arial_20:x,w_100"
    await origin.upload(PICTURE, public_id="overlaid", eager="w_100,c_scale,l_text:arial_20:x")
    shown = await origin.called(cloudinary.api.transformation, overlaid)
    assert shown["name"] == overlaid
    assert shown["info"] == [{"crop": "scale", "overlay": "text:arial_20:x", "width": 100}]
    url = one["derived"][0]["url"].removeprefix("http://127.0.0.1:8000")
    assert (await origin.get(url)).status == 200
    await origin.called(cloudinary.api.delete_transformation, "c_scale,w_13/jpg")
    left = await origin.called(cloudinary.api.transformation, "c_scale,w_13")
    assert [each["format"] for each in left["derived"]] == ["png"]
    await origin.called(cloudinary.api.delete_transformation, "c_scale,w_13", invalidate=True)
    with pytest.raises(cloudinary.exceptions.NotFound):
        await origin.called(cloudinary.api.transformation, "c_scale,w_13")


@pytest_twisted.ensureDeferred
async def test_pages_show_every_transformation_once(origin: RunningOrigin) -> None:
    """Named ones with their prefix, those of the settings among them."""
    await origin.upload(PICTURE, public_id="pages", eager="w_21|w_22|w_23")
    await origin.called(cloudinary.api.create_transformation, "paged", "w_22")
    await origin.called(cloudinary.api.update_transformation, "w_24", allowed_for_strict=True)
    seen: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await origin.called(cloudinary.api.transformations, max_results=3, next_cursor=cursor)
        seen += page["transformations"]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
        assert len(page["transformations"]) == 3
    names = [each["name"] for each in seen]
    assert names == sorted(set(names))
    assert {"t_paged", "t_thumb"} <= set(names)
    assert [name[-2:] for name in names if name[-2:] in ("21", "22", "23", "24")] == ["21", "22", "23", "24"]
    by_name = {each["name"]: each for each in seen}
    assert by_name["t_paged"] == {"name": "t_paged", "named": True, "used": True, "allowed_for_strict": True}
    (allowed,) = [each for each in seen if each["name"].endswith("w_24")]
    assert (allowed["allowed_for_strict"], allowed["used"], allowed["named"]) == (True, False, False)
    only = (await origin.called(cloudinary.api.transformations, named=True, max_results=500))[
        "transformations"
    ]
    assert {"t_paged", "t_thumb"} <= {each["name"] for each in only}
    assert all(each["named"] for each in only)
    others = await origin.called(cloudinary.api.transformations, named=False, max_results=500)
    assert not any(each["named"] for each in others["transformations"])


@pytest_twisted.ensureDeferred
async def test_what_the_settings_name_stays(origin: RunningOrigin) -> None:
    shown = await origin.called(cloudinary.api.transformation, "thumb")
    assert shown["info"] == [{"crop": "fill", "height": 40, "width": 60}]
    with pytest.raises(cloudinary.exceptions.AlreadyExists):
        await origin.called(cloudinary.api.create_transformation, "thumb", "w_5")
    for change in (
        origin.called(cloudinary.api.update_transformation, "thumb", unsafe_update="w_5"),
        origin.called(cloudinary.api.delete_transformation, "thumb"),
    ):
        with pytest.raises(cloudinary.exceptions.BadRequest, match="part of this server's settings"):
            await change


@pytest_twisted.ensureDeferred
async def test_a_transformation_may_stand_in_the_path(origin: RunningOrigin) -> None:
    """As older SDKs and `curl` write it; encoded slashes, too."""
    assert (
        await admin(origin, "POST", "transformations/in_path", {"transformation": "w_31/e_sepia"})
    ).status == 200
    shown = await admin(origin, "GET", "transformations/in_path")
    assert shown.json["info"] == [{"width": 31}, {"effect": "sepia"}]
    assert (await admin(origin, "PUT", "transformations/in_path", {"unsafe_update": "w_32"})).status == 200
    assert (await admin(origin, "DELETE", "transformations/in_path", {})).json == {"message": "deleted"}
    assert (await admin(origin, "GET", "transformations/c_scale,w_99%2Fjpg")).status == 404


@pytest_twisted.ensureDeferred
async def test_what_another_cloud_names_is_not_known_here(origin: RunningOrigin) -> None:
    other = {**origin.sdk(), "cloud_name": "other", "api_key": "999", "api_secret": "other-secret"}
    await origin.called(cloudinary.api.create_transformation, "secret", "w_5")
    try:
        with pytest.raises(cloudinary.exceptions.NotFound):
            await deferToThread(cloudinary.api.transformation, "secret", **other)
    finally:
        await origin.called(cloudinary.api.delete_transformation, "secret")


@pytest.mark.parametrize(
    ("method", "document", "status", "sentence"),
    [
        ("POST", {}, 400, "Missing required parameter - name"),
        ("POST", {"name": "x"}, 400, "Missing required parameter - transformation"),
        ("POST", {"name": "x", "transformation": ""}, 400, "Missing required parameter - transformation"),
        ("POST", {"name": "x", "transformation": "/"}, 400, "Missing required parameter - transformation"),
        ("POST", {"name": "x", "transformation": "w_abc"}, 400, "Invalid width in transformation: abc"),
        ("POST", {"name": "x", "transformation": "t_x"}, 400, "Unknown transformation x"),
        ("POST", {"name": "x", "transformation": "zz"}, 400, "Invalid transformation component - zz"),
        (
            "POST",
            {"name": "x", "transformation": ["a"] * 10_000},
            400,
            "Invalid transformation component - a",
        ),
        ("POST", {"name": "x", "transformation": {"a": {"b": [1]}}}, 400, "Invalid transformation component"),
        ("POST", {"name": "x", "transformation": "/".join(["w_1"] * 100)}, 400, "Maximum"),
        ("POST", {"name": "a/b", "transformation": "w_1"}, 400, "Invalid transformation name a/b"),
        ("POST", {"name": "a.b", "transformation": "w_1"}, 400, "Invalid transformation name a.b"),
        ("POST", {"name": "x" * 300, "transformation": "w_1"}, 400, "Invalid transformation name xxx"),
        ("POST", {"name": "x\ud800", "transformation": "w_1"}, 400, "transformation name x%D800"),
        (
            "POST",
            {"name": "x", "transformation": "w_1", "allowed_for_strict": "maybe"},
            400,
            "allowed_for_strict",
        ),
        ("PUT", {}, 400, "Missing required parameter - transformation"),
        ("PUT", {"transformation": "w_1"}, 400, "allowed_for_strict or unsafe_update"),
        (
            "PUT",
            {"transformation": "nope", "allowed_for_strict": True},
            404,
            "Can't find transformation nope",
        ),
        ("PUT", {"transformation": "w_1", "unsafe_update": "w_2"}, 400, "for named transformations only"),
        (
            "PUT",
            {"transformation": "l_text:Arial_20:" + "x" * 3000, "allowed_for_strict": 1},
            400,
            "too long",
        ),
        ("DELETE", {}, 400, "Missing required parameter - transformation"),
        ("DELETE", {"transformation": "w_12345"}, 404, "Can't find transformation w_12345"),
        ("DELETE", {"transformation": "\x01\n"}, 404, "Can't find transformation %01%0A"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_bad_input_is_told_and_leaves_nothing(
    origin: RunningOrigin, method: str, document: dict[str, Any], status: int, sentence: str
) -> None:
    catalogue = origin.node.catalogue
    before = await catalogue.transformations.all("demo"), await catalogue.tallies.by_cloud(RULES)
    answer = await admin(origin, method, "transformations", document)
    assert answer.status == status
    assert sentence in answer.json["error"]["message"]
    after = await catalogue.transformations.all("demo"), await catalogue.tallies.by_cloud(RULES)
    assert before == after


@pytest.mark.parametrize("cursor", ["!", "////", "gICA", "AA"])
@pytest_twisted.ensureDeferred
async def test_a_cursor_that_nobody_made_is_refused(origin: RunningOrigin, cursor: str) -> None:
    assert (await admin(origin, "GET", f"transformations?next_cursor={cursor}")).status == 400


NODE = """
const api = cloudinary.api;
(async () => {
  tell(null, await api.create_transformation("node_thumb", {width: 9, crop: "scale"}));
  tell(null, await api.transformation("node_thumb"));
  tell(null, await api.update_transformation("node_thumb", {allowed_for_strict: false, unsafe_update: "c_scale,w_8"}));
  tell(null, await api.transformations({named: true, max_results: 500}));
  tell(null, await api.delete_transformation("node_thumb"));
  await api.transformation("node_thumb").catch(refusal => tell(null, refusal.error));
  tell(null, await api.create_upload_mapping("node", {template: "https://e.com/"}));
  tell(null, await api.upload_mapping("node"));
  tell(null, await api.update_upload_mapping("node", {template: "https://f.com/"}));
  tell(null, await api.upload_mappings());
  tell(null, await api.delete_upload_mapping("node"));
  tell(null, await api.usage());
  tell(null, await api.usage({date: "01-01-2025"}));
  tell(null, await api.config({settings: true}));
  tell(null, await api.ping());
})();
"""


@pytest_twisted.ensureDeferred
async def test_the_sdk_for_node_is_answered_alike(origin: RunningOrigin, node_sdk: NodeSdk) -> None:
    """It sends forms where Python's sends JSON, and reads what is left of the hour from every answer."""
    answers = iter(await node_sdk.run(origin.url, NODE))
    assert next(answers)["message"] == "created"
    shown = next(answers)
    assert (shown["info"], shown["allowed_for_strict"]) == ([{"crop": "scale", "width": 9}], True)
    assert shown["rate_limit_allowed"] == 100_000
    assert next(answers)["message"] == "updated"
    (listed,) = [each for each in next(answers)["transformations"] if each["name"] == "t_node_thumb"]
    assert listed == {"name": "t_node_thumb", "named": True, "used": False, "allowed_for_strict": False}
    assert next(answers)["message"] == "deleted"
    assert next(answers) == {"message": "Can't find transformation node_thumb", "http_code": 404}
    assert next(answers)["folder"] == "node"
    assert next(answers)["template"] == "https://e.com/"
    assert next(answers)["message"] == "updated"
    assert [each["template"] for each in next(answers)["mappings"]] == ["https://f.com/"]
    assert next(answers)["message"] == "deleted"
    assert next(answers)["plan"] == "Free"
    assert next(answers)["requests"] == 0
    assert next(answers)["settings"] == {"folder_mode": "dynamic"}
    assert next(answers)["status"] == "ok"
