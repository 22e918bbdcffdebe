"""What an asset is found by, out of whatever its row holds."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from origin.search.entries import EXACT, MOST_TERMS, Described, entries_of

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3),
    max_leaves=8,
)


def asset(**more: Any) -> Described:
    values: dict[str, Any] = {
        "public_id": "sale/blue_sweater",
        "resource_type": "image",
        "type": "upload",
        "format": "jpg",
        "asset_folder": "",
        "display_name": "Blue Sweater",
        "etag": "e",
        "bytes": 5,
        "width": 40,
        "height": 30,
        "pages": 1,
        "has_alpha": None,
        "created_at": 1.0,
        "uploaded_at": 2.0,
    }
    return Described(**{**values, **more})


def test_every_text_gives_its_words_and_values_their_whole() -> None:
    """Words where people search; whole values, marked, where they ask for one."""
    found = entries_of(
        asset(tags=("Red Wool",), context={"alt": "10"}, metadata={"sizes": ["s", "m"], "n": 3})
    )
    for field, terms in (
        ("filename", {"blue", "sweater"}),
        ("display_name", {"blue", "sweater"}),
        ("public_id", {"sale", "blue", "sweater"}),
        ("tags", {"red", "wool", EXACT + "Red Wool"}),
        ("context.alt", {"10", EXACT + "10"}),
        ("metadata.sizes", {"s", "m", EXACT + "s", EXACT + "m"}),
        ("metadata.n", {"3", EXACT + "3"}),
    ):
        assert {term for term, name in found.terms if name == field} == terms
    assert found.numbers == {("context.alt", 10.0), ("metadata.n", 3.0)}
    assert (found.row["folder"], found.row["pixels"], found.row["aspect_ratio"]) == ("sale", 1200.0, 1.33333)
    assert found.row["updated_at"] == 2.0


def test_analyses_are_found_under_their_names() -> None:
    """What is also a field of its own is a number only there."""
    details = {
        "analysis": {
            "faces": [[1, 2, 3, 4]],
            "grayscale": False,
            "illustration_score": 0.25,
            "semi_transparent": True,
            "colors": [["#FFFFFF", 60.5]],
            "quality_analysis": {"focus": 1.0, "quality_score": 0.5},
            "image_metadata": {"Make": "Canon", "DateTimeOriginal": "2024:01:15 12:00:00"},
        }
    }
    found = entries_of(asset(details=details, last_updated={"tags_updated_at": 7.0, "updated_at": 8.0}))
    assert dict(found.numbers) == {
        "face_count": 1.0,
        "grayscale": 0.0,
        "illustration_score": 0.25,
        "transparent": 1.0,
        "quality_score": 0.5,
        "quality_analysis.focus": 1.0,
        "quality_analysis.quality_score": 0.5,
        "image_analysis.colors.#FFFFFF": 60.5,
        "taken_at": 1705320000.0,
        "last_updated.tags_updated_at": 7.0,
        "last_updated.updated_at": 8.0,
    }
    assert (EXACT + "Canon", "image_metadata.Make") in found.terms
    assert found.row["updated_at"] == 8.0


def test_a_book_in_a_context_is_not_found_by_all_its_words() -> None:
    """Its name, its folder and its first words still are."""
    found = entries_of(asset(context={"book": " ".join(map(str, range(10_000)))}))
    assert len(found.terms) == MOST_TERMS
    assert ("sweater", "filename") in found.terms


@given(
    details=st.dictionaries(st.text(), JSON) | st.fixed_dictionaries({"analysis": JSON, "moderation": JSON})
)
def test_whatever_details_hold_an_asset_can_be_indexed(details: dict[str, Any]) -> None:
    """Details of another release, or of an analysis gone wrong, do not stop an upload."""
    entries_of(asset(details=details))


NAMES = st.sampled_from(["faces", "colors", "quality_analysis", "image_metadata", "grayscale"])
LOOKED_INTO = st.fixed_dictionaries(
    {"analysis": st.dictionaries(NAMES, JSON), "access_control": JSON, "duration": JSON, "coordinates": JSON}
)


@given(details=LOOKED_INTO)
def test_whatever_an_analysis_says_an_asset_can_be_indexed(details: dict[str, Any]) -> None:
    """The same for what we look into."""
    entries_of(asset(details=details, metadata=details, context={"a": "\ud800"}))
