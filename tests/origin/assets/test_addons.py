"""Add-ons: what is unknown is refused in the sheet's words, what is known and not here with 420."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.assets.addons import PARAMS, check_addons, check_updated_addons
from wire.errors import InvalidRequest, MediaError, NotSubscribed


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("raw_convert", "illegal", "Raw convert is invalid"),
        ("detection", "illegal", "Detection invalid model 'illegal'"),
        ("detection", "coco,illegal", "Detection invalid model 'illegal'"),
        ("background_removal", "illegal", "Background removal is invalid"),
        ("categorization", "illegal", "Categorization item illegal is not valid"),
        ("categorization", "google_tagging,oops", "Categorization item oops is not valid"),
        ("ocr", "illegal", "Ocr is invalid"),
        ("similarity_search", "illegal", "Similarity search is invalid"),
        ("auto_tagging", "1.5", "Auto tagging 1.5 is invalid: expected 0.0 to 1.0"),
    ],
)
def test_what_nobody_has_heard_of(name: str, value: str, sentence: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_addons({name: value})
    assert refused.value.public == sentence
    with pytest.raises(InvalidRequest) as refused:
        check_updated_addons({name: value})
    assert refused.value.public == f"Illegal value {value} for {name}"


@pytest.mark.parametrize(
    ("name", "value", "addon"),
    [
        ("raw_convert", "aspose", "Aspose Document Conversion"),
        ("raw_convert", "google_speech:vtt:en", "Google AI Video Transcription"),
        ("detection", "coco_v2", "Cloudinary AI Content Analysis"),
        ("detection", "adv_face", "Advanced Facial Attributes Detection"),
        ("ocr", "adv_ocr:document", "OCR Text Detection and Extraction"),
        ("background_removal", "cloudinary_ai:fine_edges", "Cloudinary AI Background Removal"),
        ("categorization", "google_tagging, aws_rek_tagging", "Google Auto Tagging"),
        ("visual_search", "true", "Cloudinary Visual Search"),
        ("auto_transcription", '{"translate":["fr"]}', "Cloudinary Video Transcription"),
    ],
)
def test_what_is_not_here(name: str, value: str, addon: str) -> None:
    for check in (check_addons, check_updated_addons):
        with pytest.raises(NotSubscribed) as refused:
            check({name: value})
        assert (refused.value.status, refused.value.public) == (
            420,
            f"You don't have an active subscription for {addon}",
        )


def test_what_is_here_and_what_is_off() -> None:
    check_addons({"raw_convert": "extract_text", "auto_tagging": "0.6"})
    for off in ("", "0", "false", "none"):
        check_addons(dict.fromkeys(PARAMS, off))


def test_what_is_wrong_is_told_before_what_is_missing() -> None:
    with pytest.raises(InvalidRequest):
        check_addons({"raw_convert": "aspose", "similarity_search": "illegal"})


@given(st.sampled_from(PARAMS), st.text(max_size=500))
def test_any_value_is_taken_or_refused_in_one_line(name: str, value: str) -> None:
    try:
        check_addons({name: value})
    except MediaError as error:
        said = error.public
    else:
        said = ""
    assert "\n" not in said
    assert len(said) < 1000
