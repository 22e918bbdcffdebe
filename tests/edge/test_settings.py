"""What follows from an edge's settings."""

from __future__ import annotations

from typing import Any

import pytest

from edge.settings import Checks, Settings
from edge.tls.settings import Tls

PLAIN = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("told", "speaks"),
    [
        ({}, False),
        ({"upstreams": (PLAIN, "https://a")}, True),
        ({"upstreams": (PLAIN, "HTTPS://a")}, True),
        ({"upstreams": ("http://https",)}, False),
        ({"tls": Tls(listen="127.0.0.1:0")}, True),
        ({"peers": (PLAIN, "https://a:1")}, True),
        ({"peers": (PLAIN,), "checks": Checks(path="/ready")}, False),
        ({"checks": Checks(urls={PLAIN: "https://a/ready"})}, True),
    ],
)
def test_who_speaks_tls(told: dict[str, Any], speaks: bool) -> None:
    """With viewers, upstreams, peers, or whoever tells how upstreams are; only then OpenSSL is there."""
    assert Settings(**{"upstreams": (PLAIN,), **told}).speaks_tls is speaks
