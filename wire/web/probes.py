"""What every node answers on its control endpoint: /healthz, /readyz, /metrics, /status."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import isawaitable
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from twisted.web.resource import IResource

from wire.errors import InvalidRequest, MediaError, MethodNotAllowed, NotFound
from wire.web.resource import JsonResource
from wire.web.sending import send_json, send_text
from wire.web.site import StreamingRequest

Reasons = Sequence[str]
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})


class Forbidden(MediaError):
    """Not for pages of other sites."""

    status = 403


class MoreFigures(Collector):
    """Figures of what is not the node's own, which stand beside them in `/status` and `/metrics`."""

    @abstractmethod
    def status(self) -> Mapping[str, Any]:
        """By names that no node has for its own."""


class Probes(JsonResource):
    """The probes of one node, told by callables: why it is not ready, what it is, what it counted."""

    PATHS = frozenset({b"/healthz", b"/readyz", b"/metrics", b"/status"})

    def __init__(
        self,
        *,
        not_ready: Callable[[], Reasons | Awaitable[Reasons]],
        status: Callable[[], Mapping[str, Any] | Awaitable[Mapping[str, Any]]],
        registry: CollectorRegistry,
        more: MoreFigures | None = None,
    ) -> None:
        super().__init__()
        self._more = more
        if more is not None:
            registry.register(more)
        self._not_ready = not_ready
        self._status = status
        self._registry = registry

    def claims(self, request: StreamingRequest) -> bool:
        """Whether the request is for a probe."""
        return request.path in self.PATHS

    async def answer(self, request: StreamingRequest) -> None:
        if request.method not in (b"GET", b"HEAD"):
            raise MethodNotAllowed("A probe is read by GET")
        request.setHeader(b"Cache-Control", b"no-store")
        match request.path:
            case b"/healthz":
                send_text(request, 200, "ok\n")
            case b"/readyz":
                reasons = self._not_ready()
                told = list(await reasons if isawaitable(reasons) else reasons)
                send_json(
                    request, 503 if told else 200, {"ready": not told, **({"reasons": told} if told else {})}
                )
            case b"/metrics":
                send_text(request, 200, generate_latest(self._registry).decode(), CONTENT_TYPE_LATEST)
            case b"/status":
                told_status = self._status()
                status = await told_status if isawaitable(told_status) else told_status
                more = self._more.status() if self._more is not None else {}
                send_json(request, 200, {**status, **more})
            case _:
                raise NotFound("Not found")


class ControlSite:
    """Routes a control endpoint: the probes, and whatever else the node offers there, by exact path.

    Any page in a browser can send a simple cross-site request to a loopback port, so whatever carries an
    `Origin` or a form's content type is refused.
    """

    def __init__(self, probes: Probes, others: Mapping[bytes, IResource] | None = None) -> None:
        self._probes = probes
        self._others = dict(others or {})

    def resource_for(self, request: StreamingRequest) -> IResource:
        """The answering resource, for `StreamingSite`."""
        if is_cross_site(request):
            return Refusal(Forbidden("The control endpoint does not answer pages"))
        if request.path in self._others:
            return self._others[request.path]
        return self._probes


class Refusal(JsonResource):
    """Refuses whatever it is asked."""

    def __init__(self, error: MediaError | None = None) -> None:
        super().__init__()
        self._error = error or InvalidRequest("Invalid request")

    async def answer(self, request: StreamingRequest) -> None:
        raise self._error


def is_cross_site(request: StreamingRequest) -> bool:
    """Whether a page of some site may have sent this without asking (no CORS preflight)."""
    if request.requestHeaders.hasHeader(b"Origin"):
        return True
    content_type = (request.requestHeaders.getRawHeaders(b"Content-Type") or [b""])[0]
    kind = content_type.partition(b";")[0].strip().lower().decode("latin-1")
    # `curl -X POST url` sends none; `curl -d` sends the urlencoded one unless told otherwise
    return request.method not in (b"GET", b"HEAD") and kind in FORM_TYPES
