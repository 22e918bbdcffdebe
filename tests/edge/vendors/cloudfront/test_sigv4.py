"""The vectors of cdn-vendors §21.3, and that no other call has their signatures."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.vendors.call import Call
from edge.vendors.cloudfront.errors import AwsError
from edge.vendors.cloudfront.sigv4 import (
    AccessKey,
    Signed,
    authenticated,
    canonical_request,
    seconds_of,
    string_to_sign,
)
from wire.http.fields import Fields

KEYS = {"TESTACCESSKEY0000001": AccessKey("throwaway/secret/for/tests/only")}
NOW = seconds_of("20300101T000000Z")
PATH = "/cloudfront/2020-05-31/distribution/EDIST0000000TEST/invalidation"
BODY = (
    b'<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Paths><Quantity>2</Quantity>'
    b"<Items><Path>/media/a.jpg</Path><Path>/media/hls/*</Path></Items></Paths>"
    b"<CallerReference>ref-0001</CallerReference></InvalidationBatch>"
)
S1 = "5ffbd5360b49f0d7e4b8453909d9ab5db5a791f3c15a38835711015b50c379ac"
S2 = "baf0a9a7578c14054b168f348f7d5ef9e24c304f3f23bf28b9758880109921cc"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def header(
    signature: str, key: str = "TESTACCESSKEY0000001", scope: str = "20300101/us-east-1/cloudfront"
) -> str:
    return (
        f"AWS4-HMAC-SHA256 Credential={key}/{scope}/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}"
    )


def call(method: str, target: str, signature: str, body: bytes = b"", **changes: str) -> Call:
    fields = {"Host": "admin.test:9000", "X_Amz_Date": "20300101T000000Z", "Authorization": header(signature)}
    return Call(method, target, Fields.of(**fields | changes), body)


V1 = call("POST", PATH, S1, BODY)
V2 = call("GET", PATH + "?Marker=I2&MaxItems=2", S2)


def verdict(given: Call, now: float = NOW) -> str:
    try:
        authenticated(given, KEYS, now)
    except AwsError as error:
        return error.code
    return "allow"


def test_the_vectors() -> None:
    """To the letter."""
    signed = Signed.parse(V1.fields.get("authorization") or "")
    assert signed is not None
    digest = "5a017a5e7f8d090737ffff0415c0a58054fd57cf11b0dbe958c839c816d89c9a"
    rest = "host:admin.test:9000\nx-amz-date:20300101T000000Z\n\nhost;x-amz-date\n"
    assert canonical_request(V1, signed) == f"POST\n{PATH}\n\n{rest}{digest}"
    assert canonical_request(V2, signed) == f"GET\n{PATH}\nMarker=I2&MaxItems=2\n{rest}{EMPTY}"
    scope = "AWS4-HMAC-SHA256\n20300101T000000Z\n20300101/us-east-1/cloudfront/aws4_request\n"
    assert string_to_sign(V1, signed) == (
        scope + "6322f3a20b900d46aa97faf114afe93d77a770ec1e7c926c1ee7ca49a5fb0f92"
    )
    assert verdict(V1) == verdict(V2) == "allow"
    assert verdict(evolve(V2, target=PATH + "?MaxItems=2&Marker=I2")) == "allow"  # sorted before it is signed


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (evolve(V1, body=BODY + b" "), "SignatureDoesNotMatch"),
        (evolve(V1, method="PUT"), "SignatureDoesNotMatch"),
        (evolve(V1, target=PATH.removeprefix("/cloudfront")), "SignatureDoesNotMatch"),
        (evolve(V2, target=PATH + "?Marker=I2&MaxItems=3"), "SignatureDoesNotMatch"),
        (call("POST", PATH, S1, BODY, Host="admin.test"), "SignatureDoesNotMatch"),
        (call("POST", PATH, S1, BODY, Authorization=""), "MissingAuthenticationToken"),
        (call("POST", PATH, S1, BODY, Authorization="Basic eDp5"), "SignatureDoesNotMatch"),
        (call("POST", PATH, S1, BODY, Authorization=header(S1, key="OTHER")), "InvalidClientTokenId"),
        (call("POST", PATH, S1, BODY, X_Amz_Date="20300101T000100Z"), "SignatureDoesNotMatch"),
        (call("POST", PATH, S1, BODY, X_Amz_Date="today"), "RequestExpired"),
        (
            call("POST", PATH, S1, BODY, Authorization=header(S1, scope="20300101/us-east-1/s3")),
            "SignatureDoesNotMatch",
        ),
    ],
)
def test_refusals(given: Call, code: str) -> None:
    assert verdict(given) == code


def test_five_minutes_are_enough() -> None:
    assert verdict(V1, NOW + 300) == verdict(V1, NOW - 300) == "allow"
    assert verdict(V1, NOW + 301) == "RequestExpired"


@given(at=st.integers(0, 63), letter=st.sampled_from("0123456789abcdefABCDEFg"))
def test_no_letter_of_a_signature_may_change(at: int, letter: str) -> None:
    changed = S1[:at] + letter + S1[at + 1 :]
    if changed != S1:
        assert verdict(call("POST", PATH, changed, BODY)) == "SignatureDoesNotMatch"
