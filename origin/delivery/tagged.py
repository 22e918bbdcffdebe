"""What all assets with one tag make together: a list, a sprite sheet and its style, an animation, an archive.

Sheet: delivery-urls.md §8.7.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from attrs import evolve, field, frozen

from origin.api.answers import iso
from origin.archives.packing import Member
from origin.assets.eager import EagerWish
from origin.catalogue import Asset, Catalogue, Identity, Query, Term, is_rejected, is_storable
from origin.delivery.access import is_restricted
from origin.delivery.chains import ChainReader
from origin.delivery.derive import Derivatives, of_row, original
from origin.delivery.flights import Flights
from origin.delivery.heads import Delivered
from origin.delivery.packed import Packed
from origin.delivery.planning import Planned, Planner, Wish
from origin.transform.canonical import canonical
from origin.transform.parse import Chain
from origin.transform.plan import Input, Plan
from origin.transform.sheet import Laid, Pictured, laid, sequence, sprite
from origin.transform.values import unproducible
from wire.components import printable
from wire.delivery import DeliveryUrl
from wire.errors import InvalidRequest, NotFound
from wire.negotiation import NOTHING, Negotiated
from wire.surrogates import cloud_key, tag_key

TAGGED = ("list", "sprite", "multi")
LISTED = 10_000  # assets of a list; it has no pages
PAGE = 500
SHEETS = ("png", "jpg")
POSITIONS = "image_infos"
"""What the details of a sprite made of URLs call the places of its images."""

Json = dict[str, Any]
_NO_CLASS = re.compile(r"[^A-Za-z0-9_-]+")


@frozen
class Shown:
    """An answer made of many assets."""

    delivered: Delivered
    chain: Chain | None = None  # what was done to each of them
    layers: tuple[Asset, ...] = ()  # assets the chain names besides


@frozen
class _Member:
    """One image of a sheet."""

    asset: Asset
    planned: Planned

    def pictured(self) -> Pictured:
        """As a plan wants it."""
        asset = self.asset
        assert asset.facts is not None
        source = Input("upload", asset.identity.public_id, f"{asset.asset_id}/{asset.revision}")
        return Pictured(source, asset.facts, self.planned.plan)


@frozen
class Tagged:
    """Answers URLs that name a tag in place of an asset. Only public assets are shown: a tag is easily guessed."""

    catalogue: Catalogue
    planner: Planner
    derivatives: Derivatives
    chains: ChainReader
    packed: Packed
    _lists: Flights[Shown] = field(factory=Flights, init=False)  # the longest take many pages to read

    async def shown(self, url: DeliveryUrl, negotiated: Negotiated, *, is_signed: bool) -> Shown:
        """The answer, or 404 when nothing bears the tag, and nothing made of URLs has that name."""
        try:
            return await self._of_tag(url, negotiated, is_signed=is_signed)
        except NotFound:
            kept = await self._kept(url)
            if kept is None:
                raise
            return kept

    async def _of_tag(self, url: DeliveryUrl, negotiated: Negotiated, *, is_signed: bool) -> Shown:
        match url.delivery_type, url.extension:
            case "list", "json":
                key = "/".join((url.cloud, url.asset_type, url.public_id))
                return await self._lists.join(key, lambda: self._list(url))
            case "sprite", "png" | "jpg" | "css" | "json" if url.asset_type == "image":
                return await self._sprite(url, negotiated, is_signed=is_signed)
            case "multi", "zip" if url.asset_type == "image":
                return await self._archive(url, is_signed=is_signed)
            case "multi", "gif" | "webp" | "png" | "pdf" as format if url.asset_type == "image":
                chain, members = await self._members(url, format, negotiated, is_signed=is_signed)
                delay = chain.settings.finish.delay
                pictures = [each.pictured() for each in members]
                plan = sequence(pictures, format, delay, self.planner.limits)
                return await self._rendered(plan, chain, members)
        wanted = url.extension or url.public_id.rpartition(".")[2]
        raise unproducible(wanted, url.delivery_type)

    async def _list(self, url: DeliveryUrl) -> Shown:
        assets = await self._bearing(url, LISTED)
        if len(assets) > LISTED:
            raise InvalidRequest(f"Maximum number of assets with one tag is {LISTED}")
        document = {
            "resources": [_entry(asset) for asset in assets],
            "updated_at": iso(max(asset.uploaded_at for asset in assets)),
        }
        return Shown(_written(json.dumps(document, ensure_ascii=False), "json", assets))

    async def _sprite(self, url: DeliveryUrl, negotiated: Negotiated, *, is_signed: bool) -> Shown:
        format = str(url.extension)  # noqa: A001 - the SDKs' word
        chain, members = await self._members(url, "png", negotiated, is_signed=is_signed)
        if format in SHEETS:
            plan = sprite([each.pictured() for each in members], format, self.planner.limits)
            return await self._rendered(plan, chain, members)
        sheet = laid([(each.planned.plan.width, each.planned.plan.height) for each in members])
        infos = _positions([each.asset.identity.public_id for each in members], members, sheet)
        return Shown(_written(_told(url, infos), format, [each.asset for each in members]), chain)

    async def _archive(self, url: DeliveryUrl, *, is_signed: bool) -> Shown:
        """Each image as the chain makes it, in the format that is its own or the chain's. Nobody negotiates it."""
        chain, members = await self._members(url, None, NOTHING, is_signed=is_signed)
        parts = [part for each in members for part in (each.pictured().input.revision, *each.planned.parts)]
        wish = EagerWish(url.chain)
        files = [Member(each.asset, wish) for each in members]
        layers = tuple(layer for each in members for layer in each.planned.layers)
        return Shown(of_row(await self.packed.kept(files, parts, canonical(chain))), chain, layers)

    async def _kept(self, url: DeliveryUrl) -> Shown | None:
        """What was made of URLs under that name: an asset of its own, in one format."""
        identity = Identity(url.cloud, url.asset_type, url.delivery_type, url.public_id)
        asset = await self.catalogue.assets.get(identity) if is_storable(url.public_id) else None
        if asset is None or url.chain:
            return None
        if url.extension == asset.format:
            return Shown(original(asset), None, (asset,))
        if POSITIONS in asset.details and url.extension in ("css", "json"):
            text = _told(url, asset.details[POSITIONS])
            return Shown(_written(text, url.extension, [asset]), None, (asset,))
        return None

    async def of_assets(self, url: DeliveryUrl, assets: Sequence[Asset]) -> tuple[Delivered, Json]:
        """The sheet or the animation of those, in that order, and where each lies, by its number."""
        self.planner.limits.check_sheet(len(assets))
        for each in assets:
            if each.facts is None:
                raise InvalidRequest(f"{printable(each.identity.public_id)} is no image")
        chain = self.chains.read(url.cloud, url.chain)
        format = str(url.extension)  # noqa: A001 - the SDKs' word
        is_sprite = url.delivery_type == "sprite"
        members = await self._planned(
            url, chain, assets, "png" if is_sprite else format, NOTHING, is_signed=True
        )
        pictures = [each.pictured() for each in members]
        limits = self.planner.limits
        if is_sprite:
            plan = sprite(pictures, format, limits)
        else:
            plan = sequence(pictures, format, chain.settings.finish.delay, limits)
        shown = await self._rendered(plan, chain, members)
        sheet = laid([(each.planned.plan.width, each.planned.plan.height) for each in members])
        return shown.delivered, _positions([str(number) for number in range(len(members))], members, sheet)

    async def _rendered(self, plan: Plan, chain: Chain, members: Sequence[_Member]) -> Shown:
        """A plan over all of them, kept as a derived asset of the first."""
        known = {each.pictured().input: each.asset for each in members}
        for each in members:
            known |= dict(zip(each.planned.plan.inputs, each.planned.layers, strict=True))
        layers = tuple(known[each] for each in plan.inputs)
        derived = await self.derivatives.derived(members[0].asset, chain, Planned(plan, chain, layers))
        return Shown(of_row(derived), chain, layers)

    async def _members(
        self, url: DeliveryUrl, extension: str | None, negotiated: Negotiated, *, is_signed: bool
    ) -> tuple[Chain, list[_Member]]:
        """Every image with the tag, by public id, and what the chain makes of it."""
        limits = self.planner.limits
        bearing = await self._bearing(url, limits.sheet_images)
        limits.check_sheet(len(bearing))
        assets = [each for each in bearing if each.facts is not None]
        if not assets:
            raise missing(url)
        chain = self.chains.read(url.cloud, url.chain)
        assets.sort(key=lambda asset: asset.identity.public_id)
        return chain, await self._planned(url, chain, assets, extension, negotiated, is_signed=is_signed)

    async def _planned(
        self,
        url: DeliveryUrl,
        chain: Chain,
        assets: Sequence[Asset],
        extension: str | None,
        negotiated: Negotiated,
        *,
        is_signed: bool,
    ) -> list[_Member]:
        members = []
        for asset in assets:
            wish = Wish(
                cloud=url.cloud,
                chain=chain,
                picture=asset,
                negotiated=negotiated,
                extension=extension,
                is_signed=is_signed,
                about=self.chains.about(asset),
            )
            assert asset.facts is not None
            members.append(_Member(asset, await self.planner.plan(wish, asset.facts)))
        return members

    async def _bearing(self, url: DeliveryUrl, most: int) -> list[Asset]:
        """The public assets with the tag, newest first; of more than `most`, one more."""
        term = Term.tag(url.public_id)
        query = Query(cloud=url.cloud, resource_type=url.asset_type, type="upload", term=term)
        assets: list[Asset] = []
        while True:
            page = await self.catalogue.assets.list(evolve(query, limit=min(PAGE, most + 1 - len(assets))))
            assets += [each for each in page.assets if not (is_restricted(each) or is_rejected(each))]
            if page.next_cursor is None or len(assets) > most:
                break
            query = evolve(query, cursor=page.next_cursor)
        if not assets:
            raise missing(url)
        return assets


def missing(url: DeliveryUrl) -> NotFound:
    """Nothing bears the tag."""
    return NotFound(f"Resource not found - {printable(url.public_id)}")


def keys_of_tag(url: DeliveryUrl) -> tuple[str, ...]:
    """The surrogate keys of an answer made of a tag's assets."""
    return tag_key(url.cloud, url.asset_type, url.public_id), cloud_key(url.cloud)


def _entry(asset: Asset) -> dict[str, Any]:
    """An asset as a list shows it."""
    entry: dict[str, Any] = {"public_id": asset.identity.public_id, "version": asset.version}
    facts = {"format": asset.format, "width": asset.width, "height": asset.height}
    entry |= {name: value for name, value in facts.items() if value is not None}
    entry |= {"type": asset.identity.type, "created_at": iso(asset.created_at)}
    return entry | ({"context": {"custom": dict(asset.context)}} if asset.context else {})


def _positions(names: Sequence[str], members: Sequence[_Member], sheet: Laid) -> Json:
    """Where each image lies, as the Upload API's `sprite` tells it."""
    return {
        name: {
            "width": each.planned.plan.width,
            "height": each.planned.plan.height,
            "x": left,
            "y": top,
        }
        for name, each, (left, top) in zip(names, members, sheet.places, strict=True)
    }


def _told(url: DeliveryUrl, infos: Json) -> str:
    """The positions as a style sheet, or as JSON."""
    return (
        _style(url, infos)
        if url.extension == "css"
        else json.dumps({"image_infos": infos}, ensure_ascii=False)
    )


def _style(url: DeliveryUrl, infos: Json) -> str:
    """A class for each image, named after its public id, over the sheet beside this very file."""
    picture = quote(url.public_id.rpartition("/")[2], safe="")
    rules, taken = [], set[str]()
    for public_id, box in infos.items():
        name = _NO_CLASS.sub("-", public_id)
        name = f"_{name}" if name[:1].isdigit() else name
        while name in taken:
            name += "-"
        taken.add(name)
        rules.append(
            f".{name} {{ background: url('{picture}.png') no-repeat"
            f" -{box['x']}px -{box['y']}px; width: {box['width']}px; height: {box['height']}px; }}"
        )
    return "\n".join(rules) + "\n"


def _written(text: str, format: str, assets: Sequence[Asset]) -> Delivered:  # noqa: A002 - the SDKs' word
    body = text.encode("utf-8", "replace")
    return Delivered(
        key="",
        size=len(body),
        md5=hashlib.md5(body, usedforsecurity=False).hexdigest(),  # an ETag, not a secret
        format=format,
        modified=max(asset.uploaded_at for asset in assets),
        body=body,
    )
