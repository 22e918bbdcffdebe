"""A layer meets the image below it: Porter-Duff over, blends, masks. Straight 8-bit alpha throughout."""

from collections.abc import Callable

from PIL import Image, ImageChops

from origin.transform.composite import KEEPING_COLOURS, Blend, Composite

OPAQUE = 255

MIXED: dict[Blend, Callable[[Image.Image, Image.Image], Image.Image]] = {
    "multiply": ImageChops.multiply,
    "screen": ImageChops.screen,
    "overlay": ImageChops.overlay,
}
"""Colours of base and layer → colours where both are opaque."""


def compose(base: Image.Image, layer: Image.Image, placed: Composite) -> Image.Image:
    """The canvas on which both lie as `placed` says; opaque when the base was and did not grow."""
    size = (placed.width, placed.height)
    if placed.tiled:
        layer = _tiled(layer, size)
    below = _spread(base, size, (placed.base_left, placed.base_top))
    above = layer.convert("RGBA")
    if placed.blend in KEEPING_COLOURS:
        return _seen_through(below.convert("RGBA"), above, placed)
    if placed.blend == "over" and not placed.below and below.mode == "RGB":
        below.paste(above.convert("RGB"), (placed.left, placed.top), above.getchannel("A"))
        return below
    above = _spread(above, size, (placed.left, placed.top)).convert("RGBA")
    ground = below.convert("RGBA")
    if placed.below:
        above, ground = ground, above
    if placed.blend in MIXED:
        above = _mixed(ground, above, placed.blend)
    ground.alpha_composite(above)
    return _plain(ground)


def _spread(image: Image.Image, size: tuple[int, int], at: tuple[int, int]) -> Image.Image:
    """The image on a clear canvas, or a copy of it where it fills the canvas. RGB or RGBA."""
    has_alpha = image.mode in ("LA", "RGBA")
    if image.size == size and at == (0, 0):
        copy = image.convert("RGBA" if has_alpha else "RGB")
        return copy.copy() if copy is image else copy
    canvas = Image.new("RGBA", size, (0, 0, 0, 0))
    canvas.paste(image.convert("RGBA"), at)
    return canvas


def _mixed(ground: Image.Image, above: Image.Image, blend: Blend) -> Image.Image:
    """The layer with its colours blended where the ground is seen (W3C Compositing 1 §10)."""
    colours = above.convert("RGB")
    blended = MIXED[blend](ground.convert("RGB"), colours)
    result = Image.composite(blended, colours, ground.getchannel("A"))
    result.putalpha(above.getchannel("A"))
    return result


def _seen_through(ground: Image.Image, above: Image.Image, placed: Composite) -> Image.Image:
    """The base with the alpha a layer leaves it."""
    alpha = above.getchannel("A")
    if placed.blend == "mask":
        alpha = ImageChops.multiply(alpha, above.convert("L"))
    cover = Image.new("L", ground.size, 0)
    cover.paste(alpha, (placed.left, placed.top))
    if placed.blend == "cut_out":
        cover = ImageChops.invert(cover)
    ground.putalpha(ImageChops.multiply(ground.getchannel("A"), cover))
    return ground


def _tiled(layer: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The layer repeated from the top left corner. By doubling: a pixel may have to cover a poster."""
    canvas = Image.new(layer.mode, size)
    canvas.paste(layer, (0, 0))
    across, down = layer.size
    while across < size[0]:
        canvas.paste(canvas.crop((0, 0, min(across, size[0] - across), down)), (across, 0))
        across *= 2
    while down < size[1]:
        canvas.paste(canvas.crop((0, 0, size[0], min(down, size[1] - down))), (0, down))
        down *= 2
    return canvas


def _plain(canvas: Image.Image) -> Image.Image:
    """Without an alpha channel that hides nothing."""
    lowest, _ = canvas.getchannel("A").getextrema()
    return canvas.convert("RGB") if lowest == OPAQUE else canvas
