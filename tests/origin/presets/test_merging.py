"""What a preset makes of a request."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from origin.api.params import Params, listed, text
from origin.assets.context import parse_context
from origin.metadata.spelling import parse_values
from origin.presets.merging import UNSIGNED_PARAMS, check_unsigned, merged
from origin.presets.settings import ATTRIBUTES
from wire.errors import InvalidRequest

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
PLAIN = st.sampled_from(["folder", "public_id", "type", "eager", "unheard_of", "source"])
PLAIN_PARAMS = st.dictionaries(PLAIN, WORDS)
TAGS = st.lists(st.text("abcä ", min_size=1).filter(str.strip), max_size=4).map(tuple)
PAIRS = st.dictionaries(st.text("abc", min_size=1, max_size=2), st.text('xyz|=\\"[]', max_size=4), max_size=4)


FORBIDDEN = (
    "Asset folder, Context parameter is not allowed by the upload preset. "
    "Only tags, folder upload parameters are allowed."
)


def spelled(pairs: dict[str, str]) -> str:
    return "|".join(
        f"{key}={value.replace('=', chr(92) + '=').replace('|', chr(92) + '|')}"
        for key, value in pairs.items()
    )


@examples(max_examples=40)
@given(PLAIN_PARAMS, PLAIN_PARAMS)
def test_signed_the_request_has_the_last_word(params: Params, settings: dict[str, str]) -> None:
    """Every parameter is the request's, else the preset's; nothing else comes in."""
    assert merged(params, settings, signed=True) == {**settings, **params}


@examples(max_examples=40)
@given(PLAIN_PARAMS, PLAIN_PARAMS)
def test_unsigned_the_preset_has_the_last_word(params: Params, settings: dict[str, str]) -> None:
    assert merged(params, settings, signed=False) == {**params, **settings, "overwrite": "false"}


@examples(max_examples=40)
@given(TAGS, TAGS)
def test_unsigned_tags_gather_from_both(said: tuple[str, ...], kept: tuple[str, ...]) -> None:
    """Each once, whether they came as an array or as one text."""
    tags = merged({"tags": said}, {"tags": ",".join(kept)}, signed=False)
    assert listed(tags, "tags") == tuple(dict.fromkeys([each.strip() for each in (*said, *kept)]))


@examples(max_examples=40)
@given(PAIRS, PAIRS)
def test_unsigned_pairs_gather_and_the_preset_wins_a_key(said: dict[str, str], kept: dict[str, str]) -> None:
    """Whatever the values hold, they are those that either text alone would have meant."""
    params: Params = {"context": spelled(said), "metadata": spelled(said)}
    settings = {"context": spelled(kept), "metadata": spelled(kept)}
    both = merged(params, settings, signed=False)
    expected = {**parse_context(spelled(said)), **parse_context(spelled(kept))}
    assert parse_context(text(both, "context")) == expected
    values = {**parse_values(spelled(said)), **parse_values(spelled(kept))}
    assert parse_values(text(both, "metadata")) == values


@examples(max_examples=40)
@given(PLAIN_PARAMS, PLAIN_PARAMS, st.booleans())
def test_merging_twice_changes_nothing(params: Params, settings: dict[str, str], signed: bool) -> None:
    once = merged(params, settings, signed=signed)
    assert merged(once, settings, signed=signed) == once


@pytest.mark.parametrize("overwrite", ["true", "1", "false"])
def test_unsigned_nothing_is_overwritten(overwrite: str) -> None:
    """Not even when the preset says so (§4)."""
    assert merged({}, {"overwrite": overwrite}, signed=False)["overwrite"] == "false"
    assert merged({}, {"overwrite": overwrite}, signed=True)["overwrite"] == overwrite


def test_an_empty_parameter_is_absent() -> None:
    assert merged({"folder": "", "tags": ()}, {"folder": "x"}, signed=True) == {"folder": "x"}


def test_what_a_preset_says_of_itself_is_no_parameter() -> None:
    settings = {"live": "true", "disallow_public_id": "true", "parameter_whitelist": "tags", "folder": "x"}
    assert settings.keys() >= ATTRIBUTES
    assert merged({"tags": "a"}, settings, signed=True) == {"tags": "a", "folder": "x"}


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    ("params", "settings", "said"),
    [
        (
            {"public_id": "x"},
            {"disallow_public_id": "1"},
            "Public id parameter is not allowed by the upload preset",
        ),
        (
            {"tags": "a", "asset_folder": "x", "context": "a=b", "unheard_of": "y", "timestamp": "1"},
            {"parameter_whitelist": "tags,folder"},
            FORBIDDEN,
        ),
    ],
)
def test_a_preset_may_forbid(signed: bool, params: Any, settings: Any, said: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        merged(params, settings, signed=signed)
    assert refused.value.public == said


def test_all_that_unsigned_requests_may_say_passes() -> None:
    params: Params = dict.fromkeys((*UNSIGNED_PARAMS, "file", "timestamp"), "x")
    check_unsigned({**params, "overwrite": ""})


def test_what_unsigned_requests_may_not_say_is_named_in_the_sheets_words() -> None:
    """Signing §1.4, letter by letter."""
    with pytest.raises(InvalidRequest) as refused:
        check_unsigned({"access_mode": "public", "transformation": "w_1", "tags": "a"})
    assert refused.value.public == (
        "Access mode, Transformation parameter is not allowed when using unsigned upload. Only upload_preset, "
        "callback, public_id, folder, asset_folder, tags, context, metadata, face_coordinates, "
        "custom_coordinates, source, filename_override, manifest_transformation, manifest_json, template, "
        "template_vars, regions, public_id_prefix upload parameters are allowed."
    )
