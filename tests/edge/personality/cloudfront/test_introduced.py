"""What an edge that plays CloudFront knows of viewers behind a balancer (cdn-vendors §3.3, §6.4, §8)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from edge.personality.cloudfront.behavior import OriginRequest
from edge.personality.cloudfront.log import FIELDS
from edge.personality.cloudfront.settings import Distribution, Geo
from tests.edge.personality.cloudfront.test_access import an_edge
from tests.edge.personality.cloudfront.test_geo import PLACES
from tests.support.edge_node import get

TOLD = (
    *("CloudFront-Viewer-Address", "CloudFront-Viewer-TLS", "CloudFront-Viewer-Http-Version"),
    *("CloudFront-Forwarded-Proto", "CloudFront-Viewer-Country"),
)
TELLING = Distribution(origin_request=OriginRequest(headers=TOLD, header_rule="all"))
VIEWER = "192.0.2.1"
INTRODUCTION = f'for="{VIEWER}:567";proto=https;http=2;tls=TLSv1.3;cipher=TLS_AES_128_GCM_SHA256;region=sa'


@pytest_twisted.ensureDeferred
async def test_the_origin_hears_what_the_balancer_knows() -> None:
    """The country is that of the region which the viewer named; the introduction itself goes no further."""
    async with an_edge(TELLING, **PLACES) as (edge, origin):
        await get(edge, "/open.jpg", X_Forwarded_For=VIEWER, Forwarded=INTRODUCTION)
        (asked,) = origin.requests
        assert [asked.get(name) for name in TOLD] == [
            *(f"{VIEWER}:567", "TLSv1.3:TLS_AES_128_GCM_SHA256", "2.0", "https", "PE"),
        ]
        assert asked.get("Forwarded") is None


@pytest_twisted.ensureDeferred
async def test_a_viewer_introduces_nobody() -> None:
    """Whose word is not taken for the address is believed nothing else."""
    async with an_edge(TELLING, **(PLACES | {"trusted_proxies": ("10.0.0.1",)})) as (edge, origin):
        await get(edge, "/open.jpg", X_Forwarded_For=VIEWER, Forwarded=INTRODUCTION)
        (asked,) = origin.requests
        address, *others = (asked.get(name) for name in TOLD)
        assert address is not None
        assert address.startswith("127.0.0.1:")
        assert others == [None, "1.1", "http", None]
        assert asked.get("Forwarded") is None


@pytest_twisted.ensureDeferred
async def test_of_one_who_only_hands_on_the_port_is_not_the_viewers() -> None:
    """A proxy of ours before the balancer: X-Forwarded-For tells the address, and the region is the viewer's still."""
    async with an_edge(TELLING, **(PLACES | {"trusted_proxies": ("127.0.0.1", "10.0.0.1")})) as (
        edge,
        origin,
    ):
        chain, introduction = f"{VIEWER}, 10.0.0.1", 'for="10.0.0.1:567";tls=TLSv1.3;region=sa'
        await get(edge, "/open.jpg", X_Forwarded_For=chain, Forwarded=introduction)
        (asked,) = origin.requests
        assert [asked.get(name) for name in TOLD] == [VIEWER, None, "1.1", "http", "PE"]


@pytest.mark.parametrize("protocol", ["redirect-to-https", "https-only"])
@pytest_twisted.ensureDeferred
async def test_who_came_over_tls_to_the_balancer_came_over_tls(protocol: Any) -> None:
    async with an_edge(Distribution(protocol=protocol), **PLACES) as (edge, _):
        secure = await get(edge, "/open.jpg", X_Forwarded_For=VIEWER, Forwarded=INTRODUCTION)
        clear = await get(edge, "/open.jpg", X_Forwarded_For=VIEWER, Forwarded=f"for={VIEWER};proto=http")
        assert (secure.status, clear.status) == (200, {"https-only": 403}.get(protocol, 301))
    async with an_edge(Distribution(protocol=protocol), role="shield") as (shield, _):
        assert (await get(shield, "/open.jpg")).status == 200  # edges ask it in the clear


@pytest_twisted.ensureDeferred
async def test_countries_go_by_the_region_that_the_viewer_names() -> None:
    """As everything else does."""
    async with an_edge(Distribution(geo=Geo(block=("PE",))), **PLACES) as (edge, _):
        for region, status in (("sa", 403), ("eu", 200), ("mars", 200)):
            introduction = f"for={VIEWER};region={region}"
            answer = await get(edge, "/open.jpg", X_Forwarded_For=VIEWER, Forwarded=introduction)
            assert answer.status == status


@pytest_twisted.ensureDeferred
async def test_the_log_tells_of_the_viewer(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    logged = {"access_log": str(log), "access_log_format": "vendor"}
    async with an_edge(Distribution(), **PLACES, **logged) as (edge, _):
        await get(edge, "/open.jpg", X_Forwarded_For=VIEWER, Forwarded=INTRODUCTION)
    line = dict(zip(FIELDS, log.read_text("utf-8").splitlines()[-1].split("\t"), strict=True))
    names = ("c-ip", "c-port", "cs-protocol", "cs-protocol-version", "ssl-protocol", "ssl-cipher")
    assert [line[name] for name in names] == [
        *(VIEWER, "567", "https", "HTTP/2", "TLSv1.3", "TLS_AES_128_GCM_SHA256"),
    ]
