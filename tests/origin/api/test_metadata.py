"""Structured metadata: fields, datasources and rules, through the official SDK and by hand."""

from collections.abc import AsyncIterator
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted

from tests.support.calls import asked
from tests.support.images import as_bytes, quartered
from tests.support.metadata import COLOURS, FIELDS, RULES, add, forget
from tests.support.origins import CLOUD, RunningOrigin

PICTURE = as_bytes(quartered(20, 10), "JPEG")


@pytest_twisted.async_yield_fixture
async def origin(origin: RunningOrigin) -> AsyncIterator[RunningOrigin]:
    """The module's origin, whose cloud has no fields when the test ends."""
    yield origin
    await forget(origin)


def ids(answer: Any) -> list[str]:
    return [each["external_id"] for each in answer["metadata_fields"]]


def shown(values: Any) -> list[str]:
    """Entries as texts, and nothing else in them."""
    assert all(each.keys() == {"external_id", "value"} for each in values["values"])
    return [each["value"] for each in values["values"]]


@pytest_twisted.ensureDeferred
async def test_the_sdk_makes_shows_changes_and_removes_a_field(origin: RunningOrigin) -> None:
    made = await add(
        origin,
        "colours",
        "set",
        datasource={"values": COLOURS},
        default_value=["c1"],
        restrictions={"readonly_ui": False},
        mandatory=True,
    )
    generated = made["datasource"]["values"][2]["external_id"]
    expected = {
        "type": "set",
        "external_id": "colours",
        "label": "Colours",
        "mandatory": True,
        "default_value": ["c1"],
        "validation": None,
        "default_disabled": False,
        "restrictions": {"readonly_ui": False},
        "allow_dynamic_list_values": False,
        "datasource": {
            "values": [
                {"external_id": "c1", "value": "red", "state": "active"},
                {"external_id": "c2", "value": "Green", "state": "active"},
                {"external_id": generated, "value": "blue", "state": "active"},
            ]
        },
    }
    assert made == expected
    assert await origin.called(cloudinary.api.metadata_field_by_field_id, "colours") == expected
    changed = await origin.called(
        cloudinary.api.update_metadata_field,
        "colours",
        {"label": "New", "type": "string", "external_id": "other", "mandatory": False},
    )
    assert changed == {**expected, "label": "New", "mandatory": False}
    assert (await origin.called(cloudinary.api.list_metadata_fields))["metadata_fields"] == [changed]
    assert (await origin.called(cloudinary.api.delete_metadata_field, "colours"))["message"] == "ok"
    with pytest.raises(cloudinary.exceptions.NotFound, match="External ID colours doesn't exist"):
        await origin.called(cloudinary.api.metadata_field_by_field_id, "colours")
    with pytest.raises(cloudinary.exceptions.BadRequest, match="external id colours already exists"):
        await add(origin, "colours")


VALIDATION = {"type": "and", "rules": [{"type": "greater_than", "value": 3, "equals": True}]}


@pytest_twisted.ensureDeferred
async def test_a_validation_comes_back_as_it_was_given(origin: RunningOrigin) -> None:
    """A default must pass it; either goes when it is given empty; datasource is only for lists."""
    made = await add(origin, "size", "integer", validation=VALIDATION, default_value=3)
    assert (made["validation"], made["default_value"]) == (VALIDATION, 3)
    assert "datasource" not in made
    with pytest.raises(cloudinary.exceptions.BadRequest, match="default_value is invalid"):
        await origin.called(cloudinary.api.update_metadata_field, "size", {"default_value": 2})
    with pytest.raises(cloudinary.exceptions.BadRequest, match="default_value is invalid"):
        await origin.called(
            cloudinary.api.update_metadata_field,
            "size",
            {"validation": {"type": "less_than", "value": 1}},
        )
    cleared = await origin.called(
        cloudinary.api.update_metadata_field, "size", {"default_value": "", "validation": {}}
    )
    assert (cleared["validation"], cleared["default_value"]) == (None, None)


@pytest_twisted.ensureDeferred
async def test_the_sdk_edits_a_datasource(origin: RunningOrigin) -> None:
    """Renamed in place, appended, taken away and restored, ordered; answers show what is active, and only that."""
    await add(origin, "colour", "enum", datasource={"values": COLOURS}, default_value="c2")
    values = await origin.called(
        cloudinary.api.update_metadata_field_datasource,
        "colour",
        [{"external_id": "c1", "value": "Zinc"}, {"external_id": "c9", "value": "amber"}],
    )
    assert shown(values) == ["Zinc", "Green", "blue", "amber"]
    values = await origin.called(cloudinary.api.delete_datasource_entries, "colour", ["c2", "c9"])
    assert shown(values) == ["Zinc", "blue"]
    field = await origin.called(cloudinary.api.metadata_field_by_field_id, "colour")
    assert [each["state"] for each in field["datasource"]["values"]] == [
        "active",
        "inactive",
        "active",
        "inactive",
    ]
    assert field["default_value"] is None
    values = await origin.called(cloudinary.api.restore_metadata_field_datasource, "colour", ["c2"])
    assert shown(values) == ["Zinc", "Green", "blue"]
    for direction, expected in ((None, ["blue", "Green", "Zinc"]), ("desc", ["Zinc", "Green", "blue"])):
        values = await origin.called(
            cloudinary.api.reorder_metadata_field_datasource, "colour", "value", direction
        )
        assert shown(values) == expected
    put = await asked(origin, "PUT", f"{FIELDS}/colour/datasource/order", {"order_by": "value"})
    assert shown(put.json) == ["blue", "Green", "Zinc"]


@pytest_twisted.ensureDeferred
async def test_values_are_found_by_their_texts(origin: RunningOrigin) -> None:
    """In one field, or in all: the one answer that is an array."""
    await add(origin, "s_colour", "enum", datasource={"values": COLOURS})
    await add(origin, "s_mood", "set", datasource={"values": [{"external_id": "m", "value": "Greenish"}]})
    found = await asked(origin, "POST", f"{FIELDS}/datasource/search", {"term": "green"})
    assert found.json == [
        {"field_id": "s_colour", "id": "c2", "value": "Green"},
        {"field_id": "s_mood", "id": "m", "value": "Greenish"},
    ]
    first = await asked(origin, "POST", f"{FIELDS}/datasource/search", {"term": "green", "max_results": 1})
    assert len(first.json) == 1
    one = await asked(origin, "POST", f"{FIELDS}/s_colour/datasource/search", {"term": "RE"})
    assert shown(one.json) == ["red", "Green"]


@pytest_twisted.ensureDeferred
async def test_fields_are_ordered_and_moved(origin: RunningOrigin) -> None:
    for name, label in (("b", "x"), ("c", "Y"), ("a", "z")):
        await origin.called(
            cloudinary.api.add_metadata_field, {"external_id": f"o_{name}", "label": label, "type": "string"}
        )
    ordered = await origin.called(cloudinary.api.reorder_metadata_fields, "external_id", "desc")
    assert ids(ordered) == ["o_c", "o_b", "o_a"]
    ordered = await origin.called(cloudinary.api.reorder_metadata_fields, "label")
    assert ids(ordered) == ["o_b", "o_c", "o_a"]
    moved = await asked(origin, "PUT", f"{FIELDS}/o_a/reorder", {"position": 1})
    assert ids(moved.json) == ["o_b", "o_a", "o_c"]
    assert ids(await origin.called(cloudinary.api.list_metadata_fields)) == ["o_b", "o_a", "o_c"]
    assert ids(await origin.called(cloudinary.api.reorder_metadata_fields, "created_at")) == [
        "o_b",
        "o_c",
        "o_a",
    ]


@pytest_twisted.ensureDeferred
async def test_the_sdk_makes_shows_changes_and_removes_rules(origin: RunningOrigin) -> None:
    await add(origin, "k_if", "enum", datasource={"values": COLOURS})
    await add(origin, "k_then", "set", datasource={"values": COLOURS})
    condition = {"or": [{"metadata_field_id": "k_if", "equals": "c1"}]}
    result = {"enable": True, "apply_value": {"value": ["c2"], "mode": "default"}}
    made = await origin.called(
        cloudinary.api.add_metadata_rule,
        {"metadata_field_id": "k_then", "name": "First", "condition": condition, "result": result},
    )
    assert {name: made[name] for name in ("name", "condition", "result", "state", "position")} == {
        "name": "First",
        "condition": condition,
        "result": result,
        "state": "active",
        "position": 1,
    }
    assert len(made["condition_signature"]) == 32
    assert (await origin.called(cloudinary.api.list_metadata_rules))["metadata_rules"] == [made]

    assert (await origin.upload(PICTURE, metadata={"k_if": "c1"}))["metadata"]["k_then"] == ["c2"]
    assert "k_then" not in (await origin.upload(PICTURE, metadata={"k_if": "c2"}))["metadata"]

    changed = await origin.called(
        cloudinary.api.update_metadata_rule, made["external_id"], {"name": "Second", "state": "inactive"}
    )
    assert changed == {**made, "name": "Second", "state": "inactive"}
    assert "k_then" not in (await origin.upload(PICTURE, metadata={"k_if": "c1"}))["metadata"]
    gone = await origin.called(cloudinary.api.delete_metadata_rule, made["external_id"])
    assert gone["success"] is True
    with pytest.raises(cloudinary.exceptions.NotFound):
        await origin.called(cloudinary.api.delete_metadata_rule, made["external_id"])


@pytest_twisted.ensureDeferred
async def test_rules_have_places_and_go_with_their_fields(origin: RunningOrigin) -> None:
    await add(origin, "p_a")
    await add(origin, "p_b")
    condition, result = {"metadata_field_id": "p_a", "populated": True}, {"set_mandatory": True}
    for name in ("x", "y", "z"):
        rule = {"external_id": name, "name": name, "metadata_field_id": "p_b"}
        more = {"position": 1} if name == "z" else {}
        await asked(origin, "POST", RULES, {**rule, "condition": condition, "result": result, **more})
    listed = (await asked(origin, "GET", RULES)).json["metadata_rules"]
    assert [(each["external_id"], each["position"]) for each in listed] == [("z", 1), ("x", 2), ("y", 3)]
    assert (await asked(origin, "PUT", f"{RULES}/z", {"position": 3})).json["position"] == 3
    await asked(origin, "DELETE", f"{FIELDS}/p_a")
    assert (await asked(origin, "GET", RULES)).json == {"metadata_rules": []}


LONG = "x" * 256


ITEM = {"value": "v"}


FIELD = {"external_id": "bad", "label": "Bad", "type": "enum", "datasource": {"values": [ITEM]}}


RULE = {
    "name": "bad",
    "metadata_field_id": "z_one",
    "condition": {"metadata_field_id": "z_text", "populated": True},
    "result": {"enable": True},
}


def without(document: dict[str, Any], name: str, **more: Any) -> dict[str, Any]:
    return {**{key: value for key, value in document.items() if key != name}, **more}


BAD: list[tuple[str, str, Any, int, str]] = [
    ("POST", FIELDS, without(FIELD, "type"), 400, "Missing required parameter - type"),
    ("POST", FIELDS, without(FIELD, "label"), 400, "Missing required parameter - label"),
    ("POST", FIELDS, without(FIELD, "datasource"), 400, "Missing required parameter - datasource"),
    ("POST", FIELDS, {**FIELD, "type": "colour"}, 400, "Invalid type colour: must be one of string"),
    ("POST", FIELDS, {**FIELD, "label": LONG}, 400, "label is too long"),
    ("POST", FIELDS, {**FIELD, "label": "Z_Text"}, 400, "label Z_Text already exists"),
    ("POST", FIELDS, {**FIELD, "external_id": "z_text"}, 400, "external id z_text already exists"),
    ("POST", FIELDS, {**FIELD, "external_id": "a/b"}, 400, "external id a/b is invalid"),
    ("POST", FIELDS, {**FIELD, "external_id": LONG}, 400, "external id xxx"),
    ("POST", FIELDS, {**FIELD, "external_id": "order"}, 400, "external id order is invalid"),
    ("POST", FIELDS, {**FIELD, "mandatory": "perhaps"}, 400, "Invalid value for parameter mandatory"),
    ("POST", FIELDS, {**FIELD, "default_value": "nothing"}, 400, "default_value is invalid"),
    ("POST", FIELDS, {**FIELD, "default_value": ["v"]}, 400, "default_value is invalid"),
    ("POST", FIELDS, {**FIELD, "datasource": "x"}, 400, "datasource is invalid"),
    ("POST", FIELDS, {**FIELD, "datasource": ["x"]}, 400, "datasource is invalid"),
    ("POST", FIELDS, {**FIELD, "datasource": {"values": "x"}}, 400, "datasource values must be a list"),
    ("POST", FIELDS, {**FIELD, "datasource": {"values": [{}]}}, 400, "datasource is invalid: each value"),
    ("POST", FIELDS, {**FIELD, "datasource": {"values": [{"value": LONG}]}}, 400, "datasource is invalid"),
    ("POST", FIELDS, {**FIELD, "datasource": {"values": [ITEM] * 10_000}}, 400, "datasource values must be"),
    (
        "POST",
        FIELDS,
        {**FIELD, "datasource": {"values": [{"external_id": "a", "value": "v"}] * 2}},
        400,
        "external ids of datasource values must be unique",
    ),
    ("POST", FIELDS, {**FIELD, "restrictions": {"secret": True}}, 400, "restrictions is invalid"),
    ("POST", FIELDS, {**FIELD, "restrictions": {"hidden_ui": "x"}}, 400, "restrictions is invalid"),
    ("POST", FIELDS, {**FIELD, "type": "integer", "validation": {"type": "x"}}, 400, "validation is invalid"),
    ("POST", FIELDS, {**FIELD, "type": "integer", "validation": "{"}, 400, "validation is invalid"),
    ("POST", FIELDS, {**FIELD, "type": "integer", "validation": "[" * 50_000}, 400, "validation is invalid"),
    ("POST", FIELDS, {**FIELD, "type": "date", "default_value": "today"}, 400, "default_value is invalid"),
    ("POST", FIELDS, b'{"label": "\xff"}', 400, "Malformed JSON body"),
    ("GET", f"{FIELDS}/nothing", None, 404, "External ID nothing doesn't exist"),
    ("GET", f"{FIELDS}/n%00b", None, 404, "External ID n%00b doesn't exist"),
    ("PUT", f"{FIELDS}/nothing", {"label": "x"}, 404, "External ID nothing doesn't exist"),
    ("PUT", f"{FIELDS}/z_one", {"label": "Z_Text"}, 400, "label Z_Text already exists"),
    ("DELETE", f"{FIELDS}/nothing", None, 404, "External ID nothing doesn't exist"),
    ("PUT", f"{FIELDS}/order", {}, 400, "Missing required parameter - order_by"),
    ("PUT", f"{FIELDS}/order", {"order_by": "size"}, 400, "Invalid order_by size"),
    (
        "PUT",
        f"{FIELDS}/order",
        {"order_by": "label", "direction": "up"},
        400,
        "Invalid value for parameter dir",
    ),
    ("PUT", f"{FIELDS}/z_one/reorder", {}, 400, "Missing required parameter - position"),
    ("PUT", f"{FIELDS}/z_one/reorder", {"position": -1}, 400, "Invalid value for parameter position"),
    ("PUT", f"{FIELDS}/nothing/reorder", {"position": 1}, 404, "External ID nothing doesn't exist"),
    ("PUT", f"{FIELDS}/z_one/datasource", {}, 400, "Missing required parameter - values"),
    ("PUT", f"{FIELDS}/z_one/datasource", {"values": "x"}, 400, "values is invalid"),
    ("PUT", f"{FIELDS}/z_one/datasource", {"values": [5]}, 400, "datasource values must be a list"),
    (
        "PUT",
        f"{FIELDS}/z_text/datasource",
        {"values": [ITEM]},
        400,
        "Metadata field z_text has no datasource",
    ),
    ("PUT", f"{FIELDS}/nothing/datasource", {"values": [ITEM]}, 404, "External ID nothing doesn't exist"),
    ("DELETE", f"{FIELDS}/z_one/datasource", {}, 400, "Missing required parameter - external_ids"),
    ("DELETE", f"{FIELDS}/z_one/datasource", {"external_ids": ["x"]}, 404, "External ID x doesn't exist"),
    (
        "DELETE",
        f"{FIELDS}/z_one/datasource",
        {"external_ids": ["c1", *(f"x{n}" for n in range(10_000))]},
        404,
        "External ID x0 doesn't exist",
    ),
    (
        "POST",
        f"{FIELDS}/z_one/datasource_restore",
        {"external_ids": ["x"]},
        404,
        "External ID x doesn't exist",
    ),
    (
        "POST",
        f"{FIELDS}/z_one/datasource/order",
        {"order_by": "id"},
        400,
        "Invalid order_by id: must be value",
    ),
    ("POST", f"{FIELDS}/z_one/datasource/search", {}, 400, "Missing required parameter - term"),
    ("POST", f"{FIELDS}/nothing/datasource/search", {"term": "x"}, 404, "External ID nothing doesn't exist"),
    ("POST", f"{FIELDS}/datasource/search", {}, 400, "Missing required parameter - term"),
    ("POST", RULES, without(RULE, "name"), 400, "Missing required parameter - name"),
    ("POST", RULES, without(RULE, "condition"), 400, "Missing required parameter - condition"),
    ("POST", RULES, without(RULE, "result"), 400, "Missing required parameter - result"),
    ("POST", RULES, {**RULE, "name": LONG}, 400, "name is too long"),
    ("POST", RULES, {**RULE, "external_id": "a b"}, 400, "external id a b is invalid"),
    ("POST", RULES, {**RULE, "state": "asleep"}, 400, "Invalid state asleep"),
    ("POST", RULES, {**RULE, "position": "first"}, 400, "Invalid value for parameter position"),
    ("POST", RULES, {**RULE, "condition": "[" * 50_000}, 400, "condition is invalid"),
    ("POST", RULES, {**RULE, "condition": {"and": []}}, 400, "condition is invalid"),
    ("POST", RULES, {**RULE, "result": {"x": 1}}, 400, "result is invalid"),
    ("POST", RULES, {**RULE, "metadata_field_id": "nothing"}, 400, "External ID nothing doesn't exist"),
    (
        "POST",
        RULES,
        {**RULE, "condition": {"metadata_field_id": "nothing", "populated": True}},
        400,
        "External ID nothing doesn't exist",
    ),
    (
        "POST",
        RULES,
        {**RULE, "result": {"activate_values": {"external_ids": ["x"], "mode": "append"}}},
        400,
        "activate_values is invalid: it names values that do not exist",
    ),
    (
        "POST",
        RULES,
        {**RULE, "result": {"apply_value": {"value": "x", "mode": "default"}}},
        400,
        "Invalid value for metadata field z_one: x",
    ),
    (
        "POST",
        RULES,
        {**RULE, "metadata_field_id": "z_text", "result": {"activate_values": "all"}},
        400,
        "activate_values is invalid: z_text has no datasource",
    ),
    ("PUT", f"{RULES}/nothing", {"name": "x"}, 404, "External ID nothing doesn't exist"),
    ("GET", f"{RULES}/nothing", None, 404, "External ID nothing doesn't exist"),
    ("DELETE", f"{RULES}/nothing", None, 404, "External ID nothing doesn't exist"),
]


@pytest_twisted.ensureDeferred
async def test_bad_input_is_told_what_is_wrong(origin: RunningOrigin) -> None:
    """And changes nothing."""
    await add(origin, "z_text")
    await add(origin, "z_one", "enum", datasource={"values": COLOURS})
    before = (await asked(origin, "GET", FIELDS)).json, (await asked(origin, "GET", RULES)).json
    for method, path, document, status, said in BAD:
        answer = await asked(origin, method, path, document)
        assert answer.json is not None, (method, path, document)
        told = answer.json["error"]["message"][: len(said)]
        assert (answer.status, told) == (status, said), (method, path, str(document)[:300])
    assert (await asked(origin, "GET", FIELDS, key="999:other-secret")).status == 401
    theirs = await asked(origin, "GET", FIELDS.replace(CLOUD, "other"), key="999:other-secret")
    assert theirs.json == {"metadata_fields": []}
    after = (await asked(origin, "GET", FIELDS)).json, (await asked(origin, "GET", RULES)).json
    assert after == before
