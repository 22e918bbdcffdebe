"""Trims: plans that wait for pixels."""

from pathlib import Path

import pytest
from PIL import Image

from origin.render.limits import RenderLimits
from origin.render.pillow.effects.backdrops import content_box
from origin.render.pillow.margins import margins
from origin.render.pillow.painting import paint
from origin.render.pillow.probing import probe
from origin.transform.parse import parse_chain
from origin.transform.plan import Output, Plan
from origin.transform.references import Margins
from origin.transform.resolve import plan
from origin.transform.sight import Rect
from tests.support.gathering import with_all
from tests.support.images import saved

LIMITS = RenderLimits()
RED = (220, 20, 20)


def framed(left: int = 10, top: int = 5, colour: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    """A red box of 40 × 20 on a ground of 100 × 60."""
    canvas = Image.new("RGB", (100, 60), colour)
    canvas.paste(RED, (left, top, left + 40, top + 20))
    return canvas


def looked(wanted: Margins, source: Path) -> Rect:
    """As a worker does."""
    look = wanted.look
    plan_so_far = Plan(look.orient, look.operations, Output("png"), 1, 1)
    return margins(plan_so_far, look.source, str(source), (), wanted.level, wanted.colour, LIMITS)


def rendered(source: Path, chain: str, target: Path) -> Image.Image:
    facts = probe(str(source), LIMITS)
    made = with_all(
        lambda gathered: plan(parse_chain(chain), facts, gathered=gathered),
        margins=lambda wanted: looked(wanted, source),
    )
    paint(made, str(source), facts, str(target), LIMITS)
    return Image.open(target)


@pytest.mark.parametrize(
    ("chain", "size"),
    [
        ("e_trim", (40, 20)),
        ("e_trim/w_80", (80, 40)),
        ("e_trim,bo_3px_solid_blue", (46, 26)),
        ("e_trim/c_fill,w_1.0,ar_1.0/w_iw", (100, 100)),
        ("e_trim:10:red", (100, 60)),
        ("bo_4px_solid_black/e_trim/e_trim", (40, 20)),
        ("c_pad,w_300,h_300,b_red/e_trim/a_90", (180, 300)),
    ],
)
def test_what_follows_a_trim_works_on_what_it_left(tmp_path: Path, chain: str, size: tuple[int, int]) -> None:
    """From a file, through plan and worker code, to a file."""
    source = saved(framed(), tmp_path / "in.png")
    assert rendered(source, chain, tmp_path / "out.png").size == size


def test_every_frame_is_trimmed_where_the_first_was(tmp_path: Path) -> None:
    """Frames of one animation have one size."""
    frames = [framed(10), framed(30), framed(50, 35)]
    source = tmp_path / "in.gif"
    frames[0].save(source, save_all=True, append_images=frames[1:], duration=50, loop=0)
    with rendered(source, "e_trim/w_20", tmp_path / "out.gif") as outcome:
        assert (outcome.size, getattr(outcome, "n_frames", 1)) == ((20, 10), 3)


def test_a_loop_reaches_the_file(tmp_path: Path) -> None:
    """Instead of the source's own count."""
    frames = [framed(10), framed(30)]
    source = tmp_path / "in.gif"
    frames[0].save(source, save_all=True, append_images=frames[1:], duration=50, loop=0)
    with rendered(source, "e_loop:3", tmp_path / "out.gif") as outcome:
        assert outcome.info["loop"] == 3


def test_a_uniform_image_keeps_one_pixel() -> None:
    """Never empty."""
    assert content_box(Image.new("RGB", (9, 9), "white"), 10, None) == (0, 0, 1, 1)
    assert content_box(Image.new("RGBA", (9, 9)), 10, None) == (0, 0, 1, 1)


def test_a_trim_goes_by_the_top_left_corner_or_the_colour_told() -> None:
    """Within a tolerance per channel."""
    canvas = framed(colour=(250, 252, 255))
    canvas.putpixel((99, 59), (232, 250, 255))
    assert content_box(canvas, 10, None) == (10, 5, 50, 25)
    assert content_box(canvas, 2, None) == (10, 5, 100, 60)
    assert content_box(canvas, 10, (255, 255, 255, 255)) == (10, 5, 50, 25)


def test_a_clear_border_goes_whatever_colour_it_hides() -> None:
    """And a colour like the border is kept, where the border is clear."""
    canvas = Image.new("RGBA", (50, 50), (255, 0, 255, 0))
    canvas.paste((0, 0, 0, 255), (20, 20, 30, 25))
    assert content_box(canvas, 10, None) == (20, 20, 30, 25)
