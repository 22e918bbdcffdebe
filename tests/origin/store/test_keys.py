"""Keys: plain, inside their folder, spread by a hash."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.store.keys import checked_key, checked_prefix, derived_object_key, original_key


@given(st.text(alphabet="ab./-_ 0\\\0\näé", max_size=12))
def test_a_key_is_accepted_only_if_it_stays_where_it_is_put(text: str) -> None:
    """Joined to a folder it names a file below that folder, by the same parts it is written with."""
    try:
        key = checked_key(text)
    except ValueError:
        return
    path = PurePosixPath("/media") / key
    assert key == text
    assert key.isascii()
    assert path.parts == ("/", "media", *key.split("/"))
    assert ".." not in path.parts
    assert "." not in key.split("/")
    for end in range(len(key) + 1):
        checked_prefix(key[:end])


def test_names_spread_over_folders_and_keep_their_extension() -> None:
    """Two hex digits: 256 folders a cloud, few enough to list, many enough to search."""
    assert original_key("demo", "3f" + "0" * 30, "jpg") == f"demo/original/3f/3f{'0' * 30}.jpg"
    assert original_key("demo", "ab" * 16, None) == f"demo/original/ab/{'ab' * 16}"
    assert derived_object_key("demo", "cd" * 32, "1f", "webp") == f"demo/derived/cd/{'cd' * 32}-1f.webp"


def test_a_cloud_name_cannot_leave_its_folder() -> None:
    """Whatever a document calls a cloud."""
    for cloud in ("..", ".", "", "a/../..", "ä"):
        with pytest.raises(ValueError):
            original_key(cloud, "ab" * 16, "jpg")
