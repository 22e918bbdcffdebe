"""Pictures made in code, with corners one can tell apart, and the photographs kept beside the tests."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

PHOTOGRAPHS = Path(__file__).parents[1] / "data" / "images"
ASTRONAUT = PHOTOGRAPHS / "astronaut-face.jpg"  # 512 × 512
DOGS = PHOTOGRAPHS / "dogs-orientation6.jpg"  # stored 1600 × 1065, shown 1065 × 1600, has GPS tags
BRUSHES = PHOTOGRAPHS / "brushes-adobergb.jpg"  # Adobe RGB
FIG_CMYK = PHOTOGRAPHS / "fig-cmyk.jpg"
PAN_GIF = PHOTOGRAPHS / "dandelion-pan.gif"  # 400 × 225, 20 frames of 80 ms

Rgb = tuple[int, int, int]
RED, GREEN, BLUE, YELLOW = (220, 20, 20), (20, 200, 20), (20, 20, 220), (220, 220, 20)


def quartered(width: int = 64, height: int = 48) -> Image.Image:
    """Red top left, green top right, blue bottom left, yellow bottom right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height))
    image.paste(BLUE, (0, height // 2, width, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


def corners_of(image: Image.Image) -> list[str]:
    """The colours in the middle of the four quarters: top left, top right, bottom left, bottom right."""
    names = {"red": RED, "green": GREEN, "blue": BLUE, "yellow": YELLOW}
    rgb = image.convert("RGB")
    seen = []
    for down in (0.25, 0.75):
        for across in (0.25, 0.75):
            pixel = rgb.getpixel((int(rgb.width * across), int(rgb.height * down)))
            assert isinstance(pixel, tuple)
            seen.append(min(names, key=lambda name: _distance(pixel, names[name])))
    return seen


def _distance(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def saved(image: Image.Image, path: Path, **options: Any) -> Path:
    """The picture in a file, whose suffix names the format."""
    image.save(path, **options)
    return path


def oriented(path: Path, orientation: int, upright: Image.Image) -> Path:
    """A file that shows `upright` once its EXIF orientation is applied."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, Any] = {"quality": 95, "subsampling": 0} if path.suffix == ".jpg" else {}
    return saved(stored, path, exif=exif, **options)


def cut_short(whole: Path, to: Path, share: float = 0.6) -> Path:
    """The first part of a file."""
    data = whole.read_bytes()
    to.write_bytes(data[: int(len(data) * share)])
    return to


def png_bomb(path: Path, width: int = 20_000, height: int = 20_000) -> Path:
    """A real PNG of one flat colour, made without holding its pixels: 400 MP in a few hundred KiB."""
    compressor = zlib.compressobj(9)
    row = b"\0" + bytes(-(-width // 8))
    data = b"".join(compressor.compress(row) for _ in range(height)) + compressor.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(name, body) for name, body in chunks))
    return path


def png_chunk(name: bytes, body: bytes) -> bytes:
    """A part of a PNG file, with its length and its sum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def shown(path: Path) -> Image.Image:
    """The picture of a file, with its transparency."""
    with Image.open(path) as image:
        return image.convert("RGBA")


def as_bytes(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture encoded."""
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def logo(side: int = 300) -> Image.Image:
    """A round badge with a rim, smooth edges, and nothing around it."""
    large = Image.new("RGBA", (2 * side, 2 * side), (0, 0, 0, 0))
    ink = ImageDraw.Draw(large)
    ink.ellipse(
        (side // 10, side // 10, side * 19 // 10, side * 19 // 10), (220, 60, 30), (30, 30, 30), side // 16
    )
    return large.reduce(2)


def screenshot(width: int = 600, height: int = 400) -> Image.Image:
    """Flat areas and text."""
    image = Image.new("RGB", (width, height), "white")
    ink = ImageDraw.Draw(image)
    ink.rectangle((width * 2 // 3, height // 4, width - 20, height * 3 // 4), (30, 160, 90))
    for row in range(height // 40):
        words = f"Line {row}: the quick brown fox 0123456789"
        ink.text((16, 16 + 38 * row), words, (20, 40, 120), ImageFont.load_default(20))
    return image
