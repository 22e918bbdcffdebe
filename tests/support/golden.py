"""Pictures kept beside the tests: what a render must look like, within what no eye sees.

`PIXELEDGE_WRITE_GOLDEN=1` writes them anew; they are then to be looked at before they are committed.
"""

import os
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
TOLERANCE = 2.0  # mean difference per channel; rasterizers of other versions differ at edges
BLIND_PIXELS = 2  # differences are looked at in blocks of this side


def assert_golden(name: str, picture: Image.Image) -> None:
    """The picture looks like the one of that name; transparency is shown on grey."""
    shown = on_grey(picture)
    path = GOLDEN / f"{name}.png"
    if os.environ.get("PIXELEDGE_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        shown.save(path, optimize=True)
    with Image.open(path) as kept:
        wanted = kept.convert("RGB")
    assert shown.size == wanted.size
    apart = ImageChops.difference(shown.reduce(BLIND_PIXELS), wanted.reduce(BLIND_PIXELS))
    assert max(ImageStat.Stat(apart).mean) < TOLERANCE, f"{name} looks different"


def on_grey(picture: Image.Image) -> Image.Image:
    """Opaque, so that two colours under full transparency are one."""
    ground = Image.new("RGBA", picture.size, (128, 128, 128, 255))
    ground.alpha_composite(picture.convert("RGBA"))
    return ground.convert("RGB")
