"""The flags of a component: which are known, which only matter elsewhere, which are refused. Sheet: §13."""

from collections.abc import Mapping

from origin.transform.values import invalid, unsupported
from wire.errors import InvalidRequest

MEANT = frozenset({"ignore_aspect_ratio", "progressive", "attachment", "animated", "awebp"})

# They ask for what we do anyway, permit what we do not use, or keep metadata that derived files never carry.
_NOTED_NAMES = """
any_format apng force_strip immutable_cache keep_attribution keep_iptc lossy original png24 png32
png8 preserve_transparency rasterize sanitize strip_profile no_overflow text_no_trim text_disallow_overflow
"""
NOTED = frozenset(_NOTED_NAMES.split())

_LATER_NAMES = """
layer_apply region_relative tiled cutter getinfo clip clip_evenodd group4 tiff8_lzw ignore_mask_channels c2pa
replace_image draco waveform force_icc alternate hlsv3 keep_dar mono no_stream splice streaming_attachment
truncate_ts
"""
_LATER = frozenset(_LATER_NAMES.split())


def read_flags(values: Mapping[str, str]) -> dict[str, str]:
    """Flag → argument (empty without one). Unknown and unsupported flags are refused by name."""
    flags: dict[str, str] = {}
    if "fl" not in values:
        return flags
    for text in values.get("fl", "").split("."):
        name, _, argument = text.partition(":")
        if name in MEANT:
            flags[name] = argument
        elif name == "relative":
            raise InvalidRequest("resize marked as relative but not performed on a layer")
        elif name in _LATER:
            raise unsupported(f"fl_{name}")
        elif name not in NOTED:
            raise invalid_flag(text)
    return flags


def invalid_flag(text: str) -> InvalidRequest:
    """`Invalid flag in transformation: pdf`."""
    return invalid("flag", text)
