"""A look at a picture: its faces, how much each part matters, whether it is drawn. Sheet: transformations.md §5.3."""

from functools import cache

from PIL import Image, ImageChops, ImageFilter, ImageOps

from origin.render import faces
from origin.render.limits import RenderLimits
from origin.render.pillow.decoding import UPRIGHT, draft, plain
from origin.render.pillow.opening import opened, reading
from origin.render.pillow.sources.source import Source
from origin.transform.plan import SourceFacts
from origin.transform.portion import WHOLE, Portion
from origin.transform.sight import Face, Importance, Rect, Sight

GRID = 64  # cells along the longer side
_LOOKED_AT = 256  # pixels along the longer side
_GRADIENT, _COLOURFUL, _SKIN, _ODD = 0.6, 0.3, 0.1, 0.3
_ACROSS = ImageFilter.Kernel((3, 3), (-1, 0, 1, -2, 0, 2, -1, 0, 1), scale=4, offset=128)
_DOWN = ImageFilter.Kernel((3, 3), (-1, -2, -1, 0, 0, 0, 1, 2, 1), scale=4, offset=128)
_EVEN = 3  # levels between neighbours of one colour
_PHOTOGRAPHED, _DRAWN = 0.15, 0.65  # the shares of a picture that are even at most, and at least
_SKIN_BLUE, _SKIN_RED, _SKIN_WIDTH = (
    110,
    152,
    24,
)  # where skin lies in Cb and Cr, and how far from there still


def see(path: str, limits: RenderLimits, portion: Portion = WHOLE) -> Sight:
    """What is in the picture in a file, upright; of an animation, in its first frame."""
    with opened(path, limits, portion) as source, reading(limits):
        return sight_of(loaded(source), source.facts)


def loaded(source: Source, *, is_whole: bool = False) -> Image.Image:
    """The pixels of an opened picture as they are stored; at full size, or with as many as a look needs."""
    image, _ = source.ready(None)
    if not is_whole:
        draft(image, (0, 0, *image.size), _within(image.size, faces.LONGEST_SIDE))
    return plain(image)


def sight_of(canvas: Image.Image, facts: SourceFacts) -> Sight:
    """What is in a picture as it was loaded."""
    size = _within(canvas.size, faces.LONGEST_SIDE)
    alpha = canvas.getchannel("A").resize(size) if "A" in canvas.getbands() else None
    canvas = canvas.convert("RGB").resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    canvas = upright(canvas, facts.orientation)
    alpha = upright(alpha, facts.orientation) if alpha is not None else None
    return Sight(_faces(canvas, facts.shown), importance(canvas, alpha), illustration(canvas, alpha))


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The image as it is shown."""
    return image if orientation == 1 else image.transpose(UPRIGHT[orientation])


def importance(canvas: Image.Image, alpha: Image.Image | None = None) -> Importance:
    """Edges, strong colours, skin, and what is unlike the rest; nothing where the picture is clear."""
    work = canvas.resize(_within(canvas.size, _LOOKED_AT), Image.Resampling.BOX)
    grey = work.convert("L")
    smooth = grey.filter(ImageFilter.GaussianBlur(1))
    edges = ImageChops.add(_steepness(smooth.filter(_ACROSS)), _steepness(smooth.filter(_DOWN)))
    parts = (
        (edges, _GRADIENT),
        (ImageChops.multiply(work.convert("HSV").getchannel("S"), grey.point(_MIDDLING)), _COLOURFUL),
        (_skin(work), _SKIN),
        (_oddness(work), _ODD),
    )
    whole = Image.new("L", work.size)
    for part, weight in parts:
        stretched = ImageOps.autocontrast(part) if part is edges else part
        whole = ImageChops.add(whole, stretched.point([round(level * weight) for level in range(256)]))
    if alpha is not None:
        whole = ImageChops.multiply(whole, alpha.resize(work.size))
    small = whole.resize(_within(work.size, GRID), Image.Resampling.BOX)
    return Importance(*small.size, small.tobytes())


def illustration(canvas: Image.Image, alpha: Image.Image | None = None) -> float:
    """How likely a picture is drawn, 0 to 1: by the share of what can be seen that is of one colour with all
    about it. In a photograph hardly anything is, not even a sky; compression leaves little of a drawing uneven."""
    size = _within(canvas.size, _LOOKED_AT)
    work = canvas.resize(size, Image.Resampling.BOX)
    darkest, lightest = work.filter(ImageFilter.MinFilter(3)), work.filter(ImageFilter.MaxFilter(3))
    red, green, blue = ImageChops.subtract(lightest, darkest).split()
    spans = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    seen = None if alpha is None else alpha.resize(size).point(_SEEN, "1")
    levels = spans.histogram(seen)
    even = sum(levels[: _EVEN + 1]) / max(1, sum(levels))
    return round(min(max((even - _PHOTOGRAPHED) / (_DRAWN - _PHOTOGRAPHED), 0.0), 1.0), 3)


_SEEN = [255 * (level >= 128) for level in range(256)]
_MIDDLING = [255 - abs(2 * level - 255) for level in range(256)]  # neither black nor white


def _steepness(gradient: Image.Image) -> Image.Image:
    return gradient.point([min(255, 2 * abs(level - 128)) for level in range(256)])


def _skin(work: Image.Image) -> Image.Image:
    _, blue, red = work.convert("YCbCr").split()
    return ImageChops.multiply(blue.point(_near(_SKIN_BLUE)), red.point(_near(_SKIN_RED)))


def _near(middle: int) -> list[int]:
    return [round(255 * max(0.0, 1 - abs(level - middle) / _SKIN_WIDTH)) for level in range(256)]


def _oddness(work: Image.Image) -> Image.Image:
    """How far each pixel is from the picture's mean colour."""
    mean = work.resize((1, 1), Image.Resampling.BOX).resize(work.size)
    red, green, blue = ImageChops.difference(work, mean).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _faces(canvas: Image.Image, shown: tuple[int, int]) -> tuple[Face, ...] | None:
    """In pixels of the whole picture, clipped to it, from left to right; None without a detector."""
    detect = _detector()
    if detect is None:
        return None
    across, down = shown[0] / canvas.width, shown[1] / canvas.height
    found = []
    for each in detect(canvas.convert("L").tobytes(), *canvas.size):
        left, top, width, height = each.box
        box = _clipped((left * across, top * down, width * across, height * down), shown)
        marks = tuple((round(x * across), round(y * down)) for x, y in each.landmarks)
        if box is not None:
            found.append(Face(box, marks))
    return tuple(sorted(found, key=lambda face: face.box))


def _clipped(box: tuple[float, float, float, float], shown: tuple[int, int]) -> Rect | None:
    left, top = max(0, round(box[0])), max(0, round(box[1]))
    right, bottom = min(shown[0], round(box[0] + box[2])), min(shown[1], round(box[1] + box[3]))
    return (left, top, right - left, bottom - top) if left < right and top < bottom else None


@cache
def _detector() -> faces.Detector | None:
    return faces.load()


def _within(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """The size whose longer side is at most that."""
    factor = min(1.0, longest / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
