"""What the catalogue promises of its outbox, held to on SQLite and on a real PostgreSQL."""

import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import (
    Catalogue,
    Message,
)
from tests.support.owed import NOW


@pytest_twisted.ensureDeferred
async def test_a_claim_hides_an_entry_until_its_lease_ends(catalogue: Catalogue) -> None:
    """Two processes do not tell twice; what a killed one had claimed comes back."""
    await catalogue.outbox.add([Message("a"), Message("b")], now=NOW)
    entries = await catalogue.outbox.claim(10, now=NOW, lease_seconds=30)
    assert [each.kind for each in entries] == ["a", "b"]
    assert await catalogue.outbox.claim(10, now=NOW + 29, lease_seconds=30) == ()
    again = await catalogue.outbox.claim(10, now=NOW + 30, lease_seconds=30)
    assert [(each.kind, each.attempts) for each in again] == [("a", 2), ("b", 2)]
    await catalogue.outbox.done(*again)
    await catalogue.outbox.done(*again)
    assert await catalogue.outbox.waiting() == 0


@pytest_twisted.ensureDeferred
async def test_an_entry_put_off_comes_when_it_said(catalogue: Catalogue) -> None:
    """Back-off; but not by one whose lease ended, when another has claimed it since."""
    await catalogue.outbox.add([Message("a")], now=NOW)
    (entry,) = await catalogue.outbox.claim(10, now=NOW, lease_seconds=30)
    await catalogue.outbox.later(entry, NOW + 180)
    assert await catalogue.outbox.claim(10, now=NOW + 179, lease_seconds=30) == ()
    (second,) = await catalogue.outbox.claim(10, now=NOW + 180, lease_seconds=30)
    await catalogue.outbox.later(entry, NOW)
    assert await catalogue.outbox.claim(10, now=NOW + 181, lease_seconds=30) == ()
    assert second.attempts == 2


@pytest_twisted.ensureDeferred
async def test_claims_at_once_share_the_entries(catalogue: Catalogue) -> None:
    """Each entry goes to one of them; `limit` and `kinds` narrow a claim."""
    await catalogue.outbox.add([Message("a", {"n": n}) for n in range(20)] + [Message("b")], now=NOW)

    async def claim() -> list[int]:
        some = await catalogue.outbox.claim(6, now=NOW, lease_seconds=30, kinds=["a"])
        assert len(some) <= 6
        return [each.payload["n"] for each in some]

    shares = await gatherResults([Deferred.fromCoroutine(claim()) for _ in range(5)])
    taken = [number for share in shares for number in share]
    assert len(taken) == len(set(taken))
    (left,) = await catalogue.outbox.claim(6, now=NOW, lease_seconds=30, kinds=["b"])
    assert left.kind == "b"
