"""Every vector of cdn-vendors §21.2, what follows from it, and that no other signature will do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.cloudfront import (
    C1,
    C2,
    C3,
    C4,
    C5,
    KEY_ID,
    NOW,
    UNTIL,
    cookies_of,
    private_key,
    public_pem,
)
from wire.tokens.cloudfront.keys import public_key
from wire.tokens.cloudfront.policy import Malformed, Policy, canned
from wire.tokens.cloudfront.signed import Asked, Refused, Shown, encoded, without_cookies, without_reserved

KEYS = {KEY_ID: public_key(public_pem())}
PRIVATE = private_key()
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~_+/=!"
START = C1.index("Signature=") + len("Signature=")
SIGNATURE = C1[START : C1.index("&Key-Pair-Id")]


def verdict(
    url: str, *, now: float = NOW, address: str = "127.0.0.1", cookies: Any = (), keys: Any = KEYS
) -> str:
    """Allow, or the code of the refusal."""
    base, _, query = url.partition("?")
    rest = without_reserved(query)
    asked = Asked((base + (f"?{rest}" if rest else ""),), address, now)
    try:
        Shown.of(query, cookies).check(asked, keys)
    except Refused as refusal:
        return refusal.code
    return "allow"


class TestVectors:
    @pytest.mark.parametrize("url", [C1, C2, C3, C4], ids=["C1", "C2", "C3", "C4"])
    def test_they_let_in(self, url: str) -> None:
        """Canned, with a query, custom, SHA-256."""
        assert verdict(url) == "allow"

    def test_what_signs_is_taken_out_of_the_query(self) -> None:
        """The rest keeps order and spelling."""
        assert without_reserved(C2.partition("?")[2]) == "w=640&fmt=webp"
        assert without_reserved(C1.partition("?")[2]) == ""

    def test_the_expired_one_is_refused(self) -> None:
        assert verdict(C5) == "AccessDenied"
        assert verdict(C5, now=1577836799) == "allow"

    def test_cookies_let_in(self) -> None:
        assert verdict("http://edge.test:8080/media/x/y.jpg?a=1", cookies=["a=b", cookies_of()]) == "allow"
        assert verdict("http://edge.test:8080/other.jpg", cookies=[cookies_of()]) == "AccessDenied"
        assert verdict("http://edge.test:8080/media/x", now=UNTIL, cookies=[cookies_of()]) == "AccessDenied"

    def test_a_custom_policy_has_a_window_and_an_address(self) -> None:
        assert verdict(C3, address="192.0.2.1") == "AccessDenied"
        assert verdict(C3, address="::ffff:127.0.0.1") == "allow"
        assert verdict(C3, address="::1") == "AccessDenied"
        assert verdict(C3, now=1767225600) == "AccessDenied"
        assert verdict(C3, now=1767225601) == "allow"
        assert verdict(C3, now=UNTIL - 1) == "allow"
        assert verdict(C3, now=UNTIL) == "AccessDenied"

    def test_sha256_must_be_said(self) -> None:
        """Without Hash-Algorithm it is SHA-1."""
        assert verdict(C4.replace("&Hash-Algorithm=SHA256", "")) == "AccessDenied"
        assert verdict(C4.replace("SHA256", "SHA1")) == "AccessDenied"
        assert verdict(C4.replace("SHA256", "MD5")) == "AccessDenied"
        assert verdict(C1 + "&Hash-Algorithm=SHA1") == "allow"


class TestDerived:
    @pytest.mark.parametrize(
        ("url", "code"),
        [
            (C1 + "&w=1", "AccessDenied"),
            (C1.replace("a.jpg", "b.jpg"), "AccessDenied"),
            (C1.replace("1893456000", "1893456001"), "AccessDenied"),
            (C1.replace("Expires=1893456000&", ""), "AccessDenied"),
            (C1.replace("1893456000", "soon"), "AccessDenied"),
            (C1.replace(KEY_ID, "KNOBODY"), "InvalidKey"),
            ("http://edge.test:8080/media/a.jpg", "MissingKey"),
            (C1.replace(SIGNATURE, "!!"), "MalformedSignature"),
            (C1.replace(SIGNATURE, ""), "MalformedSignature"),
            (C3.replace("Policy=ey", "Policy=e!"), "MalformedPolicy"),
            (C1 + "&Policy=" + encoded(b"{}"), "MalformedPolicy"),
        ],
    )
    def test_refusals(self, url: str, code: str) -> None:
        assert verdict(url) == code

    def test_order_and_one_percent_encoding_are_free(self) -> None:
        """Some clients encode a tilde."""
        base, _, query = C1.partition("?")
        assert verdict(f"{base}?{'&'.join(reversed(query.split('&')))}") == "allow"
        assert verdict(C1.replace(SIGNATURE, quote(SIGNATURE, safe="").replace("~", "%7E"))) == "allow"

    def test_the_url_is_signed_in_its_raw_spelling(self) -> None:
        """§22.2: an escape is no letter, though it means one."""
        url = "http://edge.test:8080/media/%61.jpg"
        signature = encoded(PRIVATE.sign(canned(url, "1893456000"), padding.PKCS1v15(), SHA1()))
        signing = f"?Expires=1893456000&Signature={signature}&Key-Pair-Id={KEY_ID}"
        assert verdict(url + signing) == "allow"
        assert verdict(url.replace("%61", "a") + signing) == "AccessDenied"
        assert verdict(C1.replace("/a.jpg", "/%61.jpg")) == "AccessDenied"

    @pytest.mark.parametrize(("url", "is_canned"), [(C1, True), (C2, True), (C3, False), (C5, True)])
    def test_the_vendors_own_signer_writes_the_vectors(self, url: str, is_canned: bool) -> None:
        """§21.2: to the letter."""
        signer = CloudFrontSigner(KEY_ID, lambda message: PRIVATE.sign(message, padding.PKCS1v15(), SHA1()))
        base, _, query = url.partition("Expires=" if is_canned else "Policy=")
        plain = base.rstrip("?&")
        if is_canned:
            late = datetime.fromtimestamp(int(query.partition("&")[0]), UTC)
            assert signer.generate_presigned_url(plain, date_less_than=late) == url
            return
        policy = signer.build_policy(
            "http://edge.test:8080/media/*",
            datetime.fromtimestamp(UNTIL, UTC),
            date_greater_than=datetime.fromtimestamp(1767225600, UTC),
            ip_address="127.0.0.0/8",
        )
        assert signer.generate_presigned_url(plain, policy=policy) == url

    def test_it_ends_at_its_very_second(self) -> None:
        assert verdict(C1, now=UNTIL - 1) == "allow"
        assert verdict(C1, now=UNTIL) == "AccessDenied"

    def test_the_url_counts_before_the_cookies(self) -> None:
        assert verdict(C1, cookies=[cookies_of(**{"CloudFront-Signature": "AAAA"})]) == "allow"
        assert verdict(C5, cookies=[cookies_of()]) == "AccessDenied"

    @given(at=st.integers(0, len(SIGNATURE) - 1), letter=st.sampled_from(ALPHABET))
    @example(at=len(SIGNATURE) - 3, letter="x")
    @example(at=len(SIGNATURE) - 3, letter="9")
    def test_no_letter_of_a_signature_may_change(self, at: int, letter: str) -> None:
        """The spare bits of base64 count, too."""
        changed = SIGNATURE[:at] + letter + SIGNATURE[at + 1 :]
        if changed != SIGNATURE:
            assert verdict(C1.replace(SIGNATURE, changed)) != "allow"

    def test_every_spare_bit_of_the_last_letter_is_refused(self) -> None:
        last = len(SIGNATURE) - 3
        for letter in ALPHABET:
            changed = SIGNATURE[:last] + letter + "__"
            assert (verdict(C1.replace(SIGNATURE, changed)) == "allow") is (changed == SIGNATURE)


class TestSigning:
    @pytest.mark.parametrize("spaces", [0, 1, 2])
    def test_every_spare_bit_of_a_policy_is_refused(self, spaces: int) -> None:
        """It is spelled in one way, too; whatever its length."""
        policy = (
            b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1893456000}}}]}' + b" " * spaces
        )
        signature = encoded(PRIVATE.sign(policy, padding.PKCS1v15(), SHA1()))
        written = encoded(policy)
        end = len(written.rstrip("_"))
        for letter in ALPHABET[:64]:
            changed = written[: end - 1] + letter + written[end:]
            url = f"http://a.test/x?Policy={changed}&Signature={signature}&Key-Pair-Id={KEY_ID}"
            assert (verdict(url) == "allow") is (changed == written)

    def test_the_throw_away_key_signs_as_published(self) -> None:
        """PKCS #1 v1.5 is deterministic."""
        raw = canned("http://edge.test:8080/media/a.jpg", "1893456000")
        assert encoded(PRIVATE.sign(raw, padding.PKCS1v15(), SHA1())) == SIGNATURE

    @pytest.mark.parametrize("algorithm", [SHA1(), SHA256()])
    def test_a_curve_signs_too(self, algorithm: Any) -> None:
        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        signature = encoded(private.sign(canned("http://e/x", "1893456000"), ec.ECDSA(algorithm)))
        query = f"Expires=1893456000&Signature={signature}&Key-Pair-Id=K"
        query += f"&Hash-Algorithm={'SHA256' if algorithm.name == 'sha256' else 'SHA1'}"
        assert verdict(f"http://e/x?{query}", keys={"K": public_key(pem)}) == "allow"
        assert verdict(f"http://e/y?{query}", keys={"K": public_key(pem)}) == "AccessDenied"

    @given(policy=st.binary(max_size=60))
    def test_no_bytes_of_a_policy_break_it(self, policy: bytes) -> None:
        """Whatever is sent is refused, or is a policy that nobody signed."""
        query = f"Policy={encoded(policy)}&Signature={SIGNATURE}&Key-Pair-Id={KEY_ID}"
        assert verdict(f"http://e/x?{query}") in ("MalformedPolicy", "AccessDenied")

    def test_a_statement_may_stand_alone(self) -> None:
        """As old signers have it."""
        statement = {"Condition": {"DateLessThan": {"AWS:EpochTime": 5}}}
        assert Policy.parse(json.dumps({"Statement": statement}).encode()) == Policy(5)

    @pytest.mark.parametrize(
        "changed",
        [
            {"Statement": []},
            {"Statement": [{}]},
            {"Statement": [{"Condition": {"DateLessThan": {"AWS:EpochTime": "5"}}}]},
            {"Statement": [{"Condition": {"DateGreaterThan": {"AWS:EpochTime": 5}}}]},
            {"Statement": [{"Condition": {"DateLessThan": {"AWS:EpochTime": 5}, "Other": {}}}]},
            {"Statement": 2 * [{"Condition": {"DateLessThan": {"AWS:EpochTime": 5}}}]},
            [],
        ],
    )
    def test_what_is_no_policy(self, changed: Any) -> None:
        with pytest.raises(Malformed):
            Policy.parse(json.dumps(changed).encode())

    def test_a_weak_key_is_none(self) -> None:
        weak = rsa.generate_private_key(65537, 1024).public_key()
        pem = weak.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        with pytest.raises(ValueError, match="2048"):
            public_key(pem)
        with pytest.raises(ValueError, match="PEM"):
            public_key("nothing")


def test_cookies_that_sign_are_taken_out() -> None:
    """The others go on as they came."""
    assert without_cookies(f"a=1; {cookies_of()}; b=2") == "a=1; b=2"
    assert without_cookies(cookies_of()) == ""
