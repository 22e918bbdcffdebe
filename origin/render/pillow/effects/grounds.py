"""Backgrounds made of the image itself: `b_auto` and `b_blurred`. Sheet: transformations.md §6.4."""

from PIL import Image, ImageChops

from origin.render.pillow.effects.bands import alpha_of, toned
from origin.render.pillow.effects.blurring import gaussian

Size = tuple[int, int]
Colour = tuple[int, ...]

SMALL = 64  # pixels a side, enough to count colours on
BORDER = 0.02  # of a side, the frame that counts as border
COLOURS = 16
SEEN = 128  # alpha from which a pixel counts
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def automatic_ground(
    canvas: Image.Image,
    size: Size,
    left: int,
    top: int,
    mode: str,
    count: int,
    direction: str,
    palette: tuple[Colour, ...],
) -> Image.Image:
    """The canvas on its own predominant colour, or on a gradient of such colours."""
    wanted = count if "gradient" in mode else 1
    colours = _predominant(canvas, border=mode.startswith("border"))
    if "contrast" in mode:
        colours = [_contrasting(colour) for colour in colours]
    if palette:
        colours = [_nearest(colour, palette) for colour in colours]
    colours = list(dict.fromkeys(colours))
    chosen = (colours + [colours[-1]] * wanted)[:wanted]
    ground = _painted(size, chosen, direction)
    ground.paste(canvas.convert("RGB"), (left, top), alpha_of(canvas))
    return ground


def blurred_ground(
    canvas: Image.Image, size: Size, left: int, top: int, sigma: float, brightness: int
) -> Image.Image:
    """The canvas before a blurred copy of itself that fills the size."""
    factor = max(size[0] / canvas.width, size[1] / canvas.height)
    across, down = min(size[0] / factor, canvas.width), min(size[1] / factor, canvas.height)
    x, y = (canvas.width - across) / 2, (canvas.height - down) / 2
    filled = canvas.resize(size, Image.Resampling.BICUBIC, box=(x, y, x + across, y + down))
    mode = "RGBA" if canvas.mode in ("LA", "RGBA") else "RGB"
    ground = gaussian(filled.convert(mode), sigma)
    if brightness:
        dimmed = toned(ground.convert("RGB"), lambda value: value * max(1 + brightness / 100, 0))
        if mode == "RGBA":
            dimmed.putalpha(ground.getchannel("A"))
        ground = dimmed
    if mode == "RGBA":
        front = Image.new("RGBA", size)
        front.paste(canvas.convert("RGBA"), (left, top))
        return Image.alpha_composite(ground, front)
    ground.paste(canvas.convert("RGB"), (left, top))
    return ground


def _predominant(canvas: Image.Image, *, border: bool) -> list[Colour]:
    """Colours by how much of the image, or of its border, they cover. White, where nothing is seen."""
    parts = _frame(canvas) if border else [canvas]
    counts: dict[Colour, int] = {}
    for part in parts:
        small = part.convert("RGBA")
        small = small.resize((min(SMALL, small.width), min(SMALL, small.height)), Image.Resampling.BOX)
        for count, pixel in small.getcolors(SMALL * SMALL) or ():
            assert isinstance(pixel, tuple)
            if pixel[3] >= SEEN:
                counts[pixel[:3]] = counts.get(pixel[:3], 0) + count
    if not counts:
        return [WHITE]
    line = Image.new("RGB", (sum(counts.values()), 1))
    line.putdata([colour for colour, count in counts.items() for _ in range(count)])
    clustered = line.quantize(COLOURS, method=Image.Quantize.MEDIANCUT).convert("RGB")
    clusters = sorted(clustered.getcolors(COLOURS) or (), key=lambda entry: entry[0], reverse=True)
    return [colour for _, colour in clusters if isinstance(colour, tuple)]


def _frame(canvas: Image.Image) -> list[Image.Image]:
    width, height = canvas.size
    across, down = max(1, round(width * BORDER)), max(1, round(height * BORDER))
    boxes = (
        (0, 0, width, down),
        (0, height - down, width, height),
        (0, 0, across, height),
        (width - across, 0, width, height),
    )
    return [canvas.crop(box) for box in boxes]


def _contrasting(colour: Colour) -> Colour:
    """Black, white or the complement: whichever stands out most (WCAG 2 contrast)."""
    complement = tuple(255 - band for band in colour)
    own = _luminance(colour)

    def ratio(other: Colour) -> float:
        high, low = sorted((own, _luminance(other)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    return max((BLACK, WHITE, complement), key=ratio)


def _luminance(colour: Colour) -> float:
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in (b / 255 for b in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _nearest(colour: Colour, palette: tuple[Colour, ...]) -> Colour:
    return min((each[:3] for each in palette), key=lambda listed: _apart(listed, colour))


def _apart(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _painted(size: Size, colours: list[Colour], direction: str) -> Image.Image:
    if len(colours) == 1:
        return Image.new("RGB", size, colours[0][:3])
    if len(colours) == 4:
        corners = Image.new("RGB", (2, 2))
        corners.putdata(colours)
        return corners.resize(size, Image.Resampling.BILINEAR, box=(0.5, 0.5, 1.5, 1.5))
    down = Image.linear_gradient("L")
    across = down.transpose(Image.Transpose.ROTATE_90)
    ramps = {
        "horizontal": across,
        "vertical": down,
        "diagonal_desc": Image.blend(across, down, 0.5),
        "diagonal_asc": Image.blend(across, ImageChops.invert(down), 0.5),
    }
    mask = ramps[direction].resize(size, Image.Resampling.BICUBIC)
    first, last = (Image.new("RGB", size, colour[:3]) for colour in colours)
    return Image.composite(last, first, mask)
