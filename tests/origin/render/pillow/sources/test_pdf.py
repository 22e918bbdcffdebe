import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from origin.render.errors import InvalidImage, OutOfMemory, UnsupportedFormat
from origin.render.limits import RenderLimits
from origin.render.pillow.opening import opened
from origin.render.pillow.probing import probe
from origin.transform.plan import Resample, Sheet
from origin.transform.portion import Portion
from tests.support.documents import assembled, pdf
from tests.support.images import BLUE, GREEN, RED
from wire.errors import MediaError

LIMITS = RenderLimits()
PAGES = (((72, 144), RED), ((100, 50), GREEN), ((100, 50), BLUE))


def written(folder: Path, data: bytes) -> str:
    path = folder / "document.pdf"
    path.write_bytes(data)
    return str(path)


def test_the_facts_are_those_of_the_pages_in_points(tmp_path: Path) -> None:
    facts = probe(written(tmp_path, pdf(PAGES)), LIMITS, verify=True)
    assert (facts.width, facts.height, facts.format, facts.pages, facts.frames) == (72, 144, "pdf", 3, 1)
    assert facts.sheets == (Sheet(72, 144), Sheet(100, 50), Sheet(100, 50))
    assert not facts.has_alpha


def test_pages_alike_are_not_told_apart(tmp_path: Path) -> None:
    """A book of five hundred equal pages has a short row in the catalogue."""
    assert probe(written(tmp_path, pdf([((72, 72), RED)] * 5)), LIMITS).sheets == ()


@pytest.mark.parametrize(("page", "size", "colour"), [(1, (150, 300), RED), (2, (208, 104), GREEN)])
def test_a_page_is_drawn_at_the_density_asked_for(
    tmp_path: Path, page: int, size: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    """At 150 dots an inch, 72 points are 150 pixels."""
    path = written(tmp_path, pdf(PAGES))
    with opened(path, LIMITS, Portion(pages=(page,), density=150)) as source:
        assert (source.facts.width, source.facts.height) == size
        assert source.image.size == size
        assert source.image.getpixel((size[0] // 2, size[1] // 2)) == colour


def test_a_turned_page_is_shown_turned(tmp_path: Path) -> None:
    facts = probe(written(tmp_path, pdf([((72, 144), RED)], extra="/Rotate 90")), LIMITS)
    assert (facts.width, facts.height) == (144, 72)


def test_only_the_part_that_is_seen_is_drawn_at_its_own_size(tmp_path: Path) -> None:
    """A tenth of a page at a thousand pixels needs no page of ten thousand."""
    content = b"1 0 0 rg 0 0 100 100 re f 0 0 1 rg 50 50 10 10 re f"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
    ]
    path = written(tmp_path, assembled(objects))
    with opened(path, LIMITS, Portion(density=72)) as source:
        image, first = source.ready(Resample((45, 35, 65, 55), 1000, 1000))
    assert first is None
    assert image.size == (1000, 1000)
    assert image.getpixel((500, 500)) == (0, 0, 255)  # x 50..60 and, from the bottom, y 50..60
    assert image.getpixel((200, 500)) == (255, 0, 0)
    assert image.getpixel((252, 252)) == (0, 0, 255)


def test_scripts_and_actions_do_nothing(tmp_path: Path) -> None:
    """PDFium is built without a script engine; an action that opens a file or a page is not followed."""
    extra = "/AA << /O << /S /JavaScript /JS (while (true) {}) >> >>"
    path = written(tmp_path, pdf([((72, 72), RED)], extra=extra))
    with opened(path, LIMITS, Portion(density=72)) as source:
        assert source.image.getpixel((10, 10)) == RED


def test_a_document_of_too_many_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidImage, match="pages is 500") as refused:
        probe(written(tmp_path, pdf([((10, 10), RED)] * 501)), LIMITS)
    assert refused.value.public == "Maximum number of PDF pages is 500. Found 501"


def test_a_picture_that_would_fill_all_memory_costs_an_answer_only(tmp_path: Path) -> None:
    """Half a gigapixel of zeros, packed: whatever the library does about it, we go on."""
    side = 24_000
    bomb = zlib.compress(bytes(side * side // 8), 9)
    head = f"<< /Type /XObject /Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceGray"
    content = b"100 0 0 100 0 0 cm /Im Do"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        f"{head} /BitsPerComponent 1 /Filter /FlateDecode /Length {len(bomb)} >>\nstream\n".encode()
        + bomb
        + b"\nendstream",
        b"<< /XObject << /Im 5 0 R >> >>",
    ]
    path = written(tmp_path, assembled(objects))
    with opened(path, LIMITS, Portion(density=72)) as source, suppress(InvalidImage, OutOfMemory):
        assert source.image.size == (100, 100)
    assert probe(written(tmp_path, pdf(PAGES)), LIMITS).pages == 3


def test_a_large_page_is_refused_before_it_is_drawn(tmp_path: Path) -> None:
    path = written(tmp_path, pdf([((14_000, 14_000), RED)]))
    with (
        opened(path, LIMITS, Portion(density=300)) as source,
        pytest.raises(MediaError, match="Maximum image"),
    ):
        source.image.load()


def test_without_the_extra_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(UnsupportedFormat) as refused:
        probe(written(tmp_path, pdf(PAGES)), LIMITS)
    assert refused.value.public == "PDF is not supported without pixeledge[pdf]"
