"""Derived assets made with the upload, by the very path that delivery takes (upload-api §6)."""

from attrs import frozen

from origin.catalogue import Asset, Derived
from origin.delivery.baselines import Base
from origin.delivery.derive import Derivatives, of_row, original
from origin.delivery.heads import Delivered
from origin.delivery.making import Making
from origin.delivery.planning import Planned
from origin.delivery.widths import asked_by
from origin.transform.language.named import without_baseline
from origin.transform.longnames import ordered
from origin.transform.parse import Chain
from origin.transform.values import unsupported
from wire.components import is_component, printable
from wire.errors import InvalidRequest
from wire.public_ids import FORMATS

MAX_EAGER = 50
INVALID = "Invalid transformation"


@frozen
class EagerWish:
    """One transformation to make at once; no extension means the original's format."""

    chain: str
    extension: str | None = None

    @property
    def ordered(self) -> str:
        """Its chain as URLs in answers have it: as it was written, but for the order of params."""
        return ordered(self.chain)

    @property
    def shown(self) -> str:
        """How answers spell it: with the extension it was given with (upload-api §6)."""
        return f"{self.ordered}/{self.extension}" if self.extension else self.ordered


@frozen
class Eager:
    """Makes derived assets before anyone asks."""

    derivatives: Derivatives
    making: Making

    async def derive(self, asset: Asset, wish: EagerWish) -> Derived:
        """The derived asset of one wish."""
        base, chain, planned = await self._planned(asset, wish)
        return await self.derivatives.derived(base.asset, chain, planned, written=wish.ordered)

    async def delivered(self, asset: Asset, wish: EagerWish) -> Delivered:
        """The file of one wish: the original itself where nothing has to be done to it."""
        if not wish.chain and wish.extension in (None, asset.format):
            return original(asset)
        base, chain, planned = await self._planned(asset, wish)
        if not planned.plan.passthrough:
            return of_row(await self.derivatives.derived(base.asset, chain, planned, written=wish.ordered))
        return original(asset) if base.row is None else of_row(base.row)

    async def _planned(self, asset: Asset, wish: EagerWish) -> tuple[Base, Chain, Planned]:
        if asset.facts is None:
            kind = asset.identity.resource_type
            raise InvalidRequest(f"Transformations are not supported for {kind} files")
        baseline, raw = without_baseline(wish.chain)
        base, asked = await self.making.begun(asset, raw, baseline, extension=wish.extension)
        planned = await self.making.planned(base, asked)
        check_picture(planned.chain)  # whose branches are chosen only now
        return base, asked.chain, planned

    def parse(self, cloud: str, text: str | None) -> tuple[EagerWish, ...]:
        """`c_fill,w_1|w_2/png|w_3/`: transformations, each perhaps with an extension; a bad one is refused."""
        wishes = tuple(_wish(each) for each in (text or "").split("|") if each.strip("/ "))
        if len(wishes) > MAX_EAGER:
            raise InvalidRequest(f"Too many eager transformations. Maximum is {MAX_EAGER}.")
        for wish in wishes:
            self._check(cloud, wish)
        return wishes

    def _check(self, cloud: str, wish: EagerWish) -> None:
        """400 that names the transformation, and says what is wrong with it (upload-api §6)."""
        try:
            check_picture(self.making.chains.read(cloud, without_baseline(wish.chain)[1]))
        except InvalidRequest as error:
            if error.public.startswith(INVALID):
                raise
            raise InvalidRequest(f"{INVALID} {printable(wish.shown)} - {error.public}") from error


def check_picture(chain: Chain) -> None:
    """400 for a chain of which not one picture comes that could be made now."""
    if chain.settings.told:
        raise unsupported("fl_getinfo", "in eager transformations: its answer is no picture")
    if asked_by(chain) is not None:
        raise unsupported("w_auto:breakpoints", "in eager transformations: its width is the viewer's")


def _wish(text: str) -> EagerWish:
    head, slash, last = text.strip().rpartition("/")
    if slash and not last:
        return EagerWish(head)
    if last.lower() in FORMATS and not is_component(last):
        return EagerWish(head, FORMATS[last.lower()])
    return EagerWish(text.strip())
