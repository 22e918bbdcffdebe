"""A screenshot or a drawing in another theme: its background becomes a colour, the rest follows. Sheet: §12.1."""

from PIL import Image, ImageChops, ImageFilter

from origin.render.pillow.effects.bands import Rgb, cube, on_colours
from origin.transform.plan import Rgba

WEIGHTS = (0.299, 0.587, 0.114)
SAMPLE = 64  # pixels a side of the copy in which the background is looked for
COLOURS = 16
GRID = 33
NEAR = 0.25  # how far from the background a colour still takes the new one's hue
COLOURFUL = 50  # of 255: saturation from which a pixel may be a photograph's
SPREAD = 30  # of the longer side: the radius in which most pixels must be so
PHOTOGRAPHIC = 110  # of 255: how many of them, at a sensitivity of 100


@on_colours
def theme(colours: Image.Image, colour: Rgba, sensitivity: int) -> Image.Image:
    """Lightness turned round or moved so that the background is `colour`; photographs stay as they are."""
    background = _background(colours)
    target: Rgb = (colour[0] / 255, colour[1] / 255, colour[2] / 255)
    themed = colours.filter(cube(lambda *seen: _moved(seen, background, target), GRID))
    return Image.composite(colours, themed, _photographs(colours, sensitivity))


def _background(colours: Image.Image) -> Rgb:
    small = colours.resize(
        (min(SAMPLE, colours.width), min(SAMPLE, colours.height)), Image.Resampling.NEAREST
    )
    reduced = small.quantize(COLOURS, method=Image.Quantize.MEDIANCUT).convert("RGB")
    _, most = max(reduced.getcolors(SAMPLE * SAMPLE) or [(1, (255, 255, 255))])
    assert isinstance(most, tuple)
    red, green, blue = most
    return red / 255, green / 255, blue / 255


def _moved(seen: Rgb, background: Rgb, target: Rgb) -> Rgb:
    """A colour's lightness on a line through the background's, its own hue kept, the target's taken nearby."""
    light, old, new = _luma(seen), _luma(background), _luma(target)
    is_light, will_be_light = old > 0.5, new > 0.5
    if (light > old) == is_light:  # between the background and its own end of the scale
        end, new_end = float(is_light), float(will_be_light)
    else:
        end, new_end = float(not is_light), float(not will_be_light)
    share = (light - old) / (end - old) if end != old else 0.0
    change = new + share * (new_end - new) - light
    distance = max(abs(one - other) for one, other in zip(seen, background, strict=True))
    near = max(0.0, 1 - distance / NEAR)
    red, green, blue = (
        value + change + near * ((wanted - new) - (own - old))
        for value, wanted, own in zip(seen, target, background, strict=True)
    )
    return red, green, blue


def _luma(colour: Rgb) -> float:
    return sum(weight * value for weight, value in zip(WEIGHTS, colour, strict=True))


def _photographs(colours: Image.Image, sensitivity: int) -> Image.Image:
    """Where most pixels around are colourful and few are alike."""
    radius = max(4, max(colours.size) // SPREAD)
    saturated = (
        colours.convert("HSV").getchannel("S").point([255 * (level > COLOURFUL) for level in range(256)])
    )
    grain = ImageChops.difference(colours.convert("L"), colours.convert("L").filter(ImageFilter.BoxBlur(1)))
    grained = grain.point([255 * (level > 1) for level in range(256)])
    share = ImageChops.multiply(saturated, grained).filter(ImageFilter.BoxBlur(radius))
    least = PHOTOGRAPHIC * 100 / sensitivity if sensitivity else 256
    return share.point([255 * (level >= least) for level in range(256)]).filter(
        ImageFilter.BoxBlur(radius / 2)
    )
