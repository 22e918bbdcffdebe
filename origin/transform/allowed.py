"""What may be written where something invalid stands: the sentence a refusal carries beside its fixed text."""

from collections.abc import Mapping

from origin.transform.effects.grammar import ARTS, COLOUR_VISIONS, KERNELS, READERS
from origin.transform.effects.levels import BARE, LEVELS
from origin.transform.formats import PRODUCIBLE
from origin.transform.params.flags import KNOWN
from origin.transform.params.gravity import COMPASS
from origin.transform.params.size import MODES
from origin.transform.values import InvalidValue
from wire.document import did_you_mean

LONGEST_NAME = 40  # comparing names costs the square of their length
_COLOUR = "a colour name, rgb: with 3, 4, 6 or 8 hex digits, or transparent"
_SIDE = "whole pixels from 1, a factor with a dot like 0.5, iw, ih, auto or an expression like iw_div_2"
_OFFSET = "whole pixels, a factor between -1.0 and 1.0, or an expression"
_WORDS = (
    "text:<font>_<size>, then any of normal, bold, light, thin or 100 to 900, italic, underline, strikethrough, left, "
    "center, right, justify, stroke, letter_spacing_<n>, line_spacing_<n>, antialias_<v>, hinting_<v>, then :<text>"
)
_LAYER = (
    "a public id with : for /, private:<id>, authenticated:<id>, fetch:<base64 of a URL>, "
    "or text:<font>_<size>:<text>, twice escaped"
)

PARAMS: Mapping[str, str] = {
    "width": _SIDE,
    "height": _SIDE,
    "x": _OFFSET,
    "y": _OFFSET,
    "aspect_ratio": "a ratio like 16:9 or 1.5, above zero",
    "crop": f"one of {', '.join(sorted(MODES))}",
    "gravity": f"one of {', '.join(sorted(COMPASS))}, xy_center, auto, face, faces, custom, region_!name!; "
    "what needs a model takes one of these to fall back on, like ocr_text:auto",
    "zoom": "a number above zero: 1.0 keeps the region, more is closer",
    "angle": "degrees, hflip, vflip, ignore, auto_right or auto_left, joined by dots",
    "radius": "whole pixels, up to four joined by colons, or max",
    "border": "<width>px_solid_<colour>",
    "background": f"{_COLOUR}, auto with its options, or blurred[:<1-2000>[:<-300-100>]]",
    "color": _COLOUR,
    "opacity": "a whole number from 0 to 100",
    "output_format": f"one of {', '.join(sorted(PRODUCIBLE))}; svg of drawings and of e_vectorize",
    "list_format": "json",
    "sprite_format": "png, jpg, css or json",
    "multi_format": "gif, webp, png, pdf or zip",
    "format": "a file format like jpg, png, webp, avif or gif, or auto",
    "quality": "a number from 1 to 100, perhaps with :420 or :444, or auto with best, good, eco or low",
    "dpr": "a number above zero, or auto",
    "page": "pages from 1 like 2, 1;3, 2-4 or 2-; name:<layer>;<layer>; embedded:<number>; embedded:name:<layer>",
    "default_image": "a public id with : for /, perhaps with its extension",
    "overlay": _LAYER,
    "underlay": _LAYER,
    "flag": f"one of {', '.join(sorted(KNOWN))}",
    "density": "a whole number of dots per inch from 1 to 65535, or idn for the original's own",
    "delay": "milliseconds from 1 to 600000",
    "fps": "frames a second like 25, 24-29.97 or 20-",
    "video_sampling": "a number of frames like 20, or seconds between them like 2.3s",
    "color_space": "srgb, tinysrgb, no_cmyk, cmyk, keep_cmyk, srgb:truecolor, or icc:<public id of a raw .icc file>",
    "condition": "tests like w_gt_300 or !sale!_in_tags, joined by and, or",
    "assignment": "a number, an expression, or a text between exclamation marks",
}
"""Long name of a param, as refusals write it → what it takes."""

EFFECTS: Mapping[str, str] = {
    **dict.fromkeys(BARE, "nothing"),
    **{
        name: f"a number from {level.least} to {level.most}; {level.default} if left out"
        for name, level in LEVELS.items()
    },
    "contrast": "level_<-100..100>;type_sigmoidal, or level_<1..200>;type_linear",
    "improve": "indoor or outdoor, then a blend from 0 to 100",
    "fill_light": "a blend from 0 to 100, then a bias from -100 to 100",
    "tint": "equalize, an amount from 0 to 100, then up to ten colours, each perhaps with a position like 50p",
    "recolor": "nine or sixteen numbers",
    "replace_color": "a colour, a tolerance from 0 to 100, and perhaps the colour to replace",
    "gradient_fade": "symmetric or symmetric_pad, then a strength from 0 to 100",
    "simulate_colorblind": f"one of {', '.join(sorted(COLOUR_VISIONS))}",
    "assist_colorblind": "a number from 1 to 100, or xray",
    "art": f"one of {', '.join(sorted(ARTS))}",
    "pixelate": "a square's side from 1 to 200; one that suits the image if left out",
    "pixelate_faces": "a square's side from 1 to 200; one that suits the image if left out",
    "pixelate_region": "a square's side from 1 to 200; one that suits the image if left out",
    "cartoonify": "a line strength from 0 to 100, then a colour reduction from 0 to 100 or bw",
    "morphology": f"method_(dilate, erode, convolve);iterations_<1..5>;kernel_({', '.join(sorted(KERNELS))});"
    "radius_<0.5..20>",
    "trim": "a tolerance from 0 to 100, then perhaps a colour",
    "bgremoval": "screen, then perhaps a colour",
    "outline": "inner, outer, inner_fill or fill, a width from 1 to 100, a blur from 0 to 200",
    "distort": "eight lengths (new x and y of each corner, from the top left clockwise), or arc:<-360..360>",
    "shear": "degrees across and down, each from -89 to 89",
    "dropshadow": "azimuth_<0..360>;elevation_<0..90>;spread_<0..100>",
    "theme": "color_<colour>;photosensitivity_<0..200>",
    "vectorize": "colors_<2..30>;detail_<0..1000>;despeckle_<0..100>;paths_<0..100>;corners_<0..100>",
    "anti_removal": "a number from 1 to 100, where it places a layer; 50 if left out",
    "fade": "milliseconds, below zero to fade out; 1000 if left out",
    "zoompan": "maxzoom_<1..10>;du_<seconds>;fps_<1..60>;from_(zoom_<n>;g_<gravity>;x_<n>;y_<n>);to_(…)",
    "loop": "how many more times the animation plays; for ever if left out",
}
"""Effect → what its argument may be."""


def allowed(error: InvalidValue) -> str:
    """What may stand there instead; empty where nothing general can be said."""
    if error.what == "overlay" and error.value.startswith("text:"):
        return _WORDS
    if error.what != "effect":
        return PARAMS.get(error.what, "")
    name = error.value.partition(":")[0]
    if name in EFFECTS:
        return f"e_{name} takes {EFFECTS[name]}"
    return f"no such effect{did_you_mean(name[:LONGEST_NAME], READERS)}"
