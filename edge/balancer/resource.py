"""Every request that viewers and SDKs send: redirected, carried or refused, as the front decides."""

from __future__ import annotations

from attrs import evolve
from twisted.logger import Logger

from edge.balancer.cookies import POP
from edge.balancer.front import Front, Journey, Way
from edge.balancer.heads import API_PREFIXES, IDEMPOTENT, Asked
from edge.balancer.place import HEADER
from edge.balancer.refusals import kind_of, nobody, unanswered
from edge.balancer.relay import Relay
from edge.balancer.routing import Choice
from edge.balancer.settings import Pop
from edge.balancer.upload import TakenBody
from edge.upstream.failing import UpstreamFailed
from edge.upstream.retold import Retold
from edge.upstream.upstreams import Upstreams
from wire.errors import MediaError, MethodNotAllowed
from wire.http.asker import INTRODUCTION, Asker
from wire.http.fields import Pair
from wire.http.proxy_status import proxy_status
from wire.http.recipient import ALLOWED
from wire.web.resource import CoroutineResource
from wire.web.secured import secured_by
from wire.web.sending import send_json
from wire.web.site import StreamingRequest
from wire.web.spool import SpoolFailed

log = Logger()

OPEN_TO_SCRIPTS = (
    (b"Access-Control-Allow-Origin", b"*"),
    (b"Access-Control-Expose-Headers", HEADER.encode()),
    (b"Timing-Allow-Origin", b"*"),
)


class FrontResource(CoroutineResource):
    """Every request a viewer sends; or one alone, that was decided before."""

    def __init__(self, front: Front, journey: Journey | None = None) -> None:
        super().__init__()
        self._front = front
        self._journey = journey

    async def answer(self, request: StreamingRequest) -> None:
        front, journey = self._front, self._journey
        started = front.clock.seconds() if journey is None else journey.started
        outcome = "refused" if journey is None else Way.PROXIED.value
        sent = 0
        front.counted["requests"] += 1
        front.in_flight.entered()
        request.notifyFinish().addBoth(lambda _: front.in_flight.left())
        try:
            if journey is not None:
                self._name_region(journey.region, request)
                sent = await self._proxy(journey, request)
                return
            wanted = self._asked(request)
            way = front.way_of(wanted)
            if way is Way.ABOUT_US:
                outcome = way.value
                self._tell_of_us(request)
                return
            if way is Way.HOME:
                outcome = way.value
                self._send_on(front.settings.home, request)
                return
            region = front.region_of(wanted)
            self._name_region(region, request)
            outcome = way.value
            if way is Way.API:
                sent = await self._call(wanted, region, request)
            elif way is Way.REDIRECTED:
                self._redirect(wanted, region, request)
            else:
                pops, is_new = front.pops_for(region, wanted.path, front.sticks_to(wanted))
                sent = await self._proxy(Journey(wanted, region, Choice.of(pops), is_new, started), request)
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
        client = str(getattr(request.getClientAddress(), "host", "unknown"))
        line = request.method, request.uri, request.clientproto
        return self._front.asked(*line, request.fields, client, request.scheme)

    def _tell_of_us(self, request: StreamingRequest) -> None:
        """What this server allows (RFC 9110 §9.3.7)."""
        request.setResponseCode(204)
        request.setHeader(b"Allow", ALLOWED.encode())
        request.setHeader(b"Cache-Control", b"no-store")
        request.finish()

    def _name_region(self, region: str, request: StreamingRequest) -> None:
        request.setHeader(HEADER.encode(), region.encode("latin-1", "replace"))

    def _redirect(self, wanted: Asked, region: str, request: StreamingRequest) -> None:
        front, is_secure = self._front, wanted.head.scheme == "https"
        (pop, *_), is_new = front.pops_for(region, wanted.path, front.sticks_to(wanted), secure=is_secure)
        if is_new:
            self._have_remembered(pop, request)
        self._send_on((pop.secure_url if is_secure else pop.url).rstrip("/") + wanted.path, request)

    def _send_on(self, url: str, request: StreamingRequest) -> None:
        request.setResponseCode(302 if request.method in (b"GET", b"HEAD") else 307)
        request.setHeader(b"Location", url.encode("latin-1"))
        request.setHeader(b"Cache-Control", b"no-store")  # the answer is about this moment's health
        for name, value in OPEN_TO_SCRIPTS:  # else a page's script may not follow
            request.setHeader(name, value)
        request.setHeader(b"Content-Length", b"0")
        request.finish()

    async def _proxy(self, journey: Journey, request: StreamingRequest) -> int:
        front, region, choice = self._front, journey.region, journey.pops
        if journey.is_new:
            self._have_remembered(choice.first, request)
        afar = front.afar if journey.begun is None else None  # else it has come all the way
        arriving = afar.arriving(request, region, choice.first.name) if afar is not None else None
        if arriving is not None:
            await arriving
        pops = choice.in_order()
        besides = self._introducing(pops, journey, request)
        upstreams = evolve(front.pops, urls=tuple(pop.url for pop in pops), besides=besides)
        return await self._carry(upstreams, journey.wanted, region, request, journey.begun)

    def _introducing(
        self, pops: tuple[Pop, ...], journey: Journey, request: StreamingRequest
    ) -> dict[str, Pair]:
        """To those of the PoPs that want it, who asks."""
        wanting = [pop.url for pop in pops if pop.introduce]
        if not wanting:
            return {}
        wanted, region = journey.wanted, self._front.named_region_of(journey.wanted)
        port, secured = request.getClientAddress().port, secured_by(request.channel.transport)
        asker = Asker(wanted.client, port, request.scheme, wanted.head.version, secured, region)
        return dict.fromkeys(wanting, (INTRODUCTION, asker.written))

    def _have_remembered(self, pop: Pop, request: StreamingRequest) -> None:
        request.addCookie(POP, pop.name, path="/", httpOnly=True, sameSite="lax")

    async def _call(self, wanted: Asked, region: str, request: StreamingRequest) -> int:
        urls = self._front.origins_in_turn()
        if not urls:
            raise nobody("origin")
        return await self._carry(evolve(self._front.origins, urls=urls), wanted, region, request)

    async def _carry(
        self,
        upstreams: Upstreams,
        wanted: Asked,
        region: str,
        request: StreamingRequest,
        begun: Retold | None = None,
    ) -> int:
        settings = self._front.settings
        relay = Relay(settings.name, region, settings.collect_bytes)
        onward = wanted.onward(settings.name)
        try:
            if request.body.length == 0 and wanted.head.method in IDEMPOTENT:
                return await relay.carry(upstreams, onward, request, begun=begun)
            with TakenBody(settings.spool_directory) as body:
                await body.take(request.body, settings.api_body_bytes)
                return await relay.carry(upstreams, onward, request, body)
        except UpstreamFailed as failed:
            raise unanswered(failed, is_for_api=wanted.is_for_api) from failed
        except SpoolFailed as cut:
            self._front.counted["cut"] += 1
            log.info("cut {target}: {reason}", target=wanted.head.target, reason=str(cut))
            return 0
