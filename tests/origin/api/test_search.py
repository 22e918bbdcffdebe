"""Searches through the official SDK, by hand and by URL, against a running origin (admin-api §12, §13; signing §8)."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import cloudinary
import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils
import pytest
import pytest_twisted
from cloudinary.search_folders import SearchFolders
from twisted.internet.threads import deferToThread

from tests.support.images import as_bytes, quartered
from tests.support.origins import KEY, SECOND, SECRET, Answer, RunningOrigin
from wire.signing import search_signature

ASSETS: dict[str, dict[str, Any]] = {
    "sale/blue_sweater": {
        "tags": ["kitten", "Blue Wool"],
        "context": {"alt": "a sweater"},
        "asset_folder": "Sale",
    },
    "sale/red_hat": {"tags": ["red"], "context": {"alt": "a hat", "caption": "x"}, "asset_folder": "Sale"},
    "sale/old_hat": {"tags": ["kitten"], "asset_folder": "Sale/Old"},
    "plain": {},
}


@pytest_twisted.async_yield_fixture(scope="module")
async def shop(origin: RunningOrigin) -> AsyncIterator[RunningOrigin]:
    """An origin with four assets and two folders."""
    for number, (name, said) in enumerate(ASSETS.items()):
        await origin.upload(as_bytes(quartered(40 + 8 * number, 32), "JPEG"), public_id=name, **said)
    await origin.upload(b"text", public_id="notes.txt", resource_type="raw")
    yield origin


async def search(origin: RunningOrigin, query: cloudinary.Search) -> Any:
    """Execute it as users do."""
    return await deferToThread(query.execute, **origin.sdk())


async def names(origin: RunningOrigin, expression: str) -> list[str]:
    """Public ids found, sorted."""
    found = await search(origin, cloudinary.Search().expression(expression))
    assert found["total_count"] == len(found["resources"])
    return sorted(each["public_id"] for each in found["resources"])


EXPRESSIONS = {
    "resource_type:image AND tags=kitten": ["sale/blue_sweater", "sale/old_hat"],
    "resource_type:image AND tags=Kitten": [],
    "tags:wool": ["sale/blue_sweater"],
    "hat": ["sale/old_hat", "sale/red_hat"],
    "sale -hat": ["sale/blue_sweater"],
    "context.alt:(sweater OR hat) AND -context.caption:x": ["sale/blue_sweater"],
    "asset_folder=Sale": ["sale/blue_sweater", "sale/red_hat"],
    "public_id:sale/r*": ["sale/red_hat"],
    "format:JPG width>=56 uploaded_at>1h": ["plain", "sale/old_hat"],
    'aspect_ratio>"3:2"': ["plain", "sale/old_hat"],
    "resource_type:raw": ["notes.txt"],
    "created_at<1d": [],
    "moderation_status:pending": [],
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest_twisted.ensureDeferred
async def test_expressions_find_what_was_uploaded(shop: RunningOrigin, expression: str) -> None:
    """At once: the index is part of the upload's own transaction."""
    assert await names(shop, expression) == EXPRESSIONS[expression]


@pytest_twisted.ensureDeferred
async def test_a_result_has_the_shape_of_the_sheet(shop: RunningOrigin) -> None:
    """admin-api §13: dates with an offset, flat context, what was asked for besides."""
    query = cloudinary.Search().expression("public_id=sale/blue_sweater")
    found = await search(shop, query)
    assert set(found) == {"total_count", "time", "resources"}
    assert isinstance(found["time"], int)
    (asset,) = found["resources"]
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
    assert stamp.fullmatch(asset["created_at"])
    assert stamp.fullmatch(asset["uploaded_at"])
    detail = await shop.called(cloudinary.api.resource, "sale/blue_sweater")
    same = ("asset_id", "version", "bytes", "url", "secure_url", "etag", "width", "height", "display_name")
    assert {name: asset[name] for name in same} == {name: detail[name] for name in same}
    assert asset["aspect_ratio"] == 1.25
    assert asset["pixels"] == 40 * 32
    expected = {
        "public_id": "sale/blue_sweater",
        "filename": "blue_sweater",
        "asset_folder": "Sale",
        "format": "jpg",
        "resource_type": "image",
        "type": "upload",
        "backup_bytes": 0,
        "status": "active",
        "access_mode": "public",
        "access_control": None,
        "created_by": {"access_key": KEY},
        "uploaded_by": {"access_key": KEY},
    }
    assert {name: asset[name] for name in expected} == expected
    assert not {"tags", "context", "metadata", "image_metadata"} & set(asset)


@pytest_twisted.ensureDeferred
async def test_with_field_and_fields_choose_what_is_shown(shop: RunningOrigin) -> None:
    """`fields` wins; what identifies an asset always stays."""
    query = (
        cloudinary.Search().expression("public_id=sale/blue_sweater").with_field("context").with_field("tags")
    )
    (asset,) = (await search(shop, query.with_field("image_metadata").with_field("image_analysis")))[
        "resources"
    ]
    assert asset["context"] == {"alt": "a sweater"}
    assert sorted(asset["tags"]) == ["Blue Wool", "kitten"]
    assert isinstance(asset["image_metadata"], dict)
    assert asset["image_analysis"]["etag"] == asset["etag"]
    (asset,) = (await search(shop, query.fields("bytes").fields("tags")))["resources"]
    always = {"public_id", "asset_id", "asset_folder", "created_at", "status", "type", "resource_type"}
    assert set(asset) == always | {"bytes", "tags"}


@pytest_twisted.ensureDeferred
async def test_pages_sorts_and_aggregations_through_the_sdk(shop: RunningOrigin) -> None:
    """Every page tells the whole count; 0 results only count."""
    query = cloudinary.Search().sort_by("width", "desc").sort_by("public_id", "asc").max_results("2")
    query.aggregate("format").aggregate(
        {"type": "bytes", "ranges": [{"key": "all", "from": 0}, {"key": "none", "to": 0}]}
    )
    seen: list[str] = []
    while True:
        found = await search(shop, query)
        assert found["total_count"] == 5
        assert found["aggregations"] == {"format": {"jpg": 4}, "bytes": {"all": 5, "none": 0}}
        seen += [each["public_id"] for each in found["resources"]]
        if "next_cursor" not in found:
            break
        query.next_cursor(found["next_cursor"])
    assert seen == ["plain", "sale/old_hat", "sale/red_hat", "sale/blue_sweater", "notes.txt"]
    counted = await search(shop, cloudinary.Search().max_results(0))
    assert (counted["total_count"], counted["resources"], "next_cursor" in counted) == (5, [], False)


@pytest_twisted.ensureDeferred
async def test_get_asks_the_same(shop: RunningOrigin) -> None:
    """Keys in the query, brackets, JSON text or commas; Node encodes the path whole."""
    asked = {
        "expression": "sale",
        "sort_by[0][public_id]": "asc",
        "fields": "public_id,tags",
        "max_results": "1",
        "next_cursor": "",
    }
    for path in ("resources/search", "resources%2Fsearch"):
        for sort in ({}, {"sort_by": '{"public_id":"asc"}'}, {"sort_by": '[{"public_id":"asc"}]'}):
            query = {name: value for name, value in asked.items() if not sort or "[" not in name} | sort
            answer = await admin(shop, "GET", f"{path}?{urlencode(query)}")
            assert answer.status == 200
            assert [each["public_id"] for each in answer.json["resources"]] == ["sale/blue_sweater"]
            assert answer.json["total_count"] == 3


async def admin(origin: RunningOrigin, method: str, path: str, **options: Any) -> Answer:
    return await origin.ask(method, f"{origin.url}/v1_1/demo/{path}", auth=(KEY, SECRET), **options)


async def posted(origin: RunningOrigin, path: str, body: Any) -> Answer:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await admin(origin, "POST", path, data=sent, headers={"Content-Type": ["application/json"]})


AGGREGATE = "Invalid value for parameter aggregate: "
BAD: dict[str, tuple[Any, str]] = {
    "an expression": ({"expression": "tags:"}, "Query Error (at position 5) "),
    "a leading NOT": ({"expression": "NOT a"}, "Query Error (at position 0) "),
    "an unknown field": ({"expression": "colour:red"}, "Query Error (at position 0) unknown field colour"),
    "control characters": ({"expression": "\r\nx\r:1"}, "Query Error (at position "),
    "an endless expression": ({"expression": "a" * 40_000}, "Query Error (at position 32768) "),
    "a deep expression": ({"expression": "(" * 1000}, "Query Error (at position 40) "),
    "ten thousand terms": ({"expression": "a " * 10_000}, "Query Error (at position 400) "),
    "an expression that is a list": ({"expression": [["a"]]}, "Query Error (at position 0) "),
    "a sort field": ({"sort_by": [{"colour": "asc"}]}, "Invalid value for parameter sort_by: colour. Must be one of"),
    "a sort direction": ({"sort_by": [{"bytes": "up"}]}, "Invalid value for parameter sort_by: up"),
    "a sort of numbers": ({"sort_by": [1]}, "Invalid value for parameter sort_by: 1"),
    "a sort of lists": ({"sort_by": [[1]]}, "Invalid value for parameter sort_by: [1]"),
    "a broken sort": ({"sort_by": "[{"}, "Invalid value for parameter sort_by: [{"),
    "too many keys": ({"sort_by": [{"bytes": "asc"}] * 11}, "Too many fields in sort_by. Maximum is 10."),
    "ten thousand keys": ({"sort_by": ["bytes"] * 10_000}, "Too many fields in sort_by. Maximum is 10."),
    "a negative count": ({"max_results": -1}, "Invalid value for parameter max_results"),
    "a count in words": ({"max_results": "many"}, "Invalid value for parameter max_results"),
    "a cursor": ({"next_cursor": "x"}, "Invalid value for parameter next_cursor"),
    "an aggregate": ({"aggregate": ["colour"]}, "Invalid value for parameter aggregate: colour. Must be one of"),
    "no ranges": ({"aggregate": ["bytes"]}, "Invalid value for parameter aggregate: bytes needs"),
    "empty ranges": ({"aggregate": [{"type": "bytes", "ranges": []}]}, AGGREGATE),
    "a range without key": ({"aggregate": [{"type": "bytes", "ranges": [{"from": 1}]}]}, AGGREGATE),
    "a range of words": ({"aggregate": [{"type": "bytes", "ranges": [{"key": "a", "to": "x"}]}]}, AGGREGATE),
    "a range of truth": ({"aggregate": [{"type": "bytes", "ranges": [{"key": "a", "to": True}]}]}, AGGREGATE),
    "too many ranges": ({"aggregate": [{"type": "bytes", "ranges": [{"key": "a"}] * 101}]}, AGGREGATE),
    "too many aggregates": ({"aggregate": ["format"] * 11}, "Too many values of aggregate. Maximum is 10."),
    "an aggregate of nothing": ({"aggregate": [{}]}, "Invalid value for parameter aggregate: null"),
    "an extra field": ({"with_field": ["colour"]}, "Invalid value for parameter with_field: colour. Must be one of"),
    "no object": ([], "Request body must be a JSON object"),
    "no JSON": (b"{", "Malformed JSON body"),
    "bad UTF-8": (b'{"expression":"\xff"}', "Malformed JSON body"),
    "deep JSON": (b'{"sort_by":' + b"[" * 100_000, "Malformed JSON body"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
@pytest_twisted.ensureDeferred
async def test_what_is_wrong_with_a_search_is_told(shop: RunningOrigin, what: str) -> None:
    """400 with a sentence, never more than one line."""
    body, why = BAD[what]
    answer = await posted(shop, "resources/search", body)
    assert answer.status == 400, answer.body
    assert answer.json["error"]["message"].startswith(why)
    assert "\r" not in answer.json["error"]["message"]


@pytest_twisted.ensureDeferred
async def test_odd_but_fair_parameters_are_taken(shop: RunningOrigin) -> None:
    """Null is absent, numbers may be text, fields nobody knows show nothing, words alone sort downwards."""
    for body in (
        {},
        {"expression": None, "sort_by": None, "next_cursor": "", "max_results": None},
        {"max_results": "500", "fields": "nothing,bytes", "sort_by": "score"},
        {"sort_by": {"bytes": "ASC", "score": "desc"}, "aggregate": "format,type", "timestamp": 5},
        {"max_results": 501, "with_field": ["metadata"]},
        {"expression": "\ud800 OR sale OR plain OR notes"},
    ):
        answer = await posted(shop, "resources/search", body)
        assert answer.status == 200, (body, answer.body)
        assert answer.json["total_count"] == 5


@pytest_twisted.ensureDeferred
async def test_nobody_searches_another_cloud(shop: RunningOrigin) -> None:
    """Keys open their own cloud only, and its index alone."""
    with pytest.raises(cloudinary.exceptions.AuthorizationRequired):
        await deferToThread(cloudinary.Search().execute, **{**shop.sdk(), "api_secret": "wrong"})
    other = {**shop.sdk(), "cloud_name": "other", "api_key": "999", "api_secret": "other-secret"}
    found = await deferToThread(cloudinary.Search().execute, **other)
    assert found["total_count"] == 0
    with pytest.raises(cloudinary.exceptions.AuthorizationRequired):
        await deferToThread(cloudinary.Search().execute, **{**other, "cloud_name": "demo"})


@pytest_twisted.ensureDeferred
async def test_searches_by_looks_need_an_add_on(shop: RunningOrigin) -> None:
    """upload-api §12: 420, which clients know as being limited."""
    with pytest.raises(cloudinary.exceptions.RateLimited, match="subscription for Visual Search"):
        await shop.called(cloudinary.api.visual_search, text="a red hat")
    picture = as_bytes(quartered(), "JPEG")
    with pytest.raises(cloudinary.exceptions.RateLimited, match="subscription for Visual Search"):
        await shop.called(cloudinary.api.visual_search, image_file=picture)
    answer = await posted(shop, "resources/visual_search", {"threshold": 1})
    assert (answer.status, answer.json["error"]["message"]) == (
        400,
        "Missing required parameter - image_url, image_asset_id, text or image_file",
    )
    assert shop.spooled() == []


@pytest_twisted.ensureDeferred
async def test_folders_are_searched(shop: RunningOrigin) -> None:
    """admin-api §12: name, path and age, in pages."""
    query = SearchFolders().expression("path:Sale*").sort_by("path", "asc").max_results(1)
    found = await search(shop, query)
    assert found["total_count"] == 2
    (folder,) = found["folders"]
    assert set(folder) == {"name", "path", "created_at", "external_id"}
    assert (folder["name"], folder["path"]) == ("Sale", "Sale")
    assert folder["created_at"].endswith("+00:00")
    found = await search(shop, query.next_cursor(found["next_cursor"]))
    assert [each["path"] for each in found["folders"]] == ["Sale/Old"]
    assert "next_cursor" not in found
    for expression, paths in (
        ("", ["Sale", "Sale/Old"]),
        ("name=Old", ["Sale/Old"]),
        ("name:O* AND -path:Sale", ["Sale/Old"]),
        ("old", ["Sale/Old"]),
        ("created_at>1h", ["Sale", "Sale/Old"]),
        ("created_at<1h", []),
        ("\ud800", []),
        ("path:(Sale OR nosuch)", ["Sale"]),
        ("100%", []),
    ):
        answer = await posted(
            shop, "folders/search", {"expression": expression, "sort_by": [{"path": "desc"}]}
        )
        assert answer.json["total_count"] == len(paths), expression
        assert [each["path"] for each in answer.json["folders"]] == sorted(paths, reverse=True)
    for body, why in (
        ({"expression": "tags:x"}, "Query Error (at position 0) unknown field tags"),
        ({"sort_by": [{"bytes": "asc"}]}, "Invalid value for parameter sort_by: bytes"),
        ({"next_cursor": "WzFd"}, "Invalid value for parameter next_cursor"),
    ):
        answer = await posted(shop, "folders/search", body)
        assert answer.status == 400
        assert answer.json["error"]["message"].startswith(why)


def path_of(query: cloudinary.Search, **options: Any) -> str:
    """The target of the SDK's own URL."""
    return str(urlsplit(query.to_url(cloud_name="demo", api_key=KEY, api_secret=SECRET, **options)).path)


@pytest_twisted.ensureDeferred
async def test_search_urls_of_the_sdk_are_answered_and_cacheable(shop: RunningOrigin) -> None:
    """signing §8: for as long as their signer said; the cursor stands outside of the signature."""
    query = (
        cloudinary.Search().expression("sale").sort_by("public_id", "asc").max_results(2).with_field("tags")
    )
    first = await shop.get(path_of(query, ttl=1000))
    assert first.status == 200
    assert first.headers["cache-control"] == "public, max-age=1000"
    assert first.headers["access-control-allow-origin"] == "*"
    assert [each["public_id"] for each in first.json["resources"]] == ["sale/blue_sweater", "sale/old_hat"]
    assert first.json["resources"][1]["tags"] == ["kitten"]
    second = await shop.get(path_of(query, ttl=1000, next_cursor=first.json["next_cursor"]))
    assert [each["public_id"] for each in second.json["resources"]] == ["sale/red_hat"]
    assert "next_cursor" not in second.json
    head = await shop.get(path_of(query), "HEAD")
    assert (head.status, head.body, head.headers["cache-control"]) == (200, b"", "public, max-age=300")
    own = path_of(query).removeprefix("/demo")
    assert (await shop.get(own, Host="demo-res.localhost")).status == 200
    assert (await shop.get(path_of(query).replace("=", quote("=")))).status == 200


@pytest_twisted.ensureDeferred
async def test_search_urls_nobody_signed_are_refused(shop: RunningOrigin) -> None:
    """401; and what is signed can still be wrong."""
    path = path_of(cloudinary.Search().expression("sale"))
    _, cloud, word, signature, ttl, query = path.split("/")
    wrong = {
        f"/{cloud}/{word}/{signature[::-1]}/{ttl}/{query}": 401,
        f"/{cloud}/{word}/x/{ttl}/{query}": 401,
        f"/{cloud}/{word}/{signature}/301/{query}": 401,
        f"/{cloud}/{word}/{signature}/{ttl}/{query}e30=": 401,
        f"/other/{word}/{signature}/{ttl}/{query}": 401,
        f"/nosuch/{word}/{signature}/{ttl}/{query}": 404,
        f"/closed/{word}/{signature}/{ttl}/{query}": 401,
        f"{path}/x": 400,
    }
    for document in (b"no JSON", b"[]", b'{"expression":"tags:"}', b"\xff", b"[" * 5000):
        written = urlsafe_b64encode(document).decode()
        wrong[f"/demo/search/{search_signature('300', written, SECRET)}/300/{written}"] = 400
    wrong[f"/demo/search/{search_signature('300', 'e', SECRET)}/300/e"] = 400
    for target, status in wrong.items():
        answer = await shop.get(target)
        assert answer.status == status, target
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.json["error"]["message"]
    assert (await shop.get(path, "POST")).status == 405
    assert (await shop.get(path, "OPTIONS")).status == 204


@pytest_twisted.ensureDeferred
async def test_whose_key_made_an_asset_is_told_whoever_asks(origin: RunningOrigin) -> None:
    """§13: and whose uploaded what it shows now; of what anyone may upload, nobody's."""
    picture = as_bytes(quartered(), "PNG")
    keys = {"api_key": SECOND[0], "api_secret": SECOND[1]}
    await origin.upload(picture, public_id="mine")
    await origin.upload(picture, public_id="ours")
    await origin.upload(picture, public_id="ours", **keys)
    await origin.upload(picture, public_id="theirs", **keys)
    await origin.called(cloudinary.api.create_upload_preset, name="open", unsigned=True)
    await origin.called(cloudinary.uploader.unsigned_upload, picture, "open", public_id="anyones")
    for shown_by in (origin.sdk(), {**origin.sdk(), **keys}):
        query = cloudinary.Search().expression("public_id:(mine OR ours OR theirs OR anyones)")
        found = await deferToThread(query.execute, **shown_by)
        shown = {
            each["public_id"]: [(each[by] or {}).get("access_key") for by in ("created_by", "uploaded_by")]
            for each in found["resources"]
        }
        assert shown == {
            "mine": [KEY, KEY],
            "ours": [KEY, SECOND[0]],
            "theirs": [SECOND[0], SECOND[0]],
            "anyones": [None, None],
        }
