"""The vectors of cdn-vendors §21.5, and that no other call has their signatures."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.vendors.akamai.edgegrid import (
    Client,
    Nonces,
    authenticated,
    data_to_sign,
    parse,
    seconds_of,
    signature_of,
)
from edge.vendors.akamai.problems import Problem
from edge.vendors.call import Call
from wire.http.fields import Fields

TOKEN, SECRET = "akab-client-token-aaaa", "dGhyb3dhd2F5LXNlY3JldC1mb3ItdGVzdHMtb25seSE="
CLIENTS = {TOKEN: Client("akab-access-token-bbbb", SECRET)}
NOW = seconds_of("20300101T00:00:00+0000")
PREFIX = (
    "EG1-HMAC-SHA256 client_token=akab-client-token-aaaa;access_token=akab-access-token-bbbb;"
    "timestamp=20300101T00:00:00+0000;nonce=3f1c1f0e-7a55-4d3e-9b2d-0c5a6e1d7f10;"
)
SIGNED = parse(PREFIX + "signature=AAAA")
G1 = "5wzTejNnZHrt9n5mpzM/ZknBi+ahvOkkpoYOAEuXIZM="


def call(
    method: str, url: str, body: bytes = b"", signature: str = G1, prefix: str = PREFIX, **fields: str
) -> Call:
    scheme, _, rest = url.partition("://")
    host, slash, target = rest.partition("/")
    given = {"Host": host, "Authorization": f"{prefix}signature={signature}"} | fields
    return Call(method, slash + target, Fields.of(**given), body, scheme)


INVALIDATE = call(
    "POST",
    "http://edge.test:8080/ccu/v3/invalidate/url/production",
    b'{"objects":["http://edge.test:8080/media/a.jpg"]}',
)
VECTORS = {
    "G1": (INVALIDATE, (), "+1U3wpZKI+pT7KpISNp4qlWOSKqLycfQrdWgrqPuGF4=", G1),
    "G2": (
        call("POST", "http://edge.test:8080/ccu/v3/delete/tag/staging", b'{"objects":["album-7","jpg"]}'),
        (),
        "0U9SApk6qn/0NtiYx7kHIDvCeSQHxMQb8168FoB0dEU=",
        "BvJUghrsCPz4mNyB6qlyzAbecVbquk29ke9w4oZml1o=",
    ),
    "G3": (
        call("GET", "https://edge.test/ccu/v3/anything?b=2&a=1"),
        (),
        "",
        "DV7n+3bChgVHV84+RWIaTS1/O5d4W53lnlftrv19I2U=",
    ),
    "G4": (
        call(
            *("POST", "https://edge.test/ccu/v3/invalidate/cpcode", b'{"objects":[12345]}'),
            X_Test1="A",
            X_Test2="b   c",
        ),
        ("X-Test1", "X-Test2"),
        "5NE17IdY0BftOCffyBu1cIuUjmrJlA/HkmgH+6LJsZk=",
        "S3Qr/aIIhQmg2fiBnSiRkLLPKT77TGwviJjv78dSOFU=",
    ),
    "G5": (
        call("POST", "https://edge.test/upload", b"x" * 131_072 + b"tail-not-hashed"),
        (),
        "FWAVNeyko4t+Ma1klIYRIcufhMz1XUvranB9T3qHgT0=",
        "PBIMRCWXFeANF0KBF50v8uYDLJNu+74ij+9Mp7cGQYk=",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors(name: str) -> None:
    given, headers, digest, signature = VECTORS[name]
    host = given.fields.get("host") or ""
    told = data_to_sign(given, SIGNED, given.scheme, host, headers).split("\t")
    assert told[-2:] == [digest, PREFIX]
    assert told[:4] == [given.method, given.scheme, host, given.target]
    if headers:
        assert told[4:6] == ["x-test1:A", "x-test2:b c"]
    assert signature_of(given, SIGNED, SECRET, given.scheme, host, headers) == signature


def verdict(given: Call, now: float = NOW, nonces: Nonces | None = None) -> tuple[int, str]:
    try:
        authenticated(given, CLIENTS, nonces or Nonces(120), now)
    except Problem as problem:
        return problem.http_status, problem.detail
    return 200, "allow"


def changed(before: str, after: str) -> Call:
    prefix = PREFIX.replace(before, after)
    return call("POST", "http://edge.test:8080" + INVALIDATE.target, INVALIDATE.body, prefix=prefix)


def test_who_is_let_in() -> None:
    assert verdict(INVALIDATE) == (200, "allow")
    assert verdict(INVALIDATE, NOW + 60) == verdict(INVALIDATE, NOW - 60) == (200, "allow")


@pytest.mark.parametrize(
    ("given", "status", "detail"),
    [
        (evolve(INVALIDATE, body=b"{}"), 401, "The signature does not match"),
        (evolve(INVALIDATE, target="/ccu/v3/delete/url"), 401, "The signature does not match"),
        (evolve(INVALIDATE, scheme="https"), 401, "The signature does not match"),
        (changed("akab-client-token-aaaa", "akab-nobody"), 401, "Inactive client token"),
        (changed("akab-access-token-bbbb", "akab-other"), 401, "Invalid authorization access token"),
        (changed("+0000", "+0100"), 400, "Invalid timestamp"),
        (changed("20300101", "20291231"), 400, "Invalid timestamp"),
        (
            evolve(INVALIDATE, fields=Fields.of(Host="edge.test:8080")),
            401,
            "The Authorization header is missing",
        ),
        (
            evolve(INVALIDATE, fields=Fields.of(Host="e", Authorization="Basic eDp5")),
            400,
            "The Authorization header is not one of EG1-HMAC-SHA256",
        ),
    ],
)
def test_refusals(given: Call, status: int, detail: str) -> None:
    assert verdict(given) == (status, detail)


def test_a_clock_that_is_off() -> None:
    assert verdict(INVALIDATE, NOW + 61) == (400, "Invalid timestamp")


def test_a_nonce_is_good_once_and_a_forger_burns_none() -> None:
    nonces = Nonces(120)
    assert verdict(evolve(INVALIDATE, body=b"{}"), nonces=nonces)[0] == 401
    assert verdict(INVALIDATE, nonces=nonces)[0] == 200
    assert verdict(INVALIDATE, nonces=nonces) == (401, "The nonce was used before")
    assert nonces.is_new(TOKEN, "other", NOW + 121)
    assert nonces.is_new(TOKEN, "3f1c1f0e-7a55-4d3e-9b2d-0c5a6e1d7f10", NOW + 121)  # forgotten by then


@given(at=st.integers(0, len(G1) - 2), letter=st.characters(min_codepoint=33, max_codepoint=126))
def test_no_letter_of_a_signature_may_change(at: int, letter: str) -> None:
    signature = G1[:at] + letter + G1[at + 1 :]
    if signature != G1:
        given = call("POST", "http://edge.test:8080" + INVALIDATE.target, INVALIDATE.body, signature)
        assert verdict(given)[0] in (400, 401)
