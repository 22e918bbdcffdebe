"""Values of structured metadata on assets: given, edited, cleared and read by chains."""

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
from tests.support.metadata import COLOURS, FIELDS, add, forget
from tests.support.origins import CLOUD, RunningOrigin

PICTURE = as_bytes(quartered(20, 10), "JPEG")


@pytest_twisted.async_yield_fixture
async def origin(origin: RunningOrigin) -> AsyncIterator[RunningOrigin]:
    """The module's origin, whose cloud has no fields when the test ends."""
    yield origin
    await forget(origin)


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
