"""Derived assets made with the upload, by the very path that delivery takes (upload-api §6)."""

from attrs import frozen

from origin.catalogue import Asset, Derived
from origin.delivery.chains import ChainReader, about
from origin.delivery.derive import Derivatives
from origin.delivery.planning import Planner, Wish
from wire.components import is_component
from wire.errors import InvalidRequest
from wire.public_ids import FORMATS

MAX_EAGER = 50


@frozen
class EagerWish:
    """One transformation to make at once; no extension means the original's format."""

    chain: str
    extension: str | None = None


@frozen
class Eager:
    """Makes derived assets before anyone asks."""

    derivatives: Derivatives
    planner: Planner
    chains: ChainReader

    async def derive(self, asset: Asset, wish: EagerWish) -> Derived:
        """The derived asset of one wish."""
        if asset.facts is None:
            raise InvalidRequest("Transformations are not supported for raw files")
        chain = self.chains.read(asset.identity.cloud, wish.chain)
        asked = Wish(
            cloud=asset.identity.cloud,
            chain=chain,
            picture=asset,
            extension=wish.extension,
            about=about(asset),
        )
        planned = await self.planner.plan(asked, asset.facts)
        return await self.derivatives.derived(asset, chain, planned)

    def parse(self, cloud: str, text: str | None) -> tuple[EagerWish, ...]:
        """`c_fill,w_1|w_2/png|w_3/`: transformations, each perhaps with an extension; a bad one is refused."""
        wishes = tuple(_wish(each) for each in (text or "").split("|") if each.strip("/ "))
        if len(wishes) > MAX_EAGER:
            raise InvalidRequest(f"Too many eager transformations. Maximum is {MAX_EAGER}.")
        for wish in wishes:
            self.chains.read(cloud, wish.chain)
        return wishes


def _wish(text: str) -> EagerWish:
    head, slash, last = text.strip().rpartition("/")
    if slash and not last:
        return EagerWish(head)
    if last.lower() in FORMATS and not is_component(last):
        return EagerWish(head, FORMATS[last.lower()])
    return EagerWish(text.strip())
