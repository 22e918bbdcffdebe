"""What is left of colours for those who do not see all of them."""

from typing import Any

from PIL import Image

from origin.render.pillow.analyses.eyesight import accessibility_of


def told(left: tuple[int, int, int], right: tuple[int, int, int]) -> dict[str, Any]:
    image = Image.new("RGB", (64, 48), left)
    image.paste(right, (32, 0, 64, 48))
    found: dict[str, Any] = accessibility_of(image)["accessibility_analysis"]
    return found


def test_red_and_green_of_the_same_lightness_are_lost_on_many() -> None:
    found = told((200, 60, 40), (160, 105, 30))
    seen = found["colorblind_accessibility_analysis"]
    assert seen["distinct_colors"] == 0.0
    assert sorted(seen["most_indistinct_pair"]) == ["#a0691e", "#c83c28"]
    assert found["colorblind_accessibility_score"] <= 0.5


def test_black_and_white_are_lost_on_nobody() -> None:
    found = told((0, 0, 0), (255, 255, 255))
    assert found["colorblind_accessibility_score"] == 1.0
    assert found["colorblind_accessibility_analysis"]["distinct_edges"] == 1.0


def test_colours_that_nobody_tells_apart_are_no_loss_and_still_the_closest() -> None:
    seen = told((10, 20, 30), (10, 20, 50))["colorblind_accessibility_analysis"]
    assert (seen["distinct_colors"], len(seen["most_indistinct_pair"])) == (1.0, 2)


def test_a_picture_of_one_colour_has_nothing_to_tell_apart() -> None:
    found = told((10, 20, 30), (10, 20, 30))
    assert found["colorblind_accessibility_analysis"] == {
        "distinct_edges": 1.0,
        "distinct_colors": 1.0,
        "most_indistinct_pair": [],
    }
