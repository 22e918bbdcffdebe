"""The crop modes: the sheet's worked table, and the laws the table is made of (transformations.md §4, §5)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from origin.transform.geometry import Canvas, placed
from origin.transform.limits import Limits
from origin.transform.parse import parse_chain
from origin.transform.plan import Pad, Plan, Resample, SourceFacts
from origin.transform.resolve import plan
from origin.transform.tracing import rotated_size

ROOMY = Limits(output_side=10**9, output_pixels=10**18)


def planned(source: tuple[int, int], params: str) -> Plan:
    return plan(parse_chain(params), SourceFacts(*source, format="png"), limits=ROOMY)


WORKED = [
    # mode, source, params, result, scaled to, window on the scaled image (left, top) or place on the canvas
    ("scale", (1280, 853), "w_640", (640, 427), None, None),
    ("scale", (1280, 853), "w_0.5", (640, 427), None, None),
    ("scale", (1280, 853), "h_150", (225, 150), None, None),
    ("scale", (1280, 853), "w_200,h_200", (200, 200), None, None),
    ("scale", (640, 427), "h_150,fl_ignore_aspect_ratio", (640, 150), None, None),
    ("fit", (640, 427), "w_150,h_150", (150, 100), None, None),
    ("fit", (427, 640), "w_150,h_150", (100, 150), None, None),
    ("fit", (100, 67), "w_150,h_150", (150, 101), None, None),
    ("limit", (640, 427), "w_150,h_150", (150, 100), None, None),
    ("limit", (100, 67), "w_150,h_150", (100, 67), None, None),
    ("limit", (640, 427), "w_700,h_200", (300, 200), None, None),
    ("mfit", (640, 427), "w_20,h_20", (640, 427), None, None),
    ("mfit", (100, 67), "w_150,h_150", (150, 101), None, None),
    ("mfit", (640, 427), "w_700,h_200", (640, 427), None, None),
    ("fill", (1280, 853), "w_250,h_250", (250, 250), (375, 250), (62, 0)),
    ("fill", (100, 67), "w_150,h_150", (150, 150), (224, 150), (37, 0)),
    ("fill", (1280, 853), "ar_1.0", (853, 853), (1280, 853), (213, 0)),
    ("fill", (1280, 853), "ar_16:9", (1280, 720), (1280, 853), (0, 66)),
    ("fill", (1280, 853), "ar_0.7,w_300", (300, 429), (644, 429), (172, 0)),
    ("lfill", (640, 427), "w_150,h_150", (150, 150), (225, 150), (37, 0)),
    ("lfill", (100, 67), "w_150,h_150", (100, 67), (100, 67), (0, 0)),
    ("lfill", (640, 427), "w_500,h_500", (500, 427), (640, 427), (70, 0)),
    ("pad", (640, 427), "w_150,h_150", (150, 150), (150, 100), (0, 25)),
    ("pad", (100, 67), "w_150,h_150", (150, 150), (150, 101), (0, 24)),
    ("pad", (640, 427), "ar_16:9", (759, 427), (640, 427), (59, 0)),
    ("pad", (640, 427), "w_1.0", (640, 427), (640, 427), (0, 0)),
    ("lpad", (640, 427), "w_400,h_150", (400, 150), (225, 150), (87, 0)),
    ("lpad", (100, 67), "w_150,h_150", (150, 150), (100, 67), (25, 41)),
    ("lpad", (640, 427), "ar_1.0,w_1.1", (704, 704), (640, 427), (32, 138)),
    ("mpad", (640, 427), "w_20,h_20", (640, 427), (640, 427), (0, 0)),
    ("mpad", (100, 67), "w_150,h_150", (150, 150), (100, 67), (25, 41)),
    ("mpad", (640, 427), "w_700,h_200", (700, 427), (640, 427), (30, 0)),
    ("crop", (640, 427), "w_200,h_200", (200, 200), (640, 427), (220, 113)),
    ("crop", (400, 600), "w_200", (200, 300), (400, 600), (100, 150)),
    ("crop", (640, 427), "w_800,h_100", (640, 100), (640, 427), (0, 163)),
    ("crop", (640, 427), "g_south,w_200,h_150", (200, 150), (640, 427), (220, 277)),
    ("crop", (640, 427), "w_150,h_150,x_80,y_30", (150, 150), (640, 427), (80, 30)),
    ("crop", (640, 427), "g_north_east,w_200,h_200,x_10,y_20", (200, 200), (640, 427), (430, 20)),
    ("crop", (640, 427), "w_0.5,h_0.5,x_0.25,y_0.25", (320, 214), (640, 427), (160, 107)),
    ("fill", (640, 427), "g_west,w_200,h_200", (200, 200), (300, 200), (0, 0)),
    ("pad", (640, 427), "g_north,w_150,h_150", (150, 150), (150, 100), (0, 0)),
]


@pytest.mark.parametrize(("mode", "source", "params", "result", "scaled", "corner"), WORKED)
def test_a_row_of_the_worked_table(
    mode: str,
    source: tuple[int, int],
    params: str,
    result: tuple[int, int],
    scaled: tuple[int, int] | None,
    corner: tuple[int, int] | None,
) -> None:
    """transformations.md §4.3, sizes and what survives."""
    outcome = planned(source, f"c_{mode},{params}")
    assert (outcome.width, outcome.height) == result
    resize = parse_chain(f"c_{mode},{params}").steps[0].resize
    assert resize is not None
    placement = placed(resize, source, source, Fraction(1))
    whole = tuple(map(Fraction, (0, 0, *source)))
    left, top, right, bottom = placement.box
    if placement.canvas is not None:
        assert placement.canvas == Canvas(*result, *(corner or ()))
        assert (placement.width, placement.height) == scaled
        assert placement.box == whole
    elif scaled is not None and corner is not None:
        across, down = Fraction(scaled[0], source[0]), Fraction(scaled[1], source[1])
        assert (left * across, top * down) == tuple(map(Fraction, corner))
        assert right * across == corner[0] + result[0]
        assert bottom * down == corner[1] + result[1]
    else:
        assert placement.box == whole


def test_an_untouched_image_costs_no_operation() -> None:
    """`limit` of something small is the stored file."""
    assert planned((100, 67), "c_limit,w_150,h_150").passthrough
    assert planned((640, 427), "c_pad,w_1.0").passthrough


def test_a_fill_becomes_one_cut_and_resample() -> None:
    """Scaled to 375x250, x 62..312: as a box of the source."""
    (operation,) = planned((1280, 853), "c_fill,h_250,w_250").operations
    assert isinstance(operation, Resample)
    assert operation.box == pytest.approx((62 * 1280 / 375, 0, 312 * 1280 / 375, 853))


@pytest.mark.parametrize(
    ("gravity", "left", "top"),
    [
        ("north_west", 7, 5),
        ("north", 227, 5),
        ("north_east", 433, 5),
        ("west", 7, 118),
        ("center", 227, 118),
        ("east", 433, 118),
        ("south_west", 7, 222),
        ("south", 227, 222),
        ("south_east", 433, 222),
        ("xy_center", 0, 0),
    ],
)
def test_offsets_point_inward_from_edges_and_right_and_down_from_the_centre(
    gravity: str, left: int, top: int
) -> None:
    """§5.1; a window about a point near the edge moves in."""
    (operation,) = planned((640, 427), f"c_crop,g_{gravity},h_200,w_200,x_7,y_5").operations
    assert isinstance(operation, Resample)
    assert operation.box == (left, top, left + 200, top + 200)


def test_a_crop_reaching_over_the_edge_shows_what_there_is() -> None:
    """Clamped to the image; wholly beside it, the nearest pixels."""
    assert (planned((100, 80), "c_crop,h_50,w_50,x_80,y_60").width) == 20
    beside = planned((100, 80), "c_crop,h_50,w_50,x_500,y_-500")
    assert (beside.width, beside.height) == (1, 1)


def test_a_point_of_the_input_is_carried_along_by_fill() -> None:
    """`xy_center` counts in input pixels, or in factors of the input."""
    (pixels,) = planned((1000, 500), "c_fill,g_xy_center,h_100,w_100,x_250,y_250").operations
    (factors,) = planned((1000, 500), "c_fill,g_xy_center,h_100,w_100,x_0.25,y_0.5").operations
    assert pixels == factors == Resample((0, 0, 500, 500), 100, 100)


def test_thumb_without_a_region_equals_fill_and_zoom_tightens_it() -> None:
    """§4.2."""
    assert planned((640, 427), "c_thumb,h_100,w_100") == planned((640, 427), "c_fill,h_100,w_100")
    (operation,) = planned((400, 400), "c_thumb,h_100,w_100,z_2").operations
    assert operation == Resample((100, 100, 300, 300), 100, 100)
    (operation,) = planned((400, 400), "c_thumb,g_north_west,h_100,w_50,z_0.5").operations
    assert operation == Resample((0, 0, 200, 400), 50, 100)


def test_the_size_of_the_original_outlives_every_step() -> None:
    """`iw` and `ih` are not the component's input (§4.1)."""
    outcome = planned((640, 427), "c_crop,h_10,w_10/h_ih,w_iw")
    assert (outcome.width, outcome.height) == (640, 427)


def test_the_pixel_ratio_multiplies_pixels_of_the_whole_chain_but_no_factor() -> None:
    """Also when it stands in a later component (§4.4)."""
    outcome = planned((1000, 1000), "c_scale,h_150/dpr_2.0")
    assert (outcome.width, outcome.height) == (300, 300)
    assert planned((1000, 1000), "c_scale,w_0.5,dpr_2").width == 500
    assert planned((1000, 1000), "c_limit,w_900,dpr_2").width == 1000
    assert planned((1000, 1000), "c_crop,h_100,w_100,x_10,y_10,dpr_2").operations == (
        Resample((20, 20, 220, 220), 200, 200),
    )


@pytest.mark.parametrize(
    ("degrees", "size"), [(45, (756, 755)), (20, (748, 621)), (90, (427, 640)), (180, (640, 427))]
)
def test_a_turned_image_has_the_size_that_pillow_gives_it(degrees: int, size: tuple[int, int]) -> None:
    """§6.1 publishes these."""
    assert rotated_size(640, 427, Fraction(degrees)) == size


@given(st.integers(1, 60), st.integers(1, 60), st.fractions(0, 359).map(lambda degrees: round(degrees, 2)))
def test_a_turned_image_has_the_size_that_pillow_gives_it_whatever_the_angle(
    width: int, height: int, degrees: Fraction
) -> None:
    """A plan that foretells another size than the renderer's would crop the next step wrongly."""
    turned = Image.new("1", (width, height)).rotate(-float(degrees), expand=True)
    assert rotated_size(width, height, degrees) == turned.size


sides = st.integers(1, 5000)
sizes = st.tuples(sides, sides)


@given(sizes, sizes)
def test_fit_never_exceeds_its_box_and_touches_it(source: tuple[int, int], box: tuple[int, int]) -> None:
    """And keeps the ratio within rounding."""
    outcome = planned(source, f"c_fit,w_{box[0]},h_{box[1]}")
    assert outcome.width <= box[0]
    assert outcome.height <= box[1]
    assert outcome.width == box[0] or outcome.height == box[1]
    factor = min(Fraction(box[0], source[0]), Fraction(box[1], source[1]))
    assert abs(outcome.width - max(Fraction(1), source[0] * factor)) <= Fraction(1, 2)
    assert abs(outcome.height - max(Fraction(1), source[1] * factor)) <= Fraction(1, 2)


@given(sizes, sides, st.sampled_from(["scale", "fit", "fill", "thumb", "pad"]), st.booleans())
def test_one_side_alone_is_met_exactly_and_nothing_is_cut(
    source: tuple[int, int], side: int, mode: str, is_width: bool
) -> None:
    """The other follows from it by rounding, and must not bend it back."""
    outcome = planned(source, f"c_{mode},{'w' if is_width else 'h'}_{side}")
    given_side, free_side = (0, 1) if is_width else (1, 0)
    result = (outcome.width, outcome.height)
    assert result[given_side] == side
    exact = max(Fraction(1), Fraction(side * source[free_side], source[given_side]))
    assert abs(result[free_side] - exact) <= Fraction(1, 2)
    assert outcome.operations in ((), (Resample((0, 0, *source), *result),))


def test_a_limit_by_one_side_is_met_exactly() -> None:
    """The example behind the law above."""
    outcome = planned((1000, 666), "c_limit,w_400")
    assert (outcome.width, outcome.height) == (400, 266)


@given(sizes, sizes)
def test_limit_is_fit_that_never_enlarges_and_mfit_one_that_never_reduces(
    source: tuple[int, int], box: tuple[int, int]
) -> None:
    """§4.2."""
    params = f"w_{box[0]},h_{box[1]}"
    fit, limit, mfit = (planned(source, f"c_{mode},{params}") for mode in ("fit", "limit", "mfit"))
    assert (limit.width, limit.height) in [source, (fit.width, fit.height)]
    assert limit.width <= source[0]
    assert limit.height <= source[1]
    assert mfit.width >= source[0]
    assert mfit.height >= source[1]


@given(
    sizes,
    sizes,
    st.sampled_from(["north_west", "center", "east", "south", "xy_center"]),
    st.integers(-6000, 6000),
    st.sampled_from(["fill", "thumb"]),
)
def test_fill_covers_exactly_from_inside_the_source(
    source: tuple[int, int], box: tuple[int, int], gravity: str, offset: int, mode: str
) -> None:
    """With the ratio of the scaled image kept within rounding."""
    outcome = planned(source, f"c_{mode},g_{gravity},w_{box[0]},h_{box[1]},x_{offset},y_{offset}")
    assert (outcome.width, outcome.height) == box
    for operation in outcome.operations:
        assert isinstance(operation, Resample)
        left, top, right, bottom = operation.box
        assert 0 <= left < right <= source[0] + 1e-9
        assert 0 <= top < bottom <= source[1] + 1e-9
        factor = max(box[0] / source[0], box[1] / source[1])
        assert right - left == pytest.approx(box[0] / factor, abs=1 / factor + 1, rel=0.51)


@given(
    sizes, sizes, st.integers(-6000, 6000), st.integers(-6000, 6000), st.sampled_from(["west", "xy_center"])
)
def test_a_crop_lies_inside_the_source_and_is_not_resampled(
    source: tuple[int, int], box: tuple[int, int], x: int, y: int, gravity: str
) -> None:
    """Whole pixels, at most the size asked for."""
    outcome = planned(source, f"c_crop,g_{gravity},w_{box[0]},h_{box[1]},x_{x},y_{y}")
    assert 1 <= outcome.width <= min(box[0], source[0])
    assert 1 <= outcome.height <= min(box[1], source[1])
    for operation in outcome.operations:
        assert isinstance(operation, Resample)
        left, top, right, bottom = operation.box
        assert 0 <= left < right <= source[0]
        assert 0 <= top < bottom <= source[1]
        assert (right - left, bottom - top) == (operation.width, operation.height)


@given(sizes, sizes, st.sampled_from(["pad", "lpad", "mpad"]))
def test_a_padded_image_lies_whole_on_its_canvas(
    source: tuple[int, int], box: tuple[int, int], mode: str
) -> None:
    """Nothing is cut, and the canvas is the size asked for (at least, for mpad)."""
    outcome = planned(source, f"c_{mode},w_{box[0]},h_{box[1]}")
    expected = box if mode != "mpad" else (max(box[0], source[0]), max(box[1], source[1]))
    assert (outcome.width, outcome.height) == expected
    width, height = source
    for operation in outcome.operations:
        if isinstance(operation, Pad):
            assert 0 <= operation.left <= operation.width - width
            assert 0 <= operation.top <= operation.height - height
        elif isinstance(operation, Resample):
            width, height = operation.width, operation.height


@given(sizes, st.integers(1, 400), st.integers(1, 4))
def test_the_pixel_ratio_scales_the_result(source: tuple[int, int], side: int, dpr: int) -> None:
    """An asked-for box grows with it exactly."""
    outcome = planned(source, f"c_fill,w_{side},h_{side},dpr_{dpr}")
    assert (outcome.width, outcome.height) == (side * dpr, side * dpr)


@given(sizes, sizes, sizes)
def test_the_last_of_two_scales_decides_the_size(
    source: tuple[int, int], first: tuple[int, int], last: tuple[int, int]
) -> None:
    """A chain of scales composes."""
    outcome = planned(source, f"w_{first[0]},h_{first[1]}/w_{last[0]},h_{last[1]}")
    assert (outcome.width, outcome.height) == last
