"""Conditions: every comparison, over facts and over what is said of an asset (transformations.md §8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.language.about import UNKNOWN, About
from origin.transform.language.condition import parse_condition
from origin.transform.language.expression import Value
from origin.transform.language.scope import Scope
from origin.transform.limits import Limits
from origin.transform.parse import parse_chain
from origin.transform.plan import SourceFacts
from origin.transform.sight import Marks
from wire.errors import InvalidRequest
from wire.negotiation import NOTHING

SHOE = About(
    public_id="shop/shoe",
    tags=frozenset({"sale", "in_stock"}),
    context={"productType": "shoes", "count": "9"},
    metadata={"colors": ("green", "red"), "stock": 12.0, "season": "spring"},
    marks=Marks(areas=((0, 0, 5, 5),), regions={"heel": (1, 2, 3, 4)}),
)


class Still:
    """An image nothing has been done to."""

    def __init__(self, faces: int) -> None:
        self._faces = faces

    def size(self) -> tuple[int, int]:
        return 800, 600

    def count_faces(self) -> int:
        return self._faces

    def illustration(self) -> float:
        return 0.25

    def trimmed_ratio(self) -> float:
        return 0.5


def holds(text: str, about: About = SHOE, **variables: Value) -> bool:
    facts = SourceFacts(4000, 3000, "gif", frames=3)
    scope = Scope(facts, about, Still(2 if about is SHOE else 0), NOTHING, facts.shown, dict(variables))
    return parse_condition(text).holds(scope)


@pytest.mark.parametrize(
    "text",
    [
        *("w_eq_800", "h_ne_800", "w_lt_801", "w_lte_800", "w_gt_799", "w_gte_800", "width_eq_800"),
        *("ar_gt_1.3", "ar_eq_4:3", "aspect_ratio_eq_1.33", "iar_lt_3:2", "ar_ne_1.32"),
        *("iw_eq_4000", "initial_height_eq_3000", "ow_eq_iw", "pc_eq_3", "page_count_gt_1", "cp_eq_1"),
        *("fc_gte_2", "face_count_eq_2", "ccc_eq_1", "rc_eq_1", "!heel!_in_rn"),
        *("w_mul_5_eq_iw", "w_lt_iw_div_2", "w_gt_h_and_h_gt_100", "w_lt_1_or_h_eq_600"),
        *("w_lt_1_and_h_lt_1_or_w_gt_1", "w_gt_1_or_w_lt_1_and_h_lt_1"),
        *("!sale!_in_tags", "!sale:in_stock!_in_tags", "!new!_nin_tags", "!new:old!_nin_tags"),
        *("ctx:!productType!_eq_!shoes!", "ctx:!none!_eq_!!", "ctx:!productType!_ne_!!"),
        *("!productType!_in_ctx", "!none!_nin_ctx", "ctx:!count!_to_i_gt_8"),
        *("!green!_in_md:!colors!", "!blue!_nin_md:!colors!", "!stock!_in_md", "md:!stock!_gt_11"),
        *("md:!season!_eq_!spring!", "!spring!_in_md:!season!"),
        *("isdef_$n", "isndef_$m", "$n_eq_5", "$n_mul_2_eq_10", "$t_eq_!sale!", "$t_in_tags"),
    ],
)
def test_what_holds(text: str) -> None:
    """Each operator and each characteristic that facts can answer."""
    assert holds(text, n=5.0, t="sale")


@pytest.mark.parametrize(
    "text",
    [
        *("w_eq_801", "w_lt_800", "w_gt_1_and_w_lt_1", "w_lt_1_or_h_lt_1", "ar_eq_1.32"),
        *("!sale:new!_in_tags", "!sale:new!_nin_tags", "!blue!_in_md:!colors!"),
        *("ctx:!count!_gt_8", "ctx:!count!_lt_99", "ctx:!count!_eq_9"),
        *("isdef_$m", "isndef_$n", "!1!_eq_1"),
    ],
)
def test_what_does_not_hold(text: str) -> None:
    """Context values are texts: they have no order, and are no numbers (§8)."""
    assert not holds(text, n=5.0)


@pytest.mark.parametrize("text", ["!a!_nin_tags", "fc_eq_0", "ctx:!k!_eq_!!", "!a!_nin_md:!b!", "rc_eq_0"])
def test_of_an_unknown_asset_nothing_is_said(text: str) -> None:
    """No tags, no context, no faces."""
    assert holds(text, UNKNOWN)


@pytest.mark.parametrize(
    "text",
    [
        *("w", "w_gt", "gt_5", "w_gt_5_and", "w_gt_5_or_", "w_5", "w_gt_5_h_gt_5", "w_like_5", "foo_eq_5"),
        *("isdef", "isdef_w", "tags_eq_!a!", "!a!_in_w", "w_in_tags", "!a!_in_1_add_2", "w_!lt!_5"),
        *("!a_in_tags", "w_gt_5_xor_h_gt_5", "!isdef!_$x"),
    ],
)
def test_what_is_no_condition(text: str) -> None:
    """The text is told back."""
    with pytest.raises(InvalidRequest, match="Invalid condition in transformation: "):
        parse_condition(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("$x_gt_5", r"Undefined variable in transformation: \$x"),
        ("w_gt_1_div_0", "Division by zero"),
        ("du_gt_5", "du in an expression is not supported"),
    ],
)
def test_what_facts_cannot_answer_is_refused(text: str, sentence: str) -> None:
    """By name, not by a branch taken at random."""
    with pytest.raises(InvalidRequest, match=sentence):
        holds(text)


def test_a_condition_has_a_length_limit() -> None:
    """As long as an expression's; the text names it."""
    assert parse_chain(f"if_{'_and_'.join(['w_gt_1'] * 3)},w_9", Limits(expression_terms=3))
    with pytest.raises(InvalidRequest, match=r"Maximum condition length is 3 tests\. Requested 4"):
        parse_chain(f"if_{'_and_'.join(['w_gt_1'] * 4)},w_9", Limits(expression_terms=3))


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=4), min_size=1, max_size=4))
def test_and_binds_tighter_than_or(alternatives: list[list[bool]]) -> None:
    """As Python has it."""
    text = "_or_".join(
        "_and_".join("w_gt_1" if each else "w_lt_1" for each in tests) for tests in alternatives
    )
    assert holds(text) == any(all(tests) for tests in alternatives)


def test_long_names_and_short_ones_have_one_text() -> None:
    """SDKs translate; people may not (§8)."""
    assert parse_condition("width_gt_500_and_tags_nin_!a!") == parse_condition("w_gt_500_and_tags_nin_!a!")
