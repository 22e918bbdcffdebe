"""How chains are read here: under this origin's limits, with the named transformations of their cloud."""

from collections.abc import Mapping

from attrs import frozen

from origin.catalogue import AssetDraft, marks_of
from origin.settings import Cloud
from origin.transform.language.about import About
from origin.transform.language.named import expanded
from origin.transform.limits import Limits
from origin.transform.parse import Chain, parse_chain
from wire.components import split_chain

ATTACHMENT = "attachment"


@frozen
class ChainReader:
    """Knows what a raw chain means for one of the clouds."""

    clouds: Mapping[str, Cloud]
    limits: Limits

    def expanded(self, cloud: str, raw: str) -> str:
        """The chain with the definitions of its named transformations in their places."""
        return expanded(raw, self.clouds[cloud].transformations.get, self.limits)

    def read(self, cloud: str, raw: str) -> Chain:
        """The meaning of a raw chain, or `InvalidRequest`."""
        return parse_chain(raw, self.limits, self.clouds[cloud].transformations.get)


def about(asset: AssetDraft) -> About:
    """What conditions and variables may ask of an asset."""
    return About(
        public_id=asset.identity.public_id,
        tags=frozenset(asset.tags),
        context=dict(asset.context),
        marks=marks_of(asset),
    )


def is_only_attachment(chain: str) -> bool:
    """Whether a raw chain leaves every byte alone: empty, or nothing but `fl_attachment`."""
    return all(
        param.key == "fl" and param.raw.partition(":")[0] == ATTACHMENT
        for component in split_chain(chain)
        for param in component.params
    )
