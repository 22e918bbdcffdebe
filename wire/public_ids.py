"""Which names an asset may bear, and how a name is written in a URL."""

import re
from urllib.parse import quote

from wire.components import printable
from wire.errors import InvalidRequest

MAX_CHARACTERS = 255

FORMATS = {
    name: canonical
    for canonical, names in {
        "jpg": "jpg jpeg jpe",
        "tiff": "tif tiff",
        "heic": "heic heif",
        **dict.fromkeys(("png", "webp", "avif", "gif", "bmp", "ico", "jp2", "pdf", "tga", "eps", "svg"), ""),
        **dict.fromkeys(
            ("psd", "psb", "ai", "ps", "jxl", "jxr", "wdp", "hdp", "djvu", "cr2", "arw", "dng"), ""
        ),
        **dict.fromkeys(("indd", "fxb", "flif", "glb", "gltf", "usdz", "jpc", "ept", "eps3", "spd"), ""),
        **dict.fromkeys(("mp4", "webm", "ogv", "mov", "avi", "mkv", "m4v", "m3u8", "mpd", "ts", "flv"), ""),
        **dict.fromkeys(("3g2", "3gp", "mpeg", "mxf", "mts", "m2ts", "wmv"), ""),
        **dict.fromkeys(("mp3", "wav", "ogg", "aac", "m4a", "flac", "opus", "aiff", "amr", "mid"), ""),
        **dict.fromkeys(("css", "json", "zip"), ""),
    }.items()
    for name in (names or canonical).split()
}
"""Every extension that asks for a format, and the canonical name of that format."""

# upload-api.md 3.2, and control characters: a name travels in headers, SQL and file listings.
_FORBIDDEN = re.compile(r"[?&#\\%<>+\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_VERSION = re.compile(r"v[0-9]+")


def check_public_id(value: str) -> str:
    """The name itself, if an upload may bear it, else 400 `public_id (<value>) is invalid`."""
    *folders, name = value.split("/")
    wrong = (
        len(value) > MAX_CHARACTERS
        or value != value.strip(" ")
        or _FORBIDDEN.search(value) is not None
        or any(segment in ("", ".", "..") for segment in (*folders, name))
        or any(_VERSION.fullmatch(segment) for segment in (*folders, name))  # would read as a version
        or any(folder in ("images", "videos") for folder in folders)
    )
    if wrong:
        raise InvalidRequest(f"public_id ({printable(value)}) is invalid")
    return value


def has_control_characters(value: str) -> bool:
    """Whether the text could break a header line or a database text field."""
    return any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in value)


def escaped(text: str) -> str:
    """Percent-encoded exactly as the official Python SDK does: all but `A-Za-z0-9_.-/:`, upper-case hex."""
    return quote(text, safe="/:").replace("~", "%7E")


def split_extension(text: str) -> tuple[str, str | None]:
    """A public id and the known format its last dot announces; `None` when the dot is just a character."""
    stem, dot, extension = text.rpartition(".")
    if dot and stem and not stem.endswith("/") and extension.lower() in FORMATS:
        return stem, FORMATS[extension.lower()]
    return text, None
