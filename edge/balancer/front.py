"""What viewers and SDKs talk to: places them, and redirects or carries their requests."""

from __future__ import annotations

from collections import Counter

from attrs import evolve, frozen
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from edge.balancer.cookies import POP, REGION, cookie
from edge.balancer.heads import API_PREFIXES, IDEMPOTENT, Asked, asked
from edge.balancer.place import HEADER, Whereabouts
from edge.balancer.refusals import kind_of, nobody, unanswered
from edge.balancer.relay import Relay
from edge.balancer.routing import Routing
from edge.balancer.settings import Pop, Settings
from edge.balancer.upload import TakenBody
from edge.upstream.failing import UpstreamFailed
from edge.upstream.standings import Standings
from edge.upstream.upstreams import Upstreams
from wire.errors import MediaError, MethodNotAllowed
from wire.hosts import Hosts
from wire.http.proxy_status import proxy_status
from wire.http.recipient import ALLOWED
from wire.web.afar import FarFrom
from wire.web.draining import InFlight
from wire.web.metrics import RequestMetrics
from wire.web.resource import CoroutineResource
from wire.web.sending import send_json
from wire.web.site import StreamingRequest
from wire.web.spool import SpoolFailed

log = Logger()


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

    def origins_in_turn(self) -> tuple[str, ...]:
        """Origins to try for an API call, those that are up first, each in its turn."""
        here = self.standings.here([origin.url for origin in self.settings.origins])
        urls = [url for url in here if self.standings.may_serve(url)]
        first = next(self.origins.turns) % max(1, len(urls))
        return tuple(sorted((*urls[first:], *urls[:first]), key=lambda url: not self.standings.is_up(url)))


OPEN_TO_SCRIPTS = (
    (b"Access-Control-Allow-Origin", b"*"),
    (b"Access-Control-Expose-Headers", HEADER.encode()),
    (b"Timing-Allow-Origin", b"*"),
)


class FrontResource(CoroutineResource):
    """Every request a viewer sends."""

    def __init__(self, front: Front) -> None:
        super().__init__()
        self._front = front

    async def answer(self, request: StreamingRequest) -> None:
        front, started = self._front, self._front.clock.seconds()
        outcome = "refused"
        sent = 0
        front.counted["requests"] += 1
        front.in_flight.entered()
        request.notifyFinish().addBoth(lambda _: front.in_flight.left())
        try:
            wanted = self._asked(request)
            if wanted.is_about_us:
                outcome = "about us"
                self._tell_of_us(request)
                return
            if wanted.path == "/" and front.settings.home:
                outcome = "home"
                self._send_on(front.settings.home, request)
                return
            region = self._place(wanted)
            request.setHeader(HEADER.encode(), region.encode("latin-1", "replace"))
            if wanted.is_for_api and front.settings.origins:
                outcome = "api"
                sent = await self._call(wanted, region, request)
            elif self._may_redirect(wanted):
                outcome = "redirected"
                self._redirect(wanted, region, request)
            else:
                outcome = "proxied"
                sent = await self._proxy(wanted, region, request)
        except BaseException:
            front.counted["errors"] += 1
            raise
        finally:
            front.metrics.answered(outcome, request.code, sent, front.clock.seconds() - started)

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        request.setHeader(b"Cache-Control", b"no-store")
        marked = proxy_status(self._front.settings.name, kind_of(error))
        request.setHeader(b"Proxy-Status", marked.encode("ascii"))
        if isinstance(error, MethodNotAllowed):
            request.setHeader(b"Allow", ALLOWED.encode())
        if request.uri.startswith(tuple(map(str.encode, API_PREFIXES))):
            send_json(request, error.status, {"error": {"message": error.public}})
        else:
            super().explain(request, error)

    def _asked(self, request: StreamingRequest) -> Asked:
        peer = request.getClientAddress()
        return asked(
            request.method.decode("latin-1"),
            request.uri.decode("latin-1"),
            request.clientproto.decode("latin-1").rpartition("/")[2],
            request.fields,
            str(getattr(peer, "host", "unknown")),
            self._front.settings.name,
            request.scheme,
        )

    def _tell_of_us(self, request: StreamingRequest) -> None:
        """What this server allows (RFC 9110 §9.3.7)."""
        request.setResponseCode(204)
        request.setHeader(b"Allow", ALLOWED.encode())
        request.setHeader(b"Cache-Control", b"no-store")
        request.finish()

    def _place(self, wanted: Asked) -> str:
        # An API's own parameters are its own business.
        target = "" if wanted.is_for_api else wanted.head.target
        fields = wanted.head.fields
        return self._front.whereabouts.place(
            target, fields.get(HEADER), wanted.client, cookie(fields, REGION)
        )

    def _may_redirect(self, wanted: Asked) -> bool:
        """Not where the path means something else on any other host, nor from TLS to none."""
        settings = self._front.settings
        if settings.mode != "redirect" or Hosts(settings.hosts).cloud_of(wanted.head.authority) is not None:
            return False
        return wanted.head.scheme == "http" or any(pop.secure_url for pop in settings.pops)

    def _redirect(self, wanted: Asked, region: str, request: StreamingRequest) -> None:
        is_secure = wanted.head.scheme == "https"
        pop, *_ = self._pops_for(wanted, region, request, secure=is_secure)
        self._send_on((pop.secure_url if is_secure else pop.url).rstrip("/") + wanted.path, request)

    def _send_on(self, url: str, request: StreamingRequest) -> None:
        request.setResponseCode(302 if request.method in (b"GET", b"HEAD") else 307)
        request.setHeader(b"Location", url.encode("latin-1"))
        request.setHeader(b"Cache-Control", b"no-store")  # the answer is about this moment's health
        for name, value in OPEN_TO_SCRIPTS:  # else a page's script may not follow
            request.setHeader(name, value)
        request.setHeader(b"Content-Length", b"0")
        request.finish()

    async def _proxy(self, wanted: Asked, region: str, request: StreamingRequest) -> int:
        pops = self._pops_for(wanted, region, request)
        afar = self._front.afar
        arriving = afar.arriving(request, region, pops[0].name) if afar is not None else None
        if arriving is not None:
            await arriving
        upstreams = evolve(self._front.pops, urls=tuple(pop.url for pop in pops))
        return await self._carry(upstreams, wanted, region, request)

    def _pops_for(
        self, wanted: Asked, region: str, request: StreamingRequest, *, secure: bool = False
    ) -> tuple[Pop, ...]:
        """PoPs to try, the first of which is taken; `Unavailable` when there is none."""
        routing, sticky = self._front.routing, ""
        if self._front.settings.sticky:
            sticky = cookie(wanted.head.fields, POP)
        among = (lambda pop: pop.secure_url) if secure else bool
        pops = routing.pops_for(region, wanted.path, sticky=sticky, among=among)
        if not pops:
            raise nobody("PoP")
        routing.took(pops[0])
        if self._front.settings.sticky and sticky != pops[0].name:
            request.addCookie(POP, pops[0].name, path="/", httpOnly=True, sameSite="lax")
        return pops

    async def _call(self, wanted: Asked, region: str, request: StreamingRequest) -> int:
        urls = self._front.origins_in_turn()
        if not urls:
            raise nobody("origin")
        return await self._carry(evolve(self._front.origins, urls=urls), wanted, region, request)

    async def _carry(
        self, upstreams: Upstreams, wanted: Asked, region: str, request: StreamingRequest
    ) -> int:
        settings = self._front.settings
        relay = Relay(settings.name, region, settings.collect_bytes)
        onward = wanted.onward(settings.name)
        try:
            if request.body.length == 0 and wanted.head.method in IDEMPOTENT:
                return await relay.carry(upstreams, onward, request)
            with TakenBody(settings.spool_directory) as body:
                await body.take(request.body, settings.api_body_bytes)
                return await relay.carry(upstreams, onward, request, body)
        except UpstreamFailed as failed:
            raise unanswered(failed, is_for_api=wanted.is_for_api) from failed
        except SpoolFailed as cut:
            self._front.counted["cut"] += 1
            log.info("cut {target}: {reason}", target=wanted.head.target, reason=str(cut))
            return 0
