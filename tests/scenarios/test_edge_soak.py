"""Two edges and a shield under mixed traffic, with kills: no wrong body, and nothing is left open.

`python -m tests.support.edge_soak` does so for ten minutes.
"""

from pathlib import Path

import pytest_twisted

from tests.support.edge_soak import MEBI, soak, told

MOST_GROWTH = 48 * MEBI  # caches of 8 MiB in memory are still filling in so short a time


@pytest_twisted.ensureDeferred
async def test_mixed_traffic_over_two_edges_and_a_shield(tmp_path: Path) -> None:
    """Hits, misses, parts, conditionals, changes with purges, slow viewers, hang-ups, and a node killed at times."""
    figures = await soak(tmp_path, 20.0, seed=3, viewers=6)
    assert not figures.wrong, told(figures)
    assert not figures.left, told(figures)
    assert figures.whole > 50, told(figures)
    assert figures.kills, told(figures)
    assert figures.growth("edge-a", "resident_bytes") < MOST_GROWTH, told(figures)
    assert figures.growth("edge-a", "threads") <= 10, told(
        figures
    )  # threads of the pool, as they are first needed
    assert figures.growth("edge-a", "files") <= 16, told(figures)  # of the cache's index
    assert figures.growth("edge-a", "pipes") <= 0, told(figures)
