"""Bodies in, in any encoding and cut anywhere: the same form comes out, and a refused body leaves no file."""

import base64
import hashlib
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.api.jsonform import JsonForm
from origin.api.multipart import FormReader, MultipartForm, base_name
from origin.api.spooling import RemoteFile, SpooledFile
from origin.api.urlencoded import UrlencodedForm
from wire.errors import InvalidRequest

BOUNDARY = "frontier"
PICTURE = bytes(range(256)) * 40 + b"\r\n--frontie\r\n--"  # looks like a boundary, and is none
TEXT_BYTES = 100_000


def part(name: str, value: bytes, filename: bytes | None = None) -> bytes:
    file = b'; filename="' + filename + b'"' if filename is not None else b""
    head = b'Content-Disposition: form-data; name="' + name.encode() + b'"' + file
    return b"--frontier\r\n" + head + b"\r\n\r\n" + value + b"\r\n"


END = b"--frontier--"  # Node's closing boundary has no trailing CRLF


def chunks(body: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = sorted({min(cut, len(body)) for cut in cuts} | {0, len(body)})
    for start, stop in pairwise(places):
        yield body[start:stop]


def fed(reader: FormReader, body: bytes, cuts: list[int]) -> FormReader:
    for chunk in chunks(body, cuts):
        reader.feed(chunk)
    return reader


def left_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


CUTS = st.lists(st.integers(0, 12_000), max_size=12)
WHOLE = (
    part("timestamp", b"1")
    + part("tags[]", b"a")
    + part("file", PICTURE, "dir/ümläut.jpg".encode())
    + part("tags[]", b"b,c")
    + part("context", "k=ü".encode())
    + END
)


@given(cuts=CUTS)
def test_where_chunks_are_cut_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    """A socket may cut a boundary, a header or a character in two."""
    folder = tmp_path_factory.mktemp("spool")
    params, file = fed(MultipartForm(BOUNDARY, folder), WHOLE, cuts).finish()
    assert params == {"timestamp": "1", "tags": ("a", "b,c"), "context": "k=ü"}
    assert isinstance(file, SpooledFile)
    assert file.path.read_bytes() == PICTURE
    assert (file.size, file.md5) == (len(PICTURE), hashlib.md5(PICTURE).hexdigest())
    assert file.filename == "ümläut.jpg"


@given(cut=st.integers(1, len(WHOLE) - 1))
def test_half_a_body_is_refused_and_leaves_no_file(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    reader = MultipartForm(BOUNDARY, folder)
    with pytest.raises(InvalidRequest, match="closing boundary"):
        fed(reader, WHOLE[:cut], [cut // 2]).finish()
    reader.discard()
    assert left_in(folder) == []


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"../../etc/passwd", "passwd"),
        (b"C:\\\\photos\\\\cat.jpg", "cat.jpg"),
        ("naïve.png".encode("latin-1"), "naïve.png"),
        ("naïve.png".encode(), "naïve.png"),
        (b"..", ".."),
    ],
)
def test_a_file_name_is_only_its_last_segment(tmp_path: Path, raw: bytes, name: str) -> None:
    """Python sends UTF-8, Node Latin-1; either may send a whole path."""
    _, file = fed(MultipartForm(BOUNDARY, tmp_path), part("file", b"x", raw) + END, []).finish()
    assert isinstance(file, SpooledFile)
    assert file.filename == name


def test_a_line_break_cannot_pass_through_a_file_name(tmp_path: Path) -> None:
    """CRLF ends the part's header line: what follows is no header and the body is refused."""
    reader = MultipartForm(BOUNDARY, tmp_path)
    with pytest.raises(InvalidRequest, match="Malformed multipart body"):
        reader.feed(part("file", b"x", b"a\r\nX-Evil 1") + END)
    reader.discard()
    assert base_name("a\r\nb.jpg") == "ab.jpg"
    assert left_in(tmp_path) == []


def test_two_files_in_one_request_are_refused(tmp_path: Path) -> None:
    reader = MultipartForm(BOUNDARY, tmp_path)
    with pytest.raises(InvalidRequest, match="Only one file"):
        reader.feed(part("file", b"1", b"a") + part("file", b"2", b"b") + END)
    reader.discard()
    assert left_in(tmp_path) == []


def test_endless_parameters_are_refused(tmp_path: Path) -> None:
    """Text is kept in memory, so there is a bound to it, whatever the bound on the file."""
    reader = MultipartForm(BOUNDARY, tmp_path)
    with pytest.raises(InvalidRequest, match="Parameters are too large"):
        for _ in range(40):
            reader.feed(part("context", b"x" * 100_000))


def data_uri(data: bytes, *, line: int = 0, header: str = "data:image/png;base64,") -> str:
    text = base64.b64encode(data).decode()
    lines = [text[start : start + line] for start in range(0, len(text), line)] if line else [text]
    return header + "\n".join(lines)


def bodies(uri: str, folder: Path) -> dict[str, tuple[FormReader, bytes]]:
    """One request with a data URI in all three encodings."""
    return {
        "multipart": (
            MultipartForm(BOUNDARY, folder),
            part("public_id", "ü x".encode()) + part("file", uri.encode()) + part("tags[]", b"t") + END,
        ),
        "urlencoded": (
            UrlencodedForm(folder, TEXT_BYTES),
            urlencode([("public_id", "ü x"), ("file", uri), ("tags[]", "t")]).encode(),
        ),
        "json": (
            JsonForm(folder, TEXT_BYTES),
            json.dumps({"public_id": "ü x", "nested": {"file": "no"}, "file": uri, "tags": ["t"]}).encode(),
        ),
    }


@given(
    encoding=st.sampled_from(["multipart", "urlencoded", "json"]),
    data=st.binary(max_size=3000),
    line=st.sampled_from([0, 76]),
    cuts=CUTS,
)
def test_a_data_uri_is_decoded_on_its_way_to_disk(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, data: bytes, line: int, cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    reader, body = bodies(data_uri(data, line=line), folder)[encoding]
    params, file = fed(reader, body, cuts).finish()
    assert isinstance(file, SpooledFile)
    assert file.path.read_bytes() == data
    assert file.filename is None
    assert params["public_id"] == "ü x"
    assert params["tags"] == ("t",)
    assert "file" not in params


@pytest.mark.parametrize("encoding", ["multipart", "urlencoded", "json"])
def test_a_data_uri_larger_than_all_text_may_be_is_taken(tmp_path: Path, encoding: str) -> None:
    """The bound on parameters is one on memory; a data URI is not held there."""
    data = bytes(range(256)) * 2000
    reader, body = bodies(data_uri(data), tmp_path)[encoding]
    assert len(body) > 5 * TEXT_BYTES
    _, file = fed(reader, body, list(range(0, len(body), 65_536))).finish()
    assert isinstance(file, SpooledFile)
    assert file.md5 == hashlib.md5(data).hexdigest()


@pytest.mark.parametrize(
    "uri",
    [
        "data:image/png;base64,@@@@",
        "data:image/png;base64,QUJD=QUJD",
        "data:image/png;base64,QUJDR",
        "data:image/png",
        "data:" + "x" * 3000,
    ],
)
def test_a_broken_data_uri_is_refused_and_leaves_no_file(tmp_path: Path, uri: str) -> None:
    for reader, body in bodies(uri, tmp_path).values():
        with pytest.raises(InvalidRequest) as refused:
            fed(reader, body, []).finish()
        assert refused.value.public == "Invalid data URI"
        reader.discard()
    assert left_in(tmp_path) == []


def test_a_data_uri_without_base64_is_percent_encoded_text(tmp_path: Path) -> None:
    reader, body = bodies("data:,a%20b%2", tmp_path)["multipart"]
    _, file = fed(reader, body, list(range(200))).finish()
    assert isinstance(file, SpooledFile)
    assert file.path.read_bytes() == b"a b%2"


@pytest.mark.parametrize("encoding", ["multipart", "urlencoded", "json"])
def test_text_that_is_a_url_is_remembered_not_stored(tmp_path: Path, encoding: str) -> None:
    reader, body = bodies("https://example.com/a.jpg?x=1&y=2", tmp_path)[encoding]
    assert fed(reader, body, [7, 40]).finish()[1] == RemoteFile("https://example.com/a.jpg?x=1&y=2")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"a": "\\ud800', b"nonsense", b'{"file": "data:,x'])
def test_a_body_that_is_no_json_object_is_refused(tmp_path: Path, body: bytes) -> None:
    reader = JsonForm(tmp_path, TEXT_BYTES)
    with pytest.raises(InvalidRequest, match="JSON"):
        fed(reader, body, [3]).finish()
    reader.discard()
    assert left_in(tmp_path) == []


def test_json_values_keep_the_text_that_was_signed(tmp_path: Path) -> None:
    """Numbers as shortest decimals, booleans as words, arrays of scalars as arrays; null is absent."""
    body = b'{"a": 1, "b": 1.0, "c": true, "d": null, "e": ["x", 2], "f": {"k": "v"}, "file2": "data:,"}'
    params, file = fed(JsonForm(tmp_path, TEXT_BYTES), body, list(range(0, 100, 9))).finish()
    assert file is None
    assert params == {"a": "1", "b": "1", "c": "true", "e": ("x", "2"), "f": '{"k":"v"}', "file2": "data:,"}
