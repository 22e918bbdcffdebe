"""A resource whose answer is a coroutine, ended when the viewer leaves."""

from __future__ import annotations

from collections.abc import Awaitable
from inspect import isawaitable

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from wire.errors import InternalError, MediaError, Unavailable
from wire.web.sending import ConsumerGone, send_json
from wire.web.site import StreamingRequest

log = Logger()


class CoroutineResource(Resource):
    """Answers by `async def answer`. When it returns, the request is finished if it has not been.

    A `MediaError` before the first byte becomes the bytes `explain` writes; any other exception is logged and
    explained as an internal error. After the first byte nothing can be explained: the connection is cut.
    """

    isLeaf = True

    async def answer(self, request: StreamingRequest) -> None:
        """Write the answer to `request`."""
        raise MediaError("Not found")

    def explain(self, request: StreamingRequest, error: MediaError) -> Awaitable[None] | None:
        """Turn a refusal into bytes: one line of text, unless a subclass knows better."""
        content = error.public.encode("utf-8") + b"\n"
        request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        request.setHeader(b"Content-Length", b"%d" % len(content))
        request.write(content)
        return None

    def render(self, request: StreamingRequest) -> int:
        answering = Deferred.fromCoroutine(self._answer(request))
        if not answering.called:
            request.notifyFinish().addErrback(lambda _: answering.cancel())
        answering.addErrback(self._failed, request)
        return NOT_DONE_YET

    async def _answer(self, request: StreamingRequest) -> None:
        try:
            await self.answer(request)
        except MediaError as refusal:
            await self._refuse(request, refusal)
        except CancelledError:
            if not request.is_gone:
                raise
        except ConsumerGone:
            return  # the viewer has left, which the request is about to hear
        except Exception:  # noqa: BLE001  the border: one request fails, the node serves on
            if not request.is_gone:
                log.failure("while answering {method} {uri}", method=request.method, uri=request.uri)
                await self._refuse(request, InternalError("Internal error"))
        if not request.finished and not request.is_gone:
            request.finish()

    async def _refuse(self, request: StreamingRequest, refusal: MediaError) -> None:
        if request.is_gone:
            return
        if request.startedWriting:
            request.cut()
            return
        request.setResponseCode(refusal.status)
        if isinstance(refusal, Unavailable):
            request.setHeader(b"Retry-After", b"%d" % refusal.retry_after_seconds)
        explaining = self.explain(request, refusal)
        if isawaitable(explaining):
            await explaining

    def _failed(self, failure: Failure, request: StreamingRequest) -> None:
        if not request.is_gone:
            log.failure("while refusing {uri}", failure=failure, uri=request.uri)
            request.cut()


class JsonResource(CoroutineResource):
    """One that programs talk to: a refusal is `{"error": {"message": …}}`."""

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        send_json(request, error.status, {"error": {"message": error.public}})
