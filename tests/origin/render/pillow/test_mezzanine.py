"""Painted from the mezzanine or from the source, a picture looks the same."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from origin.render.limits import RenderLimits
from origin.render.pillow.opening import probe_header
from origin.render.pillow.painting import paint
from origin.render.pillow.quality import BLOCK, ssim
from origin.transform.mezzanine import facts_of, making, through
from origin.transform.parse import parse_chain
from origin.transform.plan import SourceFacts
from origin.transform.resolve import plan
from tests.support.images import BRUSHES, DOGS, FIG_CMYK, saved

LIMITS = RenderLimits()
CHAINS = (
    "c_fill,h_300,w_400",
    "c_scale,w_1100",
    "c_crop,g_north_west,h_1333,w_1777,x_301,y_205/c_scale,w_500",
    "c_fill,g_south_east,h_301,w_203/r_20/b_red",
)


@pytest.fixture(scope="module")
def mosaic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four photographs as one of 3200 × 2130, which its orientation turns upside down."""
    image = Image.new("RGB", (3200, 2130))
    for number, source in enumerate((DOGS, BRUSHES, FIG_CMYK, DOGS)):
        with Image.open(source) as photograph:
            part = photograph.convert("RGB").resize((1600, 1065))
        image.paste(part, (number % 2 * 1600, number // 2 * 1065))
    exif = Image.Exif()
    exif[0x0112] = 3
    return saved(image, tmp_path_factory.mktemp("mosaic") / "mosaic.jpg", quality=92, exif=exif)


@pytest.fixture(scope="module")
def mezzanine(mosaic: Path) -> Path:
    facts = probe_header(str(mosaic), LIMITS)
    path = mosaic.with_name("mezzanine.jpg")
    paint(making(facts), str(mosaic), facts, str(path), LIMITS)
    return path


def test_it_is_upright_and_as_expected(mosaic: Path, mezzanine: Path) -> None:
    """The worker compares; what it finds must be what plans were carried over for."""
    found = probe_header(str(mezzanine), LIMITS)
    expected = facts_of(probe_header(str(mosaic), LIMITS))
    assert SourceFacts(found.width, found.height, found.format) == expected
    assert found.orientation == 1


@pytest.mark.parametrize("chain", CHAINS)
def test_nobody_can_tell(chain: str, mosaic: Path, mezzanine: Path, tmp_path: Path) -> None:
    """Luma alike to within what a JPEG of quality 80 loses by itself, and nothing shifted."""
    facts = probe_header(str(mosaic), LIMITS)
    direct = plan(parse_chain(f"{chain}/f_jpg,q_80"), facts)
    smaller = through(direct, facts)
    assert smaller is not None
    one, other = tmp_path / "one.jpg", tmp_path / "other.jpg"
    paint(direct, str(mosaic), facts, str(one), LIMITS)
    paint(smaller, str(mezzanine), facts_of(facts), str(other), LIMITS)
    with Image.open(one) as first, Image.open(other) as second:
        assert first.size == second.size == (direct.width, direct.height)
        width, height = (side // BLOCK * BLOCK for side in first.size)
        grey = [each.convert("L").crop((0, 0, width, height)) for each in (first, second)]
        assert ssim(*grey) > 0.96
        assert max(ImageStat.Stat(ImageChops.difference(first, second)).mean) < 2.0
