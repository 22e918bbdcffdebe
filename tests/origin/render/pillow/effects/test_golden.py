"""Every effect against a picture somebody has looked at."""

import pytest
from PIL import Image

from tests.support.effects import CHAINS, GOLDEN, distance, painted, path_of

TOLERANCE = 1.5  # levels in the mean: another libjpeg or Pillow may round otherwise


@pytest.mark.parametrize("chain", CHAINS)
def test_an_effect_looks_as_it_did(chain: str) -> None:
    """A change on purpose makes its picture anew: python -m tests.support.effects."""
    with Image.open(path_of(chain)) as golden:
        canvas = painted(chain)
        assert ("A" in canvas.getbands()) == (golden.mode in ("LA", "RGBA"))
        assert distance(canvas, golden) < TOLERANCE


@pytest.mark.parametrize("chain", CHAINS)
def test_an_effect_can_be_seen(chain: str) -> None:
    """Or its golden picture would prove nothing."""
    before, after = CHAINS[chain](), painted(chain)
    assert before.size != after.size or distance(before, after) > TOLERANCE


def test_no_golden_picture_is_left_over() -> None:
    """Each belongs to a chain."""
    assert {path.name for path in GOLDEN.glob("*.png")} == {path_of(chain).name for chain in CHAINS}
