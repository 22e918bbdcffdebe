"""The pictures of a shop that does not exist, with colours and edges one can name, for chains as sites write them."""

from io import BytesIO

from PIL import Image, ImageDraw

from tests.support.documents import pdf
from tests.support.photoshop import PathOf, jpeg_with, path_resources
from tests.support.world import DEMO, ROOT

INK, MUSTARD, TEAL, PAPER = (24, 32, 60), (240, 170, 20), (10, 130, 125), (250, 250, 248)
WHITE = (255, 255, 255)


def _png(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def logo() -> Image.Image:
    """A mustard disc with a dark bar through it, on nothing; 200 × 200."""
    large = Image.new("RGBA", (800, 800), (*MUSTARD, 0))
    pen = ImageDraw.Draw(large)
    pen.ellipse((8, 8, 792, 792), fill=(*MUSTARD, 255))
    pen.rectangle((160, 340, 640, 460), fill=(*INK, 255))
    return large.reduce(4)


def product() -> Image.Image:
    """A teal vase on paper that is nearly white; 400 × 500."""
    large = Image.new("RGB", (1600, 2000), PAPER)
    pen = ImageDraw.Draw(large)
    pen.ellipse((400, 700, 1200, 1800), fill=TEAL)
    pen.rectangle((640, 300, 960, 900), fill=TEAL)
    pen.ellipse((560, 240, 1040, 360), fill=INK)
    return large.reduce(4)


def star() -> Image.Image:
    """An opaque five-pointed star on nothing; 300 × 300."""
    large = Image.new("RGBA", (1200, 1200), (0, 0, 0, 0))
    points = [(600, 20), (740, 430), (1180, 430), (825, 690), (955, 1120), (600, 860)]
    left = [(1200 - x, y) for x, y in reversed(points[1:-1])]
    ImageDraw.Draw(large).polygon([*points, *left], fill=(*INK, 255))
    return large.reduce(4)


def ground() -> Image.Image:
    """Diagonal stripes; 240 × 240."""
    image = Image.new("RGB", (240, 240), TEAL)
    pen = ImageDraw.Draw(image)
    for start in range(-240, 240, 40):
        pen.polygon([(start, 240), (start + 240, 0), (start + 260, 0), (start + 20, 240)], fill=INK)
    return image


def grid() -> Image.Image:
    """Twelve numbered cells, each of a colour of its own; 240 × 160."""
    image = Image.new("RGB", (240, 160))
    pen = ImageDraw.Draw(image)
    for number in range(12):
        x, y = number % 4 * 60, number // 4 * 54
        pen.rectangle((x, y, x + 59, y + 53), fill=(60 + x * 3 // 4, 60 + y * 3 // 2, 200 - number * 12))
        pen.text((x + 30, y + 27), str(number + 1), fill=WHITE, anchor="mm", font_size=26)
    return image


def clipped() -> bytes:
    """The grid in a JPEG, with a rhombus as its clipping path."""
    rhombus = PathOf("rhombus", ((0.5, 0.05), (0.95, 0.5), (0.5, 0.95), (0.05, 0.5)))
    buffer = BytesIO()
    grid().save(buffer, "JPEG", quality=88)
    return jpeg_with(buffer.getvalue(), path_resources(rhombus))


def leaflet() -> bytes:
    """Two pages, teal and mustard; 150 × 200 points each."""
    return pdf([((150, 200), TEAL), ((150, 200), MUSTARD)])


PICTURES: dict[str, bytes] = {
    "shop/mountains": (DEMO / "mountains-8mp-progressive.jpg").read_bytes(),
    "shop/brushes": (DEMO / "brushes-adobergb.jpg").read_bytes(),
    "shop/fig": (DEMO / "fig-alpha-2mp.png").read_bytes(),
    "people/astronaut": (DEMO / "astronaut-face.jpg").read_bytes(),
    "people/dogs": (DEMO / "dogs-orientation6.jpg").read_bytes(),
    "shop/dandelion": (DEMO / "dandelion-pan.gif").read_bytes(),
    "brand/logo": _png(logo()),
    "brand/star": _png(star()),
    "brand/ground": _png(ground()),
    "shop/vase": _png(product()),
    "shop/leaflet": leaflet(),
}
"""Public id → file."""

NAMED = {"card": "c_fill,g_north,h_$tall,w_$tall_mul_1.5/bo_6px_solid_rgb:f0aa14"}
"""The shop's named transformations."""


def main() -> None:
    """Draw the gallery's pictures anew."""
    drawn = {
        "logo": logo().resize((120, 120)),
        "star": star().resize((120, 120)),
        "grid": grid(),
        "vase": product().resize((160, 200)),
    }
    folder = ROOT / "sim" / "gallery" / "pictures"
    for name, image in drawn.items():
        image.save(folder / f"{name}.png", optimize=True)
    (folder / "clipped.jpg").write_bytes(clipped())
    (folder / "leaflet.pdf").write_bytes(leaflet())


if __name__ == "__main__":
    main()
