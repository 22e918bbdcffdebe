"""What an upload asks for: every SDK spelling understood, nothing promised that is not kept."""

import pytest

from origin.api.params import Params, collect, flag, from_document, listed
from origin.api.wishes import upload_wish
from origin.assets.ingest import Upload
from wire.errors import InvalidRequest

FILE = "dir photo.jpg"


def wish(params: Params, fixed_folders: bool = False) -> Upload:
    return upload_wish("demo", "image", params, FILE, fixed_folders=fixed_folders)


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("true", True), ("True", True), ("0", False), ("false", False)]
)
def test_booleans_in_every_sdks_spelling(text: str, value: bool) -> None:
    assert flag({"f": text}, "f") is value


def test_an_empty_value_is_absent() -> None:
    assert flag({"f": ""}, "f", default=True) is True
    assert wish({"public_id": "", "tags": ""}).public_id is None


def test_arrays_in_every_spelling_are_the_same() -> None:
    spelled = [
        collect([("tags[]", "a"), ("tags[]", "b")]),
        collect([("tags[0]", "a"), ("tags[1]", "b")]),
        collect([("tags", "a"), ("tags", "b")]),
        collect([("tags", "a,b")]),
        from_document({"tags": ["a", "b"]}),
    ]
    assert {listed(params, "tags") for params in spelled} == {("a", "b")}


@pytest.mark.parametrize(
    ("params", "prefix", "folder"),
    [
        ({"folder": "a/b"}, "a/b", "a/b"),
        ({"folder": "a", "asset_folder": "c"}, "a", "c"),
        ({"public_id_prefix": "p", "folder": "a"}, "p", "a"),
        ({"asset_folder": "c"}, "", "c"),
        ({"asset_folder": "c", "use_asset_folder_as_public_id_prefix": "1"}, "c", "c"),
        ({}, "", ""),
    ],
)
def test_prefix_and_folder_in_dynamic_mode(params: Params, prefix: str, folder: str) -> None:
    made = wish(params)
    assert (made.prefix, made.asset_folder) == (prefix, folder)


def test_fixed_mode_knows_folder_alone() -> None:
    made = wish({"folder": "a", "asset_folder": "c", "public_id_prefix": "p"}, fixed_folders=True)
    assert (made.prefix, made.asset_folder) == ("a", "")


@pytest.mark.parametrize("name", ["eval", "on_success"])
def test_a_promise_we_cannot_keep_is_refused_and_its_absence_is_not(name: str) -> None:
    """A caller who gets 200 relies on the effect."""
    with pytest.raises(InvalidRequest, match=f"Parameter {name} is not supported by this server"):
        wish({name: "1"})
    for off in ("0", "false", ""):
        wish({name: off})


def test_what_we_never_heard_of_is_ignored() -> None:
    """It was signed, so it is meant for somebody (upload-api §1)."""
    assert wish({"source": "uw", "batch_id": "7", "some_future_thing": "x"}).type == "upload"
