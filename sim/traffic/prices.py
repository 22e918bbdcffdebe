"""What a CDN would charge: CloudFront's public list, without discount or free tier (workloads.md §10). Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

from attrs import frozen

from sim.topology.distance import kilometres
from sim.topology.model import Place

GIGABYTE = 2**30
TIERS_GB = (*(1024.0 * terabytes for terabytes in (0, 10, 50, 150, 500, 1024, 5120)), math.inf)
"""Where each tier of a month's transfer begins, counted for each zone apart."""
_REGIONS: Mapping[str, tuple[str, Place]] = {
    "na-east": ("us", Place(39.0, -77.5)),
    "na-west": ("us", Place(45.8, -119.7)),
    "sa": ("sa", Place(-23.5, -46.6)),
    "eu-west": ("eu", Place(53.3, -6.3)),
    "eu-central": ("eu", Place(50.1, 8.7)),
    "africa": ("me", Place(-33.9, 18.4)),
    "middle-east": ("me", Place(26.1, 50.6)),
    "south-asia": ("in", Place(19.1, 72.9)),
    "se-asia": ("ap", Place(1.35, 103.8)),
    "japan": ("jp", Place(35.7, 139.7)),
    "oceania": ("au", Place(-33.9, 151.2)),
}
"""The sheet's regions: the price zone of each, and where it is."""


@frozen
class Price:
    """Of one price zone, in dollars."""

    transfer: tuple[float, ...]
    """A gigabyte to viewers, by tier."""
    https: float
    """10,000 requests."""
    http: float
    shielded: float
    """10,000 requests that came to a shield there."""


PRICES: Mapping[str, Price] = {
    "us": Price((0.085, 0.080, 0.060, 0.040, 0.030, 0.025, 0.020), 0.0100, 0.0075, 0.0075),
    "eu": Price((0.085, 0.080, 0.060, 0.040, 0.030, 0.025, 0.020), 0.0120, 0.0090, 0.0090),
    "me": Price((0.110, 0.105, 0.090, 0.080, 0.060, 0.050, 0.040), 0.0120, 0.0090, 0.0),
    "sa": Price((0.110, 0.105, 0.090, 0.080, 0.060, 0.050, 0.040), 0.0220, 0.0160, 0.0160),
    "jp": Price((0.114, 0.089, 0.086, 0.084, 0.080, 0.070, 0.060), 0.0120, 0.0090, 0.0090),
    "au": Price((0.114, 0.098, 0.094, 0.092, 0.090, 0.085, 0.080), 0.0125, 0.0090, 0.0090),
    "ap": Price((0.120, 0.100, 0.095, 0.090, 0.080, 0.070, 0.060), 0.0120, 0.0090, 0.0090),
    "in": Price((0.109, 0.085, 0.082, 0.080, 0.078, 0.075, 0.072), 0.0120, 0.0090, 0.0090),
}


def zone_of(region: str, place: Place) -> str:
    """The price zone of a region: that of the sheet's region of this name, else of the nearest one."""
    if region in _REGIONS:
        return _REGIONS[region][0]
    return min(_REGIONS.values(), key=lambda known: kilometres(place, known[1]))[0]


def transfer(zone: str, gigabytes: float) -> float:
    """Dollars for a month's bytes to viewers."""
    tiers = zip(pairwise(TIERS_GB), PRICES[zone].transfer, strict=True)
    return math.fsum(
        max(0.0, min(gigabytes, ends) - begins) * each for (begins, ends), each in tiers if begins < gigabytes
    )
