"""How far apart two regions are: measured where a table knows the pair, else by the great circle."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from sim.topology.model import Place

EARTH_RADIUS_KM = 6371.0
MS_PER_1000_KM = 17.4  # a median; cables bend (workloads.md §6)
INSIDE_ONE_REGION_MS = 1.0

MEASURED_REGIONS = (
    *("na-east", "na-west", "sa", "eu-west", "eu-central", "africa"),
    *("middle-east", "south-asia", "se-asia", "japan", "oceania"),
)
MEASURED_MS = (  # medians between cloud regions, mean of both directions (workloads.md §6)
    (4, 64, 114, 70, 92, 232, 160, 186, 212, 146, 199),
    (64, 3, 174, 119, 141, 274, 212, 218, 162, 98, 140),
    (114, 174, 1, 177, 204, 343, 272, 298, 322, 257, 312),
    (70, 119, 177, 1, 27, 158, 96, 120, 182, 201, 256),
    (92, 141, 204, 27, 2, 161, 86, 110, 158, 223, 249),
    (232, 274, 343, 158, 161, 3, 145, 159, 203, 356, 412),
    (160, 212, 272, 96, 86, 145, 1, 35, 86, 162, 178),
    (186, 218, 298, 120, 110, 159, 35, 1, 56, 125, 146),
    (212, 162, 322, 182, 158, 203, 86, 56, 4, 69, 93),
    (146, 98, 257, 201, 223, 356, 162, 125, 69, 4, 107),
    (199, 140, 312, 256, 249, 412, 178, 146, 93, 107, 1),
)


def kilometres(one: Place, other: Place) -> float:
    """The great circle between two places (haversine)."""
    north, south = radians(one.latitude), radians(other.latitude)
    turn = (
        sin((south - north) / 2) ** 2
        + cos(north) * cos(south) * sin(radians(other.longitude - one.longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(turn)))


def round_trip_ms(one: str, other: str, places: dict[str, Place]) -> float:
    """What `rtt: by-distance` means between two regions."""
    if one in MEASURED_REGIONS and other in MEASURED_REGIONS:
        return float(MEASURED_MS[MEASURED_REGIONS.index(one)][MEASURED_REGIONS.index(other)])
    if one == other:
        return INSIDE_ONE_REGION_MS
    return max(INSIDE_ONE_REGION_MS, kilometres(places[one], places[other]) * MS_PER_1000_KM / 1000)
