"""One page from a real origin: pictures inside, refusals told."""

import base64
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from sim.cli import main
from sim.gallery import make as making
from sim.gallery.entries import Entry, Section, sections
from sim.gallery.make import make, shown

FEW = (
    Section("Few", (Entry("grid", "c_fill,h_30,w_40"), Entry("fig", "f_png"), Entry("film", "f_gif"))),
    Section("Refused", (Entry("photo", "e_camera"), Entry("nothing", "w_1"))),
)


def test_a_page_holds_every_picture(tmp_path: Path) -> None:
    """Pictures as they were delivered, in one file."""
    refused = make(tmp_path, lambda _: None, FEW)
    assert [each.shot.refusal for each in refused] == [
        "e_camera is not supported",
        "Resource not found - nothing",
    ]
    html = (tmp_path / "index.html").read_text("utf-8")
    bodies = [base64.b64decode(data) for data in re.findall(r"base64,([^\"]+)", html)]
    images = [Image.open(io.BytesIO(body)) for body in bodies]
    assert [image.format for image in images] == ["WEBP", "PNG", "GIF"]
    assert images[0].size == (40, 30)
    assert getattr(images[2], "n_frames", 1) == 20
    assert "e_camera is not supported" in html
    assert "c_fill,h_30,w_40" in html


def test_the_whole_gallery_is_delivered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing it shows is refused: every twentieth picture here, all of them by `pixeledge gallery`."""
    monkeypatch.setattr(
        making, "sections", lambda: tuple(Section(each.title, each.entries[::20]) for each in sections())
    )
    result = CliRunner().invoke(main, ["gallery", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "index.html").stat().st_size > 50_000


def test_the_kept_page_shows_what_the_entries_say() -> None:
    """It is made anew, and looked at, when they change: pixeledge gallery."""
    html = (Path(__file__).parents[3] / "docs" / "gallery" / "index.html").read_text("utf-8")
    captions = re.findall(r"<figcaption>(.*?) <small>(\w+)", html)
    escaped = [
        (each.chain.replace("&", "&amp;"), each.picture) for section in sections() for each in section.entries
    ]
    assert captions == escaped


def test_a_chain_without_a_format_is_shown_as_webp() -> None:
    """For its size; one with a format is delivered in it."""
    assert shown(Entry("photo", "w_5/r_1")) == "w_5/r_1/f_webp,q_80"
    assert shown(Entry("photo", "f_gif,w_5")) == "f_gif,w_5"
    assert shown(Entry("photo", "fl_lossy")) == "fl_lossy/f_webp,q_80"
