"""Uploads that ask for add-ons, for the text of a PDF, and for expressions to be evaluated."""

from typing import Any

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import pytest
import pytest_twisted

from origin.render.pillow.sources import texts
from tests.support.calls import asked
from tests.support.documents import written
from tests.support.images import ASTRONAUT
from tests.support.origins import RunningOrigin


@pytest.mark.parametrize(
    ("fields", "error", "sentence"),
    [
        ({"raw_convert": "illegal"}, cloudinary.exceptions.BadRequest, "Raw convert is invalid"),
        ({"detection": "illegal"}, cloudinary.exceptions.BadRequest, "Detection invalid model 'illegal'"),
        (
            {"categorization": "google_tagging", "auto_tagging": 0.6},
            cloudinary.exceptions.RateLimited,
            "You don't have an active subscription for Google Auto Tagging",
        ),
        (
            {"background_removal": "cloudinary_ai"},
            cloudinary.exceptions.RateLimited,
            "You don't have an active subscription for Cloudinary AI Background Removal",
        ),
        (
            {"raw_convert": "extract_text"},
            cloudinary.exceptions.BadRequest,
            "raw_convert=extract_text is for PDF files",
        ),
        ({"eval": "1"}, cloudinary.exceptions.BadRequest, "Parameter eval is not supported by this server"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_not_here_is_refused_and_leaves_nothing(
    origin: RunningOrigin, fields: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error) as refused:
        await origin.upload(str(ASTRONAUT), public_id="added", **fields)
    assert str(refused.value) == sentence
    with pytest.raises(cloudinary.exceptions.NotFound):
        await origin.called(cloudinary.api.resource, "added")
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_the_text_of_a_pdf_is_kept_beside_it(origin: RunningOrigin) -> None:
    answer = await origin.upload(
        written(["Hello (there)", "page two"]), public_id="papers/letter", raw_convert="extract_text"
    )
    assert answer["info"] == {"raw_convert": {"extract_text": {"status": "complete"}}}
    kept = await origin.get("/demo/raw/upload/papers/letter.extract_text.json")
    assert kept.headers["content-type"] == "application/json"
    assert [(each["page"], each["text"].strip()) for each in kept.json] == [
        (1, "Hello (there)"),
        (2, "page two"),
    ]
    await origin.upload(written(["anew"]), public_id="papers/letter", raw_convert="extract_text")
    again = await origin.get("/demo/raw/upload/papers/letter.extract_text.json")
    assert [each["text"].strip() for each in again.json] == ["anew"]


@pytest_twisted.ensureDeferred
async def test_a_pdf_stored_as_raw_is_read_too(origin: RunningOrigin) -> None:
    await origin.upload(
        written(["raw words"]), public_id="kept.pdf", resource_type="raw", raw_convert="extract_text"
    )
    kept = await origin.get("/demo/raw/upload/kept.pdf.extract_text.json")
    assert kept.json[0]["text"].strip() == "raw words"


@pytest_twisted.ensureDeferred
async def test_the_text_of_a_pdf_that_is_there(origin: RunningOrigin) -> None:
    await origin.upload(written(["later"]), public_id="there")
    explicit = cloudinary.uploader.explicit
    answer = await origin.called(explicit, "there", type="upload", raw_convert="extract_text")
    assert answer["info"]["raw_convert"]["extract_text"]["status"] == "complete"
    kept = await origin.get("/demo/raw/upload/there.extract_text.json")
    assert kept.json[0]["text"].strip() == "later"
    updated = await origin.called(cloudinary.api.update, "there", raw_convert="extract_text", tags="read")
    assert (updated["info"], updated["tags"]) == (answer["info"], ["read"])
    with pytest.raises(cloudinary.exceptions.BadRequest, match="Illegal value oops for raw_convert"):
        await origin.called(cloudinary.api.update, "there", raw_convert="oops")
    with pytest.raises(cloudinary.exceptions.RateLimited, match="Aspose"):
        await origin.called(explicit, "there", type="upload", raw_convert="aspose")
    with pytest.raises(cloudinary.exceptions.BadRequest, match="for PDF files"):
        await origin.called(
            explicit,
            "there.extract_text.json",
            type="upload",
            resource_type="raw",
            raw_convert="extract_text",
        )
    with pytest.raises(cloudinary.exceptions.NotFound):
        await origin.called(explicit, "nowhere", type="upload", raw_convert="extract_text")


@pytest_twisted.ensureDeferred
async def test_the_text_of_a_guarded_pdf_is_guarded_too(origin: RunningOrigin) -> None:
    await origin.upload(
        written(["secret"]),
        public_id="guarded",
        raw_convert="extract_text",
        access_control={"access_type": "token"},
    )
    assert (await origin.get("/demo/raw/upload/guarded.extract_text.json")).status == 401


@pytest_twisted.ensureDeferred
async def test_a_broken_pdf_leaves_nothing_behind(origin: RunningOrigin) -> None:
    with pytest.raises(cloudinary.exceptions.BadRequest, match="Invalid image file"):
        await origin.upload(
            b"%PDF-1.7 rubbish", public_id="broken.pdf", resource_type="raw", raw_convert="extract_text"
        )
    with pytest.raises(cloudinary.exceptions.NotFound):
        await origin.called(cloudinary.api.resource, "broken.pdf", resource_type="raw")
    assert origin.spooled() == []


def test_a_document_of_too_many_words_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(texts, "MOST_CHARACTERS", 10)
    path = tmp_path / "long.pdf"
    path.write_bytes(written(["more than ten characters"]))
    with pytest.raises(Exception) as refused:
        texts.text_of(str(path))
    assert getattr(refused.value, "public", "") == "The PDF holds more than 10 characters of text"


@pytest_twisted.ensureDeferred
async def test_expressions_are_refused(origin: RunningOrigin) -> None:
    answer = await origin.post("/v1_1/demo/eval", {"expression": "1"})
    assert (answer.status, answer.json["error"]["message"]) == (
        400,
        "Expressions are not evaluated by this server",
    )


ANALYZE = "/v2/demo/analysis/analyze/uri"
SUBSCRIPTION = "You don't have an active subscription for "


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        (
            ANALYZE,
            {"uri": "http://a.b/c.jpg", "analysis_type": "captioning"},
            420,
            f"{SUBSCRIPTION}Cloudinary AI Content Analysis",
        ),
        (
            ANALYZE,
            {"uri": "http://a.b/c.jpg", "analysis_type": "google_tagging", "parameters": {"custom": {}}},
            420,
            f"{SUBSCRIPTION}Google Auto Tagging",
        ),
        (
            ANALYZE,
            {"uri": "http://a.b/c.jpg", "analysis_type": "a\nb"},
            400,
            "Illegal value a%0Ab for analysis_type",
        ),
        (ANALYZE, {"uri": "http://a.b/c.jpg"}, 400, "Missing required parameter - analysis_type"),
        (ANALYZE, {"analysis_type": "coco"}, 400, "Missing required parameter - uri"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_analyses_are_refused_by_the_name_of_their_add_on(
    origin: RunningOrigin, path: str, body: dict[str, Any], status: int, says: str
) -> None:
    answer = await asked(origin, "POST", path, body)
    assert (answer.status, answer.json["error"]["message"]) == (status, says)


@pytest_twisted.ensureDeferred
async def test_analyses_are_refused_to_strangers_first(origin: RunningOrigin) -> None:
    answer = await origin.ask("POST", origin.url + ANALYZE, json={"analysis_type": "coco"})
    assert answer.status == 401
