"""Every refusal of EdgeGrid, Fast Purge and EdgeAuth (cdn-vendors §10.3, §11.4, §12.4), met with Akamai's clients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_twisted
import requests
from akamai.edgegrid import EdgeGridAuth
from twisted.internet.threads import deferToThread

from edge.personality.akamai.settings import Property, VerifyToken
from edge.vendors.akamai.edgegrid import Client
from edge.vendors.akamai.rates import Rate, Rates
from tests.edge.vendors.test_akamai_clients import HOST, Stage, a_stage
from tests.edge.vendors.test_vectors import tokens_of
from tests.support.edge_node import get
from tests.support.edgeauth import KEY
from tests.support.vendors import ACCESS_TOKEN, CLIENT_SECRET, CLIENT_TOKEN
from wire.tokens.edgeauth import Lock

TAG = {"objects": ["album-7"]}
OTHER_KEY = "00112233445566778899aabbccddeeff"
WITH_OTHERS = {
    CLIENT_TOKEN: Client(ACCESS_TOKEN, CLIENT_SECRET),
    "akab-limited": Client("akab-limited-access", "s", ("other",)),
}


def signed(
    client: str = CLIENT_TOKEN, access: str = ACCESS_TOKEN, secret: str = CLIENT_SECRET
) -> EdgeGridAuth:
    return EdgeGridAuth(client_token=client, access_token=access, client_secret=secret)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("auth", "status", "detail", "kind"),
    [
        (signed(client="akab-nobody"), 401, "Inactive client token", "/-/pep-authn/deny"),
        (signed(access="akab-other"), 401, "Invalid authorization access token", "/-/pep-authn/deny"),
        (signed(secret="other"), 401, "The signature does not match", "/-/pep-authn/deny"),
    ],
)
async def test_who_asks_may_not(auth: EdgeGridAuth, status: int, detail: str, kind: str) -> None:
    async with a_stage() as stage:
        answer = await stage.post("/ccu/v3/delete/tag", TAG, auth=auth)
        assert_problem(answer, status, detail, kind)


def assert_problem(answer: requests.Response, status: int, detail: str, kind: str) -> None:
    """The document of §11.4, whole."""
    told = answer.json()
    assert (answer.status_code, told["status"], told["detail"]) == (status, status, detail)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert told["type"].endswith(kind)
    assert told.keys() >= {"title", "instance", "method", "serverIp", "clientIp", "requestId", "requestTime"}


@pytest_twisted.ensureDeferred
async def test_a_client_without_the_right_is_told_so() -> None:
    async with a_stage(clients=WITH_OTHERS) as stage:
        auth = signed("akab-limited", "akab-limited-access", "s")
        for path, told in (
            *(("delete/url", {"objects": [f"http://{HOST}/a"]}), ("delete/cpcode", {"objects": [12345]})),
            ("delete/tag", TAG),
        ):
            answer = await stage.post(f"/ccu/v3/{path}", told, auth=auth)
            assert_problem(answer, 403, "This client may purge nothing here", "/-/pep-authz/deny")


@pytest_twisted.ensureDeferred
async def test_a_clock_that_is_off_and_a_nonce_that_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own, set wrong."""
    async with a_stage() as stage:

        async def at(seconds: float, nonce: str, form: str = "%Y%m%dT%H:%M:%S+0000") -> requests.Response:
            told = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime(form)
            monkeypatch.setattr("akamai.edgegrid.edgegrid.eg_timestamp", lambda: told)
            monkeypatch.setattr("akamai.edgegrid.edgegrid.new_nonce", lambda: nonce)
            return await stage.post("/ccu/v3/delete/tag", TAG)

        for seconds in (-90, 90):
            assert_problem(await at(seconds, "x"), 400, "Invalid timestamp", "/-/pep-authn/request-error")
        malformed = await at(0, "x", "%Y-%m-%dT%H:%M:%SZ")
        assert_problem(malformed, 400, "Invalid timestamp", "/-/pep-authn/request-error")
        assert (await at(0, "y")).status_code == 201
        assert_problem(await at(0, "y"), 401, "The nonce was used before", "/-/pep-authn/deny")
        assert (await at(0, "z")).status_code == 201


@pytest_twisted.ensureDeferred
async def test_a_header_that_is_none() -> None:
    async with a_stage() as stage:

        async def bare(**fields: str) -> requests.Response:
            answer: requests.Response = await deferToThread(
                requests.post, f"{stage.base}/ccu/v3/delete/tag", json=TAG, headers=fields, timeout=60
            )
            return answer

        assert_problem(await bare(), 401, "The Authorization header is missing", "/-/pep-authn/deny")
        for written in ("Basic eDp5", "EG1-HMAC-SHA256 client_token=a", "EG1-HMAC-SHA256"):
            answer = await bare(Authorization=written)
            assert answer.status_code == 400
            assert answer.json()["type"].endswith("/-/pep-authn/request-error")


WANTED: list[tuple[str, Any, int, str]] = [
    ("delete/url", [], 400, "bad request"),
    ("delete/url", {"objects": []}, 400, "bad request"),
    ("delete/url", {"objects": [f"http://{HOST}/a"], "more": 1}, 400, "bad request"),
    ("delete/url", {"objects": ["/a"]}, 400, "bad URL"),
    ("delete/url", {"hostname": "http://x", "objects": ["/a"]}, 400, "bad URL hostname"),
    ("delete/url", {"objects": [f"http://{HOST}/a", "http://theirs.test/a"]}, 403, "unauthorized arl"),
    ("delete/cpcode", {"objects": ["12345"]}, 400, "bad request"),
    ("delete/cpcode", {"objects": [1]}, 403, "unauthorized cpcode"),
    ("delete/tag", {"objects": ["album:7"]}, 400, "bad request"),
    ("forget/url", TAG, 404, "Not Found"),
    ("delete/moon", TAG, 404, "Not Found"),
    ("delete/tag/moon", TAG, 404, "Not Found"),
]


@pytest_twisted.ensureDeferred
async def test_what_is_asked_for_makes_no_sense() -> None:
    """One bad object fails the whole request: nothing of it is purged (§12.4)."""
    async with a_stage() as stage:
        await get(stage.edge, "/a")
        for path, told, status, title in WANTED:
            answer = await stage.post(f"/ccu/v3/{path}", told)
            said = answer.json()
            assert (answer.status_code, said["httpStatus"], said["title"]) == (status, status, title), path
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert said.keys() >= {"detail", "supportId", "describedBy"}
        assert await stage.code("/a") == "TCP_MEM_HIT"


@pytest_twisted.ensureDeferred
async def test_what_is_sent_is_no_purge() -> None:
    """Not JSON, not said to be, too long, or not posted."""
    async with a_stage() as stage:

        async def sent(method: str, data: bytes, kind: str = "application/json") -> int:
            answer: requests.Response = await deferToThread(
                stage.session.request,
                method,
                f"{stage.base}/ccu/v3/delete/tag",
                data=data,
                headers={"Content-Type": kind},
                timeout=60,
            )
            return answer.status_code

        assert await sent("POST", b"{") == 400
        assert await sent("POST", b'{"objects": ["a"]}', "text/plain") == 415
        assert await sent("POST", b'{"objects": ["' + b"x" * 50_000 + b'"]}') == 413
        assert await sent("GET", b"") == 405


@pytest_twisted.ensureDeferred
async def test_too_much_at_once() -> None:
    """§12.5: each kind has a bucket, requests have one; a denied request takes nothing."""
    slow = Rate(2, 0.001)
    rates = Rates(requests=Rate(100, 50), url=slow, cpcode=Rate(1, 0.001), tag=slow)
    async with a_stage(rates=rates) as stage:
        for kind, objects, title in (
            ("url", [f"http://{HOST}/{n}" for n in range(3)], "URL Rate Limit exceeded"),
            ("cpcode", [12345, 12345], "CPCODE Rate Limit exceeded"),
            ("tag", ["a", "b", "c"], "TAG Rate Limit exceeded"),
        ):
            denied = await stage.post(f"/ccu/v3/delete/{kind}", {"objects": objects})
            told = denied.json()
            assert (denied.status_code, told["title"]) == (429, title)
            assert told.keys() >= {"rateLimit", "rateLimitCurrentRequestSize", "rateLimitRemaining"}
            assert told["rateLimitCurrentRequestSize"] == len(objects)
            fewer = await stage.post(f"/ccu/v3/delete/{kind}", {"objects": objects[:1]})
            assert fewer.status_code == 201, kind
    async with a_stage(rates=Rates(requests=Rate(1, 0.001))) as stage:
        answers = [await stage.post("/ccu/v3/delete/tag", TAG) for _ in range(2)]
        assert [each.status_code for each in answers] == [201, 429]
        assert answers[1].json()["title"] == "Rate Limit exceeded"
        names = ("Limit", "Limit-Per-Second", "Remaining", "Limit-Objects", "Remaining-Objects")
        assert all(f"X-RateLimit-{name}" in answers[0].headers for name in names)


async def statuses(stage: Stage, told: dict[str, str], path: str = "/media/a.jpg") -> dict[str, int]:
    return {why: (await get(stage.edge, f"{path}?__token__={each}")).status for why, each in told.items()}


@pytest_twisted.ensureDeferred
async def test_tokens_that_let_nobody_in() -> None:
    """§10.3, each made by the library, or changed from one that it made."""
    end = {"start_time": 1_700_000_000, "end_time": 1_893_456_000}
    made = tokens_of(
        {
            "good": (end, "generate_acl_token", "/media/*"),
            "one of two": (end, "generate_acl_token", ["/x", "/media/a.???"]),
            "the key that goes": (end | {"key": OTHER_KEY}, "generate_acl_token", "/media/*"),
            "his own address": (end | {"ip": "127.0.0.1"}, "generate_acl_token", "/media/*"),
            "another key": (end | {"key": OTHER_KEY[::-1]}, "generate_acl_token", "/media/*"),
            "another address": (end | {"ip": "192.0.2.7"}, "generate_acl_token", "/media/*"),
            "over": ({"start_time": 1, "end_time": 2}, "generate_acl_token", "/media/*"),
            "not yet": (
                {"start_time": 1_893_456_000, "end_time": 1_893_459_600},
                "generate_acl_token",
                "/media/*",
            ),
            "another algorithm": (end | {"algorithm": "sha1"}, "generate_acl_token", "/media/*"),
            "a salt that is none": (end | {"salt": "pepper"}, "generate_acl_token", "/media/*"),
            "less than the path": (end, "generate_acl_token", "/media/a"),
            "another case": (end, "generate_acl_token", "/Media/*"),
            "another URL": (end, "generate_url_token", "/media/b.jpg"),
            "a field in a field": (end | {"session_id": "u~1"}, "generate_acl_token", "/media/*"),
            "too long": (end | {"payload": "x" * 4096}, "generate_acl_token", "/media/*"),
        }
    )
    good = made["good"]
    before, _, signature = good.rpartition("~hmac=")
    made |= {
        "an unknown field": f"{before}~more=1~hmac={signature}",
        "a field twice": f"{before}~exp=1893456001~hmac={signature}",
        "a later end": good.replace("1893456000", "1893456001"),
        "a wider acl": good.replace("/media/*", "/*"),
        "no signature": before,
        "half a signature": f"{before}~hmac={signature[:32]}",
    }
    allowed = ("good", "one of two", "the key that goes", "his own address")
    told = Property(tokens=(VerifyToken(Lock(KEY, transition_key=OTHER_KEY), "/media/*"),))
    async with a_stage(told) as stage:
        found = await statuses(stage, made)
        assert {why for why, status in found.items() if status == 200} == set(allowed)
        assert set(found.values()) == {200, 403}
        encoded = good.replace("/", "%2F").replace("*", "%2A").replace("=", "%3D")
        assert await statuses(stage, {"encoded once": encoded}) == {"encoded once": 200}
        assert (await get(stage.edge, "/media/a.jpg")).status == 403
