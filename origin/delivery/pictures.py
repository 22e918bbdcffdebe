"""From a delivery URL and what its viewer said to the bytes, the terms and the keys of the answer."""

from collections.abc import Callable, Iterator

from attrs import evolve, frozen

from origin.catalogue import Asset
from origin.delivery.access import NOBODY, REFUSED, Admission, Bearer
from origin.delivery.baselines import Base
from origin.delivery.chains import ChainReader, is_only_attachment
from origin.delivery.derive import Derivatives, of_row, original
from origin.delivery.documents import Document, Documents
from origin.delivery.finding import Finder, Found, surrogate_keys
from origin.delivery.heads import BRIEF_SECONDS, EDGE_SECONDS, Delivered, Terms
from origin.delivery.making import Making
from origin.delivery.planning import Planned, Wish
from origin.delivery.remote import FETCH, fresh_until
from origin.delivery.strict import Strictness
from origin.delivery.tagged import TAGGED, Tagged, keys_of_tag
from origin.delivery.widths import BREAKPOINTS, Widths, asked_by, chosen, narrowed
from origin.transform.attachment import content_disposition
from origin.transform.canonical import canonical
from origin.transform.info import Made, check_informative, told
from origin.transform.language.breakpoints import Breakpoints
from origin.transform.language.named import without_baseline
from origin.transform.parse import Chain
from origin.transform.values import unsupported
from wire.delivery import DeliveryUrl
from wire.errors import InvalidRequest, Unauthorized
from wire.http.fields import Fields
from wire.negotiation import HeaderClass, classify, negotiates, vary_fields
from wire.surrogates import named_key

_PRIVATE = frozenset({HeaderClass.ACCEPT, HeaderClass.DPR, HeaderClass.WIDTH})
_LONGEST_VERSION = 15  # digits; unix seconds have ten


@frozen
class Picture:
    """An answer found: bytes, terms, and the keys it is purged by."""

    delivered: Delivered
    terms: Terms
    keys: tuple[str, ...]
    excuse: str | None = None  # X-Cld-Error of a stand-in


@frozen(kw_only=True)
class Gallery:
    """Finds what URLs show, and has it made where it is not there yet."""

    finder: Finder
    derivatives: Derivatives
    documents: Documents
    widths: Widths
    making: Making
    tagged: Tagged
    chains: ChainReader
    strictness: Strictness
    now: Callable[[], float]

    async def picture(self, url: DeliveryUrl, fields: Fields, bearer: Bearer = NOBODY) -> Picture:
        """The answer to a viewer with these header fields and tokens, or a refusal."""
        await self.chains.rules.caught_up(url.cloud, url.chain)
        if url.delivery_type in TAGGED:
            return await self._of_tag(url, fields)
        found = await self.finder.find(url, bearer)
        picture = await self._of_name(url, found, fields)
        return evolve(picture, terms=self._admitted(picture.terms, found.admission))

    def _admitted(self, terms: Terms, admission: Admission) -> Terms:
        """The terms on which somebody may see it who may perhaps not always."""
        if admission.until is None:
            return evolve(terms, is_personal=admission.is_personal)
        left = max(0, int(admission.until - self.now()))
        return evolve(terms, is_personal=admission.is_personal, lasts_seconds=left)

    async def lost(self, picture: Picture) -> None:
        """Its bytes are nowhere: a derived asset is forgotten, so that the next attempt makes it anew."""
        await self.derivatives.lost(picture.delivered)

    async def _of_name(self, url: DeliveryUrl, found: Found, fields: Fields) -> Picture:
        if found.asset.facts is not None:
            return await self._image(url, found, found.asset, fields)
        _check_as_stored(url, found)
        chain = self.chains.read(url.cloud, url.chain)
        delivered = original(found.asset)
        terms = self._lasting(_terms(url, found, chain, delivered, frozenset()), found.asset)
        return Picture(delivered, terms, surrogate_keys(url, found.asset), found.stands_in_for)

    async def _image(self, url: DeliveryUrl, found: Found, asset: Asset, fields: Fields) -> Picture:
        if not found.is_signed:
            await self.strictness.check(asset, url.chain, found.extension)
        baseline, raw = without_baseline(url.chain)
        if baseline is not None and url.delivery_type == FETCH:
            raise unsupported(f"bl_{baseline} for fetched images")
        base, wish = await self.making.begun(
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
        planned = await self.making.planned(base, wish)
        delivered = await self._made(url, found, base, asked, planned)
        classes = negotiates(self.chains.expanded(url.cloud, raw))
        terms = _terms(url, found, planned.chain, delivered, classes)
        named = self._named_keys(url.cloud, raw, baseline)
        keys = dict.fromkeys((*surrogate_keys(url, asset), *base.layer_keys, *planned.layer_keys, *named))
        lasting = self._lasting(terms, asset, *base.layers, *planned.layers)
        return Picture(delivered, lasting, tuple(keys), found.stands_in_for)

    def _named_keys(self, cloud: str, raw: str, baseline: str | None) -> Iterator[str]:
        """The keys by which a change of a named transformation ends the answer."""
        for chain in (raw, *([] if baseline is None else [f"t_{baseline}"])):
            yield from (named_key(cloud, name) for name in self.chains.names(cloud, chain))

    async def _made(
        self, url: DeliveryUrl, found: Found, base: Base, asked: Chain, planned: Planned
    ) -> Delivered:
        """The bytes of a plan, or what is told of them."""
        is_told = planned.chain.settings.told
        if is_told and base.asset.facts is not None:
            check_informative(base.asset.facts)
        if url.delivery_type == "private" and not found.may_see_original:
            planned = evolve(planned, plan=evolve(planned.plan, keeps_smaller=False))
        if not planned.plan.passthrough:
            outcome = await self.derivatives.found_or_made(base.asset, asked, planned, written=url.chain)
            delivered = evolve(
                of_row(outcome.row), made_from=original(found.asset), render_seconds=outcome.seconds
            )
        elif base.row is not None:
            delivered = evolve(of_row(base.row), made_from=original(found.asset))
        elif url.delivery_type == "private" and not found.may_see_original:
            raise Unauthorized(REFUSED)  # a chain that leaves the original's bytes shows the original
        else:
            delivered = original(found.asset)
        return await self._told(base.asset, asked, planned, delivered) if is_told else delivered

    async def _of_tag(self, url: DeliveryUrl, fields: Fields) -> Picture:
        """What a tag's assets make together: for a minute, or until one of them changes (§8.7)."""
        is_signed = self.finder.check_access(url).is_signed
        if not is_signed:
            self.strictness.check_sheet(url.cloud, url.chain)
        shown = await self.tagged.shown(url, classify(fields), is_signed=is_signed)
        classes = negotiates(self.chains.expanded(url.cloud, url.chain))
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
        left = int(until - self.now())
        return evolve(terms, edge_seconds=min(max(left, BRIEF_SECONDS), EDGE_SECONDS))

    async def _listed(
        self, url: DeliveryUrl, found: Found, base: Base, wish: Wish, asked: Breakpoints
    ) -> Picture:
        """The widths themselves. Every viewer gets the same."""
        row, widest = await self.widths.listed(base, wish, asked)
        terms = _terms(url, found, widest.chain, of_row(row), frozenset())
        terms = self._lasting(terms, found.asset, *base.layers, *widest.layers)
        keys = tuple(dict.fromkeys((*surrogate_keys(url, found.asset), *base.layer_keys, *widest.layer_keys)))
        return Picture(of_row(row), terms, keys, found.stands_in_for)

    async def _at_breakpoint(self, base: Base, wish: Wish, asked: Breakpoints) -> Wish:
        """The wish at the width that suits its viewer."""
        widths: tuple[int, ...] = ()
        if wish.negotiated.shown_width is not None:
            row, _ = await self.widths.listed(base, wish, asked)
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
        return of_row(await self.documents.kept(asset, parts, canonical(asked), document))


def _check_as_stored(url: DeliveryUrl, found: Found) -> None:
    """400 where what is no picture would have to be changed for its viewer."""
    kind, stored = found.asset.identity.resource_type, found.asset.format
    if not is_only_attachment(url.chain):
        raise InvalidRequest(f"Transformations are not supported for {kind} files")
    if found.extension not in (None, stored) and stored is not None:
        raise InvalidRequest(f"Converting {stored} to {found.extension} is not supported for {kind} files")


def keys_of_url(url: DeliveryUrl) -> tuple[str, ...]:
    """The surrogate keys of whatever is said of a URL before anything was found."""
    return keys_of_tag(url) if url.delivery_type in TAGGED else surrogate_keys(url)


def _terms(
    url: DeliveryUrl, found: Found, chain: Chain, delivered: Delivered, classes: frozenset[HeaderClass]
) -> Terms:
    attachment = chain.settings.attachment
    disposition = None
    if attachment is not None:
        public_id = found.asset.identity.public_id
        name = found.asset.original_filename or public_id.rpartition("/")[2]
        if found.asset.identity.resource_type == "raw":
            name, _, extension = (public_id.rpartition("/")[2]).rpartition(".")
            disposition = content_disposition(attachment.name or name or extension, extension if name else "")
        else:
            disposition = content_disposition(attachment.name or name, delivered.format)
    return Terms(
        negotiated=bool(classes & _PRIVATE) or found.is_makeshift,
        vary=vary_fields(classes),
        is_brief=found.is_makeshift or _is_ahead(url.version, found.asset.version),
        disposition=disposition,
        own=tuple(found.asset.details.get("headers", {}).items()),
    )


def _is_ahead(asked: str | None, version: int) -> bool:
    """Whether the URL asks for an upload we have not seen: what we send may be about to be replaced (§4)."""
    return asked is not None and (len(asked) > _LONGEST_VERSION or int(asked) > version)
