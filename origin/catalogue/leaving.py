"""Assets go: their rows, all that hangs on them, and word of what must be removed or told."""

from collections import Counter
from collections.abc import Callable, Sequence

from attrs import frozen
from sqlalchemy import Connection, delete

from origin.catalogue.derived import drop_of, shown_among
from origin.catalogue.keeping import leave_placeholders, unshared
from origin.catalogue.outbox import Message, enqueue, garbage
from origin.catalogue.related import forget_relations
from origin.catalogue.schema import assets, copies
from origin.catalogue.sights import forget_sights
from origin.catalogue.terms import forget_terms
from origin.catalogue.values import Asset

TellDeleted = Callable[[Asset], Sequence[Message]]
"""Decides, inside the transaction (on a thread; pure), what the outbox must tell about an asset that went."""

TellGone = Callable[[Sequence[Asset]], Sequence[Message]]
"""The same of several that went at once."""


@frozen
class Gone:
    """An asset as it was, and how many derived assets went with it."""

    asset: Asset
    derived: int


def forget(
    connection: Connection, leaving: Sequence[Asset], *, now: float, linger_seconds: float, tell: TellGone
) -> tuple[Gone, ...]:
    """Within a running transaction that has locked them. Those of which a version is kept leave a placeholder."""
    if not leaving:
        return ()
    ids = [each.asset_id for each in leaving]
    dropped = drop_of(connection, *ids)
    forget_terms(connection, *ids)
    forget_sights(connection, *ids)
    forget_relations(connection, *ids)
    connection.execute(delete(copies).where(copies.c.asset_id.in_(ids)))
    leave_placeholders(connection, leaving, now)
    connection.execute(delete(assets).where(assets.c.asset_id.in_(ids)))
    originals = unshared(connection, [each.store_key for each in leaving])
    enqueue(connection, garbage([*originals, *(each.store_key for each in dropped)], linger_seconds), now)
    enqueue(connection, tell(leaving), now)
    counts = Counter(each.asset_id for each in shown_among(dropped))
    return tuple(Gone(each, counts[each.asset_id]) for each in leaving)
