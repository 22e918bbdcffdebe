"""One API call: its form in, its JSON out, every refusal as `{"error": {"message": …}}`."""

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from attrs import frozen
from twisted.logger import Logger

from origin.api.answers import CORS, Answers, rate_limit
from origin.api.credentials import Doorkeeper
from origin.api.multipart import Form, read_form
from origin.api.params import collect
from wire.errors import InvalidRequest, MediaError
from wire.web.resource import CoroutineResource
from wire.web.sending import send_json
from wire.web.site import StreamingRequest

log = Logger()


@frozen
class Desk:
    """What every call needs: keys, shapes, a folder for files on their way, a clock."""

    doorkeeper: Doorkeeper
    answers: Answers
    spool: Path
    max_upload_bytes: int
    now: Callable[[], float]
    new_id: Callable[[], str]


class ApiResource(CoroutineResource):
    """A call to `/v1_1/<cloud>/…`. Subclasses say what `call` does; one form, one answer."""

    action: ClassVar[str] = ""
    is_admin: ClassVar[bool] = False

    def __init__(self, desk: Desk, cloud: str) -> None:
        super().__init__()
        self.desk = desk
        self.cloud = cloud

    @abstractmethod
    async def call(self, request: StreamingRequest, form: Form) -> dict[str, Any]:
        """The answer's JSON object, or a `MediaError`."""

    async def answer(self, request: StreamingRequest) -> None:
        self.set_fields(request)
        form = await self.form_of(request)
        try:
            document = await self.call(request, form)
        finally:
            form.discard()
        send_json(request, 200, document)

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        if error.status >= 500:
            log.warn(
                "{uri} is answered with {status}: {why}",
                uri=request.path,
                status=error.status,
                why=str(error),
            )
        send_json(request, error.status, {"error": {"message": error.public}})

    async def form_of(self, request: StreamingRequest) -> Form:
        """Query and body as one form; the body's parameters win."""
        query = collect(query_pairs(request))
        content_type = header(request, b"Content-Type") or ""
        form = await read_form(request.body, content_type, self.desk.spool, self.desk.max_upload_bytes)
        return Form({**query, **form.params}, form.file) if query else form

    def set_fields(self, request: StreamingRequest) -> None:
        """What every answer carries, refusals too."""
        fields = [*CORS, ("X-Request-Id", self.desk.new_id()), ("X-Content-Type-Options", "nosniff")]
        fields.append(("Cache-Control", "private, no-store"))
        if self.is_admin:
            fields += rate_limit(self.desk.now())
        for name, value in fields:
            request.setHeader(name.encode("ascii"), value.encode("ascii"))


def header(request: StreamingRequest, name: bytes) -> str | None:
    """The first line of a request header."""
    lines = request.requestHeaders.getRawHeaders(name)
    return lines[0].decode("latin-1") if lines else None


def query_pairs(request: StreamingRequest) -> list[tuple[str, str]]:
    """The query string's pairs, decoded once."""
    query = request.uri.partition(b"?")[2].decode("latin-1")
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:  # too many fields, or not UTF-8
        raise InvalidRequest("Malformed query string") from error
