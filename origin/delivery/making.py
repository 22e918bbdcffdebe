"""From a chain as it is written to the plan of a picture: the one way, whoever wants the picture, and when."""

from attrs import evolve, frozen

from origin.catalogue import Asset
from origin.delivery.baselines import Base, Baselines
from origin.delivery.chains import ChainReader
from origin.delivery.planning import Planned, Planner, Wish
from wire.negotiation import NOTHING, Negotiated


@frozen
class Making:
    """Knows what a chain works on, and plans it there."""

    chains: ChainReader
    baselines: Baselines
    planner: Planner

    async def begun(
        self,
        asset: Asset,
        raw: str,
        baseline: str | None,
        *,
        negotiated: Negotiated = NOTHING,
        extension: str | None = None,
        is_signed: bool = True,
    ) -> tuple[Base, Wish]:
        """The picture that a raw chain, its baseline taken off, works on, and what is wished of it."""
        cloud = asset.identity.cloud
        wish = Wish(
            cloud=cloud,
            chain=self.chains.read(cloud, raw),
            picture=asset,
            negotiated=negotiated,
            extension=extension,
            is_signed=is_signed,
            about=self.chains.about(asset),
        )
        base = await self.baselines.under(asset, wish, baseline)
        return base, base.wished(wish)

    async def planned(self, base: Base, wish: Wish) -> Planned:
        """The plan of it."""
        assert base.asset.facts is not None
        return evolve(await self.planner.plan(wish, base.asset.facts), base=base.key)
