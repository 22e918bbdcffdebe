"""Which detector there is, told without loading it."""

from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from origin.render import faces


def spec_in(folder: Path) -> ModuleSpec:
    return ModuleSpec("cv2", None, origin=str(folder / "__init__.py"))


def test_an_opencv_without_its_cascades_is_no_detector(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Version 5 carries none: pictures then have the faces stored with them, and no look fails for it."""
    monkeypatch.setattr(faces, "find_spec", lambda name: spec_in(tmp_path))
    assert faces.name() == "none"
    assert faces.load() is None
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "haarcascade_frontalface_alt2.xml").write_text("<cascade/>")
    assert faces.name() == "haar"


def test_no_opencv_is_no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is optional."""
    monkeypatch.setattr(faces, "find_spec", lambda name: None)
    assert faces.name() == "none"
    assert faces.load() is None


@pytest.mark.skipif(faces.name() == "none", reason="pixeledge[faces] is not installed")
def test_a_plain_picture_has_no_faces() -> None:
    """Nor does one smaller than any face could be."""
    detect = faces.load()
    assert detect is not None
    assert detect(b"\x80" * 10_000, 100, 100) == ()
    assert detect(b"\x80", 1, 1) == ()
