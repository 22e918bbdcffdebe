"""W-TinyLFU's scales."""

from edge.cache.eviction import WTinyLfu
from edge.cache.eviction.sketch import LEAST_WIDTH, Sketch


def test_who_would_enter_must_be_asked_for_more_than_who_would_go() -> None:
    """A newcomer to a full house is turned away until it has been asked for more often."""
    kept = WTinyLfu(10)
    for at in range(10):
        kept.insert(str(at), 1)
        kept.find(str(at))
    assert kept.insert("new", 1) == ["new"]
    assert kept.insert("new", 1) == ["new"]
    assert "new" not in kept.insert("new", 1)
    assert "new" in kept


def test_an_estimate_is_never_too_low() -> None:
    """Up to its limit, while nothing aged."""
    sketch = Sketch()
    for at in range(100):
        for _ in range(at % 12):
            sketch.note(str(at))
    assert all(sketch.uses(str(at)) >= at % 12 for at in range(100))


def test_counts_are_halved_in_time() -> None:
    """What was popular yesterday does not hold its place for ever."""
    sketch = Sketch()
    for _ in range(15):
        sketch.note("yesterday's")
    for at in range(LEAST_WIDTH * 4):
        sketch.note(str(at))
    assert sketch.uses("yesterday's") < 15


def test_growing_keeps_the_counts() -> None:
    """A cache that fills up does not forget what filled it."""
    sketch = Sketch()
    for _ in range(7):
        sketch.note("a")
    sketch.make_wide_enough(10 * LEAST_WIDTH)
    assert sketch.uses("a") >= 7
