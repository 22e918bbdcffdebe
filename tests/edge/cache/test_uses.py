"""Uses are noted in memory and handed over many at a time."""

from edge.cache.uses import MOST, Uses


def test_uses_are_due_in_batches() -> None:
    """A hit must not cost a transaction."""
    uses = Uses()
    due = [uses.note(str(at)) for at in range(MOST)]
    assert due.index(True) == MOST - 1
    assert len(uses.take()) == MOST
    assert not uses.note("again")


def test_they_are_taken_once_in_the_order_of_each_ones_last() -> None:
    uses = Uses()
    for body_id in ("a", "b", "c", "a"):
        uses.note(body_id)
    assert uses.take() == ["b", "c", "a"]
    assert uses.take() == []
