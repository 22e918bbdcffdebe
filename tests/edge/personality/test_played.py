"""Whom an edge plays, and what is said of it when it starts."""

from __future__ import annotations

import pytest
from attrs import evolve
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA1

from edge.personality.akamai.personality import Akamai
from edge.personality.cloudfront.behavior import Ttl
from edge.personality.cloudfront.personality import CloudFront
from edge.personality.cloudfront.settings import Distribution
from edge.personality.played import cautions, played
from edge.settings import Settings
from tests.support.cloudfront import KEY_ID, public_pem
from wire.tokens.cloudfront import keys

PLAIN = Settings(upstreams=("http://127.0.0.1:1",))


def test_each_name_is_somebody() -> None:
    """And a plain edge without guarded paths is nobody."""
    assert played(PLAIN) is None
    assert isinstance(played(evolve(PLAIN, personality="cloudfront")), CloudFront)
    assert isinstance(played(evolve(PLAIN, personality="akamai")), Akamai)


def test_who_breaks_http_on_purpose_is_told() -> None:
    """Where it counts alone: a distribution that nobody plays does nothing."""
    breaking = evolve(PLAIN, cloudfront=Distribution(ttl=Ttl(least=5)))
    assert cautions(breaking) == ()
    assert cautions(evolve(PLAIN, personality="cloudfront")) == ()
    (caution,) = cautions(evolve(breaking, personality="cloudfront"))
    assert "5 s" in caution
    managed = Distribution(cache_policy="CachingOptimized")
    assert len(cautions(evolve(PLAIN, personality="cloudfront", cloudfront=managed))) == 1


def test_where_no_sha1_is_taken_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """cdn-vendors §1.6: signers use it unless they say otherwise, and a hardened OpenSSL refuses it."""
    signed = Distribution(
        public_keys={KEY_ID: public_pem()}, key_groups={"g": (KEY_ID,)}, trusted_key_groups=("g",)
    )
    told = evolve(PLAIN, personality="cloudfront", cloudfront=signed)
    assert cautions(told) == ()

    def hardened(_key: object, _signature: bytes, _message: bytes, algorithm: object) -> None:
        if isinstance(algorithm, SHA1):
            raise UnsupportedAlgorithm("no SHA-1 here")

    monkeypatch.setattr(keys, "_verify", hardened)
    (caution,) = cautions(told)
    assert "SHA-1" in caution
    assert keys.takes(keys.public_key(public_pem()), "SHA256")
