"""GET and HEAD of any delivery URL, over the raw request target."""

from collections.abc import Callable

from attrs import evolve, frozen
from twisted.logger import Logger

from origin.catalogue import Asset
from origin.delivery.baselines import Base
from origin.delivery.chains import ChainReader, is_only_attachment
from origin.delivery.derive import Derivatives, of_row, original
from origin.delivery.documents import Document, Documents
from origin.delivery.finding import Finder, Found, surrogate_keys
from origin.delivery.heads import (
    BRIEF_SECONDS,
    EDGE_SECONDS,
    Delivered,
    Heads,
    Terms,
    preflight,
    refusal,
    success,
)
from origin.delivery.making import Making
from origin.delivery.planning import REFUSED, Planned, Wish
from origin.delivery.remote import FETCH, fresh_until
from origin.delivery.shelf import AssetChanged
from origin.delivery.tagged import TAGGED, Tagged, keys_of_tag
from origin.delivery.widths import BREAKPOINTS, Widths, asked_by, chosen, narrowed
from origin.remote.errors import RemoteTrouble
from origin.store.interface import ObjectMissing, ObjectStore
from origin.transform.attachment import content_disposition
from origin.transform.canonical import canonical
from origin.transform.info import Made, check_informative, told
from origin.transform.language.breakpoints import Breakpoints
from origin.transform.language.named import without_baseline
from origin.transform.parse import Chain
from origin.transform.references import UnknownReference
from origin.transform.values import unsupported
from wire.delivery import DeliveryUrl, cloud_in, parse
from wire.errors import InvalidRequest, MediaError, MethodNotAllowed, Unauthorized, Unavailable
from wire.hosts import Hosts
from wire.http.conditional import if_range_holds, is_not_modified
from wire.http.dates import format_date
from wire.http.fields import Fields
from wire.http.hops import is_own_load
from wire.http.ranges import content_range, parse_ranges, resolve
from wire.negotiation import HeaderClass, classify, negotiates, vary_fields
from wire.web.resource import CoroutineResource
from wire.web.site import StreamingRequest

log = Logger()

METHODS = "GET, HEAD, OPTIONS"
_PRIVATE = frozenset({HeaderClass.ACCEPT, HeaderClass.DPR, HeaderClass.WIDTH})
_LONGEST_VERSION = 15  # digits; unix seconds have ten
_ATTEMPTS = 2  # an overwrite may take the asset's row or object away under a look-up or a render


@frozen
class Gallery:
    """What delivery needs: who may see what, the bytes, and how they are made."""

    finder: Finder
    derivatives: Derivatives
    documents: Documents
    widths: Widths
    making: Making
    tagged: Tagged
    store: ObjectStore
    chains: ChainReader
    hosts: Hosts
    now: Callable[[], float]
    new_id: Callable[[], str]


@frozen
class Picture:
    """An answer found: bytes, terms, and the keys it is purged by."""

    delivered: Delivered
    terms: Terms
    keys: tuple[str, ...]
    excuse: str | None = None  # X-Cld-Error of a stand-in


class DeliveryResource(CoroutineResource):
    """One delivery request, from URL to last byte. Refusals have no body, but a reason in `X-Cld-Error`."""

    def __init__(self, gallery: Gallery) -> None:
        super().__init__()
        self._gallery = gallery

    async def answer(self, request: StreamingRequest) -> None:
        keys: tuple[str, ...] = ()
        try:
            match request.method:
                case b"OPTIONS":
                    self._write_head(request, 204, preflight(self._gallery.new_id()))
                    return
                case b"GET" | b"HEAD":
                    url = self._parsed(request)
                    keys = keys_of_tag(url) if url.delivery_type in TAGGED else surrogate_keys(url)
                    await self._deliver(request, url)
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
        own = self._gallery.hosts.cloud_of((request.getHeader(b"Host") or b"").decode("latin-1"))
        self._gallery.finder.check_cloud(cloud_in(request.uri) if own is None else own)
        url = parse(request.uri, clouds_in_path=own is None, cloud=own or "")
        if url.delivery_type == FETCH and is_own_load(fields_of(request)):
            raise RemoteTrouble(url.remote_url, "it would load itself")
        return url

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        self._refuse_with(request, error, ())

    async def _deliver(self, request: StreamingRequest, url: DeliveryUrl) -> None:
        asked = fields_of(request)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                find = self._of_tag if url.delivery_type in TAGGED else self._picture
                picture = await find(url, asked)
                await self._send_stored(request, picture, asked)
            except (AssetChanged, ObjectMissing) as error:
                if request.startedWriting or attempt == _ATTEMPTS:
                    raise Unavailable("The stored file is out of reach", log=str(error)) from error
            else:
                return

    async def _picture(self, url: DeliveryUrl, fields: Fields) -> Picture:
        found = await self._gallery.finder.find(url)
        if found.asset.facts is not None:
            return await self._image(url, found, found.asset, fields)
        if not is_only_attachment(url.chain):
            raise InvalidRequest("Transformations are not supported for raw files")
        chain = self._gallery.chains.read(url.cloud, url.chain)
        delivered = original(found.asset)
        terms = self._lasting(_terms(url, found, chain, delivered, frozenset()), found.asset)
        return Picture(delivered, terms, surrogate_keys(url, found.asset), found.stands_in_for)

    async def _image(self, url: DeliveryUrl, found: Found, asset: Asset, fields: Fields) -> Picture:
        gallery = self._gallery
        baseline, raw = without_baseline(url.chain)
        if baseline is not None and url.delivery_type == FETCH:
            raise unsupported(f"bl_{baseline} for fetched images")
        base, wish = await gallery.making.begun(
            asset,
            raw,
            baseline,
            negotiated=classify(fields),
            extension=found.extension,
            is_signed=found.is_signed,
        )
        asked = wish.chain
        if (breakpoints := asked_by(asked)) is not None:
            if breakpoints.listed:
                return await self._listed(url, found, base, wish, breakpoints)
            wish = await self._at_breakpoint(base, wish, breakpoints)
        planned = await gallery.making.planned(base, wish)
        delivered = await self._made(url, found, base, asked, planned)
        classes = negotiates(gallery.chains.expanded(url.cloud, raw))
        terms = _terms(url, found, planned.chain, delivered, classes)
        keys = dict.fromkeys((*surrogate_keys(url, asset), *base.layer_keys, *planned.layer_keys))
        lasting = self._lasting(terms, asset, *base.layers, *planned.layers)
        return Picture(delivered, lasting, tuple(keys), found.stands_in_for)

    async def _made(
        self, url: DeliveryUrl, found: Found, base: Base, asked: Chain, planned: Planned
    ) -> Delivered:
        """The bytes of a plan, or what is told of them."""
        is_told = planned.chain.settings.told
        if is_told and base.asset.facts is not None:
            check_informative(base.asset.facts)
        if url.delivery_type == "private" and not found.is_signed:
            planned = evolve(planned, plan=evolve(planned.plan, keeps_smaller=False))
        if not planned.plan.passthrough:
            outcome = await self._gallery.derivatives.found_or_made(base.asset, asked, planned)
            delivered = evolve(
                of_row(outcome.row), made_from=original(found.asset), render_seconds=outcome.seconds
            )
        elif base.row is not None:
            delivered = evolve(of_row(base.row), made_from=original(found.asset))
        elif url.delivery_type == "private" and not found.is_signed:
            raise Unauthorized(REFUSED)  # a chain that leaves the original's bytes shows the original
        else:
            delivered = original(found.asset)
        return await self._told(base.asset, asked, planned, delivered) if is_told else delivered

    async def _of_tag(self, url: DeliveryUrl, fields: Fields) -> Picture:
        """What a tag's assets make together: for a minute, or until one of them changes (§8.7)."""
        is_signed = self._gallery.finder.check_access(url)
        shown = await self._gallery.tagged.shown(url, classify(fields), is_signed=is_signed)
        classes = negotiates(self._gallery.chains.expanded(url.cloud, url.chain))
        attachment = shown.chain.settings.attachment if shown.chain else None
        name = url.public_id.rpartition("/")[2]
        terms = Terms(
            negotiated=bool(classes & _PRIVATE),
            vary=vary_fields(classes),
            is_brief=True,
            disposition=content_disposition(attachment.name or name, shown.delivered.format)
            if attachment
            else None,
        )
        layer_keys = [key for asset in shown.layers for key in asset.identity.surrogate_keys]
        return Picture(shown.delivered, terms, tuple(dict.fromkeys((*keys_of_tag(url), *layer_keys))))

    def _lasting(self, terms: Terms, *shown: Asset) -> Terms:
        """Edges ask again once a copy of a remote file should be looked after."""
        until = fresh_until(*shown)
        if until is None:
            return terms
        left = int(until - self._gallery.now())
        return evolve(terms, edge_seconds=min(max(left, BRIEF_SECONDS), EDGE_SECONDS))

    async def _listed(
        self, url: DeliveryUrl, found: Found, base: Base, wish: Wish, asked: Breakpoints
    ) -> Picture:
        """The widths themselves. Every viewer gets the same."""
        row, widest = await self._gallery.widths.listed(base, wish, asked)
        terms = _terms(url, found, widest.chain, of_row(row), frozenset())
        terms = self._lasting(terms, found.asset, *base.layers, *widest.layers)
        keys = tuple(dict.fromkeys((*surrogate_keys(url, found.asset), *base.layer_keys, *widest.layer_keys)))
        return Picture(of_row(row), terms, keys, found.stands_in_for)

    async def _at_breakpoint(self, base: Base, wish: Wish, asked: Breakpoints) -> Wish:
        """The wish at the width that suits its viewer."""
        widths: tuple[int, ...] = ()
        if wish.negotiated.shown_width is not None:
            row, _ = await self._gallery.widths.listed(base, wish, asked)
            widths = tuple(row.details[BREAKPOINTS])
        return evolve(wish, chain=narrowed(wish.chain, chosen(asked, widths, wish)))

    async def _told(self, asset: Asset, asked: Chain, planned: Planned, made: Delivered) -> Delivered:
        """The numbers of a picture instead of it: its bytes are those of the file that would be sent."""
        facts = asset.facts
        assert facts is not None

        async def document() -> Document:
            size = (made.width or planned.plan.width, made.height or planned.plan.height)
            output = Made(made.format, made.size, *size)
            return told(planned.plan, facts, asset.bytes, output, planned.insight)

        parts = (*planned.parts, "info", planned.insight.text)
        return of_row(await self._gallery.documents.kept(asset, parts, canonical(asked), document))

    async def _send_stored(self, request: StreamingRequest, picture: Picture, asked: Fields) -> None:
        """Send; a derived asset whose bytes are lost is forgotten, so that the next attempt makes it anew."""
        try:
            await self._send(request, picture, asked)
        except ObjectMissing:
            await self._gallery.derivatives.lost(picture.delivered)
            raise

    async def _send(self, request: StreamingRequest, picture: Picture, asked: Fields) -> None:
        delivered, now = picture.delivered, self._gallery.now()
        heads = success(delivered, picture.terms, picture.keys, self._gallery.new_id())
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
                await self._gallery.store.send(delivered.key, request, start, stop)

    def _refuse_with(self, request: StreamingRequest, error: MediaError, keys: tuple[str, ...]) -> None:
        if error.status >= 500:
            log.warn(
                "{uri} is answered with {status}: {why}", uri=request.uri, status=error.status, why=str(error)
            )
        heads = refusal(error, keys, self._gallery.new_id())
        if isinstance(error, MethodNotAllowed):
            heads.append(("Allow", METHODS))
        self._write_head(request, error.status, heads)

    def _write_head(self, request: StreamingRequest, status: int, heads: Heads) -> None:
        request.setResponseCode(status)
        for stale, _ in tuple(request.responseHeaders.getAllRawHeaders()):
            request.responseHeaders.removeHeader(stale)  # of an attempt that came to nothing
        for name, value in [("Date", format_date(self._gallery.now())), *heads]:
            request.responseHeaders.addRawHeader(name.encode("ascii"), value.encode("latin-1", "replace"))


def fields_of(request: StreamingRequest) -> Fields:
    """A request's header section as a value."""
    lines = request.requestHeaders.getAllRawHeaders()
    return Fields.from_bytes((name, value) for name, values in lines for value in values)


def _terms(
    url: DeliveryUrl, found: Found, chain: Chain, delivered: Delivered, classes: frozenset[HeaderClass]
) -> Terms:
    attachment = chain.settings.attachment
    disposition = None
    if attachment is not None:
        public_id = found.asset.identity.public_id
        name = found.asset.original_filename or public_id.rpartition("/")[2]
        if found.asset.facts is None:
            name, _, extension = (public_id.rpartition("/")[2]).rpartition(".")
            disposition = content_disposition(attachment.name or name or extension, extension if name else "")
        else:
            disposition = content_disposition(attachment.name or name, delivered.format)
    return Terms(
        negotiated=bool(classes & _PRIVATE) or found.is_makeshift,
        vary=vary_fields(classes),
        is_brief=found.is_makeshift or _is_ahead(url.version, found.asset.version),
        disposition=disposition,
    )


def _is_ahead(asked: str | None, version: int) -> bool:
    """Whether the URL asks for an upload we have not seen: what we send may be about to be replaced (§4)."""
    return asked is not None and (len(asked) > _LONGEST_VERSION or int(asked) > version)
