"""`streaming_profiles`, through the official SDK and by hand."""

import json
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted

from origin.profiles import PREDEFINED
from tests.support.calls import asked
from tests.support.origins import CLOUD, RunningOrigin

PROFILES = f"/v1_1/{CLOUD}/streaming_profiles"


@pytest_twisted.ensureDeferred
async def test_the_sdk_makes_shows_changes_and_removes_a_profile(origin: RunningOrigin) -> None:
    """Representations come back as objects with long names and the keys given; names do not tell case."""
    made = await origin.called(
        cloudinary.api.create_streaming_profile,
        "Mine_1",
        display_name="My profile",
        representations=[
            {"crop": "limit", "width": 1200, "height": 1200, "bit_rate": "5m"},
            "c_scale,w_0.5/e_sepia",
        ],
    )
    data = {
        "name": "mine_1",
        "display_name": "My profile",
        "predefined": False,
        "external_id": made["data"]["external_id"],
        "representations": [
            {"transformation": [{"crop": "limit", "width": 1200, "height": 1200, "bit_rate": "5m"}]},
            {"transformation": [{"crop": "scale", "width": "0.5"}, {"effect": "sepia"}]},
        ],
    }
    assert (made["message"], made["data"]) == ("created", data)
    assert (await origin.called(cloudinary.api.get_streaming_profile, "MINE_1"))["data"] == data
    with pytest.raises(cloudinary.exceptions.AlreadyExists):
        await origin.called(cloudinary.api.create_streaming_profile, "mine_1", representations=["w_1"])

    changed = await origin.called(
        cloudinary.api.update_streaming_profile, "mine_1", representations=[{"width": 9}]
    )
    data["representations"] = [{"transformation": [{"width": 9}]}]
    assert (changed["message"], changed["data"]) == ("updated", data)
    listed = (await origin.called(cloudinary.api.list_streaming_profiles))["data"]
    assert [each for each in listed if each["name"] == "mine_1"] == [
        {name: data[name] for name in ("name", "display_name", "predefined", "external_id")}
    ]
    gone = await origin.called(cloudinary.api.delete_streaming_profile, "mine_1")
    assert gone["message"] == "deleted"
    with pytest.raises(cloudinary.exceptions.NotFound, match="Can't find streaming profile mine_1"):
        await origin.called(cloudinary.api.get_streaming_profile, "mine_1")


@pytest_twisted.ensureDeferred
async def test_every_cloud_has_the_predefined_profiles(origin: RunningOrigin) -> None:
    listed = (await origin.called(cloudinary.api.list_streaming_profiles))["data"]
    names = [each["name"] for each in listed if each["predefined"]]
    assert names == list(PREDEFINED)
    assert set(names) == {"4k", "full_hd", "hd", "sd", "full_hd_wifi", "full_hd_lean", "hd_lean"}
    best = (await origin.called(cloudinary.api.get_streaming_profile, "4k"))["data"]
    assert best["display_name"] == "4K (2160p)"
    first = best["representations"][0]["transformation"][0]
    expected = {"width": 3840, "height": 2160, "bit_rate": "35000k", "crop": "limit"}
    assert {name: first[name] for name in expected} == expected


@pytest_twisted.ensureDeferred
async def test_a_predefined_profile_is_changed_and_reverted(origin: RunningOrigin) -> None:
    """It stays predefined, keeps its id, and cannot be removed."""
    before = (await origin.called(cloudinary.api.get_streaming_profile, "hd"))["data"]
    with pytest.raises(cloudinary.exceptions.BadRequest, match="Can't delete predefined"):
        await origin.called(cloudinary.api.delete_streaming_profile, "hd")
    changed = await origin.called(
        cloudinary.api.update_streaming_profile, "hd", display_name="Ours", representations=["w_7"]
    )
    assert changed["data"] == {
        **before,
        "display_name": "Ours",
        "representations": [{"transformation": [{"width": 7}]}],
    }
    assert (await origin.called(cloudinary.api.get_streaming_profile, "hd"))["data"] == changed["data"]
    theirs = await asked(origin, "GET", PROFILES.replace(CLOUD, "other") + "/hd", key="999:other-secret")
    assert theirs.json["data"]["display_name"] == "HD (720p)"
    reverted = await origin.called(cloudinary.api.delete_streaming_profile, "hd")
    assert reverted["message"] == "reverted"
    assert (await origin.called(cloudinary.api.get_streaming_profile, "hd"))["data"] == before


ONE = '[{"transformation":"w_1"}]'
BAD: list[tuple[str, str, Any, int, str]] = [
    ("POST", "", {"representations": ONE}, 400, "Missing required parameter - name"),
    ("POST", "", {"name": "bad"}, 400, "Missing required parameter - representations"),
    ("POST", "", {"name": "b/d", "representations": ONE}, 400, "name (b/d) is invalid"),
    ("POST", "", {"name": "bäd", "representations": ONE}, 400, "name (bäd) is invalid"),
    ("POST", "", {"name": "x" * 101, "representations": ONE}, 400, "name (xxx"),
    ("POST", "", {"name": "4K", "representations": ONE}, 409, "Streaming profile 4k already exists"),
    ("POST", "", {"name": "bad", "representations": "[]"}, 400, "representations is invalid"),
    ("POST", "", {"name": "bad", "representations": "{"}, 400, "representations is invalid"),
    ("POST", "", {"name": "bad", "representations": '["w_1"]'}, 400, "representations is invalid"),
    ("POST", "", {"name": "bad", "representations": "[" * 50_000}, 400, "representations is invalid"),
    (
        "POST",
        "",
        {"name": "bad", "representations": [{"transformation": ""}]},
        400,
        "representations is invalid",
    ),
    (
        "POST",
        "",
        {"name": "bad", "representations": [{"transformation": "x"}]},
        400,
        "Invalid transformation component - x",
    ),
    (
        "POST",
        "",
        {"name": "bad", "representations": [{"transformation": "w_1/png"}]},
        400,
        "Invalid transformation component - w_1/png",
    ),
    (
        "POST",
        "",
        {"name": "bad", "representations": [{"transformation": {"a": {"b": 1}}}]},
        400,
        "Invalid transformation component - a",
    ),
    (
        "POST",
        "",
        {"name": "bad", "representations": [{"transformation": "w_1"}] * 10_000},
        400,
        "representations is invalid",
    ),
    (
        "POST",
        "",
        {"name": "bad", "display_name": "x" * 256, "representations": ONE},
        400,
        "display_name is too long",
    ),
    ("POST", "", b'{"name": "\xff"}', 400, "Malformed JSON body"),
    ("GET", "/nobody", None, 404, "Can't find streaming profile nobody"),
    ("GET", "/n%00b", None, 404, "Can't find streaming profile n%00b"),
    ("PUT", "/nobody", {"representations": ONE}, 404, "Can't find streaming profile nobody"),
    ("PUT", "/sd", {"representations": "x"}, 400, "representations is invalid"),
    ("DELETE", "/nobody", None, 404, "Can't find streaming profile nobody"),
]


@pytest_twisted.ensureDeferred
async def test_bad_input_is_told_what_is_wrong(origin: RunningOrigin) -> None:
    """And makes no profile."""
    before = await asked(origin, "GET", PROFILES)
    for method, path, document, status, said in BAD:
        answer = await asked(origin, method, PROFILES + path, document)
        told = answer.json["error"]["message"][: len(said)]
        assert (answer.status, told) == (status, said), (method, path, json.dumps(str(document))[:200])
    assert (await asked(origin, "GET", PROFILES, key="999:other-secret")).status == 401
    assert (await asked(origin, "GET", PROFILES)).json == before.json
