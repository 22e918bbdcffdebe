"""Files of video and audio told by their first bytes: what is none of these is not even looked into."""

from pathlib import Path

HEAD_BYTES = 600
AUDIO = frozenset({"mp3", "wav", "flac", "aac", "m4a", "aiff", "amr", "mid", "opus", "ogg"})
"""Containers that hold sound alone; `ogg` is told from `ogv` by what is in it."""

_BRANDS = {
    b"qt  ": "mov",
    b"M4A ": "m4a",
    b"M4B ": "m4a",
    b"M4V ": "m4v",
    b"M4VH": "m4v",
    b"M4VP": "m4v",
    b"3g2": "3g2",
    b"3gp": "3gp",
}
_STILL = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"crx ", b"jp2 ")
_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # of QuickTime files older than brands
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_MXF = bytes.fromhex("060e2b34020501010d010201")
_STARTS = (
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
    (b"FLV\x01", "flv"),
    (b"#!AMR", "amr"),
    (b"MThd", "mid"),
    (_ASF, "wmv"),
    (_MXF, "mxf"),
    (b"\0\0\x01\xba", "mpeg"),
    (b"\0\0\x01\xb3", "mpeg"),
)


def container_of(head: bytes) -> str | None:
    """The format's canonical name; None: neither video nor audio."""
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    match head[:4]:
        case b"\x1a\x45\xdf\xa3":
            return "webm" if b"webm" in head[:64] else "mkv"
        case b"OggS":
            return _in_ogg(head)
        case b"RIFF" | b"RF64":
            return {b"AVI ": "avi", b"WAVE": "wav"}.get(head[8:12])
        case b"FORM":
            return "aiff" if head[8:12] in (b"AIFF", b"AIFC") else None
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return None if brand in _STILL else _BRANDS.get(brand, _BRANDS.get(brand[:3], "mp4"))
    if head[4:8] in _ATOMS:
        return "mov"
    return _in_packets(head)


def container_at(path: Path) -> str | None:
    """The same of a file."""
    with path.open("rb") as file:
        return container_of(file.read(HEAD_BYTES))


def _in_ogg(head: bytes) -> str:
    if b"OpusHead" in head[:64]:
        return "opus"
    return "ogv" if b"theora" in head[:64] else "ogg"


def _in_packets(head: bytes) -> str | None:
    """Streams without a header of their own: MPEG's transport packets, and frames of AAC and MP3."""
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return "ts"
    if len(head) > 388 and head[4] == head[196] == head[388] == 0x47:
        return "mts"
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "aac"
    is_layer_3, rate, bits = head[1] & 0x06 == 0x02, head[2] >> 2 & 3, head[2] >> 4
    return "mp3" if is_layer_3 and head[1] & 0x18 != 0x08 and rate != 3 and 0 < bits < 15 else None
