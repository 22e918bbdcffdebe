"""Archives a piece at a time are archives: the standard library reads back what went in."""

import io
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.archives.formats import FORMATS

NAMES = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="/\\"), min_size=1, max_size=120
).filter(lambda name: name.strip(". "))
FILES = st.dictionaries(NAMES, st.binary(max_size=2000), max_size=6)


def packed(kind: str, files: dict[str, bytes], cut: int = 700) -> bytes:
    archive = FORMATS[kind]()
    written = b""
    for name, data in files.items():
        written += archive.begin(name, len(data), 1_700_000_000.7)
        for start in range(0, len(data), cut):
            written += archive.feed(data[start : start + cut])
        written += archive.end()
    return written + archive.finish()


def unpacked(kind: str, data: bytes) -> dict[str, bytes]:
    if kind == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            assert file.testzip() is None
            return {each.filename: file.read(each) for each in file.infolist()}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        return {each.name: tar.extractfile(each).read() for each in tar}  # type: ignore[union-attr]


@given(kind=st.sampled_from(sorted(FORMATS)), files=FILES)
def test_what_was_packed_is_unpacked(kind: str, files: dict[str, bytes]) -> None:
    """Names in any script, empty files, no file at all."""
    assert unpacked(kind, packed(kind, files)) == files


@pytest.mark.parametrize("kind", FORMATS)
def test_an_archive_without_its_end_is_none(kind: str) -> None:
    """Whoever is cut off can tell."""
    whole = packed(kind, {"a.jpg": b"a" * 5000, "b.jpg": b"b" * 5000})
    archive = FORMATS[kind]()
    unfinished = archive.begin("a.jpg", 5, 0.0) + archive.feed(b"aaaaa") + archive.end()
    for half in (whole[: len(whole) // 2], unfinished):
        with pytest.raises((zipfile.BadZipFile, tarfile.ReadError, EOFError)):
            unpacked(kind, half)


def test_words_are_compressed_in_a_tgz() -> None:
    """What shrinks may."""
    assert len(packed("tgz", {"a.csv": b"a" * 50_000, "b.jpg": b"b" * 50_000})) in range(50_000, 60_000)


def test_pictures_are_not_compressed_again() -> None:
    """Nothing is won by it, and much time lost."""
    with zipfile.ZipFile(io.BytesIO(packed("zip", {"a.jpg": b"a" * 5000}))) as file:
        assert file.infolist()[0].compress_type == zipfile.ZIP_STORED


@pytest.mark.parametrize("kind", FORMATS)
def test_bytes_go_out_as_they_come_in(kind: str) -> None:
    """The archive keeps none of them: memory does not grow with it."""
    archive = FORMATS[kind]()
    archive.begin("a.bin", 10_000_000, 0.0)
    piece = bytes(range(256)) * 1000
    sent = sum(len(archive.feed(piece)) for _ in range(20))
    assert sent >= 20 * 256_000 if kind == "zip" else sent > 0
