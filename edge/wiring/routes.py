"""The ways that a property's edge may take to the origins."""

from __future__ import annotations

from urllib.parse import urlsplit

from attrs import evolve
from twisted.internet.defer import Deferred

from edge.settings import Settings
from edge.upstream.routes import Routes
from edge.upstream.timing import seconds_of
from edge.upstream.upstreams import Upstreams
from wire.http.fields import Fields, RequestHead
from wire.http.hops import with_loop_mark


def with_routes(upstreams: Upstreams, settings: Settings) -> Upstreams:
    """The upstreams with other edges to go through, where there are any."""
    told = settings.akamai.sure_route
    if told is None or not settings.ways:
        return upstreams
    straight = tuple(url for url in settings.upstreams if url not in settings.parents) or settings.upstreams
    host = settings.host or next(iter(settings.akamai.hostnames), urlsplit(straight[0]).netloc)
    fields = with_loop_mark(Fields.of(Host=host), settings.name)
    test = RequestHead("GET", told.test_object, "http", host, "1.1", fields)

    def seconds_by(way: str) -> Deferred[float | None]:
        return seconds_of(upstreams, (way,) if way else straight, test)

    return evolve(upstreams, routes=Routes(settings.ways, told.seconds, upstreams.clock.seconds, seconds_by))
