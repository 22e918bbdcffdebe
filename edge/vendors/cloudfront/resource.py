"""`/2020-05-31/distribution/{id}/invalidation…`, below any prefix (cdn-vendors §7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote
from uuid import uuid4

from edge.vendors.call import Call
from edge.vendors.calling import call_of, send
from edge.vendors.cloudfront import documents
from edge.vendors.cloudfront.batch import Batch
from edge.vendors.cloudfront.errors import AwsError
from edge.vendors.cloudfront.records import Book, Record
from edge.vendors.cloudfront.sigv4 import authenticated
from edge.vendors.settings import Distribution, Settings
from wire.errors import MediaError, TooLarge
from wire.web.resource import CoroutineResource
from wire.web.site import StreamingRequest

LONGEST_BODY = 16 << 20  # 3,000 paths of 4,000 characters, and their tags
DEFAULT_PAGE = 100
_NUMBER = re.compile("[0-9]{1,18}")
_PATH = re.compile(r".*/2020-05-31/distribution/([^/]+)/invalidation(?:/([^/]+))?/?")


class InvalidationResource(CoroutineResource):
    """Creates, shows and lists invalidations; `started` is told of each new one."""

    def __init__(
        self, settings: Settings, book: Book, now: Callable[[], float], started: Callable[[Record], None]
    ) -> None:
        super().__init__()
        self._settings = settings
        self._book = book
        self._now = now
        self._started = started

    async def answer(self, request: StreamingRequest) -> None:
        try:
            call = await call_of(request, LONGEST_BODY)
        except TooLarge as error:
            raise AwsError("BatchTooLarge", "Your request contains more paths than are allowed.") from error
        settings = self._settings
        key = authenticated(call, settings.access_keys, self._now(), settings.sigv4_skew_seconds)
        found = _PATH.fullmatch(call.path)
        if found is None:
            raise AwsError("NoSuchResource", "There is no such operation here.")
        name, record = found.groups()
        distribution = settings.distributions.get(name)
        if key.distributions and name not in key.distributions:
            raise AwsError("AccessDenied", "This access key may not do that with this distribution.")
        if distribution is None:
            raise AwsError("NoSuchDistribution", "The specified distribution does not exist.")
        if record is not None and call.method == "GET":
            self._send(request, 200, documents.invalidation(self._book.get(name, record)))
        elif record is None and call.method == "GET":
            self._send(request, 200, self._listed(call, name))
        elif record is None and call.method == "POST":
            self._create(request, call, name, distribution)
        else:
            raise AwsError("InvalidArgument", "An invalidation is created by POST and read by GET.")

    def _create(self, request: StreamingRequest, call: Call, name: str, distribution: Distribution) -> None:
        batch = Batch.parse(call.body, with_tags=distribution.has_tags)
        record, is_new = self._book.create(name, batch, self._now())
        if is_new:
            self._started(record)
        location = f"{call.scheme}://{call.fields.get('host')}{call.path.rstrip('/')}/{record.id}"
        self._send(request, 201, documents.invalidation(record), ("Location", location))

    def _listed(self, call: Call, name: str) -> str:
        told = {
            key: unquote(value) for key, _, value in (pair.partition("=") for pair in call.query.split("&"))
        }
        marker, most = told.get("Marker", ""), told.get("MaxItems") or str(DEFAULT_PAGE)
        if not _NUMBER.fullmatch(most) or not 0 < int(most) <= DEFAULT_PAGE:
            raise AwsError("InvalidArgument", f"MaxItems is a number from 1 to {DEFAULT_PAGE}.")
        try:
            records, has_more = self._book.page(name, marker, int(most))
        except AwsError as error:
            raise AwsError(
                "InvalidArgument", "The Marker is no invalidation of this distribution."
            ) from error
        return documents.listing(records, marker, int(most), is_truncated=has_more)

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        refused = error if isinstance(error, AwsError) else AwsError("InvalidArgument", error.public)
        status = refused.http_status if isinstance(error, AwsError) else error.status
        name = str(uuid4())
        send(request, status, "text/xml", documents.refusal(refused, name), [("x-amzn-RequestId", name)])

    def _send(self, request: StreamingRequest, status: int, text: str, *headers: tuple[str, str]) -> None:
        send(request, status, "text/xml", text, [*headers, ("x-amzn-RequestId", str(uuid4()))])
