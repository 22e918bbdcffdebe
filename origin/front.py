"""An origin's front: one endpoint for delivery, both APIs and the probes, counting what passes."""

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import IResource

from origin.api.routes import ApiRoutes
from origin.api.search_url import SearchUrls
from origin.counters import Counters
from origin.delivery.resource import DeliveryResource
from wire.web.draining import InFlight
from wire.web.metrics import RequestMetrics
from wire.web.probes import Probes
from wire.web.site import StreamingRequest


class Front:
    """Chooses who answers, by the raw target."""

    def __init__(
        self,
        *,
        probes: Probes,
        api: ApiRoutes,
        searches: SearchUrls,
        delivery: Callable[[], DeliveryResource],
        counters: Counters,
        in_flight: InFlight,
        metrics: RequestMetrics,
        clock: IReactorTime,
    ) -> None:
        self._probes = probes
        self._api = api
        self._searches = searches
        self._delivery = delivery
        self._counters = counters
        self._in_flight = in_flight
        self._metrics = metrics
        self._clock = clock

    def resource_for(self, request: StreamingRequest) -> IResource:
        """The answering resource, for `StreamingSite`."""
        if self._probes.claims(request):
            return self._probes
        self._count(request)
        if self._api.claims(request):
            return self._api.resource_for(request)
        return self._searches.resource_for(request) or self._delivery()

    def _count(self, request: StreamingRequest) -> None:
        self._counters.requests += 1
        self._in_flight.entered()
        self._metrics.running(self._in_flight.count)
        began = self._clock.seconds()

        def ended(outcome: object) -> None:
            self._in_flight.left()
            self._metrics.running(self._in_flight.count)
            if request.code >= 500:
                self._counters.errors += 1
            name = "answered" if outcome is None else "left"
            self._metrics.answered(name, request.code, request.sentLength, self._clock.seconds() - began)

        request.notifyFinish().addBoth(ended)
