"""How chains are read here: under this origin's limits, with the named transformations of their cloud."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from origin.catalogue import AssetDraft, marks_of
from origin.delivery.rules import Rulebook
from origin.transform.language.about import About, Metadata
from origin.transform.language.named import expanded
from origin.transform.limits import Limits
from origin.transform.params.quality import NO_OVERRIDE, Quality, read_quality
from origin.transform.parse import Chain, parse_chain
from wire.components import split_chain

ATTACHMENT = "attachment"


@frozen
class ChainReader:
    """Knows what a raw chain means for one of the clouds."""

    rules: Rulebook
    limits: Limits

    def expanded(self, cloud: str, raw: str) -> str:
        """The chain with the definitions of its named transformations in their places."""
        return expanded(raw, self.rules.definitions(cloud), self.limits)

    def read(self, cloud: str, raw: str) -> Chain:
        """The meaning of a raw chain, or `InvalidRequest`."""
        return parse_chain(raw, self.limits, self.rules.definitions(cloud))

    def about(self, asset: AssetDraft) -> About:
        """What a chain of the asset's cloud may ask of it."""
        return about(asset, is_told=self.rules.clouds[asset.identity.cloud].details_in_chains)

    def names(self, cloud: str, raw: str) -> tuple[str, ...]:
        """The named transformations that a raw chain is made with, those inside of others too."""
        asked: dict[str, None] = {}
        definitions = self.rules.definitions(cloud)

        def noted(name: str) -> str | None:
            asked[name] = None
            return definitions(name)

        expanded(raw, noted, self.limits)
        return tuple(asked)


def about(asset: AssetDraft, *, is_told: bool = True) -> About:
    """What conditions and variables may ask of an asset."""
    return About(
        public_id=asset.identity.public_id,
        tags=frozenset(asset.tags),
        context=dict(asset.context),
        metadata=frozen_values(asset.metadata),
        marks=marks_of(asset),
        quality=_override(asset.details.get("quality_override")),
        is_told=is_told,
    )


def _override(text: str | None) -> Quality | None:
    return None if text in (None, NO_OVERRIDE) else read_quality(text)


def frozen_values(metadata: Mapping[str, Any]) -> Mapping[str, Metadata]:
    """Structured metadata as the language knows it."""
    return {name: tuple(each) if isinstance(each, list) else each for name, each in metadata.items()}


def is_only_attachment(chain: str) -> bool:
    """Whether a raw chain leaves every byte alone: empty, or nothing but `fl_attachment`."""
    return all(
        param.key == "fl" and param.raw.partition(":")[0] == ATTACHMENT
        for component in split_chain(chain)
        for param in component.params
    )
