"""Small files of video and audio."""

from importlib.util import find_spec
from pathlib import Path

import pytest

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"
CLIP = RECORDINGS / "clip.mp4"
TURNED = RECORDINGS / "turned.mp4"
TONE = RECORDINGS / "tone.mp3"

needs_mediainfo = pytest.mark.skipif(
    find_spec("pymediainfo") is None, reason="pixeledge[video] is not installed"
)
