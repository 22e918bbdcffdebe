"""Names of uploads: the sheet's rules, and no name that could do harm."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.assets.context import parse_context
from origin.assets.naming import checked_folder, chosen_public_id, from_filename, stem_and_extension
from wire.errors import InvalidRequest
from wire.public_ids import check_public_id


def chosen(**given_: object) -> str:
    plain = {
        "public_id": None,
        "filename": None,
        "use_filename": False,
        "unique_filename": True,
        "prefix": "",
        "is_raw": False,
        "rng": Random(1),
    }
    return chosen_public_id(**{**plain, **given_})  # type: ignore[arg-type]


@given(filename=st.text(max_size=300), is_raw=st.booleans(), unique=st.booleans())
def test_whatever_a_file_is_called_its_id_is_valid_or_refused(
    filename: str, is_raw: bool, unique: bool
) -> None:
    """A file name is a stranger's text: it can choose a name, never a place."""
    try:
        name = chosen(filename=filename, use_filename=True, unique_filename=unique, is_raw=is_raw)
    except InvalidRequest:
        return
    assert check_public_id(name) == name
    assert "/" not in name


def test_the_sheets_order_of_choice() -> None:
    assert chosen(public_id="mine", filename="x.jpg", use_filename=True) == "mine"
    assert chosen(filename="a b?.jpg", use_filename=True, unique_filename=False) == "a_b"
    assert len(chosen(filename="a.jpg")) == 20
    assert chosen(filename="a.zip", is_raw=True).endswith(".zip")
    assert chosen(public_id="doc", filename="a.zip", is_raw=True) == "doc"
    assert chosen(public_id="x", prefix="a/b") == "a/b/x"


@pytest.mark.parametrize("folder", ["..", "a/../b", "a//b", "a\r\nb", "a?b"])
def test_a_folder_is_no_way_out(folder: str) -> None:
    with pytest.raises(InvalidRequest, match="is invalid"):
        checked_folder(folder, "folder")


def test_outer_slashes_of_a_folder_do_not_count() -> None:
    assert checked_folder("/a/b/", "folder") == "a/b"
    assert checked_folder("/", "folder") == ""


def test_stems_and_extensions() -> None:
    assert stem_and_extension("logo.final.PNG") == ("logo.final", "png")
    assert stem_and_extension(".bashrc") == (".bashrc", "")
    assert stem_and_extension("no") == ("no", "")
    assert stem_and_extension("a.b c") == ("a.b c", "")
    assert from_filename("..") == ""


PLAIN = st.text(st.characters(exclude_characters="\\", exclude_categories=["Cs"]), max_size=8)


@given(st.dictionaries(PLAIN.filter(lambda text: text and text[0] != "{"), PLAIN, min_size=1, max_size=5))
def test_context_comes_back_as_it_was_escaped(context: dict[str, str]) -> None:
    """As the SDKs write it: `=` and `|` behind backslashes, in keys as in values."""

    def escaped(text: str) -> str:
        return text.replace("=", "\\=").replace("|", "\\|")

    assert (
        parse_context("|".join(f"{escaped(key)}={escaped(value)}" for key, value in context.items()))
        == context
    )


def test_context_keeps_other_backslashes_and_reads_objects() -> None:
    assert parse_context("path=C:\\a\\\\b") == {"path": "C:\\a\\\\b"}
    assert parse_context('{"alt": "x", "n": 1}') == {"alt": "x", "n": "1"}
    with pytest.raises(InvalidRequest, match="key=value pairs"):
        parse_context("a=b|c")
