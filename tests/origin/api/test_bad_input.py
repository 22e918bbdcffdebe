"""Bad input for every endpoint of the table: refused with a sentence, and nothing of it stays."""

import json
import re
import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import pytest_twisted
from attrs import field, frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.web.client import ResponseNeverReceived

from origin.api.endpoint import Access, Endpoint, Kind
from tests.support.calls import asked
from tests.support.images import as_bytes, quartered
from tests.support.origins import CLOUD, KEY, SECRET, Answer, RunningOrigin, running_origin
from tests.support.promises import name_of

AT_ONCE = 8
MINE, THEIRS = f"{KEY}:{SECRET}", "999:other-secret"
VALUES = {
    "public_id": "held",
    "from_public_id": "held",
    "to_public_id": "fresh",
    "public_ids": ["held"],
    "type": "upload",
    "command": "add",
    "context": "a=b",
    "tag": "a",
    "transformation": "c_scale,w_10",
    "folder": "shelf",
    "template": "http://127.0.0.1/",
    "access_mode": "public",
    "uri": "poll://c",
    "new_uri": "poll://c",
    "event_type": "all",
    "token": "none",
    "order_by": "label",
    "values": [{"value": "x"}],
    "file": "data:image/png;base64,AAAA",
    "asset_id": "0" * 32,
    "version_id": "0" * 32,
    "position": 0,
}
PLACES = {
    "cloud": CLOUD,
    "resource_type": "image",
    "type": "upload",
    "public_id": "held",
    "asset_id": "0" * 32,
    "kind": "manual",
    "status": "pending",
    "date": "01-02-2026",
}


@frozen
class Request:
    """One thing sent, and what may come of it."""

    endpoint: Endpoint
    what: str
    path: str
    body: bytes | None = None
    content_type: str = "application/json"
    key: str | None = MINE
    method: str = ""
    statuses: tuple[int, ...] = field(default=tuple(range(400, 500)))

    def __str__(self) -> str:
        return f"{self.method or self.endpoint.method} {self.endpoint.pattern.text}: {self.what}"


def at(endpoint: Endpoint, **places: str) -> str:
    """A path of an endpoint."""
    path = endpoint.pattern.template
    return re.sub(r"\{(\w+)\}", lambda found: {**PLACES, **places}.get(found[1], "nothing"), path)


def filled(endpoint: Endpoint, **changes: Any) -> dict[str, Any]:
    """Its required parameters, with something possible in each."""
    required = {each.name: VALUES.get(each.name, "a") for each in endpoint.takes if each.required}
    return {name: value for name, value in {**required, **changes}.items() if value is not None}


def sent(endpoint: Endpoint, what: str, said: Any, **more: Any) -> Request:
    """Those parameters, in a JSON body, or in the query where there is none."""
    if endpoint.method == "GET":
        pairs = [(name, _plain(value)) for name, value in said.items()]
        return Request(endpoint, what, f"{at(endpoint)}?{urlencode(pairs, doseq=True)}", **more)
    return Request(endpoint, what, at(endpoint), json.dumps(said).encode(), **more)


def _plain(value: Any) -> Any:
    if isinstance(value, dict) or (
        isinstance(value, list) and not all(isinstance(each, str) for each in value)
    ):
        return json.dumps(value)
    return value


def strangers(endpoint: Endpoint) -> Iterator[Request]:
    """Who may not make the call. An open one asks for no key, its token is the proof."""
    said = filled(endpoint)
    cloud = at(endpoint, cloud="nobody")
    body = None if endpoint.method == "GET" else b"{}"
    yield Request(endpoint, "unknown cloud", cloud, body, statuses=(401,))
    if endpoint.access is not Access.OPEN:
        yield sent(endpoint, "unknown key", said, key="1:x", statuses=(401,))
        yield sent(endpoint, "wrong secret", said, key=f"{KEY}:x", statuses=(401,))
        yield sent(endpoint, "key of another cloud", said, key=THEIRS, statuses=(401,))
        yield sent(endpoint, "no key", said, key=None, statuses=(400, 401))
        yield sent(endpoint, "no Basic", said, key="\0", statuses=(401,))


def ill_formed(endpoint: Endpoint) -> Iterator[Request]:
    """Requests that cannot be read."""
    path, is_get = at(endpoint), endpoint.method == "GET"
    for name, encoded in (("NUL", "%00"), ("no UTF-8", "%ff")):
        yield Request(endpoint, f"{name} in the query", f"{path}?a=b{encoded}", None if is_get else b"{}")
        for place in endpoint.pattern.names:
            if place not in ("cloud", "resource_type", "asset_id"):
                yield Request(
                    endpoint,
                    f"{name} in {place}",
                    at(endpoint, **{place: f"a{encoded}"}),
                    None if is_get else b"{}",
                )
    if is_get:
        return
    form = "application/x-www-form-urlencoded"
    multipart = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb%b\r\n--x--\r\n'
    for what, body, content_type in (
        ("NUL in a form", b"a=b%00", form),
        ("no UTF-8 in a form", b"a=b%ff", form),
        ("NUL in JSON", b'{"a":"\\u0000"}', "application/json"),
        ("no UTF-8 in JSON", b'{"a":"\xff"}', "application/json"),
        ("NUL in a part", multipart % b"\0", "multipart/form-data; boundary=x"),
        ("a body cut short", multipart[:-6] % b"c", "multipart/form-data; boundary=x"),
        ("JSON too deep", b'{"a":' + b"[" * 20_000, "application/json"),
        ("an array", b"[]", "application/json"),
        ("half an object", b'{"a":', "application/json"),
        ("text", b"hello", "text/plain"),
        ("nothing known", b"hello", ""),
    ):
        yield Request(endpoint, what, path, body, content_type)


def mistyped(endpoint: Endpoint) -> Iterator[Request]:
    """What is required left out, and values that are none of their kind."""
    for each in endpoint.takes:
        if each.required:
            yield sent(endpoint, f"no {each.name}", filled(endpoint, **{each.name: None}))
        if each.kind is Kind.FLAG:
            yield sent(
                endpoint, f"{each.name}=perhaps", filled(endpoint, **{each.name: "perhaps"}), statuses=(400,)
            )
        if each.kind is Kind.INTEGER:
            for wrong in ("x", "-1", "1" * 30):
                yield sent(
                    endpoint, f"{each.name}={wrong}", filled(endpoint, **{each.name: wrong}), statuses=(400,)
                )


ANY = (*range(200, 300), *range(400, 500))
BIG = {Kind.TEXT: ("1 MB",), Kind.LIST: ("10,000",), Kind.JSON: ("10,000", "deep")}
TOO_MUCH = {
    "10,000": [f"v{index}" for index in range(10_000)],
    "1 MB": "x" * 1_000_000,
    "deep": json.loads("[" * 400 + "]" * 400),
    "twice": ["a", "a"],
}


def oversize(endpoints: Iterable[Endpoint]) -> Iterator[Request]:
    """Values of the right kind, but too much of them: refused, or else of no harm. Each parameter once in each API."""
    seen: set[tuple[str, Kind, bool]] = set()
    for endpoint in endpoints:
        for each in endpoint.takes:
            known = (each.name, each.kind, endpoint.access is Access.ADMIN)
            if known not in seen and each.kind is not Kind.FILE:
                seen.add(known)
                for what, value in TOO_MUCH.items():
                    is_big = what in BIG.get(each.kind, ())
                    if what == "twice" or (is_big and endpoint.method != "GET"):
                        said = filled(endpoint, **{each.name: value})
                        yield sent(endpoint, f"{each.name}: {what}", said, statuses=ANY)


def once(endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    """One of those that are the same call at several paths."""
    return tuple({(each.call.__qualname__, each.method, each.takes): each for each in endpoints}.values())


async def complaints(origin: RunningOrigin, requests: Iterator[Request]) -> list[str]:
    """What is wrong with the answers."""
    wrong: list[str] = []

    async def take() -> None:
        for request in requests:
            try:
                answer = await made(origin, request)
            except ResponseNeverReceived as error:
                wrong.append(f"{request}: {error}")
                continue
            if trouble := trouble_with(request, answer):
                wrong.append(f"{request} -> {answer.status} {answer.body[:200]!r}: {trouble}")

    await gatherResults([Deferred.fromCoroutine(take()) for _ in range(AT_ONCE)], consumeErrors=True)
    return wrong


async def made(origin: RunningOrigin, request: Request) -> Answer:
    headers = (
        {"Content-Type": [request.content_type]} if request.body is not None and request.content_type else {}
    )
    if request.key is not None:
        headers["Authorization"] = [f"Basic {b64encode(request.key.encode()).decode()}"]
    method = request.method or request.endpoint.method
    return await origin.ask(method, origin.url + request.path, data=request.body, headers=headers)


def trouble_with(request: Request, answer: Answer) -> str | None:
    if answer.status not in request.statuses:
        return f"expected one of {request.statuses[:3]}…"
    if b"Traceback" in answer.body or b'.py"' in answer.body:
        return "a stack trace"
    if not re.fullmatch("[0-9a-f]{32}", answer.headers.get("x-request-id", "")):
        return "no request id"
    if answer.status >= 400:
        message = (answer.json or {}).get("error", {}).get("message")
        if not message or not isinstance(message, str) or list(answer.json) != ["error"]:
            return "no sentence"
    return None


@frozen
class Place:
    """An origin and where it keeps things."""

    origin: RunningOrigin
    folder: Path

    def rows(self, cloud: str | None = None) -> dict[str, Any]:
        """How many rows each table has, or all that those of a cloud hold. What is counted of calls is no matter."""
        with sqlite3.connect(f"file:{self.folder / 'catalogue.db'}?mode=ro", uri=True) as database:
            named = [row[0] for row in database.execute("select name from sqlite_master where type='table'")]
            tables = [each for each in named if each != "tallies" and not each.startswith("sqlite_")]
            if cloud is None:
                return {each: database.execute(f"select count(*) from {each}").fetchone() for each in tables}
            owned = [each for each in tables if "cloud" in _columns(database, each)]
            return {
                each: database.execute(f"select * from {each} where cloud = ?", (cloud,)).fetchall()
                for each in owned
            }

    def files(self) -> set[Path]:
        """Everything stored."""
        return {path for path in (self.folder / "media").rglob("*") if path.is_file()}

    def kept(self) -> Any:
        """All of it, to be compared."""
        return self.rows(), self.files(), self.origin.spooled()


def _columns(database: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in database.execute(f"pragma table_info({table})")}


@pytest_twisted.async_yield_fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("rubbish")
    async with running_origin(folder, max_upload_bytes=2_500_000) as running:
        await running.upload(as_bytes(quartered(40, 30), "JPEG"), public_id="held")
        yield Place(running, folder)


@pytest.mark.parametrize("kind", [strangers, ill_formed, mistyped])
@pytest_twisted.ensureDeferred
async def test_it_is_refused_and_nothing_stays(place: Place, kind: Any) -> None:
    before = place.kept()
    endpoints = place.origin.endpoints if kind is strangers else once(place.origin.endpoints)
    requests = (each for endpoint in endpoints for each in kind(endpoint))
    assert await complaints(place.origin, requests) == []
    assert place.kept() == before


@pytest_twisted.ensureDeferred
async def test_too_much_is_never_our_own_fault(place: Place) -> None:
    assert await complaints(place.origin, oversize(once(place.origin.endpoints))) == []
    assert place.origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_methods_that_a_path_has_not_are_named_by_those_it_has(place: Place) -> None:
    for endpoint in place.origin.endpoints:
        answer = await place.origin.ask("PATCH", place.origin.url + at(endpoint))
        assert answer.status == 405
        assert endpoint.method in answer.headers["allow"].split(", ")
        assert answer.json == {"error": {"message": "Method PATCH is not allowed"}}


FOREIGN = "belongs-to-them"
HIDDEN = "never-told"


async def foreign(origin: RunningOrigin) -> dict[str, Any]:
    """One of everything in another cloud, named as anyone may guess; what it holds, nobody may learn."""
    account = {"cloud_name": "other", "api_key": "999", "api_secret": "other-secret"}
    said = {"public_id": FOREIGN, "tags": FOREIGN, "context": f"alt={HIDDEN}", "asset_folder": FOREIGN}
    asset = await origin.upload(
        as_bytes(quartered(20, 20), "PNG"), display_name=HIDDEN, backup=True, **said, **account
    )

    async def make(path: str, **document: Any) -> Any:
        answer = await asked(origin, "POST", f"/v1_1/other/{path}", document, key=THEIRS)
        assert answer.status in (200, 201), answer.body
        return answer.json

    await make("upload_presets", name=FOREIGN, tags=HIDDEN)
    await make("transformations", name=FOREIGN, transformation=f"c_scale,w_77,l_text:Arial_9:{HIDDEN}")
    await make("upload_mappings", folder=FOREIGN, template=f"http://127.0.0.1/{HIDDEN}")
    values = {"values": [{"external_id": FOREIGN, "value": HIDDEN}]}
    await make("metadata_fields", external_id=FOREIGN, label=HIDDEN, type="enum", datasource=values)
    representations = json.dumps([{"transformation": "c_limit,w_77"}])
    await make("streaming_profiles", name=FOREIGN, display_name=HIDDEN, representations=representations)
    trigger = await make("triggers", uri=f"poll://{HIDDEN}", event_type="all")
    return {"asset_id": asset["asset_id"], "version_id": asset["version_id"], "id": trigger["id"]}


@pytest_twisted.ensureDeferred
async def test_what_is_another_clouds_is_neither_seen_nor_changed(place: Place) -> None:
    theirs = await foreign(place.origin)
    before = place.rows("other"), place.files()
    assert sum(map(len, before[0].values())) > 8
    for endpoint in once(place.origin.endpoints):
        places = dict.fromkeys(endpoint.pattern.names, FOREIGN) | PLACES | theirs | {"public_id": FOREIGN}
        request = sent(endpoint, "what is theirs", _about_theirs(endpoint, theirs))
        path = at(endpoint, **{name: quote(value) for name, value in places.items()})
        query = request.path.partition("?")[1:]
        answer = await made(place.origin, Request(endpoint, "", path + "".join(query), request.body))
        assert answer.status < 500, f"{name_of(endpoint)}: {answer.body!r}"
        assert HIDDEN.encode() not in answer.body, f"{name_of(endpoint)}: {answer.body!r}"
    after = place.rows("other"), place.files()
    assert after[0] == before[0]
    assert after[1] >= before[1]


def _about_theirs(endpoint: Endpoint, theirs: dict[str, Any]) -> dict[str, Any]:
    """Every parameter that names something names theirs."""
    named = {
        "public_id": FOREIGN,
        "public_ids": [FOREIGN],
        "from_public_id": FOREIGN,
        "asset_id": theirs["asset_id"],
        "asset_ids": [theirs["asset_id"]],
        "version_id": theirs["version_id"],
        "version_ids": [theirs["version_id"]],
        "versions": [theirs["version_id"]],
        "assets_to_relate": [theirs["asset_id"]],
        "assets_to_unrelate": [theirs["asset_id"]],
        "external_ids": [FOREIGN],
        "tag": FOREIGN,
        "folder": FOREIGN,
        "asset_folder": FOREIGN,
        "transformation": f"t_{FOREIGN}",
        "expression": f"public_id:{FOREIGN}",
        "wait_seconds": "0",
        "channel": HIDDEN[:5],
        "max_results": "500",
    }
    return filled(endpoint, **{each.name: named[each.name] for each in endpoint.takes if each.name in named})
