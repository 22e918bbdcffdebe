"""Which parameters a preset keeps, and how one is shown."""

from typing import Any

import pytest

from origin.presets.settings import UPLOAD_PARAMS, changed, shown, stored
from wire.errors import InvalidRequest


@pytest.mark.parametrize(
    ("name", "given", "parsed"),
    [
        ("tags", ("a", "b c"), ["a", "b c"]),
        ("tags", "a,b", ["a", "b"]),
        ("context", "a=b|c=d\\|e", {"a": "b", "c": "d|e"}),
        ("metadata", 'a=1|b=["x","y"]', {"a": "1", "b": ["x", "y"]}),
        ("overwrite", "0", False),
        ("live", "true", True),
        ("eager", "c_fill,w_10|w_20/e_sepia/png|w_5/", [
            [{"crop": "fill", "width": 10}],
            [{"width": 20}, {"effect": "sepia", "format": "png"}],
            [{"width": 5, "format": ""}],
        ]),
        ("transformation", "c_scale,w_100", [{"crop": "scale", "width": 100}]),
        ("allowed_formats", "png,jpg", ["png", "jpg"]),
        ("face_coordinates", "1,2,3,4|5,6,7,8", [[1, 2, 3, 4], [5, 6, 7, 8]]),
        ("custom_coordinates", "1,2,3,4", [[1, 2, 3, 4]]),
        ("regions", '{"a":[[1,2],[3,4]]}', {"a": [[1, 2], [3, 4]]}),
        ("headers", "Link: x\nX-Robots-Tag:y", {"Link": "x", "X-Robots-Tag": "y"}),
        ("access_control", '[{"access_type":"token"}]', [{"access_type": "token"}]),
        ("auto_transcription", "true", True),
        ("auto_transcription", '{"translate":["fr"]}', {"translate": ["fr"]}),
        ("folder", "x", "x"),
        ("eval", "if (a) { b }", "if (a) { b }"),
    ],
)  # fmt: skip
def test_a_setting_is_kept_as_text_and_shown_parsed(name: str, given: Any, parsed: Any) -> None:
    """Nothing else appears beside it."""
    settings = stored({name: given, "timestamp": "1", "unknown": "x", "unsigned": "true", "name": "p"})
    assert settings.keys() == {name}
    assert shown(settings) == {name: parsed}
    assert stored(dict(settings)) == settings


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("overwrite", "maybe"),
        ("live", "yes"),
        ("context", "no pair"),
        ("context", "{" * 100_000),
        ("metadata", "no pair"),
        ("metadata", "{" * 100_000),
        ("eager", "nonsense"),
        ("transformation", "w_1,nonsense"),
        ("face_coordinates", "1,2,3"),
        ("regions", "["),
        ("access_control", "[" * 100_000),
        ("access_control", "[" * 900 + "]" * 900),
        ("headers", "no colon"),
        ("auto_transcription", "perhaps"),
    ],
)
def test_a_setting_nobody_could_use_is_refused(name: str, given: str) -> None:
    """What is stored can always be shown."""
    with pytest.raises(InvalidRequest):
        stored({name: given})


def test_a_change_keeps_what_it_does_not_name() -> None:
    """An empty text takes a setting away; an empty flag is absent, as everywhere."""
    settings = {"folder": "x", "tags": "a", "overwrite": "true", "type": "upload"}
    assert changed(settings, {"folder": "y", "tags": "", "overwrite": "", "unknown": ""}) == {
        "folder": "y",
        "overwrite": "true",
        "type": "upload",
    }


def test_a_preset_names_no_preset_and_no_file() -> None:
    """Nor anything that proves who calls."""
    assert not UPLOAD_PARAMS & {
        "upload_preset",
        "file",
        "timestamp",
        "signature",
        "api_key",
        "unsigned",
        "live",
    }
