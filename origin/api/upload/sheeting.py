"""A tag's images as one: which sheet is asked for, and what is answered of it once it is made (upload-api §9)."""

import json
from collections.abc import Callable, Sequence
from hashlib import md5
from pathlib import Path
from typing import Literal

from attrs import evolve, frozen

from origin.api.answers import Answers, Json
from origin.api.params import Params, integer, text, texts
from origin.assets.drafting import Received
from origin.assets.ingest import Ingest, Upload
from origin.assets.naming import from_filename
from origin.catalogue import Asset, Message, Outbox, Stored, is_storable
from origin.delivery.chains import ChainReader
from origin.delivery.heads import Delivered
from origin.delivery.remote import RemoteAssets
from origin.delivery.tagged import POSITIONS, SHEETS, Tagged
from origin.store.interface import ObjectStore
from origin.store.spooled import spooled
from origin.transform.values import unsupported
from wire.components import printable
from wire.delivery import DeliveryUrl, asset_url
from wire.errors import InvalidRequest
from wire.negotiation import NOTHING
from wire.public_ids import check_public_id

Verb = Literal["multi", "sprite"]
FORMATS = {"multi": ("gif", "png", "webp", "pdf"), "sprite": SHEETS}
_VIDEOS = ("mp4", "webm")


@frozen
class Sheet:
    """One that is asked for."""

    verb: Verb
    url: DeliveryUrl  # where it is delivered, version apart
    transformation: str
    urls: tuple[str, ...] = ()  # of its images, instead of a tag

    @property
    def name(self) -> str:
        """The tag, or the name of what is made of URLs."""
        return self.url.public_id

    @property
    def public_id(self) -> str:
        """`logo,webp,f_webp`: tag, format and transformation."""
        parts = (self.name, self.url.extension or "", self.transformation)
        return ",".join(each for each in parts if each)


@frozen(kw_only=True)
class Sheeting:
    """Has sheets made."""

    tagged: Tagged
    remotes: RemoteAssets
    ingest: Ingest
    store: ObjectStore
    spool: Path
    chains: ChainReader
    answers: Answers
    outbox: Outbox
    now: Callable[[], float]
    new_id: Callable[[], str]

    def sheet(self, cloud: str, verb: Verb, params: Params) -> Sheet:
        """What the parameters ask for; 400 for a bad one."""
        tag = text(params, "tag")
        urls = tuple(each for each in texts(params, "urls") if each)
        transformation = _transformation(params)
        if bool(tag) == bool(urls):
            raise InvalidRequest("Missing required parameter - tag or urls, and not both")
        if tag is None:
            self.tagged.planner.limits.check_sheet(len(urls))
            named = md5("\n".join((*urls, transformation)).encode(), usedforsecurity=False).hexdigest()
            tag = check_public_id(text(params, "public_id") or named)
        if not is_storable(tag):
            raise InvalidRequest("Invalid value for parameter tag")
        extension = self._format(cloud, verb, params, transformation)
        url = DeliveryUrl.of(cloud, tag, format=extension, chain=transformation, delivery_type=verb)
        return Sheet(verb, url, transformation, urls)

    def _format(self, cloud: str, verb: Verb, params: Params, transformation: str) -> str:
        """The one the transformation ends in, else the one asked for, else the usual one."""
        allowed = FORMATS[verb]
        wanted = _named_format(transformation) or text(params, "format") or allowed[0]
        wanted = {"jpeg": "jpg"}.get(wanted.lower(), wanted.lower())
        if wanted in _VIDEOS and verb == "multi":
            raise unsupported(f"multi as {wanted}", "here: videos are not encoded. Use gif, png, webp or pdf")
        if wanted not in allowed:
            raise InvalidRequest(
                f"Invalid format - {printable(wanted)}. Must be one of: {', '.join(allowed)}"
            )
        self.chains.read(cloud, transformation)
        return wanted

    async def file(self, sheet: Sheet, extension: str | None = None) -> Delivered:
        """Its file, in the format asked for or another one; 404 where nothing bears the tag."""
        if sheet.urls:
            return (await self._of_urls(sheet))[0]
        url = sheet.url
        if extension is not None:
            url = evolve(url, resource=f"{url.resource.rpartition('.')[0]}.{extension}")
        return (await self.tagged.shown(url, NOTHING, is_signed=True)).delivered

    async def made(self, sheet: Sheet, tell: Callable[[Json], Sequence[Message]] = lambda _: ()) -> Json:
        """The answer, once it is made, and what is told of it: with its row, where it is an asset."""
        if sheet.urls:
            return await self._kept(sheet, tell)
        answer = await self._tagged(sheet)
        await self.queue(tell(answer))
        return answer

    async def _tagged(self, sheet: Sheet) -> Json:
        file = await self.file(sheet)
        version = int(file.modified)
        if sheet.verb == "multi":
            name = f"{sheet.url.cloud}/image/multi/{sheet.public_id}"
            return {
                **self._urls(sheet, version),
                "asset_id": md5(name.encode(), usedforsecurity=False).hexdigest(),  # the same every time
                "public_id": sheet.public_id,
                "version": version,
            }
        positions = await self.file(sheet, "json")
        assert positions.body is not None
        image = str(sheet.url.extension)
        return {
            **self._urls(sheet, version, "css", "css_"),
            **self._urls(sheet, version, image, "image_"),
            **self._urls(sheet, version, "json", "json_"),
            "public_id": sheet.public_id,
            "version": version,
            **json.loads(positions.body),
        }

    async def _of_urls(self, sheet: Sheet) -> tuple[Delivered, Json]:
        """Its file, and where each picture lies on it, by the name the URL ends in."""
        cloud = sheet.url.cloud
        assets = [await self.remotes.asset(cloud, "image", each) for each in sheet.urls]
        file, places = await self.tagged.of_assets(sheet.url, assets)
        names: Json = {}
        for url, place in zip(sheet.urls, places.values(), strict=True):
            stem = from_filename(url.partition("?")[0].rpartition("/")[2]) or "image"
            names[stem if stem not in names else f"{stem}_{len(names)}"] = place
        return file, names

    async def _kept(self, sheet: Sheet, tell: Callable[[Json], Sequence[Message]]) -> Json:
        """The answer, once it is an asset: no tag would lead to it again."""
        file, places = await self._of_urls(sheet)

        def answer(stored: Stored) -> Json:
            return self._asset_of(sheet, stored.asset, places)

        copy = await spooled(lambda sink: self.store.send(file.key, sink), self.spool, None)
        stored = await self.ingest.take(
            Upload(
                cloud=sheet.url.cloud,
                resource_type="image",
                type=sheet.verb,
                public_id=sheet.name,
                details={POSITIONS: places} if sheet.verb == "sprite" else {},
            ),
            Received(copy.path, copy.size, copy.md5),
            lambda stored: tell(answer(stored)),
        )
        return answer(stored)

    def _asset_of(self, sheet: Sheet, asset: Asset, places: Json) -> Json:
        made = evolve(sheet, url=evolve(sheet.url, chain=""), transformation="")
        version, image = asset.version, str(sheet.url.extension)
        if sheet.verb == "multi":
            told = {**self._urls(made, version), "asset_id": asset.asset_id}
        else:
            told = {
                **self._urls(made, version, "css", "css_"),
                **self._urls(made, version, image, "image_"),
                **self._urls(made, version, "json", "json_"),
                "image_infos": places,
            }
        return {**told, "public_id": made.public_id, "version": version}

    def _urls(self, sheet: Sheet, version: int, extension: str | None = None, kind: str = "") -> Json:
        url = asset_url(
            self.answers.delivery_url,
            sheet.url.cloud,
            sheet.name,
            version=version,
            format=extension or sheet.url.extension,
            delivery_type=sheet.verb,
            chain=sheet.transformation,
        )
        plain, secure = self.answers.both(url)
        return {f"{kind}url": plain, f"secure_{kind}url": secure}

    async def queue(self, messages: Sequence[Message]) -> None:
        """Leave something to be told or done."""
        await self.outbox.add(messages, now=self.now())


def _transformation(params: Params) -> str:
    """The chain, with format and delay in it, as answers show it: each component's params sorted."""
    given = (text(params, "transformation") or "").strip("/")
    *before, last = given.split("/")
    more = []
    if (delay := integer(params, "delay", 0)) and "dl_" not in last:
        more.append(f"dl_{delay}")
    if (wanted := text(params, "format")) is not None and _named_format(given) is None:
        more.append(f"f_{wanted}")
    components = [*before, ",".join([*([last] if last else []), *more])]
    return "/".join(_sorted(each) for each in components if each)


def _sorted(component: str) -> str:
    params = component.split(",")
    # what is assigned or asked first counts for what follows
    return component if any(each.startswith(("$", "if_")) for each in params) else ",".join(sorted(params))


def _named_format(transformation: str) -> str | None:
    named = [
        each.removeprefix("f_")
        for component in transformation.split("/")
        for each in component.split(",")
        if each.startswith("f_")
    ]
    return named[-1] if named and named[-1] != "auto" else None
