"""Requests to an S3-compatible server for one bucket: signed in the URL, carried out by Twisted's agent."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, cast

from minio import Minio
from twisted.internet import defer
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectError, ConnectionClosed, DNSLookupError
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web._newclient import RequestNotSent
from twisted.web.client import (
    Agent,
    HTTPConnectionPool,
    RequestTransmissionFailed,
    ResponseDone,
    ResponseFailed,
    ResponseNeverReceived,
)
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory, IBodyProducer, IResponse

from origin.store.interface import StoreUnavailable, out_of_reach

NO_ANSWER = (
    ConnectError,
    ConnectionClosed,
    DNSLookupError,
    RequestNotSent,
    RequestTransmissionFailed,
    ResponseFailed,
    ResponseNeverReceived,
    defer.TimeoutError,
    OSError,
)
"""How a server shows that it is not there."""

LIFETIME = timedelta(minutes=15)
MOST_WORDS = 16 * 1024

_CODE = re.compile(rb"<Code>(\w+)</Code>")


class _Words(Protocol):
    """The body of an error: a few hundred bytes of XML, whole or not."""

    def __init__(self) -> None:
        self.finished: Deferred[bytes] = Deferred(
            lambda _: cast(IPushProducer, self.transport).stopProducing()
        )
        self._data = b""

    def dataReceived(self, data: bytes) -> None:
        self._data = (self._data + data)[:MOST_WORDS]

    def connectionLost(self, reason: Failure = Failure(ResponseDone())) -> None:  # noqa: B008
        if not self.finished.called:
            self.finished.callback(self._data)


class PresignedRequests:
    """One bucket's objects by HTTP. `sdk` must know its region, or presigning asks the network."""

    def __init__(
        self,
        sdk: Minio,
        bucket: str,
        *,
        reactor: Any,
        connect: IAgentEndpointFactory | None,
        connect_seconds: float,
        error_seconds: float,
    ) -> None:
        self._sdk = sdk
        self._bucket = bucket
        self._reactor = reactor
        self._error_seconds = error_seconds
        self._pool = HTTPConnectionPool(reactor, persistent=True)
        self._pool.maxPersistentPerHost = 16
        self._pool.cachedConnectionTimeout = 30
        if connect is None:
            self._agent = Agent(reactor, connectTimeout=connect_seconds, pool=self._pool)
        else:
            self._agent = Agent.usingEndpointFactory(reactor, connect, self._pool)

    async def ask(
        self,
        method: str,
        key: str,
        *,
        fields: dict[str, str] | None = None,
        body: Callable[[], IBodyProducer] | None = None,
        within_seconds: float,
    ) -> IResponse:
        """The response's head, whatever its status, or `StoreUnavailable` when there is none in time.

        `body` makes the request's body, and makes it again when a kept-alive connection proved dead
        (without a body the agent itself tries again).
        """
        url = self._sdk.get_presigned_url(method, self._bucket, key, expires=LIFETIME)
        headers = Headers({name: [value] for name, value in (fields or {}).items()})

        def once() -> Deferred[IResponse]:
            made = body() if body is not None else None
            asking: Deferred[IResponse] = self._agent.request(method.encode(), url.encode(), headers, made)
            return asking.addTimeout(within_seconds, self._reactor)

        try:
            try:
                return await once()
            except (RequestTransmissionFailed, ResponseNeverReceived) as error:
                if body is None or any(each.check(CancelledError) for each in error.reasons):
                    raise
                return await once()
        except NO_ANSWER as error:
            raise out_of_reach(f"{method} {key}: {told(error)}") from error

    async def refused(self, method: str, key: str, response: IResponse) -> tuple[str, StoreUnavailable]:
        """Why the server said no: its own code (`NoSuchKey`, …), and what to raise if that is no answer."""
        code = response.headers.getRawHeaders("x-minio-error-code", [""])[0]  # all a HEAD can tell
        if method != "HEAD":
            words = _Words()
            response.deliverBody(words)
            reading = words.finished.addTimeout(self._error_seconds, self._reactor)
            try:
                found = _CODE.search(await reading)
            except NO_ANSWER:
                found = None
            code = found[1].decode() if found else code
        return code, out_of_reach(f"{method} {key}: {response.code} {code}")

    async def close(self) -> None:
        """Let go of idle connections."""
        await self._pool.closeCachedConnections()


def told(error: BaseException) -> str:
    """An exception with the reasons that Twisted wraps into it."""
    reasons: Sequence[Any] = getattr(error, "reasons", ())
    inner = ", ".join(type(each.value).__name__ for each in reasons)
    return f"{type(error).__name__} {error} {inner}".strip()
