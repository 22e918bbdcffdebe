"""What files in an archive are called."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from origin.archives.naming import Names, Style
from origin.catalogue import Asset, Identity


def asset(public_id: str, original_filename: str | None = None, resource_type: str = "image") -> Asset:
    return Asset(
        identity=Identity("demo", resource_type, "upload", public_id),
        revision="r" * 32,
        store_key="demo/original/r",
        bytes=1,
        etag="",
        original_filename=original_filename,
        asset_id=public_id,
        version=1,
        created_at=0.0,
        uploaded_at=0.0,
    )


@pytest.mark.parametrize(
    ("style", "public_id", "transformation", "name"),
    [
        (Style(), "dog", "", "dog.jpg"),
        (Style(), "pets/dog", "c_scale,w_100", "pets/dog.jpg"),
        (Style(flatten_folders=True), "pets/dog", "", "dog.jpg"),
        (Style(use_original_filename=True), "pets/x1", "", "pets/IMG 1.jpg"),
        (Style(use_original_filename=True, flatten_folders=True), "pets/x1", "", "IMG 1.jpg"),
        (Style(is_mixed=True), "pets/dog", "c_scale,w_100/e_sepia", "c_scale,w_100_e_sepia/pets/dog.jpg"),
        (Style(is_mixed=True, flatten_transformations=True), "pets/dog", "w_1", "pets/dog_w_1.jpg"),
        (Style(is_mixed=True, skip_transformation_name=True), "pets/dog", "w_1", "pets/dog.jpg"),
        (Style(), "https://host/a/../b?c=d", "", "https_/host/a/b_c=d.jpg"),
        (Style(), "/etc/passwd", "", "etc/passwd.jpg"),
        (Style(), "..", "", "file.jpg"),
    ],
)
def test_names(style: Style, public_id: str, transformation: str, name: str) -> None:
    """After their assets, as the flags say; and none leads out of the folder."""
    assert Names(style).name(asset(public_id, "IMG 1"), transformation, "jpg") == name


def test_raw_files_have_their_extension_in_their_name() -> None:
    """The counter comes before it."""
    names = Names(Style(flatten_folders=True))
    raw = [
        names.name(asset(each, resource_type="raw"), "", "") for each in ("a/x.csv", "b/x.csv", "c/README")
    ]
    assert raw == ["x.csv", "x_1.csv", "README"]


def test_no_two_files_share_a_name_in_any_case() -> None:
    """Some file systems cannot tell `A` from `a`."""
    names = Names(Style(flatten_folders=True))
    given = [names.name(asset(each), "", "jpg") for each in ("a/dog", "b/Dog", "c/dog", "dog_1")]
    assert given == ["dog.jpg", "Dog_1.jpg", "dog_2.jpg", "dog_1_1.jpg"]


@given(st.lists(st.text("aAb/._1", min_size=1, max_size=6), max_size=30), st.booleans())
def test_every_name_is_new_relative_and_safe(public_ids: list[str], flatten: bool) -> None:
    """Whatever the assets are called."""
    names = Names(evolve(Style(), flatten_folders=flatten))
    given = [names.name(asset(each), "", "jpg") for each in public_ids]
    assert len({each.casefold() for each in given}) == len(given)
    for each in given:
        assert not each.startswith("/")
        assert not {"", ".", ".."} & set(each.split("/"))
