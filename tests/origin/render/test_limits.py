import pytest

from origin.render.errors import OutputTooLarge, TooManyPixels
from origin.render.limits import RenderLimits, from_json, to_json

LIMITS = RenderLimits(input_megapixels=25, output_megapixels=20, output_side=10_000, frames_megapixels=50)


def test_the_sentence_names_what_is_allowed_and_what_was_asked() -> None:
    """Clients show it; its shape is the sheet's (delivery-urls 8.2)."""
    with pytest.raises(TooManyPixels) as refused:
        LIMITS.admit_source(20_000, 20_000)
    assert refused.value.public == "Maximum image size is 25 Megapixels. Requested 400 Megapixels"
    assert refused.value.status == 400


def test_an_animation_is_measured_with_all_its_frames() -> None:
    """A GIF of a thousand small frames costs as much as one large picture."""
    LIMITS.admit_source(1000, 1000, frames=50)
    with pytest.raises(TooManyPixels) as refused:
        LIMITS.admit_source(1000, 1000, frames=51)
    assert refused.value.public == (
        "Maximum total number of pixels in all frames/pages is 50 Megapixels. Requested 51 Megapixels"
    )


def test_a_hair_too_much_does_not_read_as_allowed() -> None:
    """25000001 pixels round to "25 Megapixels", which would make the refusal absurd."""
    with pytest.raises(TooManyPixels, match=r"Requested 25\.01 Megapixels"):
        LIMITS.admit_source(25_000_001, 1)


def test_a_result_is_bounded_by_area_and_by_side() -> None:
    """An upscale is a bomb too, and so is a line of a million pixels."""
    LIMITS.admit_result(10_000, 2_000)
    with pytest.raises(TooManyPixels):
        LIMITS.admit_result(5_000, 4_001)
    with pytest.raises(OutputTooLarge, match=r"Maximum image side is 10000 pixels\. Requested 10001 pixels"):
        LIMITS.admit_result(10_001, 1)


def test_limits_reach_the_worker_unchanged() -> None:
    """They travel on its command line."""
    assert from_json(to_json(LIMITS)) == LIMITS


def test_senseless_limits_cannot_be_built() -> None:
    """A queue of nothing would refuse every picture."""
    with pytest.raises(ValueError):
        RenderLimits(queue=0)
    with pytest.raises(ValueError):
        RenderLimits(deadline_seconds=0)
