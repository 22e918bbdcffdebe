"""q_auto: the quality a picture needs, measured on the picture. One probe encode, no search.

Constants were fitted on photographs against SSIMULACRA 2 (image-pipeline §7); all are in JPEG's scale and
mapped to the other encoders by equal quality.
"""

import math
from bisect import bisect_right
from io import BytesIO

from attrs import frozen
from PIL import Image, ImageChops, ImageMath
from PIL.Image import Resampling

FITTED = {"best": (123, 7.2, 0), "good": (141, 12.7, 0), "eco": (147, 15.8, 0), "low": (147, 15.8, -12)}
LEAST, MOST = 50, 92
GRAPHIC_BONUS = 8
SENSITIVE_BONUS, MOST_SENSITIVE = 4, 96

PROBE_QUALITY = 79
SSIM_C1, SSIM_C2 = 6.5, 58.5
BLOCK = 8
CHROMA_LOSS = 3.5
CHROMA_SAMPLE, PROBE_SAMPLE = 200_000, 1_000_000  # pixels
NARROW = 320

GRAPHIC_COLOURS = 4096
GRAPHIC_FLATNESS = 0.5

EQUAL = {
    "jpg": (1, 47, 59, 71, 80, 86, 92, 100),
    "webp": (1, 53, 64, 76, 81, 88, 94, 100),
    "avif": (1, 47, 52, 60, 66, 74, 85, 100),
    "jxl": (1, 50, 63, 75, 83, 88, 93, 100),
}


@frozen
class Choice:
    """What q_auto decided."""

    quality: int  # JPEG's scale
    subsampling: str  # "420" or "444"
    is_graphic: bool  # few colours, flat areas: better lossless


def choose(canvas: Image.Image, auto: str, *, sensitive: bool = False) -> Choice:
    """The least quality at which `canvas` still looks as `auto` (best, good, eco, low) promises."""
    opaque = canvas.convert("L" if canvas.mode in ("L", "LA") else "RGB")
    graphic = is_graphic(opaque)
    subsampling = "444" if graphic else chroma(opaque)
    slope_from, slope, shift = FITTED.get(auto, FITTED["good"])
    loss = max(1 - similarity(opaque, subsampling), 1e-6)
    quality = min(max(slope_from + slope * math.log(loss), LEAST), MOST) + shift
    if graphic:
        quality = min(quality + GRAPHIC_BONUS, MOST)
    if sensitive:
        quality = min(quality + SENSITIVE_BONUS, MOST_SENSITIVE)
    return Choice(round(quality), subsampling, graphic)


def equal_quality(quality: int, encoder: str) -> int:
    """A JPEG quality in another encoder's scale; linear between the measured points."""
    theirs = EQUAL[encoder]
    ours = EQUAL["jpg"]
    index = min(max(bisect_right(ours, quality), 1), len(ours) - 1)
    share = (quality - ours[index - 1]) / (ours[index] - ours[index - 1])
    return round(theirs[index - 1] + share * (theirs[index] - theirs[index - 1]))


def chroma(opaque: Image.Image) -> str:
    """Whether halving the colour planes would show. Small pictures are looked at closely: never halved."""
    if opaque.mode == "L":
        return "420"
    if opaque.width <= NARROW:
        return "444"
    loss = 0.0
    for plane in sample(opaque, CHROMA_SAMPLE).convert("YCbCr").split()[1:]:
        halved = plane.reduce(2).resize(plane.size, Resampling.BILINEAR)
        loss += _mean_square(ImageChops.difference(plane, halved))
    return "444" if math.sqrt(loss) >= CHROMA_LOSS else "420"


def similarity(opaque: Image.Image, subsampling: str) -> float:
    """Mean SSIM of luma at half size between the picture and its JPEG of `PROBE_QUALITY`."""
    tiles = sample(opaque, PROBE_SAMPLE)
    if min(tiles.size) < 2 * BLOCK:  # no block to compare: call it hard
        return 0.9
    encoded = BytesIO()
    tiles.info = {}
    chosen = {"444": "4:4:4", "420": "4:2:0"}[subsampling]
    tiles.save(encoded, "JPEG", quality=PROBE_QUALITY, subsampling=chosen)
    with Image.open(encoded, formats=("JPEG",)) as decoded:
        decoded.draft("L", (tiles.width // 2, tiles.height // 2))
        seen = decoded.convert("L")
    true = tiles.convert("L").reduce(2)
    width, height = (side // BLOCK * BLOCK for side in map(min, zip(true.size, seen.size, strict=True)))
    return ssim(true.crop((0, 0, width, height)), seen.crop((0, 0, width, height)))


def is_graphic(opaque: Image.Image) -> bool:
    """A drawing, a logo, a screenshot: few colours for its size, and most neighbours alike."""
    limit = min(GRAPHIC_COLOURS, opaque.width * opaque.height // 16)
    if limit < 1 or opaque.width < 2 or opaque.getcolors(limit) is None:
        return False
    left = opaque.crop((0, 0, opaque.width - 1, opaque.height))
    right = opaque.crop((1, 0, opaque.width, opaque.height))
    steps = ImageChops.difference(left, right)
    largest = steps if steps.mode == "L" else _brightest(steps)
    return largest.histogram()[0] >= GRAPHIC_FLATNESS * left.width * left.height


def sample(opaque: Image.Image, pixels: int) -> Image.Image:
    """The picture, or if it is larger than that, a 4 × 4 grid of its tiles. Deterministic."""
    width, height = opaque.size
    if width * height <= pixels:
        return opaque
    shrink = math.sqrt(pixels / (width * height)) / 4
    across, down = (max(16, int(side * shrink) // 16 * 16) for side in (width, height))
    if 4 * across > width or 4 * down > height:
        return opaque.crop((0, 0, min(width, pixels // 16), min(height, pixels // min(width, pixels // 16))))
    tiles = Image.new(opaque.mode, (4 * across, 4 * down))
    for row in range(4):
        for column in range(4):
            left, top = (width - across) * column // 3, (height - down) * row // 3
            tiles.paste(opaque.crop((left, top, left + across, top + down)), (column * across, row * down))
    return tiles


def ssim(one: Image.Image, other: Image.Image) -> float:
    """How alike two grey pictures are, 1 for the same: the mean over blocks; their sides are multiples of one."""

    def mean(image: Image.Image) -> Image.Image:
        return image.reduce(BLOCK)

    def times(first: Image.Image, second: Image.Image) -> Image.Image:
        product: Image.Image = ImageMath.lambda_eval(lambda args: args["a"] * args["b"], a=first, b=second)
        return product

    a, b = one.convert("F"), other.convert("F")
    scores = ImageMath.lambda_eval(
        lambda m: (
            (2 * m["a"] * m["b"] + SSIM_C1)
            * (2 * (m["ab"] - m["a"] * m["b"]) + SSIM_C2)
            / (
                (m["a"] * m["a"] + m["b"] * m["b"] + SSIM_C1)
                * (m["aa"] - m["a"] * m["a"] + m["bb"] - m["b"] * m["b"] + SSIM_C2)
            )
        ),
        a=mean(a),
        b=mean(b),
        aa=mean(times(a, a)),
        bb=mean(times(b, b)),
        ab=mean(times(a, b)),
    )
    average = scores.reduce(scores.size).getpixel((0, 0))
    assert isinstance(average, float)
    return average


def _mean_square(differences: Image.Image) -> float:
    histogram = differences.histogram()
    return sum(count * level * level for level, count in enumerate(histogram)) / sum(histogram)


def _brightest(image: Image.Image) -> Image.Image:
    red, green, blue = image.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)
