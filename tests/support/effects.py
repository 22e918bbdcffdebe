"""Golden pictures of effects, small, one a chain. `python -m tests.support.effects` makes them anew."""

import json
import re
import sys
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

from origin.render.limits import RenderLimits
from origin.render.pillow.effects.backdrops import content_box
from origin.render.pillow.layers import Layers
from origin.transform.parse import parse_chain
from origin.transform.plan import Plan, SourceFacts
from origin.transform.references import Margins
from origin.transform.resolve import plan
from origin.transform.sight import Face, Importance, Rect, Sight
from tests.support.gathering import with_all
from tests.support.images import ASTRONAUT, BRUSHES

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "effects"
SIDE = 72
FACED = Sight((Face((24, 10, 16, 16)),), Importance(1, 1, b"\x80"))  # where the astronaut's is

_PHOTOGRAPH = """
e_grayscale e_sepia e_negate e_blackwhite e_brightness:40 e_brightness_hsb:40 e_contrast:60 e_contrast:-60
e_contrast:150:linear e_saturation:70 e_saturation:-60 e_vibrance:80 e_hue:40 e_gamma:60 e_red:50
e_green:-50 e_blue:60 e_auto_brightness e_auto_contrast e_auto_color e_improve e_improve:indoor
e_fill_light:100:60 e_colorize:40,co_red e_tint:80:red:blue:white e_tint:equalize:80:blue:30p:yellow:60p
e_recolor:0.3:0.7:0.1:0.3:0.6:0.1:0.2:0.5:0.1 e_replace_color:blue:40 e_gradient_fade
e_gradient_fade:symmetric:40,x_0.3 e_vignette:80 e_simulate_colorblind e_simulate_colorblind:tritanomaly
e_simulate_colorblind:rod_monochromacy e_assist_colorblind:60 e_assist_colorblind:xray
"""
_PORTRAIT = """
e_art:al_dente e_art:athena e_art:audrey e_art:aurora e_art:daguerre e_art:eucalyptus e_art:fes e_art:frost
e_art:hairspray e_art:hokusai e_art:incognito e_art:linen e_art:peacock e_art:primavera e_art:quartz
e_art:red_rock e_art:refresh e_art:sizzle e_art:sonnet e_art:ukulele e_art:zorro
e_blur:200 e_blur_region:300,x_20,y_5,w_30,h_40 e_pixelate e_pixelate_region:6,x_20,y_5,w_30,h_40
e_sharpen:400 e_unsharp_mask:300 e_oil_paint e_oil_paint:90 e_cartoonify e_cartoonify:60:bw
e_ordered_dither e_ordered_dither:1 e_ordered_dither:3 e_ordered_dither:5 e_ordered_dither:6
e_ordered_dither:10 e_ordered_dither:13 e_ordered_dither:16 e_morphology e_morphology:dilate:2:square:1
e_morphology:convolve:1:octagon:3 e_distort:10:5:70:0:60:70:0:50 e_blur_faces e_pixelate_faces:8
e_distort:arc:120 e_distort:arc:-90
e_shear:20:10 o_40 bo_4px_solid_red bo_4px_solid_red,r_20 bo_4px_solid_rgb:0000ff80,r_max
b_auto,c_pad,h_72,w_100 b_auto:predominant_gradient:2:diagonal_asc,c_pad,h_72,w_100
b_auto:border_gradient:4,c_pad,h_72,w_100 b_auto:predominant_contrast,c_pad,h_72,w_100
c_pad,h_72,w_100,b_teal/e_gradient_fade:symmetric_pad,x_0.4
b_auto:border_gradient:2:vertical:palette_red_green,c_pad,h_72,w_100 b_blurred:200:-30,c_pad,h_72,w_100
"""
_LOGO = """
e_opacity_threshold:90 e_shadow e_shadow:20,co_red,x_-6,y_6 e_outline e_outline:outer:8:20,co_blue
e_outline:inner:4 e_outline:fill:3,co_green e_outline:inner_fill e_dropshadow:300:40:60 e_trim
e_trim/c_fill,h_40,w_40/bo_2px_solid_black b_auto:predominant bo_3px_solid_green,r_15 e_art:fes,o_60
"""
_PRODUCT = """
e_trim:20 e_trim:10:white,bo_1px_solid_red e_make_transparent e_make_transparent:10,co_white e_bgremoval
e_bgremoval:screen:14783c e_make_transparent:20/e_shadow:30,x_4,y_4
"""


_FLASHED = "e_redeye"


def _photograph() -> Image.Image:
    return Image.open(BRUSHES).convert("RGB").resize((SIDE, 57), Image.Resampling.BOX)


def _portrait() -> Image.Image:
    return Image.open(ASTRONAUT).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)


def _flashed() -> Image.Image:
    """The portrait with eyes as a flash makes them, only larger."""
    portrait = _portrait()
    for left in (25, 33):
        ImageDraw.Draw(portrait).ellipse((left, 12, left + 5, 17), fill=(210, 30, 40))
    return portrait


def _logo() -> Image.Image:
    """A red disc under a translucent blue square, on nothing."""
    large = Image.new("RGBA", (SIDE * 4, SIDE * 3), (0, 0, 0, 0))
    pen = ImageDraw.Draw(large)
    pen.ellipse((48, 32, 180, 164), fill=(220, 40, 60, 255))
    pen.rectangle((150, 90, 230, 180), fill=(30, 90, 200, 200))
    return large.reduce(4)


def _product() -> Image.Image:
    """A green disc with a hole, on a background that is nearly white."""
    large = Image.new("RGB", (SIDE * 4, SIDE * 3), (250, 250, 248))
    pen = ImageDraw.Draw(large)
    pen.ellipse((72, 40, 200, 168), fill=(20, 120, 60))
    pen.ellipse((112, 80, 150, 118), fill=(250, 250, 250))
    return large.reduce(4)


CHAINS = {
    chain: source
    for chains, source in (
        (_PHOTOGRAPH, _photograph),
        (_PORTRAIT, _portrait),
        (_FLASHED, _flashed),
        (_LOGO, _logo),
        (_PRODUCT, _product),
    )
    for chain in chains.split()
}
"""Every chain with a golden picture, and the picture it starts from."""


def painted(chain: str) -> Image.Image:
    """What a chain makes of its source, planned and carried out as in a worker."""
    canvas = CHAINS[chain]()
    facts = SourceFacts(*canvas.size, "png", has_alpha=canvas.mode == "RGBA")
    layers = Layers((), RenderLimits())

    def margins(wanted: Margins) -> Rect:
        so_far = layers.worked(canvas, wanted.look.operations)
        left, top, right, bottom = content_box(so_far, wanted.level, wanted.colour)
        return left, top, right - left, bottom - top

    made = with_all(
        lambda gathered: plan(parse_chain(chain), facts, gathered=gathered), sight=FACED, margins=margins
    )
    document = json.loads(json.dumps(made.to_json()))
    return layers.worked(canvas, Plan.from_json(document).operations)


def path_of(chain: str) -> Path:
    """Where a chain's golden picture lies."""
    return GOLDEN / f"{re.sub(r'[^a-z0-9_.-]', '~', chain)}.png"


def distance(one: Image.Image, other: Image.Image) -> float:
    """How different two pictures look: the mean difference in levels, over grey, fine grain smoothed away."""
    assert one.size == other.size
    means = []
    for image in (one, other):
        below = Image.new("RGBA", image.size, (128, 128, 128, 255))
        below.alpha_composite(image.convert("RGBA"))
        means.append(below.convert("RGB").filter(ImageFilter.GaussianBlur(0.7)))
    return max(ImageStat.Stat(ImageChops.difference(*means)).mean)


def main() -> None:
    """Write those that are missing or, with `--all`, every one. Look at them before they are committed."""
    for chain in CHAINS:
        if "--all" in sys.argv or not path_of(chain).exists():
            painted(chain).save(path_of(chain), optimize=True)


if __name__ == "__main__":
    main()
