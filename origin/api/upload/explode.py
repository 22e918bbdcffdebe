"""`POST image/explode`: every page of a file as a derived asset of its own (upload-api §9)."""

import re
from collections.abc import Callable

from attrs import asdict, frozen

from origin.api.endpoint import Access, Call, Endpoint, Json, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import text
from origin.api.upload.addressing import addressed
from origin.api.upload.answering import DERIVE
from origin.assets.eager import Eager, EagerWish, check_picture
from origin.assets.jobs import Jobs
from origin.catalogue import Asset, Catalogue, Message, is_rejected
from wire.components import printable
from wire.errors import InvalidRequest, NotFound
from wire.public_ids import FORMATS

_EVERY_PAGE = re.compile(r"(?<![^,/])pg_all(?![^,/])")
DEFAULT_FORMAT = "png"


@frozen(kw_only=True)
class Explode:
    """Has the pages made after the answer; they are delivered under `pg_1`, `pg_2`, …"""

    catalogue: Catalogue
    eager: Eager
    notifiers: Notifiers
    jobs: Jobs
    now: Callable[[], float]
    new_id: Callable[[], str]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call."""
        takes = (
            Param("public_id", required=True),
            Param("type"),
            Param("transformation", required=True, about="With pg_all in it, once"),
            Param("format", about="png unless said otherwise"),
            *NOTIFY,
        )
        return (
            Endpoint(
                "POST",
                "{resource_type}/explode",
                self.one,
                access=Access.SIGNED,
                takes=takes,
                summary="Make every page of a file a derived image",
                answer="Processing",
                action="explode",
            ),
        )

    async def one(self, call: Call) -> Json:
        """That it is being done."""
        chain, extension = _wanted(call)
        notifier = self.notifiers.of(call)
        identity = addressed(call)
        asset = await self.catalogue.assets.get(identity)
        if asset is None or is_rejected(asset):
            raise NotFound(f"Resource not found - {printable(identity.public_id)}")
        wishes = self._pages(asset, chain, extension)
        batch_id = text(call.params, "batch_id") or self.new_id()
        payload = {
            "cloud": call.cloud,
            "api_key": call.caller.api_key,
            "identity": asdict(identity),
            "revision": asset.revision,
            "wishes": [[each.chain, each.extension] for each in wishes],
            "notifier": asdict(notifier),
            "batch_id": batch_id,
            "event": "explode",
        }
        await self.catalogue.outbox.add([Message(DERIVE, payload)], now=self.now())
        self.jobs.soon()
        return {"status": "processing", "batch_id": batch_id}

    def _pages(self, asset: Asset, chain: str, extension: str) -> list[EagerWish]:
        """What each page is to become; what is wrong with it is told at once."""
        if asset.facts is None:
            raise InvalidRequest("Transformations are not supported for this file: it has no pages")
        pages = [_EVERY_PAGE.sub(f"pg_{page}", chain) for page in range(1, asset.facts.page_count + 1)]
        check_picture(self.eager.making.chains.read(asset.identity.cloud, pages[0]))
        return [EagerWish(each, extension) for each in pages]


def _wanted(call: Call) -> tuple[str, str]:
    """The chain and the format."""
    chain = text(call.params, "transformation") or ""
    if len(_EVERY_PAGE.findall(chain)) != 1:
        raise InvalidRequest("Parameter transformation must contain pg_all, once")
    written = text(call.params, "format") or DEFAULT_FORMAT
    if written.lower() not in FORMATS:
        raise InvalidRequest(f"Unsupported output format {printable(written)}")
    return chain, FORMATS[written.lower()]
