"""Any valid chain gives a picture, or a sentence that names a limit; no worker dies of one, and memory stays flat.

`python -m tests.support.soak` asks for two thousand.
"""

import pytest

from origin.render.pillow.fonts import installed
from tests.support.chains import urls
from tests.support.soak import MEBI, soak

CHAINS, SEED = 160, 3
MOST_GROWTH = 12 * MEBI  # of the node, once warm
MOST_WORKER = 400 * MEBI  # then it would be retired


@pytest.mark.skipif(
    "dejavu sans" not in installed().families, reason="DejaVu Sans is not installed (fonts-dejavu-core)"
)
def test_random_chains_are_answered_by_one_worker_that_lives() -> None:
    """Through a real origin, cold, one after another."""
    figures = soak(CHAINS, SEED)
    assert not figures.unexplained, figures.told()
    assert figures.statuses[200] > CHAINS * 0.9, figures.told()
    assert len(figures.workers) == 1
    assert figures.node_growth < MOST_GROWTH, figures.told()
    assert max(figures.worker_bytes) < MOST_WORKER, figures.told()


def test_a_seed_gives_the_same_chains() -> None:
    """Or a failure could not be looked into."""
    assert urls(SEED, 40) == urls(SEED, 40)
    assert urls(SEED, 40) != urls(SEED + 1, 40)
