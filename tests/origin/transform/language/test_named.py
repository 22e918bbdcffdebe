"""Named transformations: a name is its definition, wherever it stands (transformations.md §10)."""

import pytest

from origin.transform.canonical import canonical, identity
from origin.transform.language.named import expanded
from origin.transform.parse import parse_chain
from origin.transform.plan import SourceFacts
from origin.transform.resolve import plan
from wire.errors import InvalidRequest

NAMES = {
    "thumb": "c_fill,h_100,w_100",
    "round": "r_max/f_auto,q_auto",
    "both": "t_thumb.round",
    "sized": "c_scale,w_$size",
    "hints": "c_limit,dpr_auto,w_auto/e_sepia",
    "my thumb-1": "w_5",
    "open": "if_w_gt_5/w_5",
    "closed": "if_end/w_5",
    "me": "w_1/t_me",
    "many": "/".join(["t_none"] * 50),
    "none": "f_auto",
}


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("w_5", "w_5"),
        ("t_thumb", "c_fill,h_100,w_100"),
        ("t_thumb.round", "c_fill,h_100,w_100/r_max/q_auto"),
        ("t_thumb/t_round", "c_fill,h_100,w_100/r_max/q_auto"),
        ("t_both/e_sepia", "c_fill,h_100,w_100/r_max/q_auto/e_sepia"),
        ("t_thumb,e_sepia", "c_fill,h_100,w_100/e_sepia"),  # what stands beside a name comes after it
        ("$size_9,t_sized,a_90", "$size_9/c_scale,w_$size/a_90"),
        ("t_hints/w_auto", "c_limit/e_sepia/w_auto"),  # no negotiation inside a definition
        ("t_my%20thumb-1", "w_5"),
        ("t_open/e_sepia", "if_w_gt_5,w_5/e_sepia"),  # a definition's branches end with it
        ("if_w_gt_5/t_closed/if_end/e_sepia", "if_w_gt_5/w_5/if_end/e_sepia"),
    ],
)
def test_a_name_is_its_definition(chain: str, text: str) -> None:
    """Text for text."""
    assert canonical(parse_chain(chain, definitions=NAMES.get)) == canonical(parse_chain(text))


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("t_nobody", "Unknown transformation nobody"),
        ("t_thumb.nobody", "Unknown transformation nobody"),
        ("t_thumb.", "Unknown transformation "),
        ("t_me", "Maximum depth of named transformations is 10. me is deeper"),
        ("t_many.many.many", "Maximum number of named transformations in a chain is 100"),
        ("if_w_gt_5,t_thumb", "Named transformation and if_ in one component"),
        ("w_5/bl_thumb", "bl_thumb must be the first component, and alone in it"),
    ],
)
def test_a_name_that_cannot_be_followed_is_refused(chain: str, sentence: str) -> None:
    """Also one that leads to itself."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_chain(chain, definitions=NAMES.get)
    assert refusal.value.public == sentence


def test_a_definition_sees_the_variables_set_before_it() -> None:
    """Scope runs into definitions (§9)."""
    facts = SourceFacts(400, 300, "jpg")
    assert plan(parse_chain("$size_40/t_sized", definitions=NAMES.get), facts).width == 40


def test_another_definition_is_another_file() -> None:
    """What a name means is part of what is stored, not the name."""
    facts = SourceFacts(400, 300, "jpg")
    plans = [plan(parse_chain("t_a", definitions={"a": text}.get), facts) for text in ("w_5", "w_6", "w_5")]
    first, second, third = map(identity, plans)
    assert first == third != second


def test_text_without_names_is_left_alone() -> None:
    """Nothing is even split."""
    assert expanded("not//a,,chain", NAMES.get) == "not//a,,chain"
