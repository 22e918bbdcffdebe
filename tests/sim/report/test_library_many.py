"""The media library with many at once: selections, folders, and the fields of structured metadata."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.browser import Page
from tests.support.library import Library, assert_clean, picture

BOXES = "[...document.querySelectorAll('.pick input')]"
CHECKED = f"{BOXES}.filter((box) => box.checked).length"


def shelf(library: Library, folder: str, count: int, **said: Any) -> list[Any]:
    """Assets of a folder, which the page shows by their names' order."""
    return [
        library.put(picture(64 + at), public_id=f"{folder}/{at}", asset_folder=folder, **said)
        for at in range(count)
    ]


def opened(library: Library, folder: str, **size: int) -> Page:
    return library.open(f"#folder={folder}&sort=public_id+asc", **size)


def tabbed_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(40):
        page.key("Tab")
        if page.run(f"document.activeElement.matches({json.dumps(selector)})"):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def tags(library: Library, asset: Any) -> list[str]:
    found: list[str] = library.call("GET", f"resources/{asset['asset_id']}").get("tags", [])
    return found


def test_assets_are_selected_with_the_keyboard_and_in_ranges(library: Library) -> None:
    """Space on a box, Shift for a range, Ctrl+A for all, Escape for none; the pointer does the same."""
    shelf(library, "picked", 5)
    page = opened(library, "picked")
    tabbed_to(page, "#grid li:nth-child(2) .pick input")
    page.key("Space")
    page.until("document.querySelector('#selection p').innerText === '1 asset selected'")
    tabbed_to(page, "#grid li:nth-child(4) .pick input")
    page.key("Space", shift=True)
    page.until("document.querySelector('#selection p').innerText === '3 assets selected'")
    assert page.run(f"{BOXES}.map((box) => box.checked)") == [False, True, True, True, False]
    page.key("Escape")
    page.until("document.querySelector('#selection').hidden")
    assert page.run(CHECKED) == 0
    page.key("KeyA", control=True)
    page.until("document.querySelector('#selection p').innerText === '5 assets selected'")
    page.press("Clear", "#selection")
    assert page.run(CHECKED) == 0
    page.run(f"{BOXES}[4].click()")
    page.run(f"{BOXES}[1].dispatchEvent(new MouseEvent('click', {{ bubbles: true, shiftKey: true }}))")
    assert page.run(CHECKED) == 4
    page.run("location.hash = '#'")
    page.until("document.querySelector('#selection').hidden")
    assert_clean(page)


def test_many_are_tagged_at_once_of_whatever_kind(library: Library) -> None:
    """Added to what is there, taken away, or in the place of all; files of two kinds are two calls of the API."""
    shop = [
        *shelf(library, "tagged", 2, tags="old"),
        library.put(b"%PDF-not", public_id="tagged/z.bin", asset_folder="tagged"),
    ]
    page = opened(library, "tagged")
    assert shop[2]["resource_type"] == "raw"

    def tag(command: str, names: str, told: str) -> None:
        page.press("Select all shown", "#selection") if page.run(CHECKED) else page.key("KeyA", control=True)
        page.press("Tag", "#selection")
        page.click(f"#question [value={command}]")
        page.type("#question [name=tags]", names)
        page.key("Enter")
        page.until(f"document.querySelector('#told').innerText === {json.dumps(told)}")
        assert page.run("document.querySelector('#selection').hidden")

    tag("add", "new, two words,new", "3 assets tagged.")
    assert [tags(library, each) for each in shop] == [
        ["new", "old", "two words"],
        ["new", "old", "two words"],
        ["new", "two words"],
    ]
    tag("remove", "old,new", "3 assets untagged.")
    assert [tags(library, each) for each in shop] == [["two words"]] * 3
    tag("replace", MARKUP_TAG, "3 assets tagged anew.")
    assert [tags(library, each) for each in shop] == [[MARKUP_TAG]] * 3

    page.key("KeyA", control=True)
    page.press("Tag", "#selection")
    page.type("#question [name=tags]", " , ")
    page.key("Enter")
    page.until("document.querySelector('#question .error').innerText === 'Write at least one tag'")
    page.key("Escape")
    page.until("!document.querySelector('#question').open")
    assert page.run(CHECKED) == 3  # nothing was done: what was selected stays so
    assert_clean(page)


MARKUP_TAG = "<b>bold</b>"


def test_who_cancels_changes_nothing(library: Library) -> None:
    """Whatever was asked: all that was selected stays so, and nothing goes wrong in silence."""
    shelf(library, "cancelled", 2)
    page = opened(library, "cancelled")
    page.key("KeyA", control=True)
    for action in ("Tag", "Move", "Delete"):
        page.press(action, "#selection")
        page.until("document.querySelector('#question').open")
        page.press("Cancel", "#question")
        page.until("!document.querySelector('#question').open")
        assert page.run(CHECKED) == 2
    assert_clean(page)


def test_many_are_moved_and_deleted_at_once(library: Library) -> None:
    """To a folder that is there or not; what was refused is said, and the rest is done."""
    kept = shelf(library, "moved", 4)
    page = opened(library, "moved")
    page.run(f"{BOXES}.slice(0, 3).forEach((box) => box.click())")
    library.call("DELETE", "resources", {"asset_ids": [kept[2]["asset_id"]]})
    page.press("Move", "#selection")
    page.until("[...document.querySelectorAll('#all-folders option')].some((each) => each.value === 'moved')")
    page.type("#question [name=folder]", "/away/here/")
    page.key("Enter")
    error = page.until("document.querySelector('#question .error').innerText")
    assert error.startswith("1 asset of 3 refused. moved/2: Resource not found")
    found = library.found('asset_folder="away/here"')
    assert sorted(each["public_id"] for each in found) == ["moved/0", "moved/1"]
    page.press("Cancel", "#question")
    page.until("document.querySelectorAll('#grid li').length === 1")  # shows what is there now

    page.run("location.hash = '#folder=away%2Fhere&sort=public_id+asc'")
    page.until("document.querySelectorAll('#grid li').length === 2")
    page.key("KeyA", control=True)
    page.key("Delete")
    assert "moved/0\nmoved/1" in page.text("#question")
    assert page.run("document.activeElement.innerText") == "Cancel"  # Enter by mistake deletes nothing
    page.press("Delete", "#question")
    page.until("document.querySelector('#told').innerText === '2 assets deleted.'")
    assert page.text("#count") == "Nothing here."
    assert page.run("document.activeElement.id") == "count"
    assert not library.found("public_id:moved/* AND asset_folder:away/here")
    assert_clean(page, "404")


def test_a_folder_is_made_renamed_and_deleted(library: Library) -> None:
    """Each is the API's call; what it refuses is told in the dialog, which stays open."""
    library.put(picture(), public_id="in/it", asset_folder="yard/inner")
    page = library.open("#folder=yard")
    page.run("document.querySelector('#folder-actions button').focus()")
    page.key("Enter")
    page.type("#question [name=name]", "inner")
    page.key("Enter")
    page.until("document.querySelector('#question .error').innerText.includes('exists')")
    page.type("#question [name=name]", "new (1)!")
    page.key("Enter")
    page.until("document.querySelector('#folders .chips').innerText.includes('new (1)!')")
    assert page.run("document.activeElement.innerText") == "New folder"

    page.press("Rename", "#folder-actions")
    page.type("#question [name=path]", "garden/yard")
    page.key("Enter")
    page.until(
        "document.querySelector('#folders .path').innerText.replace(/\\s/g, '') === 'Allassets/garden/yard'"
    )
    page.until("document.querySelectorAll('#folders .chips li').length === 2")
    assert [each["public_id"] for each in library.found('asset_folder="garden/yard/inner"')] == ["in/it"]

    page.press("Delete folder")
    page.press("Delete", "#question")
    page.until("document.querySelector('#question .error').innerText.includes('not empty')")
    page.press("Cancel", "#question")
    page.run(
        "[...document.querySelectorAll('.chips a')].find((each) => each.innerText === 'new (1)!').click()"
    )
    page.until("document.querySelector('[aria-current]').innerText === 'new (1)!'")
    page.press("Delete folder")
    page.press("Delete", "#question")
    page.until("document.querySelector('[aria-current]').innerText === 'yard'")
    page.until("document.querySelectorAll('#folders .chips li').length === 1")
    page.click("#folders .path a")
    page.until("document.querySelector('[aria-current]').innerText === 'All assets'")
    assert (
        page.run(
            "[...document.querySelectorAll('#folder-actions button')].filter((each) => !each.hidden).length"
        )
        == 1
    )
    assert_clean(page, "409", "400")


COLOURS = [{"external_id": f"c{at}", "value": f"Colour {at}"} for at in range(14)]
FIELDS: list[dict[str, Any]] = [
    {"external_id": "owner", "type": "string", "validation": {"type": "strlen", "min": 2, "max": 20}},
    {"external_id": "rating", "type": "integer"},
    {
        "external_id": "expires",
        "type": "date",
        "validation": {"type": "greater_than", "value": "2020-01-01", "equals": True},
    },
    {
        "external_id": "state",
        "type": "enum",
        "datasource": {
            "values": [{"external_id": "d", "value": "Draft"}, {"external_id": "p", "value": "Out"}]
        },
    },
    {"external_id": "colours", "type": "set", "datasource": {"values": COLOURS}},
    {"external_id": "machine", "type": "string", "restrictions": {"readonly_ui": True}},
    {"external_id": "secret", "type": "string", "restrictions": {"hidden_ui": True}},
    {"external_id": "reviewer", "type": "string"},
]
RULE = {
    "metadata_field_id": "reviewer",
    "name": "who is out was seen",
    "condition": {"metadata_field_id": "state", "equals": "p"},
    "result": {"enable": True, "apply_value": {"value": "nobody", "mode": "default"}},
}


@pytest.fixture(scope="module")
def fields(library: Library) -> Iterator[None]:
    for field in FIELDS:
        made = library.call("POST", "metadata_fields", {**field, "label": f"The {field['external_id']}"})
        assert "error" not in made, made
    rule = library.call("POST", "metadata_rules", RULE)
    assert "error" not in rule, rule
    yield
    library.call("DELETE", f"metadata_rules/{rule['external_id']}")
    for field in FIELDS:
        library.call("DELETE", f"metadata_fields/{field['external_id']}")


@pytest.mark.usefixtures("fields")
def test_structured_metadata_is_edited_field_by_field(library: Library) -> None:
    """A control fit for each type; what rules make of it is shown once it is saved."""
    asset = library.put(
        picture(), public_id="meta/one", metadata={"machine": "m1", "secret": "hush", "colours": ["c13"]}
    )
    identity = asset["asset_id"]
    library.call("DELETE", "metadata_fields/colours/datasource", {"external_ids": ["c13"]})
    page = library.open(f"#asset={identity}")
    page.until("document.querySelector('.metadata')")
    control = "document.querySelector('[data-field={}]')"
    assert page.run(control.format("machine") + ".disabled")
    assert page.run(control.format("secret")) is None
    assert page.run(control.format("rating") + ".type") == "number"
    assert page.run(control.format("expires") + ".min") == "2020-01-01"
    assert "Colour 13 (no longer offered)" in page.text("[data-field=colours]")

    page.type("[data-field=owner]", "Ada = 1|2")
    page.type("[data-field=rating]", "5")
    page.run(control.format("expires") + ".value = '2030-02-28'")
    page.run(control.format("state") + ".value = 'p'")
    page.type("[data-field=colours] [type=search]", "colour 1")
    assert page.text("[data-field=colours] .set").split("\n")[0] == "Colour 1"
    page.click("[data-field=colours] [value=c1]")
    page.press("Save", ".said")
    page.until("document.querySelector('.said .told').innerText === 'Saved'")
    assert library.call("GET", f"resources/{identity}")["metadata"] == {
        "owner": "Ada = 1|2",
        "rating": 5,
        "expires": "2030-02-28",
        "state": "p",
        "colours": ["c1", "c13"],
        "machine": "m1",
        "secret": "hush",
        "reviewer": "nobody",
    }
    assert page.run(control.format("reviewer") + ".value") == "nobody"

    page.type("[data-field=rating]", "")
    page.run(control.format("state") + ".value = ''")
    page.click("[data-field=colours] [value=c13]")
    page.click("[data-field=colours] [value=c1]")
    page.press("Save", ".said")
    page.until("document.querySelector('.said .told').innerText === 'Saved'")
    assert library.call("GET", f"resources/{identity}")["metadata"].keys() == {
        "owner", "expires", "machine", "secret", "reviewer",
    }  # fmt: skip
    assert_clean(page)


@pytest.mark.usefixtures("fields")
def test_a_value_that_a_field_does_not_take_is_told_beside_the_form(library: Library) -> None:
    """The API's own sentence, after the browser's own checks; what else was typed is still there."""
    asset = library.put(picture(), public_id="meta/two", metadata={"owner": "Ada"})
    page = library.open(f"#asset={asset['asset_id']}")
    page.until("document.querySelector('.metadata')")
    page.type("[data-field=reviewer]", "Bob")
    library.call("PUT", "metadata_fields/reviewer", {"validation": {"type": "strlen", "min": 5}})
    page.press("Save", ".said")
    refused = page.until("document.querySelector('.said .error').innerText")
    assert refused == "Invalid value for metadata field reviewer: Bob"
    assert page.run("document.querySelector('[data-field=reviewer]').value") == "Bob"
    assert library.call("GET", f"resources/{asset['asset_id']}")["metadata"] == {"owner": "Ada"}
    library.call("PUT", "metadata_fields/reviewer", {"validation": None})
    assert_clean(page, "400")


@pytest.mark.usefixtures("fields")
def test_all_of_it_fits_on_a_phone(library: Library) -> None:
    """Nothing is wider than 390, and what is pressed with a finger is large enough for one."""
    shelf(library, "small", 3, tags="x" * 60)
    page = opened(library, "small", width=390, height=844)
    page.key("KeyA", control=True)
    page.press("Delete", "#selection")
    assert page.run("document.querySelector('#question').getBoundingClientRect().width <= 390")
    page.key("Escape")
    wide = "document.documentElement.scrollWidth"
    assert page.run(wide) <= 390
    assert (
        page.run("Math.min(...[...document.querySelectorAll('.pick')].map((each) => each.offsetWidth))") >= 44
    )
    page.click("#grid a")
    page.until("document.querySelector('.metadata')")
    assert page.run("document.querySelector('#asset').scrollWidth") <= 390
    assert_clean(page)
