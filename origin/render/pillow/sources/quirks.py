"""Pixels that Pillow hands out in a way nobody expects, put right: depths beyond 8 bits, odd transparency, old CMYK."""

from typing import cast

from PIL import Image, ImageFile, ImageMath, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from origin.render.pillow.colour import lab_to_srgb

WHITE = "white"  # in an image's info: the value of white, where it is not that of its mode
WIDE_GREY = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
_GREY_STEPS = {"L;2": 85, "L;4": 17}  # from a grey of few bits to one of eight

TiffImagePlugin.OPEN_INFO.setdefault((b"MM", 0, (1,), 1, (16,), ()), ("I;16B", "I;16B"))
"""16 bits counted from white, big-endian: Pillow knows it little-endian only."""


def put_right(image: Image.Image) -> None:
    """Correct what the header already shows. Nothing is decoded."""
    if not isinstance(image, ImageFile.ImageFile) or not image.tile:
        return
    first = image.tile[0]
    args = first.args if isinstance(first.args, tuple) else (first.args,)
    rawmode = args[0] if args else None
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        if rawmode == "CMYK;I" and "adobe" not in image.info:  # only Adobe stores ink as light
            image.tile = [first._replace(args=("CMYK", *args[1:]))]
    elif isinstance(image, PngImagePlugin.PngImageFile) and "transparency" in image.info:
        transparent = image.info["transparency"]
        if rawmode in _GREY_STEPS and isinstance(transparent, int):
            image.info["transparency"] = transparent * _GREY_STEPS[cast(str, rawmode)]
        elif rawmode == "RGB;16B" and isinstance(transparent, tuple):
            image.info["transparency"] = tuple(each >> 8 for each in transparent)
    elif isinstance(image, TiffImagePlugin.TiffImageFile) and rawmode == "I;12":
        image.info[WHITE] = 4095


def corrected(image: Image.Image) -> Image.Image:
    """The image in a mode that resampling knows; itself, still not loaded, if it is in one."""
    mode = image.mode
    if mode == "1" and "transparency" in image.info:
        return image.convert("LA")
    if mode in WIDE_GREY:
        return _wide_grey(image)
    if mode in ("I", "F"):
        return _normalised(image)
    return lab_to_srgb(image) if mode == "LAB" else image


def _wide_grey(image: Image.Image) -> Image.Image:
    """16 bits scaled to 8: `convert` would clip to white. One grey may be transparent."""
    scale = 255 / image.info.get(WHITE, 65535)
    whole = image.convert("I")
    grey = whole.point(lambda value: value * scale + 0.5).convert("L")
    if _is_white_zero(image):
        grey = grey.point(lambda value: 255 - value)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        alpha = ImageMath.lambda_eval(
            lambda names: names["convert"]((names["whole"] != transparent) * 255, "L"), whole=whole
        )
        grey.putalpha(alpha)
    if "icc_profile" in image.info:
        grey.info["icc_profile"] = image.info["icc_profile"]
    return grey


def _normalised(image: Image.Image) -> Image.Image:
    """Wide integers and floats: shares of one, 8 bits or 16 if they can be, else stretched to fit."""
    low, high = cast(tuple[float, float], image.getextrema())  # one band
    if low < 0 or high > 65535:
        span = (high - low) or 1
        grey = image.point(lambda value: value * (255 / span) - low * 255 / span).convert("L")
    elif image.mode == "F" and high <= 1:
        grey = image.point(lambda value: value * 255 + 0.5).convert("L")
    elif high > 255:
        grey = image.point(lambda value: value * (255 / 65535)).convert("L")
    else:
        grey = image.convert("L")
    return grey.point(lambda value: 255 - value) if _is_white_zero(image) else grey


def _is_white_zero(image: Image.Image) -> bool:
    """TIFF may count from white; Pillow only turns that round for few bits."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return False
    return bool(image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO)
