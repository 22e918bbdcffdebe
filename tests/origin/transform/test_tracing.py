"""Where points go: told by the trace, and shown by a marker painted before (transformations.md §5.2)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from origin.render.limits import RenderLimits
from origin.render.pillow.decoding import UPRIGHT
from origin.render.pillow.layers import Layers
from origin.transform.parse import parse_chain
from origin.transform.plan import SourceFacts
from origin.transform.resolve import worked
from origin.transform.tracing import Trace, size_after, turned_upright

SIZE = (160, 120)
RED = (255, 0, 0)
STEPS = [
    *("w_100", "c_fill,w_90,h_90", "c_fill,w_50,h_80,g_south_east", "c_crop,w_140,h_100,x_5,y_7", "a_90"),
    *(
        "a_hflip",
        "a_vflip",
        "a_270",
        "a_30",
        "a_-12.5",
        "c_pad,w_200,h_200,b_blue",
        "c_lpad,w_300,h_130,g_east",
    ),
    *("bo_9px_solid_green", "c_thumb,w_80,h_80,z_1.2", "e_shear:15:0", "e_shadow:20,x_-30,y_12"),
    *("e_distort:10:5:150:0:160:118:0:100", "e_outline:outer:6,co_blue", "b_auto,c_pad,w_220,h_220", "r_max"),
    *("e_grayscale,a_180", "b_blurred,c_pad,w_200,h_180"),
]


def marked(spot: tuple[int, int]) -> Image.Image:
    """Gray, with a red square of nine pixels a side about a spot."""
    canvas = Image.new("RGB", SIZE, (128, 128, 128))
    x, y = spot
    canvas.paste(RED, (x - 4, y - 4, x + 5, y + 5))
    return canvas


def reddest(canvas: Image.Image) -> tuple[float, float] | None:
    """The middle of what is red; None if nothing (any more) is."""
    red, green, _ = canvas.convert("RGBA").convert("RGB").split()
    data = [r - g for r, g in zip(red.tobytes(), green.tobytes(), strict=True)]
    spots = [(at % canvas.width, at // canvas.width) for at, each in enumerate(data) if each > 90]
    if not spots:
        return None
    xs, ys = zip(*spots, strict=True)
    return (min(xs) + max(xs) + 1) / 2, (min(ys) + max(ys) + 1) / 2


@given(
    st.lists(st.sampled_from([step for step in STEPS if "grayscale" not in step]), min_size=1, max_size=3),
    st.tuples(st.integers(50, 110), st.integers(40, 80)),
)
@settings(max_examples=60, deadline=None)
def test_a_marker_is_found_where_the_trace_says(steps: list[str], spot: tuple[int, int]) -> None:
    """Through every step that moves pixels."""
    place, margin = (0.0, 0.0), 14
    for end in range(1, len(steps) + 1):
        canvas = worked(parse_chain("/".join(steps[:end])), SourceFacts(*SIZE, "png"))
        place = canvas.view.trace.point(spot[0] + 0.5, spot[1] + 0.5) or pytest.fail("nowhere")
        if not (margin < place[0] < canvas.width - margin and margin < place[1] < canvas.height - margin):
            return  # cut off, wholly or in part; later padding brings nothing back
    painted = Layers((), RenderLimits()).worked(marked(spot), tuple(canvas.operations))
    assert painted.size == (canvas.width, canvas.height)
    found = reddest(painted)
    if found is not None:  # else it has become too small, or was rounded off
        assert found == pytest.approx(place, abs=3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_stored_pixels_are_turned_as_the_renderer_turns_them(orientation: int) -> None:
    """EXIF 1..8."""
    canvas = marked((30, 20))
    shown = canvas.transpose(UPRIGHT[orientation]) if orientation > 1 else canvas
    trace = turned_upright(orientation, *SIZE)
    assert trace.point(30.5, 20.5) == reddest(shown)
    assert trace.inverse.point(*(reddest(shown) or (0, 0))) == pytest.approx((30.5, 20.5))


@pytest.mark.parametrize("step", STEPS)
def test_sizes_are_those_the_renderer_makes(step: str) -> None:
    """And the map has a way back."""
    canvas = worked(parse_chain(step), SourceFacts(*SIZE, "png"))
    size = SIZE
    for operation in canvas.operations:
        size = size_after(operation, size)
    assert size == (canvas.width, canvas.height)
    there = canvas.view.trace.point(80, 60)
    assert there is not None
    assert canvas.view.trace.inverse.point(*there) == pytest.approx((80, 60))


def test_a_point_behind_the_horizon_is_nowhere() -> None:
    """Nor is a box with such a corner."""
    trace = Trace(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (-0.01, 0.0, 1.0)))
    assert trace.point(150, 0) is None
    assert trace.box((0, 0, 150, 10)) is None
