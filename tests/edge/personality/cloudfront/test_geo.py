"""Where viewers are: told to the origin, in the key, and a reason not to serve (cdn-vendors §3.3, §6.4)."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted

from edge.personality.cloudfront.behavior import OriginRequest
from edge.personality.cloudfront.settings import Distribution, Geo
from edge.personality.geography import NOWHERE, Geography, Locality
from tests.edge.personality.cloudfront.test_access import an_edge
from tests.support.edge_node import get
from wire.http.asker import Asker

BERLIN = Locality(("192.0.2.0/24",), "DE", "BE", "Berlin", "Europe/Berlin", (52.52, 13.4), 64512)
LIMA = Locality(("192.0.2.7", "2001:db8::/32"), "PE", city="Líma")
PLACES: dict[str, Any] = {
    "geography": {"eu": BERLIN, "sa": LIMA},
    "trusted_proxies": ("127.0.0.1",),
}
NAMES = ("Country", "Country-Region", "City", "Time-Zone", "Latitude", "Longitude", "ASN", "Address")


def test_the_narrowest_network_says_where_an_address_is() -> None:
    """Nobody knows of the others; an IPv4 address is one however it is written."""
    geography = Geography.of({"eu": BERLIN, "sa": LIMA})
    assert geography.locate("192.0.2.1") is BERLIN
    assert geography.locate("192.0.2.7") is geography.locate("2001:db8::1") is LIMA
    assert geography.locate("::ffff:192.0.2.1") is BERLIN
    assert geography.locate("10.0.0.1") is geography.locate("nobody") is NOWHERE


def test_who_says_where_they_live_is_taken_to_live_there() -> None:
    """A region that nobody knows is no region."""
    geography = Geography.of({"eu": BERLIN, "sa": LIMA})
    assert geography.home_of(Asker("192.0.2.1", region="sa")) is LIMA
    assert geography.home_of(Asker("192.0.2.1", region="mars")) is BERLIN
    assert geography.home_of(Asker("10.0.0.1")) is NOWHERE


@pytest_twisted.ensureDeferred
async def test_the_origin_hears_where_the_viewer_is() -> None:
    """As far as it is known; what a viewer writes itself is taken away."""
    told = Distribution(
        origin_request=OriginRequest(headers=tuple(f"CloudFront-Viewer-{name}" for name in NAMES))
    )
    async with an_edge(told, **PLACES) as (edge, origin):
        for viewer, target in (("192.0.2.1", "/1"), ("192.0.2.7", "/2"), ("10.0.0.1", "/3")):
            await get(edge, target, X_Forwarded_For=viewer, CloudFront_Viewer_Country="XX")
        said = [{name: asked.get(f"CloudFront-Viewer-{name}") for name in NAMES} for asked in origin.requests]
        assert list(said[0].values()) == [
            *("DE", "BE", "Berlin", "Europe/Berlin", "52.52000", "13.40000", "64512", "192.0.2.1"),
        ]
        assert (said[1]["Country"], said[1]["City"], said[1]["ASN"]) == ("PE", "L%C3%ADma", None)
        assert (said[2]["Country"], said[2]["Address"]) == (None, "10.0.0.1")


@pytest_twisted.ensureDeferred
async def test_a_country_may_be_in_the_key() -> None:
    async with an_edge(Distribution(headers=("CloudFront-Viewer-Country",)), **PLACES) as (edge, origin):
        viewers = ("192.0.2.1", "192.0.2.7", "192.0.2.2")
        caches = [(await get(edge, "/open.jpg", X_Forwarded_For=viewer)).cache for viewer in viewers]
        assert [cache.partition(" ")[0] for cache in caches] == ["Miss", "Miss", "Hit"]
        assert origin.count() == 2


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("geo", "served"),
    [
        (Geo(), [True, True, True]),
        (Geo(allow=("DE",)), [True, False, True]),
        (Geo(block=("DE",)), [False, True, True]),
    ],
)
async def test_countries_are_allowed_or_blocked(geo: Geo, served: list[bool]) -> None:
    """403 with a page of its own, hit or not; an address of unknown country is served."""
    async with an_edge(Distribution(geo=geo), **PLACES) as (edge, _):
        viewers = ("192.0.2.1", "192.0.2.7", "10.0.0.1")
        answers = [await get(edge, "/open.jpg", X_Forwarded_For=viewer) for viewer in viewers]
        assert [answer.status for answer in answers] == [200 if each else 403 for each in served]
        for answer in answers:
            assert (answer.cache == "Error from cloudfront") == (answer.status == 403)
            assert (b"does not serve your country" in answer.body) == (answer.status == 403)


def test_a_list_is_of_one_kind() -> None:
    with pytest.raises(ValueError, match="not both"):
        Geo(allow=("DE",), block=("PE",))
