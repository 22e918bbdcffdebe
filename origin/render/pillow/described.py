"""What a file says of itself: `image_metadata` and `exif`, texts by the names and in the words of ExifTool.

EXIF 2.32 and IPTC-IIM 4.2 by tables, XMP by the local names of its properties, JFIF, and what the pixels are.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from PIL import ExifTags, Image

from origin.render.pillow.metadata import iptc_records, read_exif, xmp_packet
from origin.render.pillow.tagnames import BINARY, GPS_REFERENCES, IPTC, POINTERS, RENAMED, WORDS
from origin.render.pillow.xmp import DC, RDF, read_packet

UNSAID_DPI = 72  # what viewers take a file for that says nothing
MOST_NAMES, MOST_CHARACTERS = 400, 60_000
LONGEST = 2000  # characters of one text
_SPACES = {"1": "Gray", "L": "Gray", "LA": "Gray", "I": "Gray", "I;16": "Gray", "F": "Gray", "CMYK": "CMYK"}
_EXIF, _GPS = 0x8769, 0x8825
_CHARSETS = {
    b"ASCII\0\0\0": "ascii",
    b"UNICODE\0": "utf-16",
    b"JIS\0\0\0\0\0": "iso2022_jp",
    b"\0" * 8: "utf-8",
}

Texts = dict[str, str]


def described(image: Image.Image) -> dict[str, Texts]:
    """`image_metadata`: all of it; `exif`: what a camera wrote. Of an image opened and not yet converted."""
    exif = _bounded(_exif(image))
    whole = {**_texts(image), **_xmp(image), **_iptc(image), **_jfif(image), **exif, **_of_pixels(image)}
    return {"image_metadata": _bounded(whole), "exif": exif}


def _bounded(texts: Texts) -> Texts:
    """What is kept of a file that says too much."""
    kept, left = {}, MOST_CHARACTERS
    for name, text in list(texts.items())[:MOST_NAMES]:
        kept[name[:LONGEST]] = text[: min(LONGEST, left)]
        left -= min(len(text), LONGEST, left)
    return kept


def _of_pixels(image: Image.Image) -> Texts:
    """What every picture has (upload-api.md §3.2)."""
    space = _SPACES.get(image.mode, "LAB" if image.mode == "LAB" else "RGB")
    return {"Colorspace": space, "DPI": str(_density(image))}


def _density(image: Image.Image) -> int:
    try:
        return round(float(image.info["dpi"][0])) or UNSAID_DPI
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return UNSAID_DPI


def _jfif(image: Image.Image) -> Texts:
    info = image.info
    if "jfif_version" not in info:
        return {}
    unit = {0: "None", 1: "inches", 2: "cm"}.get(info.get("jfif_unit", 0), "None")
    across, down = info.get("jfif_density", (1, 1))
    version = "{}.{:02d}".format(*info["jfif_version"])
    return {
        "JFIFVersion": version,
        "ResolutionUnit": unit,
        "XResolution": str(across),
        "YResolution": str(down),
    }


def _texts(image: Image.Image) -> Texts:
    """What a PNG says under names of its writer's choice."""
    found: Any = getattr(image, "text", None)
    if image.format != "PNG" or not isinstance(found, dict):
        return {}
    return {
        re.sub(r"\W+", "", name): str(text) for name, text in found.items() if not name.startswith("XML:")
    }


# EXIF


def _exif(image: Image.Image) -> Texts:
    exif = _tags(image) if image.format == "TIFF" else read_exif(image)
    if exif is None:
        return {}
    tags = {**dict(exif), **exif.get_ifd(_EXIF)}
    found = {}
    for number, value in tags.items():
        name = ExifTags.TAGS.get(number)
        if name is not None and number not in POINTERS:
            found[RENAMED.get(name, name)] = _spelled(RENAMED.get(name, name), value)
    return {**found, **_place(exif.get_ifd(_GPS))}


def _tags(image: Image.Image) -> Image.Exif | None:
    """A TIFF is made of such tags; those of its structure have no names here."""
    try:
        exif = image.getexif()
        for pointer in (_EXIF, _GPS):
            exif.get_ifd(pointer)
    except Exception:  # noqa: BLE001  broken tags raise nearly anything
        return None
    return exif


def _spelled(name: str, value: Any) -> str:
    """A value in ExifTool's words."""
    if isinstance(value, bytes):
        return _unpacked(name, value)
    match name:
        case "ExposureTime":
            return _exposure(value)
        case "FocalLength":
            return f"{_number(value, 1)} mm"
        case "FocalLengthIn35mmFormat":
            return f"{_number(value)} mm"
    return _worded(name, value) if isinstance(value, int) else _text(value)


def _unpacked(name: str, value: bytes) -> str:
    """A value whose kind the standard leaves to its name."""
    if name in BINARY:
        return f"(Binary data {len(value)} bytes, use -b option to extract)"
    if name == "ComponentsConfiguration":
        return ", ".join(("-", "Y", "Cb", "Cr", "R", "G", "B")[min(each, 6)] for each in value)
    if name == "UserComment":
        return _comment(value)
    if name.startswith("XP"):
        return value.decode("utf-16-le", "replace").rstrip("\0")
    return _worded(name, value[0]) if len(value) == 1 and name in WORDS else _text(value)


def _worded(name: str, value: int) -> str:
    return WORDS[name].get(value, f"Unknown ({value})") if name in WORDS else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip("\0 ")
    if isinstance(value, tuple | list):
        return " ".join(_text(each) for each in value[:100])
    return value.strip("\0 ") if isinstance(value, str) else _number(value)


def _number(value: Any, places: int | None = None) -> str:
    try:
        number = float(value)
        if places is not None:
            return f"{number:.{places}f}"
        return str(int(number)) if number == int(number) else f"{number:.10g}"
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return "undef"


def _exposure(value: Any) -> str:
    try:
        seconds = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return "undef"
    return f"1/{1 / seconds:.0f}" if 0 < seconds < 0.25001 else _number(round(seconds, 1))


def _comment(value: bytes) -> str:
    try:
        return value[8:].decode(_CHARSETS.get(value[:8], "utf-8"), "replace").strip("\0 ")
    except (LookupError, UnicodeError):
        return ""


def _place(tags: Mapping[int, Any]) -> Texts:
    found: Texts = {}
    named = {ExifTags.GPSTAGS[number]: value for number, value in tags.items() if number in ExifTags.GPSTAGS}
    for name, value in named.items():
        match name:
            case "GPSLatitude" | "GPSLongitude" | "GPSDestLatitude" | "GPSDestLongitude":
                found[name] = _degrees(value, _text(named.get(name + "Ref", "")))
            case "GPSAltitude":
                below = named.get("GPSAltitudeRef") in (1, b"\1")
                found[name] = f"{_number(value)} m {'Below' if below else 'Above'} Sea Level"
            case "GPSTimeStamp" if isinstance(value, tuple) and len(value) == 3:
                found[name] = ":".join(f"{_number(each):0>2}" for each in value)
            case "GPSVersionID" if isinstance(value, bytes):
                found[name] = ".".join(str(each) for each in value)
            case _:
                text = _text(value)
                found[name] = GPS_REFERENCES.get(name, {}).get(text, text)
    return found


def _degrees(value: Any, side: str) -> str:
    try:
        degrees, minutes, seconds = (float(each) for each in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return _text(value)
    return f"{degrees:.0f} deg {minutes:.0f}' {seconds:.2f}\" {side}".strip()


# IPTC and XMP


def _iptc(image: Image.Image) -> Texts:
    found: dict[str, list[str]] = {}
    for section, number, _, value in iptc_records(image):
        if section == 2 and number in IPTC:
            found.setdefault(IPTC[number], []).append(_text(value))
    return {name: ", ".join(values) for name, values in found.items()}


def _xmp(image: Image.Image) -> Texts:
    tree = read_packet(xmp_packet(image))
    if tree is None:
        return {}
    found: Texts = {}
    for description in tree.iter(RDF + "Description"):
        for name, text in _properties(description):
            found.setdefault(name, text)
    return found


def _properties(description: Element) -> Iterator[tuple[str, str]]:
    for key, text in description.attrib.items():
        if key.startswith("{") and not key.startswith((RDF, "{http://www.w3.org/XML")):
            yield _named(key), text.strip()
    for element in description:
        items = [(item.text or "").strip() for item in element.iter(RDF + "li")]
        text = ", ".join(each for each in items if each) if items else (element.text or "").strip()
        if text:
            yield _named(element.tag), text


def _named(key: str) -> str:
    """`{http://purl.org/dc/elements/1.1/}creator` is Creator."""
    local = re.sub(r"\A\{[^}]*\}", "", key)
    if key == DC + "format":
        return "Format"
    return local[:1].upper() + local[1:]
