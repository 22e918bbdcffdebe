"""Cache-Status (sheet 17.2)."""

from __future__ import annotations

import pytest

from wire.http.cache_status import CacheStatus


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (CacheStatus("edge", ttl=376), "edge; hit; ttl=376"),
        (CacheStatus("edge", ttl=-12), "edge; hit; ttl=-12"),
        (CacheStatus("edge", "uri-miss", stored=True, ttl=60), "edge; fwd=uri-miss; stored; ttl=60"),
        (
            CacheStatus("edge", "uri-miss", collapsed=True, stored=True),
            "edge; fwd=uri-miss; collapsed; stored",
        ),
        (CacheStatus("edge", "uri-miss", collapsed=False), "edge; fwd=uri-miss; collapsed=?0"),
        (CacheStatus("edge", "stale", 304, ttl=60), "edge; fwd=stale; fwd-status=304; ttl=60"),
        (CacheStatus("edge", "method"), "edge; fwd=method"),
        (CacheStatus("edge", "bypass", detail="no rule"), 'edge; fwd=bypass; detail="no rule"'),
        (CacheStatus("edge", key='a"b'), 'edge; hit; key="a\\"b"'),
    ],
)
def test_members(status: CacheStatus, text: str) -> None:
    """17.2 (RFC 9211): hit or fwd, never both; a node's name is a Token where it can be."""
    assert str(status) == text
