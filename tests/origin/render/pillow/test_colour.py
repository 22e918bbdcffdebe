from PIL import Image, ImageChops, ImageCms, ImageStat

from origin.render.pillow.colour import to_srgb
from tests.support.images import BRUSHES, FIG_CMYK, quartered


def test_a_wide_gamut_profile_is_honoured() -> None:
    """Ignoring Adobe RGB errs by about nine levels on this photograph."""
    with Image.open(BRUSHES) as image:
        image.load()
        profile = image.info["icc_profile"]
    converted = to_srgb(image.copy(), profile)
    moved = max(ImageStat.Stat(ImageChops.difference(image, converted)).mean)
    assert 5 < moved < 30


def test_srgb_is_left_alone() -> None:
    """The most frequent profile costs nothing and changes nothing."""
    canvas = quartered()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert to_srgb(canvas, profile).tobytes() == canvas.tobytes()


def test_a_broken_profile_is_ignored() -> None:
    """So is one of another colour space: the picture is worth more than its colours' exactness."""
    canvas = quartered()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (b"rubbish", b"", lab):
        assert to_srgb(canvas, profile).tobytes() == canvas.tobytes()


def test_cmyk_never_leaves() -> None:
    """JPEG, WebP and AVIF would all accept it silently, and browsers would not."""
    with Image.open(FIG_CMYK) as image:
        canvas = to_srgb(image.copy(), None)
    assert canvas.mode == "RGB"
    red, green, blue = canvas.getpixel((600, 300))  # type: ignore[misc]  # the bowl
    assert red > 150 > 100 > max(green, blue)
    assert to_srgb(image.convert("CMYK"), b"rubbish").mode == "RGB"


def test_alpha_passes_by_the_profile() -> None:
    """A profile speaks of colours only."""
    with Image.open(BRUSHES) as image:
        canvas = image.convert("RGBA")
        profile = image.info["icc_profile"]
    canvas.putalpha(Image.linear_gradient("L").resize(canvas.size))
    converted = to_srgb(canvas, profile)
    assert converted.mode == "RGBA"
    assert converted.getchannel("A").tobytes() == canvas.getchannel("A").tobytes()


def test_grey_stays_grey() -> None:
    """Whatever profile it carries."""
    canvas = quartered().convert("L")
    with Image.open(BRUSHES) as image:
        profile = image.info["icc_profile"]
    assert to_srgb(canvas, profile).mode == "L"
    assert to_srgb(canvas.convert("LA"), profile).mode == "LA"
