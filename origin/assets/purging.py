"""What caches are told of a changed asset."""

from collections.abc import Iterable

from origin.catalogue import Asset, Identity, Message, is_rejected
from wire.surrogates import asset_key, named_key, tag_key

PURGE = "purge"
"""Kind of the entries that name surrogate keys to purge: `{"keys": […]}`, `nodes` too if some are owed."""


LEAD_SECONDS = 2.0
"""How long a purge is left to the node whose request caused it; if that one dies, any other tells it then."""


def purge_of_tags(cloud: str, resource_type: str, *tags: str) -> tuple[Message, ...]:
    """One message that ends whatever caches hold of lists and sheets of these tags."""
    keys = [tag_key(cloud, resource_type, tag) for tag in dict.fromkeys(tags)]
    return (Message(PURGE, {"keys": keys}, LEAD_SECONDS),) if keys else ()


def purge_of_lists(assets: Iterable[Asset]) -> tuple[Message, ...]:
    """The same of all tags that some assets bear: one message for each cloud and resource type."""
    tags: dict[tuple[str, str], list[str]] = {}
    for each in assets:
        tags.setdefault((each.identity.cloud, each.identity.resource_type), []).extend(each.tags)
    return tuple(message for kind, borne in tags.items() for message in purge_of_tags(*kind, *borne))


def are_listed(*assets: Asset | None) -> bool:
    """Whether caches may hold lists or sheets that show any of them."""
    return any(each is not None and each.tags for each in assets)


def is_shown_to_others(old: Asset, new: Asset) -> bool:
    """Whether other viewers may see an asset than before."""
    is_by_other_rules = old.details.get("access_control") != new.details.get("access_control")
    return is_by_other_rules or is_rejected(old) != is_rejected(new)


def purge_of(*identities: Identity) -> tuple[Message, ...]:
    """One message that ends whatever caches hold of these assets: originals, derived files and errors."""
    keys = [asset_key(each.cloud, each.resource_type, each.type, each.public_id) for each in identities]
    return (Message(PURGE, {"keys": keys}, LEAD_SECONDS),) if keys else ()


def purge_of_named(cloud: str, name: str) -> tuple[Message, ...]:
    """One message that ends whatever caches hold of pictures made by a named transformation."""
    return (Message(PURGE, {"keys": [named_key(cloud, name)]}, LEAD_SECONDS),)
