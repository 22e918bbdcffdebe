"""`cloudinary.uploader`: tags, context and metadata of many assets at once (upload-api §9)."""

import cloudinary
import pytest

from tests.sdks.python_sdk import api, put, uploader

pytestmark = pytest.mark.usefixtures("python_cloud")

NAMES = ["many/one", "many/two"]


@pytest.fixture(autouse=True)
def _two_assets() -> None:
    for name in NAMES:
        put(name, tags="start", context={"start": "yes"})


def tags_of(name: str) -> list[str]:
    found: list[str] = api.resource(name).get("tags", [])
    return found


def context_of(name: str) -> dict[str, str]:
    found: dict[str, str] = api.resource(name).get("context", {}).get("custom", {})
    return found


def test_tags_are_added_removed_replaced_and_made_exclusive() -> None:
    assert uploader.add_tag("b,a", [*NAMES, "many/none"])["public_ids"] == NAMES
    assert tags_of("many/one") == ["a", "b", "start"]
    assert uploader.add_tag("a", ["many/two"], exclusive=True)["public_ids"] == ["many/two"]
    assert tags_of("many/one") == ["b", "start"]
    assert uploader.remove_tag("start", NAMES)["public_ids"] == NAMES
    assert uploader.replace_tag("only", ["many/one"])["public_ids"] == ["many/one"]
    assert (tags_of("many/one"), tags_of("many/two")) == (["only"], ["a", "b"])
    assert uploader.call_tags_api("more", "add", ["many/one"])["public_ids"] == ["many/one"]
    assert uploader.remove_all_tags(NAMES)["public_ids"] == NAMES
    assert tags_of("many/one") == tags_of("many/two") == []
    with pytest.raises(
        cloudinary.exceptions.BadRequest, match=r"Invalid command - bogus. Must be one of: add, remove"
    ):
        uploader.call_tags_api("x", "bogus", NAMES)


def test_context_is_merged_and_removed() -> None:
    assert uploader.add_context({"alt": "a|b=c", "start": ""}, NAMES)["public_ids"] == NAMES
    assert context_of("many/one") == {"alt": "a|b=c"}
    assert uploader.call_context_api("k=v", "add", ["many/two"])["public_ids"] == ["many/two"]
    assert context_of("many/two") == {"alt": "a|b=c", "k": "v"}
    assert uploader.remove_all_context(NAMES)["public_ids"] == NAMES
    assert context_of("many/one") == context_of("many/two") == {}


def test_structured_metadata_is_set_on_many() -> None:
    api.add_metadata_field({"external_id": "owner", "label": "Owner", "type": "string"})
    try:
        assert uploader.update_metadata({"owner": "Ada|L"}, NAMES)["public_ids"] == NAMES
        assert api.resource("many/two")["metadata"] == {"owner": "Ada|L"}
        with pytest.raises(
            cloudinary.exceptions.BadRequest, match=r'The following metadata fields do not exist: \["no"\]'
        ):
            uploader.update_metadata({"no": "x"}, NAMES)
    finally:
        api.delete_metadata_field("owner")
