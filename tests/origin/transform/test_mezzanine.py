from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.mezzanine import LONGEST, SPARE, facts_of, making, size, through
from origin.transform.parse import parse_chain
from origin.transform.plan import Plan, Resample, SourceFacts
from origin.transform.resolve import plan

PHOTO = SourceFacts(4000, 3000, "jpg")


def planned(chain: str, facts: SourceFacts = PHOTO) -> Plan:
    return plan(parse_chain(chain), facts)


def resampled(found: Plan | None) -> Resample:
    assert found is not None
    first = found.operations[0]
    assert isinstance(first, Resample)
    return first


def test_halving_is_preferred_where_it_comes_near_enough() -> None:
    """libjpeg halves while it decodes; anything else takes twice the time."""
    assert size(PHOTO) == (2000, 1500)
    assert size(SourceFacts(8000, 3000, "jpg")) == (2000, 750)
    assert size(SourceFacts(5000, 3000, "jpg")) == (2048, 1229)
    assert size(SourceFacts(3000, 4000, "jpg")) == (1500, 2000)


def test_it_stands_upright_whatever_the_camera_wrote() -> None:
    """Turned once, when it is made; plans count in shown pixels all along."""
    turned = SourceFacts(4000, 3000, "jpg", orientation=6)
    assert facts_of(turned) == SourceFacts(1500, 2000, "jpg")
    assert making(turned).orient
    assert resampled(making(turned)) == Resample((0, 0, 3000, 4000), 1500, 2000)


def test_a_box_is_carried_over_exactly() -> None:
    """Half of 4000 pixels is half of 2000."""
    found = resampled(through(planned("c_crop,g_north_west,h_3000,w_2000/c_scale,w_300/f_jpg,q_80"), PHOTO))
    assert found == Resample((0.0, 0.0, 1000.0, 1500.0), 300, 450)
    square = SourceFacts(4000, 4000, "jpg")
    filled = resampled(through(planned("c_fill,h_300,w_400,g_south/f_webp,q_80", square), square))
    assert filled == Resample((0.0, 500.0, 2000.0, 2000.0), 400, 300)


@pytest.mark.parametrize(
    "chain",
    [
        "c_scale,w_1600/f_jpg,q_80",  # more than it has to spare
        "c_crop,h_600,w_600/c_scale,w_400/f_jpg,q_80",  # of a part, too
        "e_sharpen/f_jpg,q_80",  # at the size of the source
        "c_scale,w_400/f_png",  # lossless
        "c_scale,w_400/f_webp,q_100",
        "c_scale,w_400/f_jpg,q_95",  # looked at closely
        "c_scale,w_400/f_jpg,q_auto:best",
        "c_scale,w_400/f_jpg,q_80:444",
        "a_ignore/c_scale,w_400/f_jpg,q_80",  # as stored
        "c_scale,w_400/fl_keep_iptc/f_jpg,q_80",  # metadata of the original
    ],
)
def test_what_needs_the_source_gets_it(chain: str) -> None:
    """The mezzanine has fewer pixels, no profile, no metadata, and has lost something already."""
    turned = SourceFacts(4000, 3000, "jpg", orientation=6)
    assert through(planned(chain, turned), turned) is None


@pytest.mark.parametrize(
    "facts",
    [
        SourceFacts(2000, 2000, "jpg"),  # small
        SourceFacts(4000, 3000, "webp", has_alpha=True),
        SourceFacts(4000, 3000, "webp", frames=2),
        SourceFacts(4000, 3000, "png"),  # perhaps a drawing
    ],
)
def test_sources_that_never_get_one(facts: SourceFacts) -> None:
    """Only large, still, opaque photographs are worth it."""
    assert through(planned("c_scale,w_400/f_jpg,q_80", facts), facts) is None


def test_only_a_number_says_how_much_a_webp_may_lose() -> None:
    """It may be lossless: then its own pixels tell q_auto that they are a drawing."""
    webp = SourceFacts(4000, 3000, "webp")
    assert through(planned("c_scale,w_400/f_jpg,q_80", webp), webp) is not None
    assert through(planned("c_scale,w_400/f_jpg,q_auto", webp), webp) is None


@given(
    st.integers(100, 9000), st.integers(100, 9000), st.integers(1, 8),
    st.sampled_from(["fill", "fit", "crop", "thumb", "scale"]), st.integers(1, 2000), st.integers(1, 2000),
)  # fmt: skip
def test_boxes_stay_inside_and_leave_pixels_to_spare(
    width: int, height: int, orientation: int, mode: str, across: int, down: int
) -> None:
    """Whatever the chain, the picture is the same part of the source at the same size."""
    facts = SourceFacts(width, height, "jpg", orientation=orientation)
    direct = planned(f"c_{mode},h_{down},w_{across}/c_scale,w_0.5/f_jpg,q_80", facts)
    found = through(direct, facts)
    if found is None:
        return
    box, before = resampled(found), resampled(direct)
    mine = facts_of(facts)
    assert max(mine.width, mine.height) <= LONGEST
    assert (box.width, box.height, found.width, found.height) == (
        before.width, before.height, direct.width, direct.height,
    )  # fmt: skip
    assert 0 <= box.box[0] < box.box[2] <= mine.width + 1e-9
    assert 0 <= box.box[1] < box.box[3] <= mine.height + 1e-9
    assert box.box[2] - box.box[0] >= float(box.width * SPARE) - 1e-9
    whole = facts.shown
    assert box.box[0] / mine.width == pytest.approx(before.box[0] / whole[0], abs=1e-9)
    assert box.box[3] / mine.height == pytest.approx(before.box[3] / whole[1], abs=1e-9)
    assert Fraction(before.box[0]) >= 0
