"""What a catalogue's outbox owes, taken all at once."""

from origin.catalogue import REMOVE_OBJECT, Catalogue, OutboxEntry

NOW = 1_719_307_544.5


async def claimed(catalogue: Catalogue, now: float) -> list[OutboxEntry]:
    """Everything due."""
    return list(await catalogue.outbox.claim(1000, now=now, lease_seconds=30))


async def garbage(catalogue: Catalogue, now: float = NOW + 1000) -> set[str]:
    """Store keys whose removal is due."""
    return {each.payload["key"] for each in await claimed(catalogue, now) if each.kind == REMOVE_OBJECT}
