"""Verbs on assets that are there: explicit, rename, tags, context, destroy; by the official SDK."""

from typing import Any

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils
import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from tests.support.images import ASTRONAUT, as_bytes, quartered
from tests.support.origins import CLOUD, SECRET, RunningOrigin

pytestmark = pytest.mark.usefixtures("origin")
TINY = as_bytes(quartered(), "PNG")
PUBLIC = "http://127.0.0.1:8000"


def path_of(url: str) -> str:
    return url.removeprefix(PUBLIC)


async def uploaded(origin: RunningOrigin, public_id: str, **more: Any) -> dict[str, Any]:
    return await origin.upload(TINY, public_id=public_id, **more)


async def detail(origin: RunningOrigin, public_id: str, **more: Any) -> Any:
    return await origin.called(cloudinary.api.resource, public_id, **more)


@pytest_twisted.ensureDeferred
async def test_explicit_says_all_that_an_upload_says(origin: RunningOrigin) -> None:
    """Tags and context are replaced, the rest is added; the answer is an upload's."""
    before = await uploaded(origin, "explicit/all", tags="old", context={"old": "1"})
    answer = await origin.called(
        cloudinary.uploader.explicit,
        "explicit/all",
        type="upload",
        tags=["b", "a"],
        context={"alt": "x|y"},
        face_coordinates=[[1, 2, 900, 900]],
        custom_coordinates=[1, 2, 3, 4],
        regions={"logo": [[0, 0], [5, 5]]},
        access_control=[
            {"access_type": "anonymous", "start": "2018-02-22 16:20:57 +0200", "end": 4_000_000_000}
        ],
        headers="X-Robots-Tag: noindex\nX-Other: no",
        quality_override="80:420",
        moderation="manual",
        asset_folder="explicit/folder",
        display_name="shown so",
        eager=[{"width": 5, "crop": "scale"}, {"effect": "sepia"}],
        invalidate=True,
    )
    assert (answer["asset_id"], answer["version"]) == (before["asset_id"], before["version"])
    assert answer["tags"] == ["b", "a"]
    assert answer["context"] == {"custom": {"alt": "x|y"}}
    assert answer["coordinates"] == {"faces": [[1, 2, 900, 900]], "custom": [[1, 2, 3, 4]]}
    assert answer["access_control"] == [
        {"access_type": "anonymous", "start": "2018-02-22T14:20:57Z", "end": "2096-10-02T07:06:40Z"}
    ]
    assert answer["moderation"] == [{"kind": "manual", "status": "pending"}]
    assert (answer["asset_folder"], answer["display_name"]) == ("explicit/folder", "shown so")
    assert [each["transformation"] for each in answer["eager"]] == ["c_scale,w_5", "e_sepia"]
    assert (answer["eager"][0]["width"], "overwritten" in answer, "existing" in answer) == (5, False, False)
    assert (await origin.get(path_of(answer["eager"][0]["url"]))).status == 200
    standing = await origin.node.catalogue.assets.by_asset_id(CLOUD, answer["asset_id"])
    assert standing is not None
    details = standing.details
    assert (details["headers"], details["quality_override"]) == ({"X-Robots-Tag": "noindex"}, "80:420")
    again = await origin.called(cloudinary.uploader.explicit, "explicit/all", type="upload")
    assert {**answer, "eager": None, "request_id": None} == {**again, "eager": None, "request_id": None}


@pytest_twisted.ensureDeferred
async def test_explicit_edits_raw_files_and_keeps_what_it_does_not_speak_of(origin: RunningOrigin) -> None:
    await origin.upload(
        b"a,b", public_id="explicit/doc.csv", resource_type="raw", tags="t", context={"k": "v"}
    )
    answer = await origin.called(
        cloudinary.uploader.explicit,
        "explicit/doc.csv",
        type="upload",
        resource_type="raw",
        custom_coordinates="1,2,3,4",
    )
    assert (answer["tags"], answer["context"]) == (["t"], {"custom": {"k": "v"}})
    answer = await origin.called(
        cloudinary.uploader.explicit,
        "explicit/doc.csv",
        type="upload",
        resource_type="raw",
        face_coordinates="5,6,7,8",
    )
    assert answer["coordinates"] == {"custom": [[1, 2, 3, 4]], "faces": [[5, 6, 7, 8]]}


@pytest_twisted.ensureDeferred
async def test_explicit_of_nothing_is_told_in_the_sheets_words(origin: RunningOrigin) -> None:
    for kind in ("upload", "private", "facebook"):
        with pytest.raises(cloudinary.exceptions.NotFound, match=r"^Resource not found - no/such$"):
            await origin.called(cloudinary.uploader.explicit, "no/such", type=kind)


@pytest_twisted.ensureDeferred
async def test_a_rename_keeps_the_asset_and_what_was_derived(origin: RunningOrigin) -> None:
    """New name, new version, new URLs; the same object, and no second render."""
    before = await uploaded(origin, "rename/a", tags="moved", context={"k": "v"}, display_name="kept")
    await origin.get("/demo/image/upload/w_7/rename/a.png")
    renders = origin.node.counters.renders
    answer = await origin.called(cloudinary.uploader.rename, "rename/a", "rename/b")
    assert answer["public_id"] == "rename/b"
    assert answer["version"] > before["version"]
    for name in ("asset_id", "version_id", "etag", "created_at", "display_name", "asset_folder", "bytes"):
        assert answer[name] == before[name], name
    assert answer["signature"] == cloudinary.utils.api_sign_request(
        {"public_id": "rename/b", "version": answer["version"]}, SECRET
    )
    assert "tags" not in answer
    assert "context" not in answer
    assert (await origin.get(path_of(answer["url"]))).body == TINY
    assert (await origin.get("/demo/image/upload/w_7/rename/b.png")).status == 200
    assert (await origin.get("/demo/image/upload/rename/a.png")).status == 404
    assert origin.node.counters.renders == renders
    shown = await detail(origin, "rename/b")
    assert shown["tags"] == ["moved"]
    assert [each["transformation"] for each in shown["derived"]] == ["w_7"]
    flagged = await origin.called(cloudinary.uploader.rename, "rename/b", "rename/c", context=True)
    assert flagged["context"] == {"custom": {"k": "v"}}


@pytest_twisted.ensureDeferred
async def test_a_name_that_is_taken_is_only_taken_over_when_asked(origin: RunningOrigin) -> None:
    first, second = await uploaded(origin, "taken/a"), await uploaded(origin, "taken/b")
    with pytest.raises(cloudinary.exceptions.BadRequest, match=r"^to_public_id taken/b already exists$"):
        await origin.called(cloudinary.uploader.rename, "taken/a", "taken/b")
    answer = await origin.called(
        cloudinary.uploader.rename, "taken/a", "taken/b", overwrite=True, invalidate=True
    )
    assert answer["asset_id"] == first["asset_id"] != second["asset_id"]
    assert (await detail(origin, "taken/b"))["asset_id"] == first["asset_id"]
    assert await origin.node.catalogue.assets.by_asset_id(CLOUD, second["asset_id"]) is None
    same = await origin.called(cloudinary.uploader.rename, "taken/b", "taken/b", overwrite=True)
    assert (same["asset_id"], same["version"]) == (answer["asset_id"], answer["version"])


@pytest_twisted.ensureDeferred
async def test_an_asset_may_change_its_type(origin: RunningOrigin) -> None:
    """Its URLs are signed as long as they must be."""
    await uploaded(origin, "typed")
    hidden = await origin.called(cloudinary.uploader.rename, "typed", "typed", to_type="authenticated")
    assert hidden["type"] == "authenticated"
    assert "/image/authenticated/s--" in hidden["url"]
    assert (await origin.get(path_of(hidden["url"]))).body == TINY
    assert (await origin.get("/demo/image/upload/typed.png")).status == 404
    back = await origin.called(
        cloudinary.uploader.rename, "typed", "typed", type="authenticated", to_type="upload"
    )
    assert "/image/upload/v" in back["url"]
    assert (await origin.get(path_of(back["url"]))).body == TINY


@pytest_twisted.ensureDeferred
async def test_tags_of_many_assets_change_at_once(origin: RunningOrigin) -> None:
    for name in ("tags/a", "tags/b", "tags/c"):
        await uploaded(origin, name, tags="t0")
    ids = ["tags/b", "tags/a", "no/such", "tags/b"]
    answer = await origin.called(cloudinary.uploader.add_tag, "t1,t2", ids)
    assert answer["public_ids"] == ["tags/b", "tags/a"]
    assert (await detail(origin, "tags/a"))["tags"] == ["t0", "t1", "t2"]
    await origin.called(cloudinary.uploader.remove_tag, ["t0", "t2"], ["tags/a"])
    assert (await detail(origin, "tags/a"))["tags"] == ["t1"]
    await origin.called(cloudinary.uploader.replace_tag, "only", ["tags/b"])
    assert (await detail(origin, "tags/b"))["tags"] == ["only"]
    await origin.called(cloudinary.uploader.add_tag, "t0", ["tags/b"], exclusive=True)
    assert (await detail(origin, "tags/b"))["tags"] == ["only", "t0"]
    assert "tags" not in await detail(origin, "tags/c")
    await origin.called(cloudinary.uploader.remove_all_tags, ["tags/b"])
    assert "tags" not in await detail(origin, "tags/b")
    answer = await origin.called(cloudinary.uploader.add_tag, "x", ["no/such"])
    assert answer["public_ids"] == []


@pytest_twisted.ensureDeferred
async def test_context_is_merged_and_removed(origin: RunningOrigin) -> None:
    await uploaded(origin, "ctx/a", context={"alt": "old", "keep": "1"})
    answer = await origin.called(
        cloudinary.uploader.add_context, {"alt": "", "new": "a=b|c"}, ["ctx/a", "no/such"]
    )
    assert answer["public_ids"] == ["ctx/a"]
    assert (await detail(origin, "ctx/a"))["context"] == {"custom": {"keep": "1", "new": "a=b|c"}}
    await origin.called(cloudinary.uploader.remove_all_context, ["ctx/a"])
    assert "context" not in await detail(origin, "ctx/a")


@pytest_twisted.ensureDeferred
async def test_an_asset_is_destroyed_by_its_name_or_its_id(origin: RunningOrigin) -> None:
    await uploaded(origin, "gone/a")
    assert (await origin.called(cloudinary.uploader.destroy, "gone/a"))["result"] == "ok"
    assert (await origin.called(cloudinary.uploader.destroy, "gone/a"))["result"] == "not found"
    asset_id = (await uploaded(origin, "gone/b"))["asset_id"]
    for result in ("ok", "not found"):
        answer = await origin.post("/v1_1/demo/asset/destroy", {"asset_id": asset_id})
        assert (answer.status, answer.json) == (200, {"result": result})


@pytest_twisted.ensureDeferred
async def test_display_names_may_be_told_apart(origin: RunningOrigin) -> None:
    first = await uploaded(
        origin, "apart/a", display_name="same", asset_folder="apart", unique_display_name=True
    )
    second = await uploaded(
        origin, "apart/b", display_name="same", asset_folder="apart", unique_display_name=True
    )
    elsewhere = await uploaded(
        origin, "apart/c", display_name="same", asset_folder="else", unique_display_name=True
    )
    assert (first["display_name"], elsewhere["display_name"]) == ("same", "same")
    assert second["display_name"].startswith("same_")
    again = await uploaded(
        origin, "apart/a", display_name="same", asset_folder="apart", unique_display_name=True
    )
    assert again["display_name"] == "same"


@pytest_twisted.ensureDeferred
async def test_moderation_access_and_headers_come_with_an_upload_too(origin: RunningOrigin) -> None:
    answer = await origin.upload(
        str(ASTRONAUT),
        public_id="moderated",
        moderation="manual",
        access_control={"access_type": "token"},
        headers={"Link": "<x>; rel=y"},
    )
    assert answer["moderation"] == [{"kind": "manual", "status": "pending"}]
    assert answer["access_control"] == [{"access_type": "token"}]
    told = await origin.post(
        "/v1_1/demo/image/explicit",
        {"public_id": "moderated", "type": "upload", "access_mode": "authenticated"},
    )
    assert told.json["access_mode"] == "authenticated"


@pytest_twisted.ensureDeferred
async def test_an_owner_may_say_what_q_auto_means(origin: RunningOrigin) -> None:
    """§3.2: quality_override; a quality that the URL itself gives stays."""
    await origin.upload(str(ASTRONAUT), public_id="quality")

    async def size(chain: str) -> int:
        return len((await origin.get(f"/demo/image/upload/{chain}/quality.jpg")).body)

    automatic, plain = await size("q_auto,w_200"), await size("q_30,w_200")
    for override, chain in (
        ("30", "q_30,w_200"),
        ("auto:best", "q_auto:best,w_200"),
        ("none", "q_auto,w_200"),
    ):
        await origin.called(cloudinary.uploader.explicit, "quality", type="upload", quality_override=override)
        assert await size("q_auto,w_200") == await size(chain), override
    assert await size("q_30,w_200") == plain != automatic


@pytest_twisted.ensureDeferred
async def test_an_addon_that_is_not_there_is_told_of(origin: RunningOrigin) -> None:
    with pytest.raises(
        cloudinary.exceptions.RateLimited, match=r"^You don't have an active subscription for WebPurify"
    ):
        await uploaded(origin, "webpurified", moderation="webpurify|manual")
    assert (await origin.get("/demo/image/upload/webpurified")).status == 404


MANY: Any = [f"x{number}" for number in range(1001)]
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("explicit", {}, "Missing required parameter - public_id"),
    ("explicit", {"public_id": "bad/a"}, "Missing required parameter - type"),
    ("explicit", {"type": "bogus"}, "Invalid type bogus"),
    ("explicit", {"tags": ["t" * 256]}, "Too many or too long tags"),
    ("explicit", {"context": "noequals"}, "Context must be given as key=value pairs"),
    ("explicit", {"context": "{" + '"a":[' * 5000}, "Context must be given as key=value pairs"),
    ("explicit", {"face_coordinates": "1,2"}, "Invalid face_coordinates 1,2"),
    ("explicit", {"regions": "[]"}, "Invalid regions []"),
    ("explicit", {"access_control": "{"}, "Invalid access_control {: expected a JSON array"),
    ("explicit", {"access_control": "[" * 50_000}, "Invalid access_control"),
    ("explicit", {"access_control": '[{"access_type":"all"}]'}, "each rule needs an access_type"),
    ("explicit", {"access_control": '[{"access_type":"token","start":"soon"}]'}, "start is neither ISO 8601"),
    ("explicit", {"access_control": '[{"access_type":"token","start":1e400}]'}, "start is neither ISO 8601"),
    (
        "explicit",
        {"access_control": '[{"access_type":"anonymous"},{"access_type":"anonymous"}]'},
        "only one rule",
    ),
    ("explicit", {"access_control": '[{"access_type":"token","start":2,"end":1}]'}, "end lies before start"),
    ("explicit", {"headers": "X-Robots-Tag"}, "expected lines of Name: value"),
    ("explicit", {"headers": "X-Robots-Tag: a\x07b"}, "a value is printable ASCII"),
    ("explicit", {"quality_override": "101"}, "Invalid quality_override 101"),
    ("explicit", {"moderation": "bogus"}, "Moderation kind bogus is invalid"),
    ("explicit", {"moderation": "manual|manual"}, "manual comes last"),
    ("explicit", {"display_name": "a/b"}, "Display name cannot contain slashes"),
    ("explicit", {"asset_folder": "a/../b"}, "asset_folder (a/../b) is invalid"),
    ("explicit", {"access_mode": "secret"}, "Invalid access_mode secret"),
    ("explicit", {"eager": "w_x"}, "Invalid"),
    ("explicit", {"invalidate": "maybe"}, "Invalid value for parameter invalidate"),
    ("rename", {"from_public_id": "bad/a"}, "Missing required parameter - to_public_id"),
    ("rename", {"to_public_id": "bad/b"}, "Missing required parameter - from_public_id"),
    ("rename", {"from_public_id": "bad/a", "to_public_id": "a?b"}, "public_id (a?b) is invalid"),
    ("rename", {"from_public_id": "bad/a", "to_public_id": "x" * 256}, "is invalid"),
    ("rename", {"from_public_id": "bad/a", "to_public_id": "b", "type": "fetch"}, "Invalid type fetch"),
    ("rename", {"from_public_id": "bad/a", "to_public_id": "b", "to_type": "fetch"}, "Invalid to_type fetch"),
    ("tags", {"public_ids": ["bad/a"], "tag": "x"}, "Missing required parameter - command"),
    (
        "tags",
        {"command": "bogus", "public_ids": ["bad/a"], "tag": "x"},
        "Invalid command - bogus. Must be one of: add, remove, replace, remove_all",
    ),
    ("tags", {"command": "add", "public_ids": ["bad/a"]}, "Missing required parameter - tag"),
    ("tags", {"command": "add", "public_ids": ["bad/a"], "tag": " "}, "a tag cannot be blank"),
    ("tags", {"command": "add", "public_ids": ["bad/a"], "tag": ["a", " "]}, "a tag cannot be blank"),
    ("tags", {"command": "add", "tag": "x"}, "Missing required parameter - public_ids"),
    ("tags", {"command": "add", "public_ids": MANY, "tag": ",".join(MANY[:11])}, "Maximum is 10000 in all"),
    ("tags", {"command": "add", "public_ids": ["bad/a"], "tag": ",".join(MANY)}, "Too many or too long tags"),
    ("context", {"command": "add", "public_ids": ["bad/a"]}, "Missing required parameter - context"),
    ("context", {"command": "set", "public_ids": ["bad/a"]}, "Invalid command - set"),
    ("context", {"command": "remove_all"}, "Missing required parameter - public_ids"),
    (
        "context",
        {"command": "add", "public_ids": ["bad/a"], "context": "|".join(f"{each}=1" for each in MANY)},
        "Context is too large",
    ),
    ("destroy", {}, "Missing required parameter - public_id"),
]


@pytest_twisted.ensureDeferred
async def test_bad_input_is_refused_in_words_and_changes_nothing(origin: RunningOrigin) -> None:
    """One answer for each line of the table, each a 400; the asset stays as it was."""
    await uploaded(origin, "bad/a", tags="t", context={"k": "v"})
    before = await detail(origin, "bad/a")
    for action, given, expected in BAD:
        named = {"public_id": "bad/a", "type": "upload"} if action == "explicit" and given else {}
        if "Missing required parameter - type" in expected:
            named = {}
        answer = await origin.post(f"/v1_1/demo/image/{action}", {**named, **given})
        message = answer.json["error"]["message"]
        assert (answer.status, expected in message) == (400, True), (action, given, answer.status, message)
        assert message.isprintable()
    after = await detail(origin, "bad/a")
    for unimportant in ("request_id", "rate_limit_remaining", "rate_limit_reset_at"):
        before.pop(unimportant, None), after.pop(unimportant, None)
    assert dict(after) == dict(before)


@pytest_twisted.ensureDeferred
async def test_other_clouds_assets_are_out_of_reach(origin: RunningOrigin) -> None:
    """A key of one cloud names assets of that cloud alone."""
    asset_id = (await uploaded(origin, "mine"))["asset_id"]
    other = {"cloud_name": "other", "api_key": "999", "api_secret": "other-secret"}
    for call, arguments in (
        (cloudinary.uploader.explicit, ("mine",)),
        (cloudinary.uploader.rename, ("mine", "yours")),
    ):
        with pytest.raises(cloudinary.exceptions.NotFound, match="Resource not found - mine"):
            await _as(origin, other, call, *arguments)
    assert (await _as(origin, other, cloudinary.uploader.add_tag, "x", ["mine"]))["public_ids"] == []
    assert (await _as(origin, other, cloudinary.uploader.destroy, "mine"))["result"] == "not found"
    assert await origin.node.catalogue.assets.by_asset_id(CLOUD, asset_id) is not None


async def _as(origin: RunningOrigin, keys: dict[str, str], call: Any, *arguments: Any) -> Any:
    return await deferToThread(call, *arguments, **{**origin.sdk(), **keys, "type": "upload"})
