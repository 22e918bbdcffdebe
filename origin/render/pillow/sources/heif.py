"""HEIC and HEIF, as telephones write them: decoded by libheif in a process apart, turned upright by it."""

from functools import partial
from typing import Any

from PIL import Image

from origin.render.errors import InvalidImage, UnsupportedFormat
from origin.render.limits import RenderLimits
from origin.render.pillow.sources.apart import Outcome, apart
from origin.render.pillow.sources.source import Late
from origin.transform.pages import seen
from origin.transform.plan import Sheet, SourceFacts
from origin.transform.portion import Portion

MOST_PAGES = 100
BLOCKS = ("icc_profile", "exif", "xmp")
LARGEST_BLOCK = 4 << 20
MODES = frozenset({"L", "LA", "RGB", "RGBA"})
_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_GENERIC = frozenset({b"mif1", b"msf1", b"mif2"})  # then the compatible brands tell; AVIF has them too


def is_heif(head: bytes) -> bool:
    """Whether a file that begins so holds pictures coded as HEVC."""
    if head[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(head[:4], "big"), 256)
    compatible = {head[at : at + 4] for at in range(16, end - 3, 4)}
    return head[8:12] in _BRANDS or (head[8:12] in _GENERIC and not compatible.isdisjoint(_BRANDS))


def probe(path: str, size: int, limits: RenderLimits) -> SourceFacts:
    """The sizes of its pictures, as shown; the primary one comes first."""
    _library()
    pages = apart(partial(_measure, path), log="HEIF").said["pages"]
    sheets = [Sheet(width, height, has_alpha=has_alpha) for width, height, has_alpha in pages]
    for sheet in sheets:
        if sheet.width < 1 or sheet.height < 1:
            raise InvalidImage(log=f"HEIF of {sheet.width}x{sheet.height}")
        limits.admit_source(sheet.width, sheet.height)
    alike = all(each == sheets[0] for each in sheets)
    return SourceFacts(
        width=sheets[0].width,
        height=sheets[0].height,
        format="heic",
        bytes=size,
        has_alpha=bool(sheets[0].has_alpha),
        pages=len(sheets),
        sheets=() if alike else tuple(sheets),
    )


def open_picture(path: str, facts: SourceFacts, portion: Portion, limits: RenderLimits) -> Late:
    """One of its pictures."""
    _library()
    shown = seen(facts, portion)
    limits.admit_source(shown.width, shown.height)
    return Late(shown, partial(_decode, path, portion.page - 1))


def _library() -> Any:
    try:
        import pi_heif
    except ImportError as error:
        raise UnsupportedFormat("HEIC is not supported without pixeledge[heif]") from error
    pi_heif.options.DECODE_THREADS = 1
    return pi_heif


def _pictures(path: str) -> list[Any]:
    with open(path, "rb") as file:
        found = _library().open_heif(file, convert_hdr_to_8bit=True)
    pictures = list(found)
    if not 0 < len(pictures) <= MOST_PAGES:
        raise InvalidImage(f"Maximum number of pictures in a HEIF is {MOST_PAGES}. Found {len(pictures)}")
    primary = found.primary_index
    return [pictures[primary], *pictures[:primary], *pictures[primary + 1 :]]


def _measure(path: str) -> Outcome:
    return Outcome({"pages": [[*each.size, each.mode in ("LA", "RGBA")] for each in _pictures(path)]})


def _decode(path: str, number: int) -> Image.Image:
    outcome = apart(partial(_decoded, path, number), log="HEIF")
    said = outcome.said
    image = Image.frombuffer(
        said["mode"], tuple(said["size"]), outcome.pixels, "raw", said["mode"], said["stride"], 1
    )
    for name in BLOCKS:
        if said[name]:
            image.info[name] = bytes.fromhex(said[name])
    return image


def _decoded(path: str, number: int) -> Outcome:
    picture = _pictures(path)[number]
    pixels, mode = picture.data, picture.mode
    if mode not in MODES:
        raise InvalidImage(log=f"HEIF of mode {mode}")
    blocks = {name: _block(picture.info.get(name)).hex() for name in BLOCKS}
    said = {"mode": mode, "size": list(picture.size), "stride": picture.stride, **blocks}
    return Outcome(said, pixels)


def _block(data: Any) -> bytes:
    return data if isinstance(data, bytes) and len(data) <= LARGEST_BLOCK else b""
