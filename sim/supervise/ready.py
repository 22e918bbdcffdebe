"""Asks a child how it is."""

from __future__ import annotations

from typing import Any, Protocol

import treq
from attrs import frozen
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.error import (
    ConnectError,
    ConnectingCancelledError,
    ConnectionDone,
    ConnectionLost,
    DNSLookupError,
)
from twisted.web.client import Agent, ResponseFailed, ResponseNeverReceived

from wire import jsontext

PATIENCE_SECONDS = 3.0

SILENCE = (
    *(ConnectError, ConnectionLost, ConnectionDone, ResponseNeverReceived, ResponseFailed, TookTooLong),
    # how an attempt ends that is cut short before it has looked up even 127.0.0.1, or while it connects
    *(DNSLookupError, ConnectingCancelledError),
)


@frozen
class Health:
    """What a probe said. Not answering and not being ready are two different things."""

    is_answering: bool
    is_ready: bool
    reasons: tuple[str, ...] = ()


SILENT = Health(is_answering=False, is_ready=False)


class Probe(Protocol):
    """How to ask."""

    async def ask(self, url: str) -> Health:
        """The health behind `url`; never raises for a node that is not there."""


class HttpProbe:
    """Asks over HTTP: 200 is ready, anything else is not, and says why."""

    def __init__(self, agent: Agent, clock: Any) -> None:
        self._agent = agent
        self._clock = clock

    async def ask(self, url: str) -> Health:
        status, body = await get(self._agent, self._clock, url)
        if status is None:
            return SILENT
        told = body.get("reasons", ()) if isinstance(body, dict) else ()
        reasons = tuple(str(reason) for reason in told) if isinstance(told, list) else ()
        return Health(is_answering=True, is_ready=status == 200, reasons=reasons)


async def get(agent: Agent, clock: Any, url: str) -> tuple[int | None, Any]:
    """Status and JSON body of a URL (None where there is none): for questions whose answer may be silence."""
    asking = agent.request(b"GET", url.encode("ascii"))
    try:
        response = await asking.addTimeout(PATIENCE_SECONDS, clock)
        body = await treq.content(response).addTimeout(PATIENCE_SECONDS, clock)
    except SILENCE:
        return None, None
    try:
        return response.code, jsontext.read(body)
    except ValueError:
        return response.code, None
