"""Video and audio as an asset's details hold them, and as answers tell of them (upload-api §3.5)."""

from collections.abc import Mapping
from typing import Any

from origin.assets.analyses import ANALYSIS
from origin.catalogue import AssetDraft

RECORDING = "recording"
_IN_COLUMNS = ("format", "width", "height")


def recorded(recording: Mapping[str, Any]) -> dict[str, Any]:
    """The details that say what was read of a file; its texts answer calls that ask for metadata."""
    kept = {name: value for name, value in recording.items() if name not in (*_IN_COLUMNS, "texts")}
    texts = recording.get("texts")
    return {RECORDING: kept, **({ANALYSIS: {"image_metadata": texts}} if texts else {})}


def recording_of(asset: AssetDraft) -> dict[str, Any]:
    """`duration`, `bit_rate`, `video`, `audio` and the rest; empty for what is no recording."""
    return dict(asset.details.get(RECORDING, {}))
