"""One API call over HTTP: its form in, its JSON out, every refusal as `{"error": {"message": …}}`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl

from attrs import frozen
from twisted.logger import Logger

from origin.api.answers import CORS, Answers
from origin.api.credentials import Caller, Doorkeeper
from origin.api.endpoint import UPLOAD_STATUSES, Access, Call, Endpoint, Reply, Stream
from origin.api.limits import Allowance, RateLimits
from origin.api.multipart import Form, read_form
from origin.api.params import collect, text
from origin.api.presetting import Presetting
from origin.delivery.heads import header_text
from origin.delivery.rules import Rulebook
from wire.errors import InvalidRequest, MediaError
from wire.web.resource import CoroutineResource
from wire.web.sending import send_json
from wire.web.site import StreamingRequest

log = Logger()

CHAINS = ("transformation", "transformations", "eager", "responsive_breakpoints")
"""Parameters that hold chains."""


@frozen
class Desk:
    """What every call needs: keys, shapes, a folder for files on their way, a clock."""

    doorkeeper: Doorkeeper
    presetting: Presetting
    answers: Answers
    limits: RateLimits
    rules: Rulebook
    spool: Path
    max_upload_bytes: int
    now: Callable[[], float]
    new_id: Callable[[], str]


class ApiResource(CoroutineResource):
    """What all answers of the APIs have in common: header fields, and how they refuse."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.request_id = desk.new_id()

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        if error.status >= 500:
            log.warn(
                "{uri} is answered with {status}: {why}",
                uri=request.path,
                status=error.status,
                why=str(error),
            )
        if request.method in (b"GET", b"HEAD"):  # downloads are links: what went wrong is told there too
            request.setHeader(b"X-Cld-Error", header_text(error.public).encode("ascii"))
        send_json(request, self.status_of(error), {"error": {"message": error.public}})

    def status_of(self, error: MediaError) -> int:
        """The status that a refusal is told with."""
        return error.status

    def set_fields(self, request: StreamingRequest) -> None:
        """What every answer carries, refusals too."""
        fields = [*CORS, ("X-Request-Id", self.request_id), ("X-Content-Type-Options", "nosniff")]
        fields.append(("Cache-Control", "private, no-store"))
        for name, value in fields:
            request.setHeader(name.encode("ascii"), value.encode("ascii"))


class EndpointResource(ApiResource):
    """Makes one call of an endpoint."""

    def __init__(self, desk: Desk, endpoint: Endpoint, path: Mapping[str, str]) -> None:
        super().__init__(desk)
        self._endpoint = endpoint
        self._path = path

    def status_of(self, error: MediaError) -> int:
        """The Upload API has few: Node's uploader throws away what any other says (upload-api §1)."""
        if self._endpoint.access is Access.ADMIN or error.status in UPLOAD_STATUSES:
            return error.status
        return 500 if error.status > 500 else 400

    async def answer(self, request: StreamingRequest) -> None:
        self.set_fields(request)
        endpoint = self._endpoint
        authorization = header(request, "Authorization")
        known = None
        if endpoint.is_limited:
            self._tell(request, self.desk.limits.untouched(self._cloud))
        if endpoint.access is Access.ADMIN:  # strangers' bodies are not read
            known = self.desk.doorkeeper.basic(self._cloud, authorization)
        if known is not None and endpoint.is_limited:
            allowance = await self.desk.limits.made(known.cloud)
            self._tell(request, allowance)
            allowance.check()
        form = await self._form_of(request)
        try:
            caller = known or self._caller(authorization, form)
            if endpoint.access is Access.UNSIGNED:
                form = await self._preset(caller, form)
            for each in endpoint.takes:
                each.check(form.params)
            await self.desk.rules.caught_up(caller.cloud, *(text(form.params, each) or "" for each in CHAINS))
            answer = await endpoint.call(self._call(request, caller, form))
            await _send(request, answer)
        finally:
            form.discard()

    def _tell(self, request: StreamingRequest, allowance: Allowance) -> None:
        for name, value in allowance.fields:
            request.setHeader(name.encode("ascii"), value.encode("ascii"))

    @property
    def _cloud(self) -> str:
        return self._path["cloud"]

    def _caller(self, authorization: str | None, form: Form) -> Caller:
        if self._endpoint.access is Access.OPEN:
            return self.desk.doorkeeper.anyone(self._cloud)
        return self.desk.doorkeeper.upload(
            self._cloud, authorization, form.params, action=self._endpoint.action, now=self.desk.now()
        )

    async def _preset(self, caller: Caller, form: Form) -> Form:
        presetting, is_signed = self.desk.presetting, caller.is_signed
        return Form(await presetting.applied(caller.cloud, form.params, is_signed=is_signed), form.file)

    def _call(self, request: StreamingRequest, caller: Caller, form: Form) -> Call:
        return Call(
            caller=caller,
            params=form.params,
            path=self._path,
            file=form.file,
            header=lambda name: header(request, name),
            address=request.getClientAddress().host,
            request_id=self.request_id,
        )

    async def _form_of(self, request: StreamingRequest) -> Form:
        """Query and body as one form; the body's parameters win."""
        query = collect(query_pairs(request))
        content_type = header(request, "Content-Type") or ""
        form = await read_form(request.body, content_type, self.desk.spool, self.desk.max_upload_bytes)
        return Form({**query, **form.params}, form.file) if query else form


async def _send(request: StreamingRequest, answer: object) -> None:
    match answer:
        case Stream(send):
            await send(request)
        case Reply(document, status, fields):
            for name, value in fields:
                request.setHeader(name.encode("ascii"), value.encode("latin-1", "replace"))
            send_json(request, status, document)
        case _:
            send_json(request, 200, answer)


def header(request: StreamingRequest, name: str) -> str | None:
    """The first line of a request header."""
    lines = request.requestHeaders.getRawHeaders(name.encode("ascii"))
    return lines[0].decode("latin-1") if lines else None


def query_pairs(request: StreamingRequest) -> list[tuple[str, str]]:
    """The query string's pairs, decoded once."""
    query = request.uri.partition(b"?")[2].decode("latin-1")
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:  # too many fields, or not UTF-8
        raise InvalidRequest("Malformed query string") from error
