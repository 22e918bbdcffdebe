"""Responsive breakpoints: which widths of an asset are worth having, found by rendering some (upload-api §8)."""

from attrs import evolve, frozen

from origin.assets.eager import Eager, EagerWish, check_picture
from origin.assets.suiting import Suiting
from origin.catalogue import Asset
from origin.delivery.planning import Planned, Wish
from origin.delivery.widths import SAMPLES, Widths
from origin.transform.language.breakpoints import sampled, worthwhile
from origin.transform.language.named import without_baseline
from wire.negotiation import NOTHING


@frozen
class Width:
    """One width that is worth having."""

    width: int
    height: int
    bytes: int
    transformation: str  # as it was written, and the width


@frozen
class Suited:
    """The widths that one request has found, the largest first."""

    transformation: str
    extension: str | None
    widths: tuple[Width, ...]


@frozen
class Responsive:
    """Finds breakpoints, by the same search as `w_auto:breakpoints`."""

    eager: Eager
    widths: Widths

    def check(self, cloud: str, wanted: tuple[Suiting, ...]) -> None:
        """400 for requests whose transformations cannot be read."""
        for each in wanted:
            check_picture(self.eager.making.chains.read(cloud, without_baseline(each.transformation)[1]))

    async def of(self, asset: Asset, wanted: Suiting) -> Suited:
        """The breakpoints of a stored picture."""
        least, largest = wanted.bounds(await self._full_width(asset, wanted))
        sizes = {}
        for width in sampled(least, largest, SAMPLES):
            sizes[width] = (await self._measured(asset, wanted, width)).bytes
        chosen = worthwhile(sizes, wanted.bytes_step, wanted.max_images)
        find = self._derived if wanted.create_derived else self._measured
        found = [await find(asset, wanted, width) for width in reversed(chosen)]
        return Suited(wanted.transformation, wanted.extension, tuple(found))

    async def _full_width(self, asset: Asset, wanted: Suiting) -> int:
        planned, _ = await self._planned(asset, wanted, wanted.transformation)
        return planned.plan.width

    async def _measured(self, asset: Asset, wanted: Suiting, width: int) -> Width:
        """What a picture of that width would be."""
        chain = _at(wanted.transformation, width)
        planned, wish = await self._planned(asset, wanted, chain)
        picture = wish.picture
        assert isinstance(picture, Asset)
        assert picture.facts is not None
        size = await self.widths.bytes_of(picture, picture.facts, planned)
        return Width(planned.plan.width, planned.plan.height, size, chain)

    async def _derived(self, asset: Asset, wanted: Suiting, width: int) -> Width:
        """The picture of that width, made and kept."""
        chain = _at(wanted.transformation, width)
        row = await self.eager.derive(asset, EagerWish(chain, wanted.extension))
        return Width(row.width or width, row.height or 0, row.bytes, chain)

    async def _planned(self, asset: Asset, wanted: Suiting, chain: str) -> tuple[Planned, Wish]:
        making = self.eager.making
        baseline, raw = without_baseline(chain)
        base, wish = await making.begun(asset, raw, baseline, extension=wanted.extension)
        return await making.planned(base, evolve(wish, negotiated=NOTHING)), evolve(wish, picture=base.asset)


def _at(transformation: str, width: int) -> str:
    scaled = f"c_scale,w_{width}"
    return f"{transformation}/{scaled}" if transformation else scaled
