"""Whatever an official SDK can write is understood: planned, or refused by a sentence that names the param."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from origin.transform.canonical import canonical
from origin.transform.language.about import About
from origin.transform.parse import parse_chain
from sim.explain import Question
from tests.support.sdk_options import each_value, url, urls

FOLDER = Path(__file__).parents[1] / "data" / "sdk"
NAMED = dict.fromkeys(("thumb", "two words", "a", "b", "small"), "c_fill,h_40,w_60")
QUESTION = Question(about=About(context={"key": "20"}, metadata={"id": "30", "key": "3"}), named=NAMED)


@cache
def refusals() -> dict[str, str]:
    """Pattern of a sentence → why."""
    lines = (FOLDER / "refused.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line and not line.startswith("#"))


def corpus() -> Iterator[str]:
    """Every line."""
    for name in ("url-gen.txt", "cloudinary-npm.txt"):
        yield from (FOLDER / name).read_text("utf-8").splitlines()
    yield from each_value()


@cache
def answers() -> dict[str, tuple[dict[str, Any], str]]:
    """Every line's answer."""
    return {line: answer(line) for line in corpus()}


def answer(line: str) -> tuple[dict[str, Any], str]:
    """What `pixeledge explain` says, and the sentence of a refusal."""
    told = QUESTION.answer(line.encode())
    sentence: str = told.get("error", {}).get("message", "")
    assert "components" in told or "closes no layer" in sentence or "URL encoding" in sentence, (
        line,
        sentence,
    )
    if (text := told.get("canonical")) is not None:
        assert canonical(parse_chain(text)) == text, line
    return told, sentence


def test_each_line_is_planned_or_refused_for_a_known_reason() -> None:
    """A sentence that `refused.tsv` does not foresee is a bug, or a decision to be written there."""
    unforeseen = {
        sentence: line
        for line, (_, sentence) in answers().items()
        if sentence and not any(fnmatchcase(sentence, pattern) for pattern in refusals())
    }
    assert not unforeseen
    assert len(answers()) > 2000
    assert sum("plan" in told for told, _ in answers().values()) > len(answers()) / 2


def test_no_refusal_is_foreseen_that_has_ended() -> None:
    """What has come to work is taken out of the list, so that it cannot be lost again unseen."""
    sentences = {sentence for _, sentence in answers().values() if sentence}
    assert not [each for each in refusals() if not any(fnmatchcase(one, each) for one in sentences)]


def test_nothing_documented_is_called_unknown_or_a_broken_component() -> None:
    """Whatever the list of refusals says."""
    for line, (_, sentence) in answers().items():
        if not sentence.startswith("Unknown or invalid referenced image"):  # of a text image: it is not there
            assert not sentence.lower().startswith(("unknown", "invalid transformation component")), line


@settings(max_examples=300)
@given(urls())
def test_options_may_be_combined_in_any_way(line: str) -> None:
    """An answer, always; a combination that makes no sense is refused by name, never called unknown."""
    told, sentence = answer(line)
    assert ("plan" in told) != bool(sentence)
    assert told.get("error", {}).get("status", 400) == 400
    if not sentence.startswith("Unknown or invalid referenced image"):  # of a text image: it is not there
        assert not sentence.lower().startswith(("unknown", "invalid transformation component")), sentence


def test_the_corpus_of_options_is_wide() -> None:
    """Every option of the SDK's own list of simple params is tried."""
    from cloudinary.utils import _SIMPLE_TRANSFORMATION_PARAMS

    from tests.support.sdk_options import OPTIONS

    assert set(_SIMPLE_TRANSFORMATION_PARAMS.values()) <= OPTIONS.keys() | {"transformation"}
    assert "w_100" in url({"width": 100, "crop": "scale"})
