"""Where requests come from: each region's share of the traffic and its clock (workloads.md §6). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen
from attrs.validators import and_, ge, le

from sim.topology.model import Place
from sim.traffic.weights import a_weight


@frozen
class Viewers:
    """A region's viewers: a weight among all regions', and hours ahead of UTC."""

    share: float = field(validator=a_weight)
    utc: float = field(default=0.0, validator=and_(ge(-12), le(14)))


DEFAULT = {
    "na-east": Viewers(18, -5),
    "na-west": Viewers(10, -8),
    "sa": Viewers(9, -3),
    "eu-west": Viewers(12, 0),
    "eu-central": Viewers(16, 1),
    "africa": Viewers(4, 2),
    "middle-east": Viewers(4, 3),
    "south-asia": Viewers(12, 5.5),
    "se-asia": Viewers(8, 8),
    "japan": Viewers(5, 9),
    "oceania": Viewers(2, 10),
}
DEGREES_AN_HOUR = 15.0


def viewers_of(regions: Mapping[str, Place]) -> dict[str, Viewers]:
    """The regions of a topology: shares and clocks as the table has them, else one share and the sun's time."""
    return {
        name: DEFAULT.get(name) or Viewers(10, max(-12.0, round(place.longitude / DEGREES_AN_HOUR)))
        for name, place in regions.items()
    }
