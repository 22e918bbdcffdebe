"""`/ccu/v3/…`, EdgeGrid-signed (cdn-vendors §11, §12)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import uuid4

from edge.vendors.akamai.edgegrid import Client, Nonces, authenticated
from edge.vendors.akamai.problems import DESCRIBED_BY, TYPES, Problem
from edge.vendors.akamai.rates import Meter
from edge.vendors.akamai.wanted import LONGEST_BODY, PREFIXES, Kind, Wanted
from edge.vendors.calling import call_of, send
from edge.vendors.settings import Property, Settings
from edge.vendors.telling import Telling
from wire.errors import MediaError, TooLarge
from wire.web.resource import CoroutineResource
from wire.web.site import StreamingRequest

ESTIMATED_SECONDS = 5
SIGNED_BYTES = 1 << 20  # read before it is refused, so that a refusal can be told to who signed it
_STATUS = re.compile("/ccu/v3/rate-limit-status/(url|cpcode|tag)")


class FastPurgeResource(CoroutineResource):
    """Answers when the edges within reach have forgotten; the others are told when they are back."""

    def __init__(self, settings: Settings, telling: Telling, now: Callable[[], float]) -> None:
        super().__init__()
        self._settings = settings
        self._telling = telling
        self._now = now
        self._nonces = Nonces(2 * settings.edgegrid_skew_seconds)
        self._meter = Meter(settings.rates)

    async def answer(self, request: StreamingRequest) -> None:
        call = await call_of(request, SIGNED_BYTES)
        settings, now = self._settings, self._now()
        client = authenticated(
            call, settings.clients, self._nonces, now, skew_seconds=settings.edgegrid_skew_seconds
        )
        status = _STATUS.fullmatch(call.path)
        if status is not None and call.method == "POST":
            self._send(request, 200, status[1], {"httpStatus": 200, "detail": "Rate limits of this account"})
            return
        wanted = Wanted.parse(call.method, call.path, call.fields.get("content-type") or "", call.body)
        properties = self._of(client)
        wanted.check(tuple(each.owned for each in properties))
        self._meter.take(wanted.kind, len(wanted.objects), now)
        pops = dict.fromkeys(
            pop
            for each in properties
            if each.network == wanted.network and wanted.concerns(each.owned)
            for pop in each.pops
        )
        await self._telling.tell(wanted.purge(), pops)
        name = f"{PREFIXES[wanted.kind]}-{uuid4()}"
        told = {"httpStatus": 201, "detail": "Request accepted", "supportId": name, "purgeId": name}
        self._send(request, 201, wanted.kind, told | {"estimatedSeconds": ESTIMATED_SECONDS})

    def _of(self, client: Client) -> tuple[Property, ...]:
        return tuple(
            each
            for name, each in self._settings.properties.items()
            if not client.properties or name in client.properties
        )

    def _send(self, request: StreamingRequest, status: int, kind: str, told: dict[str, object]) -> None:
        headers = self._meter.headers(kind, self._now())
        send(request, status, "application/json", json.dumps(told), headers)

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        problem = error if isinstance(error, Problem) else _problem_of(error)
        name = str(uuid4())
        if problem.kind:
            told = {
                "type": TYPES + problem.kind,
                "title": problem.title,
                "status": problem.http_status,
                "detail": problem.detail,
                "instance": request.uri.decode("latin-1"),
                "method": request.method.decode("ascii"),
                "serverIp": str(getattr(request.getHost(), "host", "")),
                "clientIp": str(getattr(request.client, "host", "")),
                "requestId": name,
                "requestTime": datetime.fromtimestamp(self._now(), UTC).isoformat(timespec="seconds"),
            }
        else:
            told = {
                "httpStatus": problem.http_status,
                "title": problem.title,
                "detail": problem.detail,
                "supportId": name,
                "describedBy": DESCRIBED_BY,
                **problem.more,
            }
        headers = self._headers_of(problem, request)
        send(request, problem.http_status, "application/problem+json", json.dumps(told), headers)

    def _headers_of(self, problem: Problem, request: StreamingRequest) -> Iterable[tuple[str, str]]:
        match problem.http_status:
            case 405:
                return (("Allow", "POST"),)
            case 429:
                return self._meter.headers(_kind_of(request), self._now())
        return ()


def _problem_of(error: MediaError) -> Problem:
    if isinstance(error, TooLarge):
        return Problem(413, "Request Entity Too Large", f"A body has at most {LONGEST_BODY} bytes")
    return Problem(error.status, "internal error" if error.status >= 500 else "bad request", error.public)


def _kind_of(request: StreamingRequest) -> Kind:
    return next((kind for kind in PREFIXES if f"/{kind}".encode() in request.path), "url")
