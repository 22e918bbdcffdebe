"""A picture as if it were traced: few flat colours with smooth edges. Sheet: transformations.md §12.2."""

from PIL import Image, ImageFilter

from origin.render.pillow.effects.bands import on_colours

LONGEST = 1000  # pixels a side that are traced
OVERSAMPLING = 2
MOST_DETAIL = 1000


@on_colours
def vectorize(
    colours: Image.Image, count: int, detail: int, despeckle: int, paths: int, corners: int
) -> Image.Image:
    """`count` colours; the less `detail` and the more `despeckle`, the larger what is left out.

    `paths` and `corners` tell a tracer how to fit curves: of pixels there is nothing to fit.
    """
    del paths, corners
    palette, found = _flattened(colours, count, detail, despeckle)
    large = found.resize((found.width * OVERSAMPLING, found.height * OVERSAMPLING), Image.Resampling.BICUBIC)
    edged = large.filter(ImageFilter.MedianFilter(3)).quantize(palette=palette, dither=Image.Dither.NONE)
    is_whole = found.size == colours.size
    return edged.convert("RGB").resize(
        colours.size, Image.Resampling.BOX if is_whole else Image.Resampling.BICUBIC
    )


def regions(colours: Image.Image, count: int, detail: int, despeckle: int) -> Image.Image:
    """The flat regions themselves, at the size at which they are traced."""
    palette, found = _flattened(colours, count, detail, despeckle)
    return found.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")


def _flattened(
    colours: Image.Image, count: int, detail: int, despeckle: int
) -> tuple[Image.Image, Image.Image]:
    size = colours.size
    scale = min(1.0, LONGEST / max(size))
    small = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    traced = colours if small == size else colours.resize(small, Image.Resampling.BOX)
    shortest = min(small)
    smooth = _odd(min(3 + 4 * (MOST_DETAIL - detail) // MOST_DETAIL, shortest))
    flat = traced.filter(ImageFilter.MedianFilter(smooth))
    palette = flat.quantize(count, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    speck = _odd(min(3 + despeckle // 12, shortest, 9))
    return palette, palette.convert("RGB").filter(ImageFilter.ModeFilter(speck))


def _odd(size: int) -> int:
    return max(1, size - (size + 1) % 2)
