"""Whom an edge plays, and what is said of it when it starts."""

from __future__ import annotations

from attrs import evolve

from edge.personality.akamai.personality import Akamai
from edge.personality.cloudfront.personality import CloudFront
from edge.personality.cloudfront.settings import Distribution, Ttl
from edge.personality.played import cautions, played
from edge.settings import Settings

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
