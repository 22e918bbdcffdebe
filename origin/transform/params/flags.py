"""The flags of a component: which are known, which only matter elsewhere, which are refused. Sheet: §13."""

from collections.abc import Mapping

from origin.transform.values import invalid, unsupported
from wire.errors import InvalidRequest

_MEANT_NAMES = """
ignore_aspect_ratio progressive attachment getinfo animated awebp apng preserve_transparency lossy any_format
clip clip_evenodd rasterize ignore_mask_channels
png8 png24 png32 group4 strip_profile force_icc force_strip keep_iptc keep_attribution
"""
MEANT = frozenset(_MEANT_NAMES.split())

# They ask for what we do anyway (immutable answers, sanitised SVG, no optimising of untouched originals, TIFF of
# 8 bits packed by LZW), or speak of a layer's words.
_NOTED_NAMES = """
immutable_cache original sanitize tiff8_lzw
no_overflow text_no_trim text_disallow_overflow
"""
NOTED = frozenset(_NOTED_NAMES.split())

# They speak of films, sounds and 3-D models: on an image they do nothing.
_IDLE_NAMES = """
alternate hlsv3 keep_dar mono no_stream splice streaming_attachment truncate_ts draco waveform
"""
IDLE = frozenset(_IDLE_NAMES.split())

# A layer's own where no layer is; provenance; PDF.
OF_LAYERS = frozenset({"layer_apply", "tiled", "cutter"})
REFUSED = frozenset({"c2pa", "replace_image"})
_WITH_ARGUMENT = frozenset({"progressive", "attachment", "splice", "streaming_attachment"})


RELATIVE = frozenset({"relative", "region_relative"})
KNOWN = MEANT | NOTED | IDLE | OF_LAYERS | REFUSED | RELATIVE
"""Every flag there is, whatever comes of it."""


def read_flags(values: Mapping[str, str]) -> dict[str, str]:
    """Flag → argument (empty without one). Unknown and unsupported flags are refused by name."""
    flags: dict[str, str] = {}
    if "fl" not in values:
        return flags
    for text in values.get("fl", "").split("."):
        name, colon, argument = text.partition(":")
        if colon and name not in _WITH_ARGUMENT:
            raise invalid_flag(text)
        if name in MEANT:
            flags[name] = argument
        elif name in RELATIVE:
            raise InvalidRequest("resize marked as relative but not performed on a layer")
        elif name in OF_LAYERS:
            raise unsupported(f"fl_{name}", "without a layer")
        elif name in REFUSED:
            raise unsupported(f"fl_{name}")
        elif name not in NOTED | IDLE:
            raise invalid_flag(text)
    return flags


def unheard(values: Mapping[str, str]) -> str | None:
    """A flag of a component that says nothing of images."""
    found = (text.partition(":")[0] for text in values.get("fl", "").split("."))
    return next((f"fl_{name}" for name in found if name in IDLE), None)


def invalid_flag(text: str) -> InvalidRequest:
    """`Invalid flag in transformation: pdf`."""
    return invalid("flag", text)
