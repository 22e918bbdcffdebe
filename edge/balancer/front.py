"""What the front door decides of each request: where its viewer lives, what becomes of it, and who answers it."""

from __future__ import annotations

from collections import Counter
from enum import Enum

from attrs import frozen
from twisted.internet.interfaces import IReactorTime

from edge.balancer.cookies import POP, REGION, cookie
from edge.balancer.heads import Asked, asked
from edge.balancer.place import HEADER, Whereabouts
from edge.balancer.refusals import nobody
from edge.balancer.routing import Choice, Routing
from edge.balancer.settings import Pop, Settings
from edge.upstream.retold import Retold
from edge.upstream.standings import Standings
from edge.upstream.upstreams import Upstreams
from wire.hosts import Hosts
from wire.http.fields import Fields
from wire.web.afar import FarFrom
from wire.web.draining import InFlight
from wire.web.metrics import RequestMetrics


class Way(Enum):
    """What becomes of a request, as it is counted."""

    ABOUT_US = "about us"
    HOME = "home"
    API = "api"
    REDIRECTED = "redirected"
    PROXIED = "proxied"


@frozen
class Journey:
    """A request that is carried to a PoP, decided."""

    wanted: Asked
    region: str
    pops: Choice
    is_new: bool
    """Whether the viewer is to remember the first of them."""
    started: float
    """By the front's clock."""
    begun: Retold | None = None
    """The first attempt, where it was made already."""


@frozen
class Front:
    """The balancer's decisions with what carrying them out needs. One for all requests."""

    settings: Settings
    whereabouts: Whereabouts
    standings: Standings
    routing: Routing
    pops: Upstreams
    origins: Upstreams
    clock: IReactorTime
    metrics: RequestMetrics
    in_flight: InFlight
    counted: Counter[str]
    afar: FarFrom | None = None
    """Who stands between viewers and the PoPs that answer them."""

    def asked(
        self, method: bytes, target: bytes, protocol: bytes, fields: Fields, client: str, scheme: str
    ) -> Asked:
        """A request as it came; raises `MediaError` for one that cannot be passed on."""
        version = protocol.decode("latin-1").rpartition("/")[2]
        line = method.decode("latin-1"), target.decode("latin-1"), version
        return asked(*line, fields, client, self.settings.name, scheme)

    def way_of(self, wanted: Asked) -> Way:
        """What becomes of a request."""
        settings = self.settings
        if wanted.is_about_us:
            return Way.ABOUT_US
        if wanted.path == "/" and settings.home:
            return Way.HOME
        if wanted.is_for_api and settings.origins:
            return Way.API
        return Way.REDIRECTED if self._may_redirect(wanted) else Way.PROXIED

    def _may_redirect(self, wanted: Asked) -> bool:
        """Not where the path means something else on any other host, nor from TLS to none."""
        settings = self.settings
        if settings.mode != "redirect" or Hosts(settings.hosts).cloud_of(wanted.head.authority) is not None:
            return False
        return wanted.head.scheme == "http" or any(pop.secure_url for pop in settings.pops)

    def region_of(self, wanted: Asked) -> str:
        """Where its viewer lives; raises `UnknownRegion`."""
        return self.named_region_of(wanted) or self.whereabouts.by_address(wanted.client)

    def named_region_of(self, wanted: Asked) -> str:
        """Where its viewer says so; empty: nowhere. Raises `UnknownRegion`."""
        # An API's own parameters are its own business.
        target = "" if wanted.is_for_api else wanted.head.target
        fields = wanted.head.fields
        return self.whereabouts.named(target, fields.get(HEADER), cookie(fields, REGION))

    def sticks_to(self, wanted: Asked) -> str:
        """The PoP that its viewer had before, where that counts."""
        return cookie(wanted.head.fields, POP) if self.settings.sticky else ""

    def pops_for(
        self, region: str, path: str, sticky: str, *, secure: bool = False
    ) -> tuple[tuple[Pop, ...], bool]:
        """PoPs to try, the first of which is taken, and whether the viewer is to remember it; `Unavailable` when
        there is none.
        """
        among = (lambda pop: pop.secure_url) if secure else bool
        pops = self.routing.pops_for(region, path, sticky=sticky, among=among)
        if not pops:
            raise nobody("PoP")
        self.routing.took(pops[0])
        return pops, self.settings.sticky and sticky != pops[0].name

    def choose(self, region: str, path: str, sticky: str) -> tuple[Choice, bool]:
        """The same for viewers of whom few will try any but the first."""
        choice = self.routing.choose(region, path, sticky)
        if choice is None:
            raise nobody("PoP")
        self.routing.took(choice.first)
        return choice, self.settings.sticky and sticky != choice.first.name

    def origins_in_turn(self) -> tuple[str, ...]:
        """Origins to try for an API call, those that are up first, each in its turn."""
        here = self.standings.here([origin.url for origin in self.settings.origins])
        urls = [url for url in here if self.standings.may_serve(url)]
        first = next(self.origins.turns) % max(1, len(urls))
        return tuple(sorted((*urls[first:], *urls[:first]), key=lambda url: not self.standings.is_up(url)))
