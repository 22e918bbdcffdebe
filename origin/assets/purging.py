"""What caches are told of a changed asset."""

from origin.catalogue import Identity, Message
from wire.surrogates import asset_key

PURGE = "purge"
"""Kind of the entries that name surrogate keys to purge: `{"keys": […]}`, `nodes` too if some are owed."""


def purge_of(*identities: Identity) -> tuple[Message, ...]:
    """One message that ends whatever caches hold of these assets: originals, derived files and errors."""
    keys = [asset_key(each.cloud, each.resource_type, each.type, each.public_id) for each in identities]
    return (Message(PURGE, {"keys": keys}),) if keys else ()
