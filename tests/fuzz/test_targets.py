"""The fuzzer's laws hold for what it begins with, and for all that has broken one before."""

from pathlib import Path

import pytest
from PIL import Image

from origin.render.limits import MEGA
from tests.fuzz.pictures import LIMITS
from tests.fuzz.targets import TARGETS

FINDINGS = Path(__file__).parents[1] / "data" / "findings"
"""`target/name`: inputs that once broke a law, as small as they could be made."""


@pytest.mark.parametrize("name", ["urls", "chains", "lines"])
def test_seeds_break_no_law(name: str) -> None:
    """Or every run of the fuzzer would end with the first of them."""
    for data in TARGETS[name].seeds().values():
        TARGETS[name].check(data)


def test_every_kind_of_picture_begins_whole() -> None:
    """And survives being cut short."""
    for data in TARGETS["pictures"].seeds().values():
        TARGETS["pictures"].check(data)
        TARGETS["pictures"].check(data[: len(data) * 2 // 3])


def test_what_was_found_stays_mended() -> None:
    """Whatever broke a law once."""
    for path in sorted(FINDINGS.glob("*/*")):
        TARGETS[path.parent.name].check(path.read_bytes())


def test_shares_of_the_time_are_all_of_it() -> None:
    """No more and no less."""
    assert sum(target.share for target in TARGETS.values()) == pytest.approx(1)


def test_the_limits_of_one_target_bind_nobody_else() -> None:
    """A worker's guard is Pillow's, and Pillow has only one for all tests of a process."""
    assert int(LIMITS.input_megapixels * MEGA) != Image.MAX_IMAGE_PIXELS
