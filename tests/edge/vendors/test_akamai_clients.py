"""The real clients of Akamai against a running edge and control API: EdgeGrid's session, EdgeAuth's tokens."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_twisted
import requests
from akamai.edgegrid import EdgeGridAuth
from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from edge.personality.akamai.settings import Property, VerifyToken
from edge.service import EdgeNode
from edge.vendors.settings import Property as Served
from tests.support.edge_node import get, running_edge
from tests.support.edgeauth import KEY
from tests.support.scripted_origin import Gate, ScriptedOrigin, held, reply
from tests.support.vendors import ACCESS_TOKEN, CLIENT_SECRET, CLIENT_TOKEN, control_of, running_vendors
from wire.tokens.edgeauth import Lock

HOST = "cdn.example"
MADE = """
import json, sys
from akamai.edgeauth import EdgeAuth
told = json.loads(sys.argv[1])
signer = EdgeAuth(**told["options"])
print(getattr(signer, told["call"])(told["for"]))
"""


def token(call: str, wanted: Any, **options: Any) -> str:
    """A token of the real library, in a process of its own: importing it sets the time zone."""
    told = json.dumps({"call": call, "for": wanted, "options": {"key": KEY, "window_seconds": 600} | options})
    made = subprocess.run(
        [sys.executable, "-c", MADE, told], capture_output=True, text=True, check=True, timeout=60
    )
    return made.stdout.strip()


@frozen
class Stage:
    """An origin, an edge, and a signed session."""

    origin: ScriptedOrigin
    edge: EdgeNode
    base: str
    session: requests.Session

    async def post(self, path: str, told: Any, **how: Any) -> requests.Response:
        """A call, in a thread."""
        answer: requests.Response = await deferToThread(
            self.session.post, self.base + path, json=told, timeout=60, **how
        )
        return answer

    async def code(self, target: str) -> str:
        """What the edge's cache does with a viewer's request."""
        return (await get(self.edge, target, Pragma="akamai-x-cache-on")).cache.partition(" from ")[0]


@asynccontextmanager
async def a_stage(told: Property | None = None, **more: Any) -> AsyncIterator[Stage]:
    origin = ScriptedOrigin().listen()
    for path, tags in (("/a", "album-7"), ("/b", "other"), ("/media/a.jpg", "")):
        origin.on(path, reply(b"x", Cache_Control="max-age=600", ETag='"1"', Edge_Cache_Tag=tags))
    async with running_edge(origin.url, personality="akamai", akamai=told or Property()) as edge:
        served = Served({edge.settings.name: control_of(edge)}, cpcode=12345, hostnames=(HOST,))
        async with running_vendors(properties={"main": served}, **more) as vendors:
            session = requests.Session()
            session.auth = EdgeGridAuth(
                client_token=CLIENT_TOKEN, client_secret=CLIENT_SECRET, access_token=ACCESS_TOKEN
            )
            yield Stage(origin, edge, f"http://127.0.0.1:{vendors.port}", session)
            session.close()
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_url_is_deleted_or_taken_for_stale() -> None:
    async with a_stage() as stage:
        for target in ("/a", "/a?w=1", "/b"):
            await get(stage.edge, target)
        gone = await stage.post("/ccu/v3/delete/url/production", {"objects": [f"http://{HOST}/a"]})
        assert gone.status_code == 201
        told = gone.json()
        assert (told["httpStatus"], told["detail"], told["estimatedSeconds"]) == (201, "Request accepted", 5)
        assert told["purgeId"].startswith("edup-")
        assert gone.headers["X-RateLimit-Limit-Objects"] == "10000"
        assert [await stage.code(target) for target in ("/a", "/a?w=1", "/b")] == [
            *("TCP_MISS", "TCP_MEM_HIT", "TCP_MEM_HIT")
        ]
        await stage.post("/ccu/v3/invalidate/url", {"hostname": HOST, "objects": ["/a"]})
        stage.origin.once("/a", reply(b"", status=304, ETag='"1"', Cache_Control="max-age=600"))
        assert await stage.code("/a") == "TCP_REFRESH_HIT"
        asked = {name.lower() for name, _ in stage.origin.requests[-1].fields}
        assert "if-none-match" in asked


@pytest.mark.parametrize(("action", "code"), [("delete", "TCP_MISS"), ("invalidate", "TCP_REFRESH_MISS")])
@pytest_twisted.ensureDeferred
async def test_a_purge_beats_what_was_under_way(action: str, code: str) -> None:
    """§12.3, §22.9: what had been asked for before is not kept, or kept as stale."""
    async with a_stage() as stage:
        gate = Gate()
        stage.origin.once("/a", held(gate, reply(b"old", Cache_Control="max-age=600", ETag='"0"')))
        asking = Deferred.fromCoroutine(get(stage.edge, "/a"))
        await gate.arrived(1)
        told = {"objects": [f"http://{HOST}/a"]}
        assert (await stage.post(f"/ccu/v3/{action}/url", told)).status_code == 201
        gate.open()
        assert (await asking).body == b"old"
        assert [await stage.code("/a"), await stage.code("/a")] == [code, "TCP_MEM_HIT"]


@pytest_twisted.ensureDeferred
async def test_by_tag_and_by_cp_code() -> None:
    async with a_stage() as stage:
        for target in ("/a", "/b"):
            await get(stage.edge, target)
        by_tag = await stage.post("/ccu/v3/delete/tag", {"objects": ["album-7"]})
        assert by_tag.json()["purgeId"].startswith("edtp-")
        assert [await stage.code(target) for target in ("/a", "/b")] == ["TCP_MISS", "TCP_MEM_HIT"]
        by_code = await stage.post("/ccu/v3/invalidate/cpcode/production", {"objects": [12345]})
        assert by_code.json()["purgeId"].startswith("edcp-")
        assert [await stage.code(target) for target in ("/a", "/b")] == ["TCP_REFRESH_MISS"] * 2


@pytest_twisted.ensureDeferred
async def test_the_staging_network_is_another() -> None:
    async with a_stage() as stage:
        await get(stage.edge, "/a")
        assert (await stage.post("/ccu/v3/delete/cpcode/staging", {"objects": [12345]})).status_code == 201
        assert await stage.code("/a") == "TCP_MEM_HIT"


@pytest_twisted.ensureDeferred
async def test_refusals_are_problems() -> None:
    async with a_stage() as stage:
        theirs = await stage.post("/ccu/v3/delete/url", {"objects": ["https://not-ours/a.jpg"]})
        assert (theirs.status_code, theirs.headers["Content-Type"]) == (403, "application/problem+json")
        assert theirs.json()["title"] == "unauthorized arl"
        assert theirs.json()["detail"] == "https://not-ours/a.jpg"
        assert (await stage.post("/ccu/v3/forget/url", {})).status_code == 404
        nobody = await stage.post(
            "/ccu/v3/delete/tag",
            {"objects": ["a"]},
            auth=EdgeGridAuth(client_token="akab-x", client_secret="s", access_token="akab-y"),
        )
        assert (nobody.status_code, nobody.json()["detail"]) == (401, "Inactive client token")
        assert nobody.json()["type"].endswith("/-/pep-authn/deny")
        forged = await stage.post(
            "/ccu/v3/delete/tag",
            {"objects": ["a"]},
            auth=EdgeGridAuth(client_token=CLIENT_TOKEN, client_secret="s", access_token=ACCESS_TOKEN),
        )
        assert (forged.status_code, forged.json()["detail"]) == (401, "The signature does not match")
        bare = await deferToThread(requests.post, stage.base + "/ccu/v3/delete/tag", json={}, timeout=60)
        assert bare.status_code == 401


@pytest_twisted.ensureDeferred
async def test_every_refusal_of_fast_purge_has_its_status() -> None:
    """§12.4: of calls that are well signed."""
    url = f"http://{HOST}/a"
    many = {"objects": [f"tag-{number}" for number in range(3000)]}
    async with a_stage() as stage:
        for path, told, status, title in (
            ("delete/url", {}, 400, "bad request"),
            ("delete/url", {"objects": [url], "more": 1}, 400, "bad request"),
            ("delete/url", {"objects": ["nothing"]}, 400, "bad URL"),
            ("delete/url", {"hostname": "a b", "objects": ["/a"]}, 400, "bad URL hostname"),
            ("delete/url", {"objects": [url, "http://not-ours/a"]}, 403, "unauthorized arl"),
            ("delete/cpcode", {"objects": ["12345"]}, 400, "bad request"),
            ("delete/cpcode", {"objects": [1]}, 403, "unauthorized cpcode"),
            ("delete/tag", {"objects": ["album:7"]}, 400, "bad request"),
            ("delete/all", {"objects": [url]}, 404, "Not Found"),
            ("delete/url/moon", {"objects": [url]}, 404, "Not Found"),
            ("delete/url", {"objects": [url + "x" * 50_000]}, 413, "Request Entity Too Large"),
            ("delete/tag", many, 201, ""),
            ("delete/tag", many, 429, "TAG Rate Limit exceeded"),
        ):
            answer = await stage.post(f"/ccu/v3/{path}", told)
            assert (answer.status_code, answer.json().get("title", "")) == (status, title)
            if status != 201:
                assert answer.headers["Content-Type"] == "application/problem+json"
                assert {"httpStatus", "detail", "supportId", "describedBy"} <= set(answer.json())
        assert answer.json()["rateLimitCurrentRequestSize"] == 3000
        limits = {name for name in answer.headers if name.lower().startswith("x-ratelimit-")}
        assert len(limits) == 6
        got = await deferToThread(stage.session.get, stage.base + "/ccu/v3/delete/url", timeout=60)
        plain: dict[str, Any] = {"data": "{}", "headers": {"Content-Type": "text/plain"}}
        typed = await deferToThread(
            stage.session.post, stage.base + "/ccu/v3/delete/url", timeout=60, **plain
        )
        assert (got.status_code, typed.status_code) == (405, 415)
        assert got.headers["Allow"] == "POST"


@pytest_twisted.ensureDeferred
async def test_every_refusal_of_edgegrid_has_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    """§11.4: a call is good once, for a minute, by a header of the one form and both tokens."""
    path, told = "/ccu/v3/delete/tag", {"objects": ["a"]}
    right = {"client_token": CLIENT_TOKEN, "client_secret": CLIENT_SECRET, "access_token": ACCESS_TOKEN}
    async with a_stage() as stage:

        async def refused(**wrong: str) -> tuple[int, str, str]:
            answer = await stage.post(path, told, auth=EdgeGridAuth(**right | wrong))
            said = answer.json()
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert said["status"] == answer.status_code
            named = {"instance", "method", "serverIp", "clientIp", "requestId", "requestTime"}
            assert named <= set(said)
            return said["status"], said["title"], said["detail"]

        denied = 401, "Not authorized"
        assert await refused(client_token="akab-x") == (*denied, "Inactive client token")
        assert await refused(access_token="akab-x") == (*denied, "Invalid authorization access token")
        assert await refused(client_secret="x") == (*denied, "The signature does not match")
        monkeypatch.setattr("akamai.edgegrid.edgegrid.new_nonce", lambda: "once")
        assert (await stage.post(path, told)).status_code == 201
        assert (await refused())[:2] == denied
        monkeypatch.setattr("akamai.edgegrid.edgegrid.eg_timestamp", lambda: "20200101T00:00:00+0000")
        assert await refused() == (400, "Bad request", "Invalid timestamp")
        for header, status in (("EG1-HMAC-SHA256 nonsense", 400), ("Basic eDp5", 400)):
            sent: dict[str, Any] = {"json": told, "headers": {"Authorization": header}, "timeout": 60}
            answer = await deferToThread(requests.post, stage.base + path, **sent)
            assert (answer.status_code, answer.json()["type"].endswith("/pep-authn/request-error")) == (
                *(status, True),
            )


@pytest_twisted.ensureDeferred
async def test_tokens_of_the_library_let_in() -> None:
    """An ACL, a URL, and everything at once."""
    early = Lock(KEY, escape_early=True, salt="pepper", algorithm="sha1")
    told = Property(tokens=(VerifyToken(Lock(KEY), "/media/*"), VerifyToken(early, "/b")))
    async with a_stage(told) as stage:
        acl = token("generate_acl_token", ["/media/*", "/x"])
        url = token("generate_url_token", "/media/a.jpg")
        both = token(
            "generate_url_token",
            "/b",
            escape_early=True,
            salt="pepper",
            algorithm="sha1",
            ip="127.0.0.1",
            payload="a b/c",
            session_id="u-1",
            start_time=1_700_000_000,
            end_time=1_893_456_000,
        )
        for target, status in (
            *((f"/media/a.jpg?__token__={acl}", 200), (f"/media/a.jpg?__token__={url}", 200)),
            *((f"/media/b.jpg?__token__={url}", 403), ("/media/a.jpg", 403)),
            *((f"/b?__token__={both}", 200), (f"/b?__token__={acl}", 403)),
        ):
            assert (await get(stage.edge, target)).status == status, target
