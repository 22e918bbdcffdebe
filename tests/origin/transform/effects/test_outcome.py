"""What effects come to on an image of a known size."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from origin.transform.parse import parse_chain
from origin.transform.plan import Border, Filter, Flatten, Opacity, Pad, Plan, Resample, Rotate, SourceFacts
from origin.transform.references import Look, Margins
from origin.transform.resolve import plan
from origin.transform.sight import Rect
from tests.support.gathering import with_all
from wire.errors import InvalidRequest

PHOTO = SourceFacts(400, 300, "jpg")
RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)
LOGO = SourceFacts(400, 300, "png", has_alpha=True)


def planned(chain: str, facts: SourceFacts = PHOTO) -> Plan:
    outcome = plan(parse_chain(chain), facts)
    assert Plan.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome
    return outcome


@pytest.mark.parametrize(
    "chain",
    [
        *("e_brightness:0", "e_brightness_hsb:0", "e_saturation:0", "e_vibrance:0", "e_hue:0", "e_gamma"),
        *("e_red", "e_green:0", "e_blue:0", "e_contrast", "e_contrast:100:linear", "e_colorize:0"),
        *("e_auto_color:0", "e_auto_contrast:0", "e_auto_brightness:0", "e_improve:0", "e_fill_light:0:50"),
        *("e_tint:0:red", "e_vignette:0", "e_gradient_fade:0", "e_opacity_threshold", "e_shear:0:0"),
        *("e_distort:arc:0", "e_blur_region,x_400", "e_pixelate_region:5,y_300", "o_100"),
    ],
)
def test_an_effect_that_would_change_nothing_is_no_operation(chain: str) -> None:
    """The stored bytes are the answer."""
    assert planned(chain).passthrough


@pytest.mark.parametrize(
    ("chain", "operation"),
    [
        ("e_negate", Filter("negate", (), 400, 300)),
        ("e_colorize:30,co_red", Filter("colorize", (30, (255, 0, 0, 255)), 400, 300)),
        ("e_pixelate", Filter("pixelate", (12,), 400, 300)),
        ("e_pixelate:5,dpr_2", Filter("pixelate", (10,), 400, 300)),
        ("e_blur_region:400,x_10,y_20,w_0.5,h_100", Filter("blur_region", (10.0, 10, 20, 210, 120), 400, 300)),
        ("e_blur_region:400,x_10,dpr_2", Filter("blur_region", (20.0, 20, 0, 400, 300), 400, 300)),
        ("e_pixelate_region:7,x_390,w_50", Filter("pixelate_region", (7, 390, 0, 400, 300), 400, 300)),
        ("e_gradient_fade", Filter("gradient_fade", (20, 0, 150, 0, 0), 400, 300)),
        ("e_gradient_fade,x_-40", Filter("gradient_fade", (20, 0, 0, 40, 0), 400, 300)),
        ("e_gradient_fade:symmetric:5,x_0.1,y_9999", Filter("gradient_fade", (5, 40, 300, 40, 300), 400, 300)),
        ("e_tint:50:red:blue:40p", Filter("tint", (False, 50, (0.2, RED), (0.4, BLUE)), 400, 300)),
        ("e_shear:0:45", Filter("perspective", (1.0, 0.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0), 400, 700)),
        ("e_distort:0:0:1.0:0:1.0:1.0:0:1.0", Filter("perspective", (1.0, 0.0, 0.0, 0.0, 1.0, 0, 0, 0), 400, 300)),
        ("o_30", Opacity(30)),
        ("bo_5px_solid_red,dpr_2", Border(10, (255, 0, 0, 255), 420, 320)),
        ("bo_5px_solid_red,r_20", Border(5, (255, 0, 0, 255), 410, 310, (20, 20, 20, 20))),
        ("bo_5px_solid_red,r_max", Border(5, (255, 0, 0, 255), 410, 310, ellipse=True)),
        ("c_pad,w_400,h_500,b_auto", Filter("automatic_ground", (0, 100, "border", 2, "horizontal", ()), 400, 500)),
        ("c_pad,w_400,h_500,b_blurred:400", Filter("blurred_ground", (0, 100, 10.0, 0), 400, 500)),
    ],
)  # fmt: skip
def test_an_effect_becomes_one_operation_in_pixels(chain: str, operation: object) -> None:
    """Factors and `dpr` are gone."""
    assert planned(chain).operations == (operation,)


def test_a_rectangle_that_covers_the_image_is_no_region() -> None:
    """Equal pictures share a plan."""
    assert planned("e_blur_region:400").operations == planned("e_blur:400").operations
    assert planned("e_pixelate_region:9,w_9999").operations == planned("e_pixelate:9").operations


@pytest.mark.parametrize(
    ("chain", "size"),
    [
        ("e_shadow:40", (450, 350)),  # sigma 10: 25 pixels on each side, moved by 10
        ("e_shadow:0,x_-30,y_5", (430, 305)),
        ("e_outline:10", (420, 320)),
        ("e_outline:inner:10", (400, 300)),
        ("e_outline:outer:10:40,dpr_2", (480, 380)),
        ("e_distort:arc:180", (555, 278)),
        ("e_dropshadow", (400, 300)),
        ("bo_3px_solid_red/bo_4px_solid_blue", (414, 314)),
        ("e_outline:10/w_100", (100, 76)),
        ("e_shear:45:0/c_crop,w_50,h_50", (50, 50)),
    ],
)
def test_the_canvas_grows_as_far_as_an_effect_reaches(chain: str, size: tuple[int, int]) -> None:
    """The planner knows the size; later components work on it."""
    outcome = planned(chain)
    assert (outcome.width, outcome.height) == size


@pytest.mark.parametrize(
    "chain", ["e_shadow", "e_gradient_fade", "o_50", "bo_3px_solid_red,r_9", "e_shear:5:0"]
)
def test_what_clears_pixels_is_flattened_by_a_later_background(chain: str) -> None:
    """An opaque photograph may be transparent afterwards."""
    assert planned(f"{chain}/b_red").operations[-1] == Flatten((255, 0, 0, 255))
    assert planned(f"{chain},f_auto").output.format == "png"


@pytest.mark.parametrize(
    ("padding", "laid"),
    [
        ("", (Pad(600, 300, 100, 0, (255, 255, 255, 255)), Flatten((255, 255, 255, 255)))),
        (",b_red", (Pad(600, 300, 100, 0, RED), Flatten(RED))),
        (",b_blurred:400", (Filter("blurred_ground", (100, 0, 10.0, 0), 600, 300),)),
    ],
)
def test_a_fade_into_padding_comes_before_the_padding(padding: str, laid: tuple[object, ...]) -> None:
    """The image alone fades, and what was laid around it shows through."""
    outcome = planned(f"c_pad,w_600,h_300{padding}/w_600/e_gradient_fade:symmetric_pad,x_0.2")
    assert outcome.operations == (Filter("gradient_fade", (20, 80, 0, 80, 0), 400, 300), *laid)
    assert (outcome.width, outcome.height) == (600, 300)


def test_a_fade_into_no_padding_is_a_symmetric_one() -> None:
    """And one without strength is none."""
    without = planned("e_gradient_fade:symmetric_pad:10,x_5").operations
    assert without == planned("e_gradient_fade:symmetric:10,x_5").operations
    assert len(planned("c_pad,w_600,h_300/e_gradient_fade:symmetric_pad:0").operations) == 1


def test_border_and_corners_in_two_components_are_two_operations() -> None:
    """§6.3: only in one component does the border follow the round outline."""
    kinds = [type(each).__name__ for each in planned("r_20/bo_5px_solid_red").operations]
    assert kinds == ["RoundCorners", "Border"]


def test_edges_come_after_the_effect_and_before_opacity_and_background() -> None:
    """transformations.md §1."""
    outcome = planned("b_red,o_50,bo_5px_solid_blue,r_9,e_negate,w_200")
    kinds = [type(each).__name__ for each in outcome.operations]
    assert kinds == ["Resample", "Filter", "Border", "Opacity", "Flatten"]


def test_a_background_from_the_image_fills_what_is_clear() -> None:
    """Without padding it lies under transparency, and an opaque image needs none."""
    assert planned("b_auto:predominant", LOGO).operations == (
        Filter("automatic_ground", (0, 0, "predominant", 2, "horizontal", ()), 400, 300),
    )
    assert planned("b_auto").passthrough


@pytest.mark.parametrize("corners", ["0:0:0:0:0:0:0:0", "0:0:100:0:50:0:20:0", "0:0:10:10:10:0:0:10"])
def test_corners_that_span_no_area_are_refused(corners: str) -> None:
    """Collapsed, on one line, or folded."""
    with pytest.raises(InvalidRequest, match=f"^Invalid effect in transformation: distort:{corners}$"):
        planned(f"e_distort:{corners}")


@given(st.lists(st.integers(-2000, 2000), min_size=8, max_size=8))
@settings(max_examples=150)
def test_any_distortion_is_planned_or_refused(places: list[int]) -> None:
    """Coefficients are finite, and corners land where they were told."""
    chain = "e_distort:" + ":".join(map(str, places))
    try:
        (warp,) = planned(chain).operations
    except InvalidRequest:
        return
    assert isinstance(warp, Filter)
    a, b, c, d, e, f, g, h = warp.arguments
    left, top = min(places[::2]), min(places[1::2])
    for (x, y), (u, v) in zip(
        zip(places[::2], places[1::2], strict=True), ((0, 0), (400, 0), (400, 300), (0, 300)), strict=True
    ):
        x, y = x - left, y - top
        below = g * x + h * y + 1
        assert (a * x + b * y + c) / below == pytest.approx(u, abs=0.01)
        assert (d * x + e * y + f) / below == pytest.approx(v, abs=0.01)


class TestTrim:
    """What a trim leaves only pixels know: whoever plans must be told."""

    def trimmed(self, chain: str, *boxes: Rect) -> tuple[Plan, list[Margins]]:
        """The plan, when each look in turn finds a box; and what had to be looked at."""
        asked: list[Margins] = []

        def found(wanted: Margins) -> Rect:
            asked.append(wanted)
            return boxes[len(asked) - 1]

        made = with_all(lambda gathered: plan(parse_chain(chain), PHOTO, gathered=gathered), margins=found)
        return made, asked

    def test_the_look_is_at_what_was_made_so_far(self) -> None:
        """After the resize and before the turn of the same component."""
        outcome, (asked,) = self.trimmed("w_200,e_trim:20,a_90/h_50,w_100,c_fill", (10, 5, 180, 140))
        assert asked == Margins(Look(None, True, (Resample((0, 0, 400, 300), 200, 150),), ()), 20, None)
        assert outcome.operations[1:3] == (Resample((10, 5, 190, 145), 180, 140), Rotate(90.0))
        assert (outcome.width, outcome.height) == (100, 50)

    def test_padding_in_the_same_component_comes_before(self) -> None:
        """With its colour, which is not a background for later."""
        outcome, _ = self.trimmed("c_pad,w_400,h_400,b_red,e_trim", (0, 50, 400, 300))
        assert outcome.operations == (
            Pad(400, 400, 0, 50, (255, 0, 0, 255)),
            Resample((0, 50, 400, 350), 400, 300),
        )

    def test_cuts_and_a_resize_after_them_are_one(self) -> None:
        """And a second trim looks again."""
        outcome, asked = self.trimmed(
            "e_trim/c_fill,w_1.0,h_50/e_trim:5/w_iw", (10, 20, 80, 60), (0, 0, 40, 50)
        )
        assert [each.level for each in asked] == [10, 5]
        assert outcome.operations == (Resample((10, 25, 50, 75), 400, 500),)

    def test_what_asks_too_much_of_the_rest_is_refused(self) -> None:
        """By the limits every plan has."""
        with pytest.raises(InvalidRequest, match="Maximum image s"):
            self.trimmed("e_trim/w_3000", (0, 0, 1, 300))


def test_a_loop_is_a_setting_of_the_animation() -> None:
    """It counts rounds after the first, the plan all of them; a still image has none."""
    moving = SourceFacts(40, 30, "gif", frames=3)
    assert planned("e_loop:3", moving).output.loop == 4
    assert planned("e_loop:3,f_webp,fl_awebp", moving).output.loop == 4
    assert planned("e_loop", moving).output.loop == 0
    assert not planned("e_loop", moving).passthrough
    assert planned("e_loop:3").passthrough


@given(st.integers(1, 360))
def test_an_arc_is_as_long_as_the_image_is_wide(degrees: int) -> None:
    """Along the middle row."""
    (bent,) = planned(f"e_distort:arc:{degrees}").operations
    assert isinstance(bent, Filter)
    assert bent.arguments[1] * math.radians(degrees) == pytest.approx(400)
