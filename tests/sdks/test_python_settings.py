"""`cloudinary.api`: presets, transformations, folders, mappings, profiles, fields, listeners (admin-api §10–§17)."""

import time

import cloudinary
import pytest

from tests.sdks.conftest import TOKEN_KEY
from tests.sdks.python_sdk import PICTURE, api, get, holds, picture, put, uploader, utils
from tests.support.listeners import Listener
from tests.support.world import World, eventually

pytestmark = pytest.mark.usefixtures("python_cloud")


def test_transformations_are_named_shown_changed_and_removed() -> None:
    definition = {"width": 20, "height": 10, "crop": "fill"}
    assert api.create_transformation("small", definition)["message"] == "created"
    with pytest.raises(cloudinary.exceptions.AlreadyExists):
        api.create_transformation("small", definition)
    (listed,) = [
        each for each in api.transformations(named=True)["transformations"] if "small" in each["name"]
    ]
    assert listed == {"name": "t_small", "allowed_for_strict": True, "used": False, "named": True}
    put("set/named", eager={"transformation": "small"})
    shown = api.transformation("small")
    assert (shown["name"], shown["named"], shown["used"]) == ("small", True, True)
    assert shown["info"] == [{"crop": "fill", "height": 10, "width": 20}]
    (derived,) = shown["derived"]
    holds(derived, {"public_id", "resource_type", "type", "format", "url", "secure_url", "bytes", "id"})
    answer = api.update_transformation("small", allowed_for_strict=False, unsafe_update={"width": 21})
    assert answer["message"] == "updated"
    shown = api.transformation("small")
    assert (shown["allowed_for_strict"], shown["info"]) == (False, [{"width": 21}])
    assert api.delete_transformation("small")["message"] == "deleted"
    with pytest.raises(cloudinary.exceptions.NotFound):
        api.transformation("small")


def test_presets_are_stored_parsed_and_used() -> None:
    eager = [{"width": 9, "crop": "scale"}]
    made = api.create_upload_preset(
        name="p1", tags=["a", "b"], eager=eager, allowed_formats=["png"], context={"k": "v"}
    )
    holds(made, {"message", "name", "external_id"})
    shown = api.upload_preset("p1")
    assert (shown["name"], shown["unsigned"], shown["external_id"]) == ("p1", False, made["external_id"])
    assert shown["settings"] == {
        "tags": ["a", "b"],
        "eager": [[{"crop": "scale", "width": 9}]],
        "allowed_formats": ["png"],
        "context": {"k": "v"},
    }
    assert "p1" in [each["name"] for each in api.upload_presets(max_results=500)["presets"]]
    updated = api.update_upload_preset("p1", unsigned=True, colors=True)
    assert (updated["message"], updated["external_id"]) == ("updated", made["external_id"])
    shown = api.upload_preset("p1")
    assert (shown["unsigned"], shown["settings"]["colors"], shown["settings"]["tags"]) == (
        True,
        True,
        ["a", "b"],
    )
    answer = uploader.upload(PICTURE, upload_preset="p1")
    assert (answer["tags"], len(answer["eager"]), "colors" in answer) == (["a", "b"], 1, True)
    assert api.delete_upload_preset("p1")["message"] == "deleted"
    with pytest.raises(cloudinary.exceptions.NotFound):
        api.upload_preset("p1")
    with pytest.raises(cloudinary.exceptions.BadRequest, match=r"Upload preset not found"):
        uploader.upload(PICTURE, upload_preset="p1")


def test_folders_are_made_listed_renamed_and_removed() -> None:
    made = api.create_folder("tree/ü branch/leaf")
    assert (made["success"], made["path"], made["name"]) == (True, "tree/ü branch/leaf", "leaf")
    holds(made, {"external_id"})
    root = api.root_folders(max_results=500)
    assert "tree" in [each["path"] for each in root["folders"]]
    holds(root, {"next_cursor", "total_count"})
    below = api.subfolders("tree")
    (branch,) = below["folders"]
    assert (branch["name"], branch["path"], below["total_count"]) == ("ü branch", "tree/ü branch", 1)
    moved = api.rename_folder("tree/ü branch", "tree/moved")
    assert moved["from"] == {"name": "ü branch", "path": "tree/ü branch"}
    assert moved["to"] == {"name": "moved", "path": "tree/moved"}
    put("set/in-folder", asset_folder="tree/moved/leaf")
    with pytest.raises(cloudinary.exceptions.BadRequest):
        api.delete_folder("tree/moved/leaf")
    api.delete_resources(["set/in-folder"])
    assert "tree/moved/leaf" in api.delete_folder("tree/moved/leaf")["deleted"]
    with pytest.raises(cloudinary.exceptions.NotFound, match=r"Can't find folder with path tree/none$"):
        api.subfolders("tree/none")


def test_a_mapped_folder_is_loaded_from_where_it_points(world: World, listener: Listener) -> None:
    made = api.create_upload_mapping("mapped", template="https://example.com/")
    assert (made["message"], made["folder"]) == ("created", "mapped")
    with pytest.raises(cloudinary.exceptions.AlreadyExists):
        api.create_upload_mapping("mapped", template="https://example.com/")
    assert api.update_upload_mapping("mapped", template=f"{listener.url}/")["message"] == "updated"
    shown = api.upload_mapping("mapped")
    holds(shown, {"folder", "template", "external_id", "upload_preset_name"})
    assert (shown["folder"], shown["template"]) == ("mapped", f"{listener.url}/")
    listed = api.upload_mappings()
    assert (len(listed["mappings"]), listed["total_entries"]) == (1, 1)
    url = f"{world.ready['api_url']}/python/image/upload/mapped/astronaut.jpg"
    eventually(lambda: get(url).status == 200, "the mapping is known to the origin")
    assert api.resource("mapped/astronaut")["width"] == 512
    assert api.delete_upload_mapping("mapped")["message"] == "deleted"
    with pytest.raises(cloudinary.exceptions.NotFound):
        api.upload_mapping("mapped")


def test_streaming_profiles_are_kept() -> None:
    names = {each["name"] for each in api.list_streaming_profiles()["data"]}
    assert names >= {"4k", "full_hd", "hd", "sd", "full_hd_wifi", "full_hd_lean", "hd_lean"}
    assert api.get_streaming_profile("4k")["data"]["representations"][0]["transformation"][0]["width"] == 3840
    steps = [{"crop": "limit", "width": 1200, "height": 1200, "bit_rate": "5m"}]
    made = api.create_streaming_profile("mine", display_name="Mine", representations=steps)
    assert (made["message"], made["data"]["name"]) == ("created", "mine")
    assert made["data"]["representations"] == [{"transformation": steps}]
    changed = api.update_streaming_profile("mine", representations=[{"width": 9}])
    assert changed["message"] == "updated"
    assert changed["data"]["representations"] == [{"transformation": [{"width": 9}]}]
    assert api.delete_streaming_profile("mine")["message"] == "deleted"
    api.update_streaming_profile("sd", display_name="Ours")
    assert api.delete_streaming_profile("sd")["message"] == "reverted"


def test_structured_metadata_has_fields_entries_and_rules() -> None:
    values = [{"external_id": "r", "value": "red"}, {"external_id": "b", "value": "blue"}]
    field = {"external_id": "colour", "label": "Colour", "type": "enum", "datasource": {"values": values}}
    made = api.add_metadata_field({**field, "mandatory": False})
    holds(made, {"type", "external_id", "label", "mandatory", "default_value", "validation", "datasource"})
    api.add_metadata_field({"external_id": "age", "label": "Age", "type": "integer"})
    assert api.metadata_field_by_field_id("colour")["label"] == "Colour"
    assert api.update_metadata_field("colour", {"label": "Color"})["label"] == "Color"
    assert {each["external_id"] for each in api.list_metadata_fields()["metadata_fields"]} == {
        "colour",
        "age",
    }
    more = api.update_metadata_field_datasource("colour", [{"external_id": "g", "value": "green"}])
    assert more["values"] == [*values, {"external_id": "g", "value": "green"}]
    assert [each["external_id"] for each in api.delete_datasource_entries("colour", ["r"])["values"]] == [
        "b",
        "g",
    ]
    assert len(api.restore_metadata_field_datasource("colour", ["r"])["values"]) == 3
    ordered = api.reorder_metadata_field_datasource("colour", "value", "desc")["values"]
    assert [each["value"] for each in ordered] == ["red", "green", "blue"]
    fields = api.reorder_metadata_fields("label", "desc")["metadata_fields"]
    assert [each["label"] for each in fields] == ["Color", "Age"]
    rule = api.add_metadata_rule(
        {
            "metadata_field_id": "age",
            "name": "only with a colour",
            "condition": {"metadata_field_id": "colour", "populated": True},
            "result": {"enable": True, "set_mandatory": False},
        }
    )
    holds(rule, {"external_id", "metadata_field_id", "name", "condition", "result", "state"})
    assert [each["name"] for each in api.list_metadata_rules()["metadata_rules"]] == ["only with a colour"]
    assert api.update_metadata_rule(rule["external_id"], {"name": "renamed"})["name"] == "renamed"
    assert api.delete_metadata_rule(rule["external_id"])["success"] is True
    for name in ("colour", "age"):
        assert api.delete_metadata_field(name)["message"] == "ok"
    with pytest.raises(cloudinary.exceptions.BadRequest, match=r"external id age already exists"):
        api.add_metadata_field({"external_id": "age", "label": "Again", "type": "string"})


def test_triggers_are_registered_tried_and_removed(listener: Listener) -> None:
    made = api.create_trigger(f"{listener.url}/trigger-python", "rename")
    holds(made, {"id", "product_environment_id", "uri_type", "uri", "event_type", "created_at", "updated_at"})
    assert (made["uri_type"], made["event_type"]) == ("webhook", "rename")
    with pytest.raises(cloudinary.exceptions.AlreadyExists):
        api.create_trigger(f"{listener.url}/trigger-python", "rename")
    assert api.triggers(event_type="rename")["total"] == 1
    holds(api.update_trigger(made["id"], f"{listener.url}/moved-python"), {"message"})
    (shown,) = api.triggers(event_type="rename")["triggers"]
    assert shown["uri"] == f"{listener.url}/moved-python"
    tried = api.test_trigger(made["id"], {"public_id": "x"})
    assert (tried["trigger_id"], tried["filter_present"], tried["filter_result"]) == (made["id"], False, True)
    put("set/from")
    uploader.rename("set/from", "set/to", overwrite=True)
    eventually(lambda: any(b'"set/to"' in each.body for each in listener.posted), "the rename is told")
    holds(api.delete_trigger(made["id"]), {"message"})
    with pytest.raises(cloudinary.exceptions.NotFound):
        api.delete_trigger(made["id"])


def test_notifications_wait_in_a_channel_until_they_are_acknowledged() -> None:
    put("set/polled", notification_url="poll://python", batch_id="b-1")
    (message,) = api.notifications(channel="python", wait_seconds=5, max_messages=10)["messages"]
    holds(message, {"receipt_handle", "batch_id", "payload", "signed_payload", "signature", "timestamp"})
    assert message["payload"]["public_id"] == "set/polled"
    assert int(message["timestamp"]) <= time.time() + 1
    assert utils.verify_notification(message)
    answer = api.ack_notifications(message["receipt_handle"])
    assert answer["results"] == [{"receipt_handle": message["receipt_handle"], "status": "acked"}]
    assert api.notifications(channel="python", wait_seconds=0)["messages"] == []


def test_a_restricted_asset_is_shown_to_who_has_a_token(world: World) -> None:
    answer = put("set/token", access_control=[{"access_type": "token"}])
    assert answer["access_control"] == [{"access_type": "token"}]
    assert get(answer["url"]).status == 401
    token = utils.generate_auth_token(key=TOKEN_KEY, duration=300, acl="/python/image/*")
    assert picture(f"{answer['url']}?{token}").size == (64, 48)
