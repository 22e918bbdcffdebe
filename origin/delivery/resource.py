"""GET and HEAD of any delivery URL, over the raw request target."""

from collections.abc import Callable

from twisted.logger import Logger

from origin.delivery.access import Bearer
from origin.delivery.heads import Heads, preflight, refusal, success
from origin.delivery.pictures import Gallery, Picture, keys_of_url
from origin.delivery.remote import FETCH
from origin.delivery.shelf import AssetChanged
from origin.meter import BANDWIDTH, REQUESTS, Meter
from origin.remote.errors import RemoteTrouble
from origin.store.interface import ObjectMissing, ObjectStore
from origin.transform.references import UnknownReference
from wire.delivery import DeliveryUrl, cloud_in, parse
from wire.errors import MediaError, MethodNotAllowed, Unavailable
from wire.hosts import Hosts
from wire.http.conditional import if_range_holds, is_not_modified
from wire.http.dates import format_date
from wire.http.fields import Fields
from wire.http.hops import is_own_load
from wire.http.ranges import content_range, parse_ranges, resolve
from wire.web.resource import CoroutineResource
from wire.web.site import StreamingRequest

log = Logger()

METHODS = "GET, HEAD, OPTIONS"
_ATTEMPTS = 2  # an overwrite may take the asset's row or object away under a look-up or a render


class DeliveryResource(CoroutineResource):
    """One delivery request, from URL to last byte. Refusals have no body, but a reason in `X-Cld-Error`."""

    def __init__(
        self,
        gallery: Gallery,
        *,
        store: ObjectStore,
        hosts: Hosts,
        now: Callable[[], float],
        new_id: Callable[[], str],
        meter: Meter,
        trusted: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self._gallery = gallery
        self._store = store
        self._hosts = hosts
        self._now = now
        self._new_id = new_id
        self._trusted = trusted
        self._meter = meter

    async def answer(self, request: StreamingRequest) -> None:
        keys: tuple[str, ...] = ()
        began = self._now()
        try:
            match request.method:
                case b"OPTIONS":
                    self._write_head(request, 204, preflight(self._new_id()))
                    return
                case b"GET" | b"HEAD":
                    url = self._parsed(request)
                    keys = keys_of_url(url)
                    await self._deliver(request, url, began)
                case _:
                    raise MethodNotAllowed("Only GET, HEAD and OPTIONS are answered here")
        except MediaError as error:
            if request.startedWriting or request.is_gone:
                raise
            if isinstance(error, UnknownReference):
                keys = tuple(dict.fromkeys((*keys, *error.keys)))  # its upload must end this refusal
            self._refuse_with(request, error, keys)

    def _parsed(self, request: StreamingRequest) -> DeliveryUrl:
        """What the target asks for on the host it was sent to (§2)."""
        own = self._hosts.cloud_of((request.getHeader(b"Host") or b"").decode("latin-1"))
        self._gallery.finder.check_cloud(cloud_in(request.uri) if own is None else own)
        url = parse(request.uri, clouds_in_path=own is None, cloud=own or "")
        if url.delivery_type == FETCH and is_own_load(fields_of(request)):
            raise RemoteTrouble(url.remote_url, "it would load itself")
        return url

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        self._refuse_with(request, error, ())

    async def _deliver(self, request: StreamingRequest, url: DeliveryUrl, began: float) -> None:
        asked = fields_of(request)
        peer = str(getattr(request.getClientAddress(), "host", ""))
        bearer = Bearer.of(request.uri, asked, peer, self._trusted)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                picture = await self._gallery.picture(url, asked, bearer)
                await self._send_stored(request, picture, asked, began)
            except (AssetChanged, ObjectMissing) as error:
                if request.startedWriting or attempt == _ATTEMPTS:
                    raise Unavailable("The stored file is out of reach", log=str(error)) from error
            else:
                self._meter.count(url.cloud, REQUESTS)
                self._meter.count(url.cloud, BANDWIDTH, request.sentLength)
                return

    async def _send_stored(
        self, request: StreamingRequest, picture: Picture, asked: Fields, began: float
    ) -> None:
        """Send, or tell the gallery that there is nothing to send."""
        try:
            await self._send(request, picture, asked, began)
        except ObjectMissing:
            await self._gallery.lost(picture)
            raise

    async def _send(self, request: StreamingRequest, picture: Picture, asked: Fields, began: float) -> None:
        delivered, now = picture.delivered, self._now()
        heads = success(delivered, picture.terms, picture.keys, self._new_id(), now - began)
        if picture.excuse is not None:
            heads.append(("X-Cld-Error", picture.excuse))
        modified = float(int(delivered.modified))
        etag = f'"{delivered.md5}"'
        if is_not_modified(asked, etag=etag, last_modified=modified, date=now, now=now):
            self._write_head(request, 304, heads)
            return
        start, stop = 0, delivered.size
        status = 200
        ranges = asked.get("range") if request.method == b"GET" else None
        condition = asked.get("if-range")
        if ranges is not None and (
            condition is None or if_range_holds(condition, Fields(heads), date=now, now=now)
        ):
            parts = resolve(parse_ranges(ranges), delivered.size)
            if parts == ():
                framing = [("Content-Range", f"bytes */{delivered.size}"), ("Content-Length", "0")]
                self._write_head(request, 416, heads + framing)
                return
            if parts is not None and len(parts) == 1:  # several: the whole body is a fair answer
                status, (start, stop) = 206, parts[0]
                heads.append(("Content-Range", content_range(parts[0], delivered.size)))
        self._write_head(request, status, [*heads, ("Content-Length", str(stop - start))])
        if request.method == b"GET" and stop > start:
            if delivered.body is not None:
                request.write(delivered.body[start:stop])
            else:
                await self._store.send(delivered.key, request, start, stop)

    def _refuse_with(self, request: StreamingRequest, error: MediaError, keys: tuple[str, ...]) -> None:
        if error.status >= 500:
            log.warn(
                "{uri} is answered with {status}: {why}", uri=request.uri, status=error.status, why=str(error)
            )
        heads = refusal(error, keys, self._new_id())
        if isinstance(error, MethodNotAllowed):
            heads.append(("Allow", METHODS))
        self._write_head(request, error.status, heads)

    def _write_head(self, request: StreamingRequest, status: int, heads: Heads) -> None:
        request.setResponseCode(status)
        for stale, _ in tuple(request.responseHeaders.getAllRawHeaders()):
            request.responseHeaders.removeHeader(stale)  # of an attempt that came to nothing
        for name, value in [("Date", format_date(self._now())), *heads]:
            request.responseHeaders.addRawHeader(name.encode("ascii"), value.encode("latin-1", "replace"))


def fields_of(request: StreamingRequest) -> Fields:
    """A request's header section as a value."""
    lines = request.requestHeaders.getAllRawHeaders()
    return Fields.from_bytes((name, value) for name, values in lines for value in values)
