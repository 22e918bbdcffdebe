"""`fl_getinfo`: the numbers of a plan, as the sheet's example has them."""

from typing import Any

import pytest

from origin.transform.canonical import canonical
from origin.transform.info import NOTHING_SEEN, Insight, Made, check_informative, told
from origin.transform.parse import parse_chain
from origin.transform.plan import Output, Plan, Resample, SourceFacts
from origin.transform.resolve import plan
from wire.errors import InvalidRequest

PHOTO = SourceFacts(640, 426, "jpg")
MADE = Made("jpg", 35292, 450, 300)


def told_of(chain: str, insight: Insight = NOTHING_SEEN) -> dict[str, Any]:
    return told(plan(parse_chain(chain), PHOTO), PHOTO, 49727, MADE, insight)


def test_the_sheets_example_to_the_last_digit() -> None:
    """An original of 640×426 cut to 481×321 at (150,36) and scaled to 450 (delivery-urls §8.6)."""
    cut = Plan(True, (Resample((150.0, 36.0, 631.0, 357.0), 450, 300),), Output("jpg"), 450, 300)
    face = {"r_eye": (351, 178), "l_eye": (432, 180)}
    assert told(cut, PHOTO, 49727, MADE, Insight(landmarks=(face,))) == {
        "input": {"width": 640, "height": 426, "bytes": 49727},
        "landmarks": [[{"r_eye": {"x": 351, "y": 178}, "l_eye": {"x": 432, "y": 180}}]],
        "resize": [
            {"x": 150, "y": 36, "width": 481, "height": 321},
            {"x_factor": 0.9355509355509356, "y_factor": 0.9355509355509356},
        ],
        "output": {"format": "jpg", "bytes": 35292, "width": 450, "height": 300},
    }


@pytest.mark.parametrize(
    ("chain", "steps"),
    [
        ("fl_getinfo", []),
        ("w_320/fl_getinfo", [{"x_factor": 0.5, "y_factor": 0.5}]),
        ("w_64,h_213,fl_getinfo", [{"x_factor": 0.1, "y_factor": 0.5}]),
        ("c_crop,g_north_west,w_100,h_50/fl_getinfo", [{"x": 0, "y": 0, "width": 100, "height": 50}]),
        ("c_pad,w_640,h_640/fl_getinfo", []),
    ],
)
def test_only_what_was_done_is_told(chain: str, steps: list[dict[str, float]]) -> None:
    """Cuts and scalings in their order; a frame laid around moves no pixel of the source."""
    assert told_of(chain)["resize"] == steps


def test_the_rectangle_of_automatic_gravity_is_told_apart() -> None:
    """Where planning has looked for one."""
    assert told_of("w_10", Insight(chosen=((0, 208, 318, 211),)))["g_auto_info"] == [
        {"x": 0, "y": 208, "width": 318, "height": 211}
    ]
    assert "landmarks" not in told_of("w_10")
    assert told_of("w_10", Insight(landmarks=()))["landmarks"] == [[]]


def test_what_turns_under_way_is_followed() -> None:
    """A cut after a turn is in pixels of the turned image."""
    assert told_of("a_90/w_213/fl_getinfo")["resize"] == [{"x_factor": 0.5, "y_factor": 0.5}]
    cut = {"x": 0, "y": 0, "width": 426, "height": 600}
    assert told_of("a_90/c_crop,g_north,h_600,w_426/fl_getinfo")["resize"] == [cut]


@pytest.mark.parametrize("facts", [SourceFacts(4, 4, "gif", frames=2), SourceFacts(4, 4, "pdf")])
def test_animations_and_documents_are_refused(facts: SourceFacts) -> None:
    with pytest.raises(InvalidRequest, match=r"^fl_getinfo for .* is not supported$"):
        check_informative(facts)


@pytest.mark.parametrize("chain", ["w_100,fl_getinfo", "fl_getinfo/w_100", "w_100/fl_getinfo.progressive"])
def test_the_flag_holds_for_the_whole_chain(chain: str) -> None:
    """And closes its canonical text."""
    parsed = parse_chain(chain)
    assert parsed.settings.told
    assert "fl_getinfo" in canonical(parsed)
    assert parse_chain(canonical(parsed)) == parsed
