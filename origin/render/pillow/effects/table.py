"""Every painter by the name plans use: those that keep the canvas's size, and those given the new one."""

from PIL import Image

from origin.render.pillow.effects import (
    automatic,
    backdrops,
    blurring,
    drawing,
    gradients,
    grounds,
    hues,
    looks,
    morphology,
    pouring,
    redeye,
    silhouettes,
    tones,
    vision,
    warping,
)
from origin.render.pillow.effects.bands import Painter
from origin.transform.plan import Filter

PAINTERS: dict[str, Painter] = {
    "negate": tones.negate,
    "blackwhite": tones.blackwhite,
    "brightness": tones.brightness,
    "brightness_hsb": tones.brightness_hsb,
    "contrast": tones.contrast,
    "gamma": tones.gamma,
    "red": tones.red,
    "green": tones.green,
    "blue": tones.blue,
    "opacity_threshold": tones.opacity_threshold,
    "saturation": hues.saturation,
    "vibrance": hues.vibrance,
    "hue": hues.hue,
    "colorize": hues.colorize,
    "recolor": hues.recolor,
    "replace_color": hues.replace_color,
    "auto_brightness": automatic.auto_brightness,
    "auto_contrast": automatic.auto_contrast,
    "auto_color": automatic.auto_color,
    "improve": automatic.improve,
    "fill_light": automatic.fill_light,
    "tint": gradients.tint,
    "vignette": gradients.vignette,
    "gradient_fade": gradients.gradient_fade,
    "art": looks.art,
    "simulate_colorblind": vision.simulate_colorblind,
    "assist_colorblind": vision.assist_colorblind,
    "blur_region": blurring.blur_region,
    "pixelate": blurring.pixelate,
    "pixelate_region": blurring.pixelate_region,
    "blur_parts": blurring.blur_parts,
    "pixelate_parts": blurring.pixelate_parts,
    "redeye": redeye.redeye,
    "sharpen": blurring.sharpen,
    "unsharp_mask": blurring.unsharp_mask,
    "oil_paint": drawing.oil_paint,
    "cartoonify": drawing.cartoonify,
    "ordered_dither": drawing.ordered_dither,
    "morphology": morphology.morphology,
    "make_transparent": backdrops.make_transparent,
    "bgremoval": backdrops.bgremoval,
    "outline": silhouettes.outline,
    "dropshadow": silhouettes.dropshadow,
}
RESIZING: dict[str, Painter] = {
    "shadow": silhouettes.shadow,
    "liquid": pouring.liquid,
    "perspective": warping.perspective,
    "arc": warping.arc,
    "automatic_ground": grounds.automatic_ground,
    "blurred_ground": grounds.blurred_ground,
}


def filtered(canvas: Image.Image, operation: Filter) -> Image.Image:
    """The canvas after a plan's filter."""
    if operation.name in RESIZING:
        size = (operation.width, operation.height)
        return RESIZING[operation.name](canvas, size, *operation.arguments)
    return PAINTERS[operation.name](canvas, *operation.arguments)
