from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from origin.render.errors import InvalidImage, OutOfMemory, TooManyPixels
from origin.render.limits import RenderLimits
from origin.render.pillow.opening import opened, probe_header, reading
from origin.render.pillow.probing import probe
from tests.support.images import as_bytes, quartered

LIMITS = RenderLimits()
SEEDS = {
    kind: as_bytes(quartered(), kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "ICO")
}


@pytest.mark.parametrize(
    "error",
    [OSError("broken data stream"), SyntaxError("bad"), IndexError(), TypeError(), EOFError(), ValueError()],
)
def test_whatever_a_damaged_file_raises_it_is_an_invalid_image(error: Exception) -> None:
    """Fuzzing made the plugins raise all of these."""
    with pytest.raises(InvalidImage), reading(LIMITS):
        raise error


def test_want_of_memory_is_told_from_damage() -> None:
    """Codecs report it as OSError or RuntimeError; Python as MemoryError, which the worker answers."""
    with pytest.raises(OutOfMemory), reading(LIMITS):
        raise OSError("out of memory when reading image file")
    with pytest.raises(MemoryError), reading(LIMITS):
        raise MemoryError


def test_pillows_own_refusal_gets_our_sentence() -> None:
    """It guards what no header tells, such as a frame larger than its canvas."""
    with pytest.raises(TooManyPixels, match="Requested 60 Megapixels"), reading(LIMITS):
        Image._decompression_bomb_check((10_000, 6_000))
    with pytest.raises(TooManyPixels, match="Requested 30 Megapixels"), reading(LIMITS):
        Image._decompression_bomb_check((10_000, 3_000))


def test_opening_and_probing_tell_the_same(tmp_path: Path) -> None:
    """WebP is probed by hand and opened by Pillow; plans made from the one must fit the other."""
    for kind, data in SEEDS.items():
        path = tmp_path / kind
        path.write_bytes(data)
        with opened(str(path), LIMITS) as source:
            assert source.facts == probe_header(str(path), LIMITS)
            assert source.image.size == (source.facts.width, source.facts.height)


@given(st.sampled_from(sorted(SEEDS)), st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    """Never another error: that would be a 500 for somebody's broken upload."""
    damaged = bytearray(SEEDS[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    del damaged[data.draw(st.integers(1, len(damaged))) :]
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(damaged)
    try:
        facts = probe(str(path), LIMITS, verify=True)
    except (InvalidImage, TooManyPixels, MemoryError):
        return
    assert facts.width * facts.height <= 25_000_000
