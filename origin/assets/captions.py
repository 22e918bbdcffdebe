"""Words become an image of their own, cut to the ink, by the very way that words are laid on images (upload-api §9)."""

import hashlib
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from attrs import asdict, frozen

from origin.assets.drafting import Received
from origin.assets.ingest import Ingest, Upload
from origin.catalogue import CAPTION, Stored, Tell
from origin.delivery.chains import ChainReader
from origin.delivery.planning import Planner, Wish, files_of
from origin.diskspace import needing_space
from origin.render.pool import Rendered, RenderPool
from origin.store.interface import ObjectStore
from origin.transform.plan import SourceFacts
from origin.transform.references import Caption

_NOTHING = b64decode(  # one pixel, wholly transparent
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII="
)
_ITS_FACTS = SourceFacts(1, 1, "png", has_alpha=True)


@frozen
class Words:
    """A text, and how it looks."""

    text: str
    caption: Caption

    @property
    def chain(self) -> str:
        """A chain that lays it on an image."""
        caption = self.caption
        style, text = quote(caption.style, safe=""), quote(quote(self.text, safe=""), safe="")
        params = [f"l_text:{style}:{text}"]
        params += [f"co_{caption.colour}"] if caption.colour else []
        params += [f"b_{caption.background}"] if caption.background else []
        return f"{','.join(params)}/fl_layer_apply"

    @property
    def public_id(self) -> str:
        """A name for the same words in the same style, whenever they are asked for."""
        return hashlib.sha256(self.chain.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@frozen(kw_only=True)
class Captions:
    """Draws texts, and keeps them."""

    ingest: Ingest
    chains: ChainReader
    planner: Planner
    renders: RenderPool
    store: ObjectStore
    spool: Path
    new_id: Callable[[], str]

    async def make(
        self, cloud: str, public_id: str | None, words: Words, tell: Tell, *, by: str | None
    ) -> Stored:
        """The text as an asset of type `text`; a new revision where there is one of that name. `by`: whose key."""
        drawn = await self._drawn(cloud, words)
        upload = Upload(
            cloud=cloud,
            resource_type="image",
            type="text",
            public_id=public_id or words.public_id,
            details={CAPTION: asdict(words.caption)},
            by=by,
        )
        return await self.ingest.take(upload, Received(drawn.path, drawn.size, drawn.md5), tell)

    async def _drawn(self, cloud: str, words: Words) -> Rendered:
        """The words laid on next to nothing, which grows with them."""
        chain = self.chains.read(cloud, words.chain)
        path = self.spool / f"caption-{self.new_id()}.png"
        try:
            with needing_space():
                path.write_bytes(_NOTHING)  # less than a block
            wish = Wish(cloud=cloud, chain=chain, picture=path, extension="png")
            planned = await self.planner.plan(wish, _ITS_FACTS)
            async with files_of(self.store, planned.layers) as layers:
                return await self.renders.render(planned.plan, path, _ITS_FACTS, layers)
        finally:
            path.unlink(missing_ok=True)
