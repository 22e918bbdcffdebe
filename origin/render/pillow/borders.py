"""Borders: a frame around a square canvas, or a ring around a round one. Sheet: transformations.md §6.3."""

from PIL import Image, ImageChops

from origin.render.pillow.corners import round_corners
from origin.transform.plan import Border


def bordered(canvas: Image.Image, border: Border) -> Image.Image:
    """The canvas in its border. A translucent colour blends with nothing."""
    size, thickness = (border.width, border.height), border.thickness
    clear = canvas.mode in ("LA", "RGBA")
    if not border.ellipse and not any(border.radii):
        mode = "RGBA" if clear or border.colour[3] < 255 else "RGB"
        framed = Image.new(mode, size, border.colour if mode == "RGBA" else border.colour[:3])
        framed.paste(canvas.convert(mode), (thickness, thickness))
        return framed
    outer = [radius + thickness if radius else 0 for radius in border.radii]
    radii = (outer[0], outer[1], outer[2], outer[3])
    frame = round_corners(Image.new("RGBA", size, border.colour), radii, ellipse=border.ellipse)
    inner = round_corners(canvas, border.radii, ellipse=border.ellipse)
    solid = round_corners(Image.new("L", canvas.size), border.radii, ellipse=border.ellipse)
    covered = Image.new("L", size)
    covered.paste(solid.getchannel("A"), (thickness, thickness))
    frame.putalpha(ImageChops.multiply(frame.getchannel("A"), ImageChops.invert(covered)))
    image = Image.new("RGBA", size)
    image.paste(inner.convert("RGBA"), (thickness, thickness))
    return ImageChops.add(frame.convert("RGBa"), image.convert("RGBa")).convert("RGBA")
