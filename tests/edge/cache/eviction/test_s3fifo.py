"""S3-FIFO's probation."""

from edge.cache.eviction import S3Fifo


def test_what_is_asked_for_once_leaves_by_the_small_queue() -> None:
    """It never displaces what was asked for twice more."""
    kept = S3Fifo(10)
    for name in "abcdefghij":
        kept.insert(name, 1)
    for _ in range(2):
        kept.find("a")
    assert kept.insert("k", 1) == ["b"]
    assert "a" in kept


def test_what_comes_back_soon_skips_its_probation() -> None:
    """The memory of what left is worth nine tenths of the capacity."""
    kept = S3Fifo(10)
    for at in range(11):
        kept.insert(str(at), 1)
    assert kept.insert("0", 1) == ["1"]  # remembered, so in the main queue
    for at in range(11, 30):
        kept.insert(str(at), 1)
    assert "0" in kept
    assert "12" not in kept


def test_the_memory_of_what_left_is_bounded() -> None:
    """By sizes: however many pass, what is remembered would fill nine tenths of the capacity at most."""
    kept = S3Fifo(1_000)
    for at in range(5_000):
        kept.insert(str(at), 10)
    assert sum(kept._ghosts.values()) == kept._ghost_bytes <= 900
