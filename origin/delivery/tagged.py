"""What all assets with one tag make together: a list, a sprite sheet and its style, an animation.

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
from origin.catalogue import Asset, Catalogue, Query, Term, is_rejected
from origin.delivery.access import is_restricted
from origin.delivery.chains import ChainReader
from origin.delivery.derive import Derivatives, of_row
from origin.delivery.flights import Flights
from origin.delivery.heads import Delivered
from origin.delivery.planning import Planned, Planner, Wish
from origin.transform.parse import Chain
from origin.transform.plan import Input, Plan
from origin.transform.sheet import Laid, Pictured, laid, sequence, sprite
from wire.components import printable
from wire.delivery import DeliveryUrl
from wire.errors import InvalidRequest, NotFound
from wire.negotiation import Negotiated
from wire.surrogates import cloud_key, tag_key

TAGGED = ("list", "sprite", "multi")
LISTED = 10_000  # assets of a list; it has no pages
PAGE = 500
SHEETS = ("png", "jpg")
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
    _lists: Flights[Shown] = field(factory=Flights, init=False)  # the longest take many pages to read

    async def shown(self, url: DeliveryUrl, negotiated: Negotiated, *, is_signed: bool) -> Shown:
        """The answer, or 404 when nothing bears the tag."""
        match url.delivery_type, url.extension:
            case "list", "json":
                key = "/".join((url.cloud, url.asset_type, url.public_id))
                return await self._lists.join(key, lambda: self._list(url))
            case "sprite", "png" | "jpg" | "css" | "json" if url.asset_type == "image":
                return await self._sprite(url, negotiated, is_signed=is_signed)
            case "multi", "gif" | "webp" | "pdf" as format if url.asset_type == "image":
                chain, members = await self._members(url, format, negotiated, is_signed=is_signed)
                delay = chain.settings.finish.delay
                pictures = [each.pictured() for each in members]
                plan = sequence(pictures, format, delay, self.planner.limits)
                return await self._rendered(plan, chain, members)
        wanted = url.extension or url.public_id.rpartition(".")[2]
        raise InvalidRequest(f"Unsupported output format {printable(wanted)} of {url.delivery_type}")

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
        text = _style(url, members, sheet) if format == "css" else _positions(members, sheet)
        return Shown(_written(text, format, [each.asset for each in members]), chain)

    async def _rendered(self, plan: Plan, chain: Chain, members: Sequence[_Member]) -> Shown:
        """A plan over all of them, kept as a derived asset of the first."""
        known = {each.pictured().input: each.asset for each in members}
        for each in members:
            known |= dict(zip(each.planned.plan.inputs, each.planned.layers, strict=True))
        layers = tuple(known[each] for each in plan.inputs)
        derived = await self.derivatives.derived(members[0].asset, chain, Planned(plan, chain, layers))
        return Shown(of_row(derived), chain, layers)

    async def _members(
        self, url: DeliveryUrl, extension: str, negotiated: Negotiated, *, is_signed: bool
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
        return chain, members

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


def _positions(members: Sequence[_Member], sheet: Laid) -> str:
    """Where each image lies, as the Upload API's `sprite` tells it."""
    infos = {
        each.asset.identity.public_id: {
            "width": each.planned.plan.width,
            "height": each.planned.plan.height,
            "x": left,
            "y": top,
        }
        for each, (left, top) in zip(members, sheet.places, strict=True)
    }
    return json.dumps({"image_infos": infos}, ensure_ascii=False)


def _style(url: DeliveryUrl, members: Sequence[_Member], sheet: Laid) -> str:
    """A class for each image, named after its public id, over the sheet beside this very file."""
    picture = quote(url.public_id.rpartition("/")[2], safe="")
    rules, taken = [], set[str]()
    for each, (left, top) in zip(members, sheet.places, strict=True):
        name = _NO_CLASS.sub("-", each.asset.identity.public_id)
        name = f"_{name}" if name[:1].isdigit() else name
        while name in taken:
            name += "-"
        taken.add(name)
        rules.append(
            f".{name} {{ background: url('{picture}.png') no-repeat"
            f" -{left}px -{top}px; width: {each.planned.plan.width}px; height: {each.planned.plan.height}px; }}"
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
