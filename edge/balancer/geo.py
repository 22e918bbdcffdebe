"""How far apart places are, and how long a round trip between them takes."""

from __future__ import annotations

from collections.abc import Mapping
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088
RTT_MS_PER_1000_KM = 17.4  # measured over many pairs of cloud regions: cables bend and switches think
RTT_MS_WITHIN = 2.0  # inside one region

Place = tuple[float, float]  # latitude, longitude in degrees


def great_circle_km(here: Place, there: Place) -> float:
    """The shortest way over the ground (haversine)."""
    (lat1, lon1), (lat2, lon2) = ((radians(lat), radians(lon)) for lat, lon in (here, there))
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def estimated_rtt_ms(here: Place, there: Place) -> float:
    """What a round trip between two places costs when nobody measured it."""
    return great_circle_km(here, there) / 1000 * RTT_MS_PER_1000_KM


def rtt_ms(
    here: str, there: str, measured: Mapping[str, Mapping[str, float]], places: Mapping[str, Place]
) -> float:
    """The round trip between two regions: as measured either way, else by distance, else infinite."""
    for one, other in ((here, there), (there, here)):
        if (known := measured.get(one, {}).get(other)) is not None:
            return known
    if here == there:
        return RTT_MS_WITHIN
    if here in places and there in places:
        return estimated_rtt_ms(places[here], places[there])
    return float("inf")
