"""All ways between viewers and the PoPs of one node, or those that a balancer sends them to."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from twisted.internet.defer import Deferred

from edge.balancer.cookies import REGION, cookie
from edge.balancer.place import HEADER, Ranges, narrowest, ranges_of
from sim.links.access import Line
from sim.links.cables import Cables
from sim.links.link import Viewers
from sim.links.road import Road
from wire.web.request import StreamingRequest


class Roads:
    """Puts a link between a request and whoever answers it. For balancers, who know where viewers are: `FarFrom`."""

    def __init__(self, cables: Cables) -> None:
        self._cables = cables
        self._lines: WeakKeyDictionary[object, dict[str, Line]] = WeakKeyDictionary()
        """By connection, and by where its viewer says to live, which may change."""

    def is_far(self, region: str, pop: str) -> bool:
        """As `FarFrom.is_far`."""
        return (region, pop) in self._cables.by_viewers

    def arriving(self, request: StreamingRequest, region: str, pop: str) -> Deferred[None] | None:
        """Fires when the request has come from there; None where there is no link."""
        cable = self._cables.by_viewers.get((region, pop))
        if cable is None:
            return None
        road = Road(request, cable, self._line(request, region))
        road.set_out()
        return road.arrived

    def _line(self, request: StreamingRequest, region: str) -> Line:
        connection = request.channel.connection
        lines = self._lines.setdefault(connection, {})
        if region not in lines:
            is_secure = request.scheme == "https"
            lines[region] = Line(connection.opened_at, self._cables.access[region], is_secure=is_secure)
        return lines[region]


class DirectRoads:
    """The same for a PoP: viewers who ask it themselves, by header, cookie or address. `Afar`."""

    def __init__(self, roads: Roads, viewers: Viewers, pop: str) -> None:
        self._roads = roads
        self._pop = pop
        self._ranges: Ranges = ranges_of(viewers.ranges)
        self._regions = frozenset(viewers.ranges)
        self._brought_by = viewers.brought_by

    def is_far(self, address: str) -> bool:
        """Whether viewers live there."""
        return bool(narrowest(self._ranges, address))

    def arriving(self, request: StreamingRequest) -> Deferred[None] | None:
        """As `Roads.arriving`."""
        fields = request.fields
        if any(
            member.split()[1:2] == [name] for member in fields.members("via") for name in self._brought_by
        ):
            return None
        said = (fields.get(HEADER) or "", cookie(fields, REGION))
        region = next((each for each in said if each in self._regions), "")
        region = region or narrowest(self._ranges, str(getattr(request.client, "host", "")))
        return self._roads.arriving(request, region, self._pop) if region else None
