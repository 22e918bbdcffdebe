"""Every vector of cdn-vendors §21 as the vendors' own clients make it, and what it opens at a running edge."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import pytest_twisted
import requests
from akamai.edgegrid import EdgeGridAuth
from botocore.awsrequest import AWSResponse
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from tests.edge.personality.cloudfront.test_access import an_edge, code_of
from tests.edge.vendors.akamai.test_edgegrid import PREFIX, VECTORS
from tests.support import edgeauth
from tests.support.cloudfront import C1, C2, C3, C4, C5, C6, KEY_ID, UNTIL, private_key, target_of
from tests.support.edge_node import get
from tests.support.vendors import (
    ACCESS_KEY,
    ACCESS_TOKEN,
    CLIENT_SECRET,
    CLIENT_TOKEN,
    DISTRIBUTION,
    SECRET_KEY,
)

HOST = "edge.test:8080"
BASE = f"http://{HOST}/media/"
LATE, EARLY, PAST = (datetime.fromtimestamp(at, UTC) for at in (UNTIL, 1767225600, 1577836800))
KEY = private_key()
SIGNER = CloudFrontSigner(KEY_ID, lambda policy: KEY.sign(policy, PKCS1v15(), SHA1()))
NEWER = CloudFrontSigner(KEY_ID, lambda policy: KEY.sign(policy, PKCS1v15(), SHA256()))


def custom(**limits: Any) -> str:
    """A policy for all below /media/, as botocore writes it."""
    policy: str = SIGNER.build_policy(f"{BASE}*", LATE, date_greater_than=EARLY, **limits)
    return policy


def test_cloudfrontsigner_makes_them_as_published() -> None:
    """C1 to C6: PKCS #1 v1.5 is deterministic, so ours are the same to the letter."""
    signed = SIGNER.generate_presigned_url
    assert signed(f"{BASE}a.jpg", date_less_than=LATE) == C1
    assert signed(f"{BASE}a.jpg?w=640&fmt=webp", date_less_than=LATE) == C2
    assert signed(f"{BASE}b/c.mp4", policy=custom(ip_address="127.0.0.0/8")) == C3
    newer = NEWER.generate_presigned_url(f"{BASE}a.jpg", date_less_than=LATE)
    assert f"{newer}&Hash-Algorithm=SHA256" == C4
    assert signed(f"{BASE}a.jpg", date_less_than=PAST) == C5
    by_url = signed(f"{BASE}x", policy=custom()).partition("?")[2]
    assert dict(pair.split("=", 1) for pair in by_url.split("&")) == {
        name.removeprefix("CloudFront-"): value for name, value in C6.items()
    }


def changed(url: str, before: str, after: str) -> str:
    assert before in url
    return url.replace(before, after)


SIGNATURE = C1.partition("Signature=")[2].partition("&")[0]
OTHER = ("A" if SIGNATURE[0] != "A" else "B") + SIGNATURE[1:]
REFUSED = {
    "a parameter added after signing": (f"{C1}&w=1", "AccessDenied"),
    "another path": (changed(C1, "a.jpg", "b.jpg"), "AccessDenied"),
    "another end": (changed(C1, "1893456000", "1893456001"), "AccessDenied"),
    "an end that is no number": (changed(C1, "1893456000", "soon"), "AccessDenied"),
    "no end": (changed(C1, "Expires=1893456000&", ""), "AccessDenied"),
    "another signature": (changed(C1, SIGNATURE, OTHER), "AccessDenied"),
    "an unknown hash": (f"{C1}&Hash-Algorithm=MD5", "AccessDenied"),
    "SHA-256 that is not said": (changed(C4, "&Hash-Algorithm=SHA256", ""), "AccessDenied"),
    "over": (C5, "AccessDenied"),
    "another address": (
        SIGNER.generate_presigned_url(f"{BASE}a.jpg", policy=custom(ip_address="192.0.2.1")),
        "AccessDenied",
    ),
    "not yet": (
        SIGNER.generate_presigned_url(
            f"{BASE}a.jpg", policy=SIGNER.build_policy(f"{BASE}*", LATE, date_greater_than=LATE)
        ),
        "AccessDenied",
    ),
    "another resource": (
        SIGNER.generate_presigned_url(f"{BASE}a.jpg", policy=SIGNER.build_policy(f"{BASE}b/*", LATE)),
        "AccessDenied",
    ),
    "an unknown key": (changed(C1, KEY_ID, "KNOBODY"), "InvalidKey"),
    "no key": (f"{BASE}a.jpg", "MissingKey"),
    "no base64": (changed(C1, SIGNATURE, "!!"), "MalformedSignature"),
    "no policy": (changed(C3, "Policy=ey", "Policy=e!"), "MalformedPolicy"),
    "a policy that is no JSON": (
        SIGNER.generate_presigned_url(f"{BASE}a.jpg", policy="{"),
        "MalformedPolicy",
    ),
}
"""What is wrong → URL, and CloudFront's code (§1.6, §21.2)."""


@pytest_twisted.ensureDeferred
async def test_what_cloudfrontsigner_signs_opens_what_it_is_for_and_nothing_else() -> None:
    """Over HTTP, on the machine's own clock, and C6 as cookies."""
    async with an_edge() as (edge, origin):
        for url in (C1, C2, C3, C4, changed(C1, SIGNATURE, SIGNATURE.replace("~", "%7E"))):
            assert (await get(edge, target_of(url), Host=HOST)).status == 200, url
        cookies = "; ".join(f"{name}={value}" for name, value in C6.items())
        assert (await get(edge, "/media/b/c.mp4", Host=HOST, Cookie=cookies)).status == 200
        asked = origin.count()
        found = {
            why: code_of(await get(edge, target_of(url), Host=HOST)) for why, (url, _) in REFUSED.items()
        }
        assert found == {why: code for why, (_, code) in REFUSED.items()}
        assert origin.count() == asked


@pytest.mark.parametrize(
    ("call", "told", "signature"),
    [
        (
            "create_invalidation",
            {
                "InvalidationBatch": {
                    "Paths": {"Quantity": 2, "Items": ["/media/a.jpg", "/media/hls/*"]},
                    "CallerReference": "ref-0001",
                }
            },
            "5ffbd5360b49f0d7e4b8453909d9ab5db5a791f3c15a38835711015b50c379ac",
        ),
        (
            "list_invalidations",
            {"Marker": "I2", "MaxItems": "2"},
            "baf0a9a7578c14054b168f348f7d5ef9e24c304f3f23bf28b9758880109921cc",
        ),
    ],
    ids=["V1", "V2"],
)
def test_boto3_signs_as_published(
    call: str, told: dict[str, Any], signature: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """§21.3: what `test_sigv4.py` lets in is what this client sends."""
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: datetime(2030, 1, 1))
    client = boto3.client(
        "cloudfront",
        endpoint_url="http://admin.test:9000/cloudfront",
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
    sent: list[Any] = []

    def answered(request: Any, **_: Any) -> AWSResponse:
        sent.append(request)
        return AWSResponse(request.url, 200, {}, Raw())

    client.meta.events.register("before-send.cloudfront", answered)
    getattr(client, call)(DistributionId=DISTRIBUTION, **told)
    assert (
        sent[0].headers["Authorization"]
        == (
            f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20300101/us-east-1/cloudfront/aws4_request, "
            f"SignedHeaders=host;x-amz-date, Signature={signature}"
        ).encode()
    )


class Raw:
    """The body of an answer that says nothing."""

    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return [b"<Invalidation/>"]

    def read(self, *_: Any, **__: Any) -> bytes:
        return b"<Invalidation/>"


MADE = """
import json, sys
from akamai.edgeauth import EdgeAuth
made = {}
for name, (options, call, wanted) in json.loads(sys.argv[1]).items():
    made[name] = getattr(EdgeAuth(**options), call)(wanted)
print(json.dumps(made))
"""
SINCE: dict[str, Any] = {"start_time": 1_700_000_000, "end_time": 1_893_456_000}
TOKENS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "E1": (SINCE, "generate_acl_token", "/media/*"),
    "E2": (SINCE, "generate_acl_token", ["/media/a.jpg", "/media/hls/*"]),
    "E3": ({"end_time": 1_893_456_000}, "generate_url_token", "/media/a.jpg"),
    "E4": (
        {
            "algorithm": "sha1",
            "ip": "192.0.2.7",
            "start_time": 1_700_000_000,
            "window_seconds": 600,
            "session_id": "user-42",
            "payload": "plan=gold",
            "salt": "pepper",
        },
        "generate_acl_token",
        "/media/*",
    ),
    "E5": (
        SINCE | {"escape_early": True, "session_id": "u~1", "payload": "a b/ü"},
        "generate_url_token",
        "/media/ä file.jpg",
    ),
    "E6": (SINCE | {"algorithm": "md5", "token_name": "hdnts"}, "generate_acl_token", "/*"),
    "E7": ({"start_time": 1_500_000_000, "end_time": 1_577_836_800}, "generate_acl_token", "/media/*"),
    "E8": ({"start_time": 1_893_456_000, "end_time": 1_893_459_600}, "generate_acl_token", "/media/*"),
    "E9": (SINCE | {"escape_early": True}, "generate_url_token", "/media/a.jpg?w=640"),
}


def tokens_of(wanted: dict[str, tuple[dict[str, Any], str, Any]]) -> dict[str, str]:
    """As the library makes them, in a process of its own: importing it sets the time zone."""
    told = {name: ({"key": edgeauth.KEY} | options, *rest) for name, (options, *rest) in wanted.items()}
    made = subprocess.run(
        [sys.executable, "-c", MADE, json.dumps(told)], capture_output=True, text=True, check=True, timeout=60
    )
    found: dict[str, str] = json.loads(made.stdout)
    return found


def test_edgeauth_makes_them_as_published() -> None:
    """§21.4; `tests/wire/tokens/test_edgeauth.py` says what each opens, and when."""
    assert tokens_of(TOKENS) == {name: getattr(edgeauth, name) for name in TOKENS}


@pytest.mark.parametrize("name", VECTORS)
def test_edgegrid_signs_as_published(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """§21.5: what `akamai/test_edgegrid.py` lets in is what this client sends."""
    given, to_sign, _, signature = VECTORS[name]
    monkeypatch.setattr("akamai.edgegrid.edgegrid.eg_timestamp", lambda: "20300101T00:00:00+0000")
    monkeypatch.setattr("akamai.edgegrid.edgegrid.new_nonce", lambda: "3f1c1f0e-7a55-4d3e-9b2d-0c5a6e1d7f10")
    auth = EdgeGridAuth(
        client_token=CLIENT_TOKEN,
        client_secret=CLIENT_SECRET,
        access_token=ACCESS_TOKEN,
        headers_to_sign=to_sign,
    )
    fields = {each: value for each, value in given.fields if each in to_sign}
    url = f"{given.scheme}://{given.fields.get('host')}{given.target}"
    asked = requests.Request(given.method, url, fields, data=given.body or None, auth=auth).prepare()
    assert asked.headers["Authorization"] == f"{PREFIX}signature={signature}"
