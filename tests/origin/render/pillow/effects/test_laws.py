"""What holds for every effect: the size it was planned with, alpha kept, levels that do nothing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from origin.render.limits import RenderLimits
from origin.render.pillow.effects.table import PAINTERS, RESIZING, filtered
from origin.render.pillow.operations import apply
from origin.transform.effects.grammar import READERS
from origin.transform.parse import parse_chain
from origin.transform.plan import Filter, Plan, SourceFacts
from origin.transform.resolve import plan
from tests.support.effects import CHAINS, FACED
from tests.support.gathering import with_all
from tests.support.images import quartered

LIMITS = RenderLimits()
OWN_OPERATIONS = {"grayscale", "sepia", "blur", "trim", "loop"}
WARPS = {"distort", "shear"}
CHANGE_ALPHA = {
    *("opacity_threshold", "gradient_fade", "make_transparent", "bgremoval", "shadow", "outline"),
    *("dropshadow", "distort", "shear", "pixelate", "pixelate_region", "blur", "blur_region", "trim"),
    *("blur_faces", "pixelate_faces"),
}


def painted(canvas: Image.Image, chain: str) -> Image.Image:
    """The operations of a chain without trims."""
    facts = SourceFacts(*canvas.size, "png", has_alpha=canvas.mode in ("LA", "RGBA"))
    outcome = with_all(lambda gathered: plan(parse_chain(chain), facts, gathered=gathered), sight=FACED)
    for operation in Plan.from_json(json.loads(json.dumps(outcome.to_json()))).operations:
        canvas = apply(canvas, operation, LIMITS)
    assert canvas.size == (outcome.width, outcome.height)
    return canvas


def translucent(mode: str = "RGBA") -> Image.Image:
    """Four colours under an alpha that grows from left to right."""
    canvas = quartered().convert("RGBA")
    canvas.putalpha(Image.linear_gradient("L").rotate(90).resize(canvas.size))
    return canvas.convert(mode)


def named(chain: str) -> str:
    effect = parse_chain(chain).steps[0].effect
    return effect.name if effect is not None else ""


EFFECTS = [chain for chain in CHAINS if named(chain) not in ("", "trim")]

PADDINGS = [
    f"{ground},c_pad,h_71,w_97" for ground in ("b_auto", "b_blurred:50:20", "b_auto:border_gradient:4")
]


def test_every_effect_that_may_be_written_is_painted() -> None:
    """The grammar and the painters share one list."""
    grounds = {"automatic_ground", "blurred_ground", "liquid"}
    parts = {"blur_parts", "pixelate_parts"}
    of_their_own = OWN_OPERATIONS | WARPS | {"blur_faces", "pixelate_faces"}
    painters = set(PAINTERS) | set(RESIZING)
    assert set(READERS) - of_their_own == painters - grounds - parts - {"perspective", "arc"}


def test_every_effect_has_a_golden_picture() -> None:
    """But for the one that has no pixels."""
    assert {named(chain) for chain in CHAINS} >= set(READERS) - {"loop"}


@given(
    st.sampled_from([*EFFECTS, *PADDINGS]),
    st.sampled_from(["L", "LA", "RGB", "RGBA"]),
    st.tuples(st.integers(1, 90), st.integers(1, 90)),
)
@settings(max_examples=200, deadline=None)
def test_every_effect_takes_every_size(chain: str, mode: str, size: tuple[int, int]) -> None:
    """Rounding never leads outside an image."""
    painted(translucent(mode).resize(size), chain)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("chain", EFFECTS)
def test_every_effect_takes_every_canvas(chain: str, mode: str) -> None:
    """Of the planned size, in a mode the next operation takes."""
    assert painted(translucent(mode), chain).mode in ("L", "LA", "RGB", "RGBA")


@pytest.mark.parametrize("chain", EFFECTS)
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (9, 2)])
def test_every_effect_takes_the_smallest_images(chain: str, size: tuple[int, int]) -> None:
    """Nothing divides by a side less one."""
    painted(Image.new("RGBA", size, (200, 100, 50, 128)), chain)


@pytest.mark.parametrize(
    "chain", [chain for chain in EFFECTS if named(chain) not in CHANGE_ALPHA and ",o_" not in chain]
)
def test_alpha_is_preserved(chain: str) -> None:
    """transformations.md §12: unless said."""
    canvas = translucent()
    after = painted(canvas, chain)
    assert ImageChops.difference(after.getchannel("A"), canvas.getchannel("A")).getbbox() is None


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        *((name, (0,)) for name in ("brightness", "saturation", "vibrance", "gamma", "red", "green", "blue")),
        *((name, (0,)) for name in ("auto_brightness", "auto_contrast", "auto_color", "vignette")),
        ("contrast", (100, "linear")),
        ("improve", ("outdoor", 0)),
        ("fill_light", (0, 50)),
        ("colorize", (0, (255, 0, 0, 255))),
        ("tint", (False, 0, (0.5, (255, 0, 0, 255)))),
        ("recolor", (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)),
        ("oil_paint", (0,)),
        ("pixelate", (1,)),
        ("morphology", ("erode", 1, "disk", 0.5)),
    ],
)
def test_a_level_of_nothing_changes_nothing(name: str, arguments: tuple[object, ...]) -> None:
    """The planner leaves most of these out; the painter must agree with it."""
    canvas = quartered()
    after = filtered(canvas, Filter(name, arguments, *canvas.size))
    assert max(high for _, high in ImageChops.difference(after, canvas).getextrema()) <= 1  # type: ignore[misc]
