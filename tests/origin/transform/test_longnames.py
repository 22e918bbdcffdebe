"""Chains as objects with long names, and back."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.longnames import NAMES, described, spelled
from tests.support.chains import Maker
from wire.components import KEYS, split_chain
from wire.errors import InvalidRequest


def test_every_key_of_the_grammar_has_one_long_name() -> None:
    """No param of a chain can be left out, and none be taken for another."""
    assert NAMES.keys() == KEYS
    assert len(set(NAMES.values())) == len(NAMES)


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        (
            "c_scale,l_text:arial_20:x,w_100",
            [{"crop": "scale", "overlay": "text:arial_20:x", "width": 100}],
        ),
        ("w_100/e_sepia", [{"width": 100}, {"effect": "sepia"}]),
        ("c_fill,w_0.5", [{"crop": "fill", "width": "0.5"}]),
        ("a_-7,z_00", [{"angle": -7, "zoom": "00"}]),
        ("c_scale,w_100/png", [{"crop": "scale", "width": 100, "format": "png"}]),
        ("c_scale,w_100/", [{"crop": "scale", "width": 100, "format": ""}]),
        ("png", [{"format": "png"}]),
        ("if_w_gt_5,$a_1,$b_$a_mul_2,w_$b", [
            {"if": "w_gt_5", "variables": [["$a", "1"], ["$b", "$a_mul_2"]], "width": "$b"},
        ]),
        ("fl_a,fl_b.c,w_1", [{"flags": "a.b.c", "width": 1}]),
        ("t_thumb/if_end", [{"transformation": "thumb"}, {"if": "end"}]),
        ("l_text:arial_20:a%252Cb%2Fc", [{"overlay": "text:arial_20:a%252Cb%2Fc"}]),
        ("w_1234567890123456", [{"width": "1234567890123456"}]),
        ("", []),
    ],
)  # fmt: skip
def test_a_chain_and_its_objects(text: str, objects: Any) -> None:
    """The sheet's shapes; the other way gives the params again."""
    assert described(text) == objects
    assert described(spelled(objects)) == objects


@pytest.mark.parametrize("text", ["nonsense", "w_100,bad", "/x", "xyz_1", "w_100//bad_"])
def test_what_is_no_chain_has_no_objects(text: str) -> None:
    """400 with the grammar's own sentence."""
    with pytest.raises(InvalidRequest, match="Invalid transformation component - "):
        described(text)


@pytest.mark.parametrize(
    "objects",
    [
        [{"widht": 1}],
        [{"width": None}],
        [{"width": True}],
        [{"width": [1]}],
        [{"width": ""}],
        [{"variables": "$a_1"}],
        [{"variables": [["a", 1]]}],
        [{"variables": [["$a"]]}],
        [{"variables": [["$a,w_1/x", 1]]}],
    ],
)
def test_objects_that_name_no_param_are_refused(objects: Any) -> None:
    """400, never a chain of something else."""
    with pytest.raises(InvalidRequest, match="Invalid transformation component - "):
        spelled(objects)


@pytest.mark.parametrize("extension", ["a/b", "nonsense", 5])
def test_a_format_is_one_of_ours(extension: Any) -> None:
    """It ends a transformation: text after it would be another."""
    with pytest.raises(InvalidRequest, match="Unsupported output format"):
        spelled([{"width": 1, "format": extension}])


def test_a_value_cannot_begin_a_param_of_its_own() -> None:
    """Separators in a value are escaped, as an SDK would."""
    assert spelled([{"overlay": "a/b,w_5", "x": 1}]) == "l_a%2Fb%2Cw_5,x_1"


@given(st.integers(0, 2**32))
def test_objects_spell_the_same_chain(seed: int) -> None:
    """Whatever a chain holds, its objects hold: same params in every component, same objects again."""
    chain = Maker(Random(seed)).chain()
    objects = described(chain)
    again = spelled(objects)
    assert described(again) == objects
    assert [each.last() for each in split_chain(again)] == [each.last() for each in split_chain(chain)]
