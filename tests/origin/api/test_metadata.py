"""Structured metadata: fields, datasources, rules and values, through the official SDK and by hand."""

from collections.abc import AsyncIterator
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import cloudinary.search
import cloudinary.uploader
import pytest
import pytest_twisted

from tests.support.calls import asked
from tests.support.images import as_bytes, quartered
from tests.support.origins import CLOUD, RunningOrigin, running_origin

FIELDS = f"/v1_1/{CLOUD}/metadata_fields"
RULES = f"/v1_1/{CLOUD}/metadata_rules"
PICTURE = as_bytes(quartered(20, 10), "JPEG")
COLOURS = [{"external_id": "c1", "value": "red"}, {"external_id": "c2", "value": "Green"}, {"value": "blue"}]


@pytest_twisted.async_yield_fixture
async def origin(shared: RunningOrigin) -> AsyncIterator[RunningOrigin]:
    """The module's origin, whose cloud has no fields when the test ends."""
    yield shared
    for each in (await asked(shared, "GET", FIELDS)).json["metadata_fields"]:
        await asked(shared, "DELETE", f"{FIELDS}/{each['external_id']}")
    assert (await asked(shared, "GET", RULES)).json == {"metadata_rules": []}


@pytest_twisted.async_yield_fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    async with running_origin(tmp_path_factory.mktemp("origin")) as running:
        yield running


async def add(origin: RunningOrigin, external_id: str, kind: str = "string", **more: Any) -> Any:
    field = {"external_id": external_id, "label": external_id.title(), "type": kind, **more}
    return await origin.called(cloudinary.api.add_metadata_field, field)


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
async def test_an_upload_bears_values_of_every_type(origin: RunningOrigin) -> None:
    """Given by the SDK with all that must be escaped, shown as JSON; defaults come with them."""
    await add(origin, "v_text")
    await add(origin, "v_number", "integer", default_value=7)
    await add(origin, "v_day", "date")
    await add(origin, "v_one", "enum", datasource={"values": COLOURS})
    await add(origin, "v_many", "set", datasource={"values": COLOURS}, default_value=["c2"])
    given = {"v_text": 'a=b|c "d" [é]', "v_day": "2024-02-29", "v_one": "c1", "v_many": ["c2", "c1"]}
    stored = await origin.upload(PICTURE, public_id="valued", metadata=given)
    assert stored["metadata"] == {**given, "v_number": 7}
    with_defaults = await origin.upload(PICTURE)
    assert with_defaults["metadata"] == {"v_number": 7, "v_many": ["c2"]}
    posted = await origin.post(
        f"/v1_1/{CLOUD}/image/upload", {"metadata": 'v_number=-3|v_many=["c1"]|v_text=a\\|b'}, PICTURE
    )
    assert posted.json["metadata"] == {"v_number": -3, "v_many": ["c1"], "v_text": "a|b"}
    again = await origin.upload(PICTURE, public_id="valued")
    assert again["metadata"] == {"v_number": 7, "v_many": ["c2"]}  # an overwrite starts anew


UPLOAD_REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"metadata": {"nothing": "x", "neither": "y"}}, "Metadata External IDs do not exist: nothing, neither"),
    ({"metadata": {"r_must": "x", "r_one": "c9"}}, "Invalid value for metadata field r_one: c9"),
    ({"metadata": {"r_must": "x", "r_one": ["c1", "c2"]}}, "Invalid value for metadata field r_one: c1,c2"),
    ({"metadata": {"r_must": "toolong"}}, "Invalid value for metadata field r_must: toolong"),
    ({"metadata": "no pair"}, "Metadata must be given as external_id=value pairs"),
    ({"metadata": {"r_must": ""}}, "Missing values for mandatory metadata fields: r_must"),
    ({}, "Missing values for mandatory metadata fields: r_must"),
]


@pytest_twisted.ensureDeferred
async def test_values_that_will_not_do_refuse_an_upload(origin: RunningOrigin) -> None:
    """And nothing is stored."""
    await add(origin, "r_must", mandatory=True, validation={"type": "strlen", "max": 5})
    await add(origin, "r_one", "enum", datasource={"values": COLOURS})
    for parameters, said in UPLOAD_REFUSALS:
        with pytest.raises(cloudinary.exceptions.BadRequest) as refused:
            await origin.upload(PICTURE, public_id="never", **parameters)
        assert str(refused.value).startswith(said), parameters
    assert (await asked(origin, "GET", f"/v1_1/{CLOUD}/resources/image/upload/never")).status == 404
    assert origin.spooled() == []
    await asked(origin, "PUT", f"{FIELDS}/r_must", {"mandatory": False})


@pytest_twisted.ensureDeferred
async def test_a_value_may_make_its_own_entry(origin: RunningOrigin) -> None:
    await add(origin, "free", "set", datasource={"values": COLOURS}, allow_dynamic_list_values=True)
    stored = await origin.upload(PICTURE, metadata={"free": ["c1", "brand new"]})
    assert stored["metadata"] == {"free": ["c1", "brand new"]}
    field = await origin.called(cloudinary.api.metadata_field_by_field_id, "free")
    assert field["datasource"]["values"][-1] == {
        "external_id": "brand new",
        "value": "brand new",
        "state": "active",
    }


@pytest_twisted.ensureDeferred
async def test_chains_read_the_values(origin: RunningOrigin) -> None:
    """On the way in and on the way out (transformations §8, §9)."""
    await add(origin, "t_width", "integer")
    await add(origin, "t_many", "set", datasource={"values": COLOURS})
    stored = await origin.upload(
        PICTURE,
        public_id="measured",
        metadata={"t_width": 8, "t_many": ["c1"]},
        transformation={"raw_transformation": "$w_md:!t_width!_to_i/c_scale,w_$w"},
    )
    assert stored["width"] == 8
    chain = "if_!c1!_in_md:!t_many!,c_scale,w_4"
    answer = await origin.get(f"/{CLOUD}/image/upload/fl_getinfo/{chain}/measured.jpg")
    assert answer.status == 200, answer.body
    assert answer.json["output"]["width"] == 4


async def shown_metadata(origin: RunningOrigin, public_id: str) -> Any:
    detail = await origin.called(cloudinary.api.resource, public_id)
    return detail.get("metadata")


async def found(origin: RunningOrigin, expression: str) -> list[str]:
    """What a search finds, its metadata with it."""
    search = cloudinary.Search().expression(expression).with_field("metadata")
    resources = (await origin.called(search.execute))["resources"]
    assert all(each["metadata"] for each in resources)
    return [each["public_id"] for each in resources]


@pytest_twisted.ensureDeferred
async def test_the_sdk_changes_values_of_many_assets(origin: RunningOrigin) -> None:
    """Merged into what is there, cleared by an empty value; unknown ids are skipped."""
    await add(origin, "m_text")
    await add(origin, "m_many", "set", datasource={"values": COLOURS})
    for name in ("m1", "m2"):
        await origin.upload(PICTURE, public_id=name, metadata={"m_text": name})
    done = await origin.called(
        cloudinary.uploader.update_metadata, {"m_many": ["c1", "c2"]}, ["m1", "nobody", "m2"]
    )
    assert done["public_ids"] == ["m1", "m2"]
    assert await shown_metadata(origin, "m1") == {"m_text": "m1", "m_many": ["c1", "c2"]}
    listed = await origin.called(cloudinary.api.resources_by_ids, ["m2"], metadata=True)
    assert listed["resources"][0]["metadata"] == {"m_text": "m2", "m_many": ["c1", "c2"]}
    assert await found(origin, "metadata.m_many:c2 AND metadata.m_text:m1") == ["m1"]
    await origin.called(cloudinary.uploader.update_metadata, {"m_text": ""}, ["m1"])
    assert await shown_metadata(origin, "m1") == {"m_many": ["c1", "c2"]}
    await origin.called(cloudinary.api.delete_metadata_field, "m_many")
    assert await shown_metadata(origin, "m1") is None
    assert await shown_metadata(origin, "m2") == {"m_text": "m2"}
    assert await found(origin, "metadata.m_many:c2") == []
    assert await found(origin, "metadata.m_text=m2") == ["m2"]


@pytest_twisted.ensureDeferred
async def test_where_one_asset_cannot_have_a_value_none_gets_it(origin: RunningOrigin) -> None:
    await add(origin, "n_must", mandatory=True, validation={"type": "strlen", "max": 5})
    await origin.upload(PICTURE, public_id="n1", metadata={"n_must": "here"})
    for metadata, said in (
        ({"nothing": "x", "n_must": "y"}, 'The following metadata fields do not exist: ["nothing"]'),
        ({"n_must": "too long"}, "Invalid value for metadata field n_must: too long"),
        ({"n_must": ""}, "Missing values for mandatory metadata fields: n_must"),
        ("no pair", "Metadata must be given as external_id=value pairs"),
        ("", "Missing required parameter - metadata"),
    ):
        with pytest.raises(cloudinary.exceptions.BadRequest) as refused:
            await origin.called(cloudinary.uploader.update_metadata, metadata, ["n1"])
        assert str(refused.value) == said
    with pytest.raises(cloudinary.exceptions.BadRequest, match="Missing required parameter - public_ids"):
        await origin.called(cloudinary.uploader.update_metadata, {"n_must": "x"}, [])
    assert await shown_metadata(origin, "n1") == {"n_must": "here"}


@pytest_twisted.ensureDeferred
async def test_an_edit_clears_what_became_invalid_if_it_may(origin: RunningOrigin) -> None:
    """`clear_invalid`: a value that a rule made impossible goes, instead of refusing the edit (explicit)."""
    await add(origin, "e_if")
    await add(origin, "e_then")
    stored = await origin.upload(PICTURE, public_id="edited", metadata={"e_then": "x"})
    rule = {
        "metadata_field_id": "e_then",
        "name": "none",
        "condition": {"metadata_field_id": "e_if", "equals": "no"},
        "result": {"disable": True},
    }
    await origin.called(cloudinary.api.add_metadata_rule, rule)
    edit = {"type": "upload", "metadata": {"e_if": "no"}}
    with pytest.raises(cloudinary.exceptions.BadRequest, match="Metadata field e_then is disabled"):
        await origin.called(cloudinary.uploader.explicit, "edited", **edit)
    assert await shown_metadata(origin, "edited") == {"e_then": "x"}
    with pytest.raises(cloudinary.exceptions.BadRequest, match="Metadata field e_then is disabled"):
        await origin.called(cloudinary.api.update, "edited", metadata={"e_if": "no"})
    updated = await origin.called(cloudinary.api.update, "edited", metadata={"e_then": "y"})
    assert updated["metadata"] == {"e_then": "y"}
    assert "metadata_updated_at" in updated["last_updated"]
    fields = {"public_id": "edited", "type": "upload", "metadata": "e_if=no", "clear_invalid": "true"}
    edited = (await origin.post(f"/v1_1/{CLOUD}/image/explicit", fields)).json
    assert (edited["metadata"], edited["asset_id"]) == ({"e_if": "no"}, stored["asset_id"])


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
