import sys
from pathlib import Path

import pytest

from origin.render.errors import InvalidImage, TooManyPixels, UnsupportedFormat
from origin.render.limits import RenderLimits
from origin.render.pillow.opening import opened
from origin.render.pillow.probing import probe
from origin.render.pillow.sources.heif import is_heif
from origin.transform.plan import Sheet
from origin.transform.portion import Portion
from tests.support.documents import QUARTERED_HEIC, TWO_HEIC
from tests.support.images import as_bytes, corners_of, cut_short, quartered

LIMITS = RenderLimits()


def test_a_telephones_picture_is_known_and_decoded() -> None:
    facts = probe(str(QUARTERED_HEIC), LIMITS, verify=True)
    assert (facts.width, facts.height, facts.format, facts.pages, facts.orientation) == (64, 48, "heic", 1, 1)
    with opened(str(QUARTERED_HEIC), LIMITS) as source:
        assert corners_of(source.image) == ["red", "green", "blue", "yellow"]


def test_a_turned_picture_is_upright_and_another_may_follow() -> None:
    """The container turns it; EXIF says the same once more and must not be believed twice."""
    facts = probe(str(TWO_HEIC), LIMITS, verify=True)
    assert facts.sheets == (Sheet(64, 48, has_alpha=False), Sheet(32, 24, has_alpha=True))
    for page, size in ((1, (64, 48)), (2, (32, 24))):
        with opened(str(TWO_HEIC), LIMITS, Portion(pages=(page,))) as source:
            assert source.image.size == size
            assert corners_of(source.image) == ["red", "green", "blue", "yellow"]
            assert ("A" in source.image.getbands()) == (page == 2)


def test_avif_in_the_same_container_is_left_to_pillow() -> None:
    assert not is_heif(as_bytes(quartered(), "AVIF")[:4096])


def test_a_picture_cut_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidImage):
        probe(str(cut_short(QUARTERED_HEIC, tmp_path / "cut.heic")), LIMITS, verify=True)


def test_too_many_pixels_are_refused_by_the_header() -> None:
    with pytest.raises(TooManyPixels):
        probe(str(QUARTERED_HEIC), RenderLimits(input_megapixels=0.001))


def test_without_the_extra_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(UnsupportedFormat) as refused:
        probe(str(QUARTERED_HEIC), LIMITS)
    assert refused.value.public == "HEIC is not supported without pixeledge[heif]"
