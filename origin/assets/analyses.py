"""What is told of an asset's pixels and of its file when a call asks for it (upload-api §3.2, admin-api §5).

Each analysis is made once for a revision: its results lie among the asset's details, under `analysis`, by the names
that answers give them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from origin.api.params import flag
from origin.catalogue import Asset, Catalogue
from origin.delivery.flights import Flights
from origin.render.pool import RenderPool
from origin.store.interface import ObjectStore
from origin.transform.plan import SourceFacts
from origin.transform.sight import Rect

ANALYSIS = "analysis"

FIELDS = {
    "colors": ("colors", "predominant"),
    "phash": ("phash",),
    "faces": ("faces",),
    "image_metadata": ("image_metadata",),
    "exif": ("exif",),
    "quality_analysis": ("quality_analysis", "quality_score"),
    "accessibility_analysis": ("accessibility_analysis",),
    "cinemagraph_analysis": ("cinemagraph_analysis",),
}
"""What each analysis adds to an answer."""

WITH_ANY = ("illustration_score", "semi_transparent", "grayscale")
FLAGS = (*FIELDS, "media_metadata")
"""The parameters that ask for them."""

Findings = dict[str, Any]


@frozen
class AnalysisWish:
    """The analyses that a call asks for."""

    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, params: Mapping[str, str | tuple[str, ...]]) -> "AnalysisWish":
        """Those whose flags are set; 400 for a flag that is none."""
        names = frozenset(name for name in FLAGS if flag(params, name))
        if "media_metadata" in names:  # the later name of the same
            names = names - {"media_metadata"} | {"image_metadata"}
        return cls(names)

    def __bool__(self) -> bool:
        return bool(self.names)

    @property
    def fields(self) -> tuple[str, ...]:
        """What an answer holds because of them."""
        wanted = [each for name, fields in FIELDS.items() if name in self.names for each in fields]
        return (*wanted, *WITH_ANY) if wanted else ()

    def lacking(self, known: Findings) -> "AnalysisWish":
        """Those that are still to be made when some findings are known."""
        missing = (name for name in self.names if not all(each in known for each in FIELDS[name]))
        return AnalysisWish(frozenset(missing))

    def told(self, known: Findings) -> Findings:
        """The part of what is known that was asked for."""
        return {name: known[name] for name in self.fields if name in known}


NO_ANALYSES = AnalysisWish()


@define(eq=False)
class Analyses:
    """Has pictures analysed, each once."""

    catalogue: Catalogue
    store: ObjectStore
    renders: RenderPool
    _flights: Flights[Findings] = field(factory=Flights, init=False)

    async def of(self, asset: Asset, wish: AnalysisWish) -> Findings:
        """The fields for an answer about a stored asset. What does not apply to it is left out."""
        if not wish:
            return {}
        known = known_of(asset)
        lacking = wish.lacking(known)
        if lacking and asset.facts is not None:
            key = repr((asset.asset_id, asset.revision, sorted(lacking.names)))
            known |= await self._flights.join(key, lambda: self._learned(asset, lacking))
        return wish.told(known)

    async def of_file(
        self, path: Path, facts: SourceFacts, wish: AnalysisWish, faces: tuple[Rect, ...] = ()
    ) -> Findings:
        """What is to be kept of a picture that is nobody's yet; `faces` that people have marked are not sought."""
        if faces:
            wish = evolve(wish, names=wish.names - {"faces"})
        return await self.renders.analyse(path, facts, wish.names) if wish else {}

    async def _learned(self, asset: Asset, wish: AnalysisWish) -> Findings:
        assert asset.facts is not None
        async with self.store.local(asset.store_key) as path:
            found = await self.renders.analyse(path, asset.facts, wish.names)
        await self.catalogue.assets.learn(asset, found)
        return found


def known_of(asset: Asset) -> Findings:
    """What is known of an asset already; faces that people have marked stand for those found."""
    marked = asset.details.get("coordinates", {}).get("faces")
    return {**asset.details.get(ANALYSIS, {}), **({"faces": marked} if marked else {})}
