"""Strict transformations: what an unsigned URL may have made (delivery-urls.md §9).

Allowed are named transformations that say so, chains that somebody allowed, and whatever was derived of this very
asset before. A chain allowed without an extension is allowed in the asset's own format.
"""

from collections.abc import Mapping

from attrs import frozen

from origin.catalogue import Asset, Catalogue
from origin.delivery.chains import ChainReader, is_only_attachment
from origin.delivery.rules import Rulebook
from origin.settings import Cloud
from origin.transform.canonical import canonical
from origin.transform.language.named import without_baseline
from wire.components import printable, split_chain
from wire.errors import Unauthorized


@frozen
class Strictness:
    """Knows which clouds are strict, and what they allow."""

    clouds: Mapping[str, Cloud]
    rules: Rulebook
    chains: ChainReader
    catalogue: Catalogue

    async def check(self, asset: Asset, raw: str, extension: str | None) -> None:
        """Nothing, or 401 where an unsigned URL may not show an asset by a chain and in a format."""
        cloud = asset.identity.cloud
        if not self.clouds[cloud].strict:
            return
        other = None if extension in (None, asset.format) else extension
        if other is None and is_only_attachment(raw):
            return
        if raw and self._is_named(cloud, raw):
            return
        baseline, rest = without_baseline(raw)
        chain = canonical(self.chains.read(cloud, rest))
        may_stand = baseline is None or self._is_named(cloud, f"t_{baseline}")
        if may_stand and (
            self._is_allowed(cloud, chain, extension, other)
            or await self.catalogue.transformations.is_derived(
                asset.asset_id, chain, other or _own(chain, asset)
            )
        ):
            return
        shown = "/".join(each for each in (raw, other) if each)
        raise Unauthorized(f"Transformation not allowed - {printable(shown)}")

    def check_sheet(self, cloud: str, raw: str) -> None:
        """The same for what a tag's assets make together."""
        if not self.clouds[cloud].strict or is_only_attachment(raw) or self._is_named(cloud, raw):
            return
        if not self._is_allowed(cloud, canonical(self.chains.read(cloud, raw)), None, None):
            raise Unauthorized(f"Transformation not allowed - {printable(raw)}")

    def _is_allowed(self, cloud: str, chain: str, asked: str | None, other: str | None) -> bool:
        allowed = self.rules.of(cloud).allowed
        spelled = {f"{chain}/{each}".lstrip("/") for each in (asked, other) if each is not None}
        return not allowed.isdisjoint(spelled) or (other is None and chain in allowed)

    def _is_named(self, cloud: str, raw: str) -> bool:
        """Whether a chain is nothing but names that are allowed."""
        named = self.rules.of(cloud).named
        for component in split_chain(raw):
            if [param.key for param in component.params] != ["t"]:
                return False
            names = component.params[0].value.split(".")
            if not all(name in named and named[name].allowed for name in names):
                return False
        return True


def _own(chain: str, asset: Asset) -> str | None:
    """The format that a derived asset must have where the URL names none; None where the chain decides."""
    return None if any(p.key == "f" for c in split_chain(chain) for p in c.params) else asset.format
