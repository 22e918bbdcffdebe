"""Names of files and of assets: none is lost, none is another's, none leaves its folder."""

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from sim.transfer.items import Item, file_name, items_of
from wire.public_ids import check_public_id

part = st.text("abC.#%+ü ", min_size=1, max_size=4).filter(lambda text: text.strip(". ") != "")
files = st.lists(
    st.builds(
        lambda parts, extension: "/".join(parts) + extension,
        st.lists(part, min_size=1, max_size=3),
        st.sampled_from(["", ".jpg", ".png", ".JPG", ".txt", ".mp4"]),
    ),
    unique=True,
    max_size=8,
)


def test_a_picture_is_named_without_its_extension_and_anything_else_with_it() -> None:
    items = {item.file: item for item in items_of(["a/b/cat.jpg", "notes.txt", "film.mp4", ".hidden/x.jpg"])}
    assert {name: (item.resource_type, item.public_id) for name, item in items.items()} == {
        "a/b/cat.jpg": ("image", "a/b/cat"),
        "notes.txt": ("raw", "notes.txt"),
        "film.mp4": ("video", "film"),
    }
    assert items["a/b/cat.jpg"].asset_folder == "a/b"


def test_a_name_that_is_no_utf8_becomes_a_sound_one() -> None:
    """As Python reads such names off a disk; the file is still found under its own."""
    (item,) = items_of(["b\udcffd.png"])
    assert (item.file, item.public_id) == ("b\udcffd.png", "b_d")


def test_pictures_of_one_name_keep_their_extensions() -> None:
    named = [item.public_id for item in items_of(["cat.jpg", "cat.png", "dog.jpg"])]
    assert named == ["cat.jpg", "cat.png", "dog"]


@given(files)
def test_every_visible_file_becomes_an_asset_with_a_sound_name(found: list[str]) -> None:
    visible = [file for file in found if not any(each.startswith(".") for each in file.split("/"))]
    items = items_of(found)
    assert sorted(item.file for item in items) == sorted(visible)
    for item in items:
        check_public_id(item.public_id)


@given(files, st.lists(st.sampled_from(["a=b", "c|d", "x"]), max_size=2).map(tuple))
def test_a_manifest_line_says_it_all(found: list[str], tags: tuple[str, ...]) -> None:
    for item in items_of(found):
        told = Item.from_line(item.to_line())
        assert told == item


assets = st.lists(
    st.builds(
        lambda kind, type_, parts, extension: {
            "resource_type": kind,
            "type": type_,
            "public_id": "/".join(parts),
            **({"format": extension} if extension else {}),
        },
        st.sampled_from(["image", "raw"]),
        st.sampled_from(["upload", "private"]),
        st.lists(
            st.sampled_from(["a", "A", "..", ".", "raw", "b:c", "long" * 60, "manifest.jsonl"]),
            min_size=1,
            max_size=3,
        ),
        st.sampled_from(["", "jpg"]),
    ),
    max_size=8,
    unique_by=lambda asset: (asset["resource_type"], asset["type"], asset["public_id"]),
)


@given(assets)
def test_every_asset_has_a_file_of_its_own_below_the_folder(found: list[dict[str, str]]) -> None:
    taken: list[str] = []
    for asset in found:
        taken.append(file_name(asset, taken))
    assert len({name.casefold() for name in taken}) == len(found)
    for name in taken:
        path = PurePosixPath(name)
        assert not path.is_absolute()
        assert not {"..", "."} & set(path.parts)
        assert all(len(each.encode()) <= 255 for each in path.parts)
        assert not {str(parent).casefold() for parent in path.parents} & {other.casefold() for other in taken}


def test_what_was_said_of_an_asset_is_said_again() -> None:
    item = Item(
        file="x.jpg", public_id="x", tags=("a", "b"), context={"k|": "v="}, metadata={"s": ["1", "2"], "n": 3}
    )
    assert item.params() == {
        "public_id": "x",
        "tags": "a,b",
        "context": "k\\|=v\\=",
        "metadata": 's=["1", "2"]|n=3',
    }
