"""Names an asset may bear."""

import cloudinary.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.errors import InvalidRequest
from wire.public_ids import check_public_id, escaped, split_extension


@pytest.mark.parametrize(
    "public_id",
    ["sample", "folder/sub/cat", "ü x/日本", "a.b.c", "..a", "v1x", "image/v", "x" * 255, "images"],
)
def test_a_good_name_is_kept_as_it_is(public_id: str) -> None:
    """Unicode, folders and dots are ordinary (delivery-urls.md §4)."""
    assert check_public_id(public_id) == public_id


@pytest.mark.parametrize(
    "public_id",
    [
        *("", " ", " a", "a ", "/a", "a/", "a//b", "a?b", "a&b", "a#b", "a\\b", "a%2e", "a<b", "a>b", "a+b"),
        *("..", "../etc/passwd", "a/../b", "a/./b", ".", "v1", "v12/x", "a/v3/b", "images/x", "a/videos/b"),
        *("a\r\nSet-Cookie: x=1", "a\x00b", "a\x7f", "\x85", "\ud800", "x" * 256),
    ],
)
def test_a_bad_name_is_refused_with_its_text(public_id: str) -> None:
    """400 in the sheet's words, safe to repeat in a header (upload-api.md 3.2)."""
    with pytest.raises(InvalidRequest) as refusal:
        check_public_id(public_id)
    assert refusal.value.public.startswith("public_id (")
    assert refusal.value.public.endswith(") is invalid")
    assert refusal.value.public.isprintable() or public_id == "\ud800"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_escaping_is_that_of_the_official_sdk(text: str) -> None:
    """Byte for byte: signatures cover the escaped text."""
    assert escaped(text) == cloudinary.utils.smart_escape(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a.jpg", ("a", "jpg")),
        ("a.JPEG", ("a", "jpg")),
        ("a.tif", ("a", "tiff")),
        ("f/a.b.png", ("f/a.b", "png")),
        ("a.unknown", ("a.unknown", None)),
        ("a", ("a", None)),
        (".jpg", (".jpg", None)),
        ("f/.jpg", ("f/.jpg", None)),
        ("f.jpg/a", ("f.jpg/a", None)),
    ],
)
def test_only_a_known_format_is_an_extension(text: str, parts: tuple[str, str | None]) -> None:
    """Any other dot is a character of the name (delivery-urls.md §4)."""
    assert split_extension(text) == parts
