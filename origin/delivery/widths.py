"""`w_auto:breakpoints` for one asset: its candidates rendered once, the list kept as a document."""

from collections.abc import Sequence

from attrs import evolve, frozen

from origin.catalogue import Asset, Derived
from origin.counters import Counters
from origin.delivery.baselines import Base
from origin.delivery.documents import Document, Documents
from origin.delivery.making import Making
from origin.delivery.planning import Planned, Wish, files_of
from origin.render.pool import RenderPool
from origin.store.interface import ObjectStore
from origin.transform.canonical import canonical
from origin.transform.language.breakpoints import Breakpoints, sampled
from origin.transform.language.program import at_width, breakpoints_in
from origin.transform.parse import Chain
from origin.transform.plan import SourceFacts
from wire.negotiation import NOTHING

SAMPLES = 8  # renders; what lies between them is interpolated
BREAKPOINTS = "breakpoints"


@frozen(kw_only=True)
class Widths:
    """Knows which widths of a picture are worth having."""

    making: Making
    renders: RenderPool
    store: ObjectStore
    documents: Documents
    counters: Counters

    async def listed(self, base: Base, wish: Wish, asked: Breakpoints) -> tuple[Derived, Planned]:
        """The document with the list, and the largest picture's plan. Viewers of all kinds share one list.

        It is that of all the plans which were weighed: chains may meet at one width and differ at another.
        """
        asset, facts = base.asset, base.asset.facts
        assert facts is not None
        least, largest = asked.bounds(facts.shown[0])
        wish = evolve(wish, negotiated=NOTHING)
        plans = {
            width: await self.making.planned(base, evolve(wish, chain=narrowed(wish.chain, width)))
            for width in sampled(least, largest, SAMPLES)
        }

        async def document() -> Document:
            sizes = {width: await self.bytes_of(asset, facts, each) for width, each in plans.items()}
            return {BREAKPOINTS: list(asked.chosen(sizes))}

        weighed = (part for each in plans.values() for part in each.parts)
        parts = (BREAKPOINTS, asked.settings, *weighed)
        return await self.documents.kept(asset, parts, canonical(wish.chain), document), plans[largest]

    async def bytes_of(self, asset: Asset, facts: SourceFacts, planned: Planned) -> int:
        """How long the file of a plan is. Nothing of it is kept."""
        if planned.plan.passthrough:
            return asset.bytes
        async with (
            self.store.local(asset.store_key) as source,
            files_of(self.store, planned.layers) as layers,
        ):
            rendered = await self.renders.render(planned.plan, source, facts, layers)
        self.counters.renders += 1
        rendered.path.unlink(missing_ok=True)
        return rendered.size


def asked_by(chain: Chain) -> Breakpoints | None:
    """The breakpoints a chain waits for."""
    return None if chain.program is None else breakpoints_in(chain.program)


def narrowed(chain: Chain, width: int | None) -> Chain:
    """The chain at one of its widths."""
    return chain if chain.program is None else evolve(chain, program=at_width(chain.program, width))


def chosen(asked: Breakpoints, widths: Sequence[int], wish: Wish) -> int | None:
    """The width for a viewer: the next of the list, or without a hint the fallback."""
    hint = wish.negotiated.shown_width
    return asked.fallback if hint is None else asked.among(widths, hint)
