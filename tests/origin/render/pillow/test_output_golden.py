"""What a format's own losses look like: palettes, few colours, ink, little space."""

from io import BytesIO

import pytest
from PIL import Image

from origin.render.pillow.encoding import encode
from origin.render.pillow.saving import Request
from origin.transform.params.finish import Finish
from origin.transform.plan import Output
from tests.support.golden import assert_golden
from tests.support.images import ASTRONAUT, logo


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("png8", Output("png", finish=Finish(png=8))),
        ("gif", Output("gif")),
        ("gif-lossy", Output("gif", 30, finish=Finish(lossy=True))),
        ("jp2-low", Output("jp2", None, "low")),
        ("avif-low", Output("avif", None, "low")),
        ("webp-low", Output("webp", None, "low")),
    ],
)
def test_a_photograph_looks_as_it_should(name: str, output: Output) -> None:
    """Looked at once by eye."""
    with Image.open(ASTRONAUT) as image:
        canvas = image.convert("RGB").resize((160, 160), Image.Resampling.LANCZOS)
    assert_golden(f"output-{name}", reopened(canvas, output))


def test_ink_looks_as_light_does() -> None:
    """CMYK read back is the picture it was."""
    with Image.open(ASTRONAUT) as image:
        canvas = image.convert("RGB").resize((160, 160), Image.Resampling.LANCZOS)
    assert_golden("output-ink", reopened(canvas, Output("jpg", 90), is_inked=True).convert("RGB"))


def test_a_badge_in_a_palette_keeps_its_smooth_edge() -> None:
    """Alpha of more than one bit in PNG-8; one bit in GIF."""
    assert_golden("output-badge-png8", reopened(logo(120), Output("png")))
    assert_golden("output-badge-gif", reopened(logo(120), Output("gif")))


def reopened(canvas: Image.Image, output: Output, *, is_inked: bool = False) -> Image.Image:
    file = BytesIO()
    encode(canvas, Request(output, is_photographic=True, ink=b"" if is_inked else None), file)
    image = Image.open(file)
    image.load()
    return image
