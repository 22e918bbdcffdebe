"""Chains that wait for their source: branches, variables, hints, and the plain chain they come to."""

from typing import Any

import cloudinary.utils
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from origin.transform.canonical import canonical, identity
from origin.transform.language.about import UNKNOWN, About
from origin.transform.language.program import plain, read_program
from origin.transform.language.tokens import may_wait
from origin.transform.params.text import Words
from origin.transform.parse import Chain, parse_chain
from origin.transform.plan import Plan, SourceFacts
from origin.transform.references import Gathered, Reference, Referenced
from origin.transform.resolve import plan, settle
from origin.transform.sight import Rect
from tests.support.gathering import with_all
from wire.components import decoded, split_chain
from wire.errors import InvalidRequest
from wire.negotiation import NOTHING, Negotiated

PHOTO = SourceFacts(1280, 853, "jpg")
TALL = SourceFacts(600, 900, "jpg")
TURNED = SourceFacts(900, 600, "jpg", orientation=6)


def plainly(
    chain: str, facts: SourceFacts = PHOTO, viewer: Negotiated = NOTHING, about: About = UNKNOWN
) -> str:
    """The canonical text of what a chain comes to, as people read it."""
    read = parse_chain(chain)
    return with_all(
        lambda gathered: decoded(canonical(settle(read, facts, viewer, about, gathered))),
        margins=lambda _: trimmed_below(facts),
    )


def trimmed_below(facts: SourceFacts) -> Rect:
    """As if the lower fifth of a picture were a border."""
    return 0, 0, facts.width, facts.height * 4 // 5


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("$height_90/h_$height_mul_2", "c_scale,h_180"),  # a name of one's own, not the characteristic
        # arithmetic (§9)
        ("w_iw_div_2", "c_scale,w_640"),
        ("w_0.5_mul_iw", "c_scale,w_640"),
        ("c_fill,h_ih_mul_0.5,w_100", "c_fill,h_427,w_100"),  # 426.5, rounded up
        ("w_100/w_mul_2,h_mul_3", "c_scale,w_100/c_scale,h_201,w_200"),
        ("ar_iw_div_ih,c_fill,w_100", "ar_1280:853,c_fill,w_100"),
        ("c_crop,w_100,h_100,x_iw_sub_100,y_-5", "c_crop,g_north_west,h_100,w_100,x_1180,y_-5"),
        ("r_w_div_10", "r_128"),
        ("r_iw_div_128:20:$x,$x_3_mul_1.5", "r_10:20:5:20"),
        ("a_10_add_5.hflip", "a_15.hflip"),
        ("q_100_sub_20:444", "q_80:444"),
        ("e_blur:10_mul_30", "e_blur:300"),
        ("dpr_1_add_1,w_50", "c_scale,w_50/dpr_2"),
        ("c_thumb,w_50,h_50,z_3_div_2", "c_thumb,h_50,w_50,z_1.5"),
        ("w_w", "c_scale,w_1280"),
        ("w_iw", "c_scale,w_iw"),
        # variables (§9)
        ("$big_200,c_fill,h_$big,w_$big_mul_2", "c_fill,h_200,w_400"),
        ("c_fill,w_$w,h_50,$w_100", "c_fill,h_50,w_100"),  # assigned first, wherever written
        ("$a_2/$b_$a_mul_3/w_$b_pow_$a", "c_scale,w_36"),
        ("$a_2/$a_mul_5/w_$a", "c_scale,w_10"),
        ("$a_2/w_$a/$a_30/w_$a", "c_scale,w_2/c_scale,w_30"),
        ("$half_0.5,w_$half", "c_scale,w_0.5"),
        ("$half_0.5,w_$half_mul_1", "c_scale,w_1"),
        ("$wide_16:9,ar_$wide,c_fill", "ar_16:9,c_fill"),
        ("$fx_!sepia!,$n_60/e_$fx:$n", "e_sepia:60"),
        ("$c_!rgb:00ff00!,b_$c,c_pad,w_100,h_100", "b_rgb:00ff00,c_pad,h_100,w_100"),
        ("$q_70,q_$q", "q_70"),
        ("$h_ih_div_2,h_$h", "c_scale,h_427"),
        ("$n_fc,r_$n_add_5", "r_5"),
        ("if_tar_gt_1.8/w_5/if_else/w_6", "c_scale,w_5"),
        ("$n_tar_mul_10,r_$n", "r_19"),
        ("$un_ctx:!k!,w_100", "c_scale,w_100"),
        ("$h_30,o_$h", "o_30"),
        ("$w_4,bo_$w_solid_white", "bo_4px_solid_rgb:ffffff"),
        ("$w_4,$c_!red!,bo_$w_add_1_solid_$c", "bo_5px_solid_rgb:ff0000"),
        ("$w_4,$wpx_7,bo_$wpx_solid_red", "bo_7px_solid_rgb:ff0000"),  # a name ends where its letters do
        ("$wide2_4,bo_$wide2px_solid_red", "bo_4px_solid_rgb:ff0000"),  # as js-url-gen writes it
        ("$w_4,bo_$w_add_2px_solid_red", "bo_6px_solid_rgb:ff0000"),
        ("$c_!red!,co_$c,e_colorize:50", "co_rgb:ff0000,e_colorize:50"),
        # conditions (§8)
        ("if_w_gt_500,c_scale,w_500", "c_scale,w_500"),
        ("if_w_lt_500,c_scale,w_500", ""),
        ("if_w_lte_400/c_fill,h_220,w_180/e_sepia/if_else/c_fill,h_190,w_300/if_end", "c_fill,h_190,w_300"),
        ("if_w_lt_200,w_80/if_else,w_100", "c_scale,w_100"),
        ("if_w_gt_200,w_80/if_else,w_100/e_sepia/if_end/a_90", "c_scale,w_80/a_90"),
        ("if_w_gt_200/w_80/if_else/if_w_gt_100/w_90/if_end/if_end/a_90", "c_scale,w_80/a_90"),
        ("if_w_gt_2000/w_80/if_else/if_w_gt_100/w_90/if_end/if_end/a_90", "c_scale,w_90/a_90"),
        ("if_w_lt_200/if_h_gt_1/w_1/if_end/if_else/w_2/if_end", "c_scale,w_2"),
        ("if_w_gt_200/if_h_gt_1,w_1/if_else/w_2/if_end", "c_scale,w_1"),  # the outer block's alternative
        ("if_w_lt_200/if_h_gt_1,w_1/if_else/w_2/if_end", "c_scale,w_2"),
        ("if_w_gt_200/w_80", "c_scale,w_80"),  # the end may be missing
        ("if_w_lt_200/w_80/a_90", ""),
        ("w_80/if_end/a_90", "c_scale,w_80/a_90"),
        ("if_w_gt_200/w_80/end_if/a_90", "c_scale,w_80/a_90"),
        ("w_100/if_w_eq_100/r_5/if_end", "c_scale,w_100/r_5"),  # the current image
        ("if_ar_gt_1/w_500,$x_1/if_else/h_500/if_end/if_isdef_$x,r_$x", "c_scale,w_500/r_1"),
        ("if_w_gt_1,q_50/q_60/if_w_gt_1/q_70/if_end", "q_70"),  # the last setting that is reached
        ("if_w_gt_1,$x_5,w_$x", "c_scale,w_5"),
        ("if_w_lt_1,$x_5,w_$x", ""),
        ("f_png/if_w_lt_1/f_webp/if_end", "f_png"),
        # the pixels of dpr (§4.4, §8)
        ("dpr_2.0/w_100/if_w_eq_100,h_w_mul_2", "c_scale,w_100/c_scale,h_200/dpr_2"),
        ("w_iw_div_2,dpr_2", "c_scale,w_640/dpr_2"),
    ],
)  # fmt: skip
def test_a_chain_and_what_it_comes_to(chain: str, text: str) -> None:
    """For a photograph of 1280x853."""
    assert plainly(chain) == text


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("$b_4/bo_$bpx_solid_red", "$b_4/bo_$b_solid_red"),
        ("$b_4,$bpx_5/bo_$bpx_solid_red", "$b_4,$bpx_5/bo_$bpx_solid_red"),
        ("$b_4/bo_$b_mul_2px_solid_red", "$b_4/bo_$b_mul_2_solid_red"),
        ("$b_!red!/bo_2px_solid_$b", "$b_!red!/bo_2px_solid_$b"),
    ],
)
def test_a_border_of_a_variable_is_written_so_that_its_name_ends(chain: str, text: str) -> None:
    """A name goes as far as letters and digits do (§9)."""
    assert canonical(parse_chain(chain)) == text
    assert canonical(parse_chain(text)) == text


def test_a_definition_may_take_its_border_from_a_variable_of_the_chain() -> None:
    """Whether `px` is part of a name is known only where the chain is whole."""
    named = {"framed": "bo_$bpx_solid_red"}.get
    assert canonical(parse_chain("$b_4,$bpx_7,t_framed", definitions=named)).endswith("bo_$bpx_solid_red")
    assert canonical(parse_chain("$b_4,t_framed", definitions=named)).endswith("bo_$b_solid_red")


@pytest.mark.parametrize("words", ["only $(5) off, $(a b) $(x)", "$(x)", "$x", "100 $", "a $x b"])
@pytest.mark.parametrize("before", ["", "$x_!no!/"])
def test_what_looks_like_a_variable_in_the_words_of_an_sdk_is_words(words: str, before: str) -> None:
    """A literal `$(` is sent escaped (delivery-urls.md §6); to the SDK, a name has two letters at least."""
    layer = {"font_family": "Arial", "font_size": 30, "text": words}
    emitted, _ = cloudinary.utils.generate_transformation_string(overlay=layer)
    chain = parse_chain(before + emitted)
    assert parse_chain(canonical(chain)) == chain
    settled = with_all(lambda gathered: settle(chain, PHOTO, gathered=gathered))
    (step,) = settled.steps
    assert step.layer is not None
    assert isinstance(step.layer.source, Words)
    assert step.layer.source.text == words


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("w_$x", r"Undefined variable in transformation: \$x"),
        ("w_$x/$x_5", r"Undefined variable in transformation: \$x"),
        ("if_w_lt_1,$x_5/w_$x", r"Undefined variable in transformation: \$x"),
        ("$foo_bar", r"Invalid assignment to \$foo: bar"),
        ("$foo_1_add", r"Invalid assignment to \$foo: 1_add"),
        ("$x_add_1", r"Undefined variable in transformation: \$x"),
        ("$m_ref:!path:to:file", r"Invalid assignment to \$m: ref:!path:to:file"),
        ("l_$img", r"Undefined variable in transformation: \$img"),
        ("w_iw_div_0", "Division by zero in transformation"),
        ("w_iw_sub_iw", "Invalid width in transformation: 0"),
        ("w_0_sub_5", "Invalid width in transformation: -5"),
        ("$t_!a!,w_$t", "Invalid width in transformation: !a!"),
        ("$t_!a!,w_$t_mul_2", "!a! is no number for mul"),
        ("w_10_pow_100", "result of pow is too large"),
        ("q_$q,$q_500", "Invalid quality in transformation: 500"),
        ("e_$fx,$fx_!nonsense!", "Invalid effect in transformation: nonsense"),
        ("z_mul_2", "Invalid zoom in transformation: mul_2"),
        ("w_tags", "Invalid width in transformation: tags"),
        ("if_w_gt_1/c_nonsense,w_1/if_end", "Invalid crop in transformation: nonsense"),
        ("if_w_lt_1/c_nonsense,w_1/if_end", "Invalid crop in transformation: nonsense"),  # never reached
        ("if_w_gt_1/a_ignore/if_end", "a_ignore in a branch is not supported"),
        ("if_else", "if_else without if_ in transformation"),
        ("if_w_gt_1/w_1/if_else/w_2/if_else/w_3", "if_else without if_ in transformation"),
    ],
)
def test_what_cannot_be_settled_is_refused(chain: str, sentence: str) -> None:
    """400, with the param or the variable in it."""
    with pytest.raises(InvalidRequest, match=sentence):
        plainly(chain)


def test_stored_words_steer_a_chain() -> None:
    """Tags, context, structured metadata and the public id (§8, §9)."""
    asset = About("shop/shoe", frozenset({"sale"}), {"breadth": "120"}, {"stock": 3.0})
    assert plainly("if_!sale!_in_tags,w_50", about=asset) == "c_scale,w_50"
    assert plainly("if_!sale!_in_tags,w_50") == ""
    assert plainly("$w_ctx:!breadth!_to_i/w_$w", about=asset) == "c_scale,w_120"
    assert plainly("w_md:!stock!_mul_10", about=asset) == "c_scale,w_30"
    named = "$id_current:public_id/if_$id_eq_!shop%2Fshoe!,w_5"
    assert plainly(named, about=asset) == "c_scale,w_5"
    with pytest.raises(InvalidRequest, match="!! is no number"):
        plainly("$w_ctx:!breadth!_to_i/w_$w")


def test_sizes_are_those_a_viewer_sees() -> None:
    """EXIF orientation is applied before anything is asked, unless the chain ignores it (§1)."""
    assert plainly("if_ar_gt_1/w_10/if_else/h_10/if_end", TURNED) == "c_scale,h_10"
    assert plainly("if_ar_gt_1/w_10/if_else/h_10/if_end/a_ignore", TURNED) == "c_scale,w_10/a_ignore"
    assert plainly("if_ar_gt_1/w_10/if_else/h_10/if_end", TALL) == "c_scale,h_10"


@pytest.mark.parametrize(
    ("chain", "viewer", "text"),
    [
        ("c_limit,w_auto", Negotiated(width=601), "c_limit,w_700"),
        ("c_limit,w_auto", Negotiated(width=700), "c_limit,w_700"),
        ("c_limit,w_auto:50", Negotiated(width=601), "c_limit,w_650"),
        ("c_limit,w_auto", Negotiated(width=1202, dpr=2), "c_limit,w_700"),
        ("c_limit,w_auto", Negotiated(viewport_width=601, dpr=2), "c_limit,w_700"),
        ("c_fill,w_auto:20:350", NOTHING, "c_fill,w_350"),
        ("c_fill,w_auto:20:350", Negotiated(width=401), "c_fill,w_420"),
        ("c_limit,w_auto,h_50", NOTHING, "c_limit,h_50"),
        ("c_limit,w_auto", NOTHING, ""),
    ],
)
def test_an_automatic_width_follows_the_viewers_hints(chain: str, viewer: Negotiated, text: str) -> None:
    """Up to the next step; without hint or fallback it says nothing (§4.5)."""
    assert plainly(chain, viewer=viewer) == text


def test_an_automatic_width_meets_automatic_dpr() -> None:
    """The hint counts device pixels; the result is that many again, rounded up by CSS pixels (§4.5)."""
    found = plan(parse_chain("c_limit,w_auto,dpr_auto"), PHOTO, Negotiated(width=801, dpr=2))
    assert (found.width, found.height) == (1000, 666)


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("c_fill,w_$w,h_50,$w_100", "$w_100,c_fill,h_50,w_$w"),
        ("$b_1,$a_$b,w_$a", "$b_1,$a_$b,w_$a"),
        ("if_width_gt_500,w_500,c_fit", "if_w_gt_500,c_fit,w_500"),
        ("if_w_gt_500/w_500,c_fit/if_end", "if_w_gt_500,c_fit,w_500"),
        ("if_w_gt_500/w_500/if_else/r_5", "if_w_gt_500/w_500/if_else/r_5/if_end"),
        ("if_w_gt_500,w_500/if_else,r_5", "if_w_gt_500/w_500/if_else/r_5/if_end"),
        ("if_w_gt_500/if_end/w_5", "c_scale,w_5"),
        ("w_auto:100", "w_auto"),
        ("w_5,w_initial_width_mul_2", "w_iw_mul_2"),
    ],
)
def test_a_chain_that_waits_has_one_spelling(chain: str, text: str) -> None:
    """Condition, assignments in their order, all else sorted (delivery-urls.md §9)."""
    assert canonical(parse_chain(chain)) == text


operands = st.sampled_from(["w", "h", "ar", "iw", "$a", "$b", "3", "0.5", "100", "!x:y!", "ctx:!k!", "tags"])
values = st.lists(operands, min_size=1, max_size=3).map("_mul_".join)
conditions = st.builds(
    "{}_{}_{}".format, values, st.sampled_from(["eq", "gt", "lte", "in", "nin", "and_w_lt"]), values
)
params = st.one_of(
    st.builds("{}_{}".format, st.sampled_from(["w", "h", "x", "ar", "r", "q", "a", "$a", "$b", "o"]), values),
    st.builds("e_{}:{}".format, st.sampled_from(["sepia", "$a", "blur"]), values),
    st.builds("if_{}".format, conditions),
    st.sampled_from(["if_else", "if_end", "end_if", "c_fill", "w_auto", "e_grayscale", "f_png", "w_80"]),
)
chains = st.lists(st.lists(params, min_size=1, max_size=4), max_size=8)


@given(chains)
@settings(max_examples=200)
def test_reading_and_settling_are_total_and_the_canonical_text_is_stable(chain: list[list[str]]) -> None:
    """A plan or a refusal, for any tangle; and the one spelling is its own and means the same."""
    try:
        parsed = parse_chain("/".join(",".join(component) for component in chain))
    except InvalidRequest:
        return
    again = parse_chain(canonical(parsed))
    assert canonical(again) == canonical(parsed)
    assert outcome_of(again) == outcome_of(parsed)


def outcome_of(chain: Chain) -> Plan | str:
    """A plan, or the words of the refusal."""
    try:
        return plan(chain, PHOTO, Negotiated(width=500))
    except InvalidRequest as refusal:
        return refusal.public


@given(chains)
def test_what_shows_no_sign_waits_for_nothing(chain: list[list[str]]) -> None:
    """The short cut for plain chains never misses a chain that is none."""
    text = "/".join(",".join(component) for component in chain)
    components = split_chain(text)
    try:
        program = read_program(components, [component.last() for component in components])
    except InvalidRequest:
        assert may_wait(text)
    else:
        assert may_wait(text) or plain(program) is not None


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"if": "fc = 0 && width > 5 || !a! nin tags", "width": "$w * 2", "$w": "40 + 10 ^ 2"},
            "c_scale,w_280",
        ),
        (
            {
                "transformation": [
                    {"if": "initial_width / 2 < height", "crop": "scale", "width": 500},
                    {"if": "else", "radius": ["$r", 10, "width / 128"], "$r": 3},
                    {"if": "end"},
                    {"effect": "$fx:100", "$fx": "!sepia!"},
                ]
            },
            "c_scale,w_500/e_sepia:100",
        ),
        ({"quality": "80 - 10", "crop": "fill", "width": "iw / 4", "x": "width * 2"}, "c_fill,w_320,x_2560/q_70"),
        ({"width": "auto:20:350", "crop": "fill", "dpr": "auto"}, "c_fill,w_350/dpr_auto"),
    ],
)  # fmt: skip
def test_what_the_official_sdk_emits_is_understood(options: dict[str, Any], text: str) -> None:
    """It translates signs and long names, and sorts (transformations.md §8, §9)."""
    emitted, _ = cloudinary.utils.generate_transformation_string(**options)
    assert plainly(emitted) == text


def test_chains_that_come_to_the_same_share_a_file() -> None:
    """However they got there: the derived file is named by the plan."""
    texts = ("w_640", "w_iw_div_2", "$x_640,w_$x", "if_w_gt_9,w_640", "if_w_lt_9/w_1/if_else/w_0.5/if_end")
    assert len({identity(plan(parse_chain(text), PHOTO)) for text in texts}) == 1


def test_nesting_is_bounded_by_the_length_of_a_chain() -> None:
    """No depth of blocks exhausts a stack."""
    assert plainly("/".join(["if_w_gt_1"] * 59 + ["w_5"])) == "c_scale,w_5"
    with pytest.raises(InvalidRequest, match="Maximum chain length is 60 components"):
        parse_chain("/".join(["if_w_gt_1"] * 61))


BRAND = Gathered({Reference("upload", "brand/logo"): Referenced(SourceFacts(200, 100, "png"), "1")})


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("$logo_!brand:logo!,l_$logo,w_50", "l_brand:logo/c_scale,w_50/fl_layer_apply"),
        (
            "$w_iw_div_4/l_brand:logo/c_scale,w_$w/fl_layer_apply,g_north,x_$w/h_h_div_2",
            "l_brand:logo/c_scale,w_320/fl_layer_apply,g_north,x_320/c_scale,h_427",
        ),
        (
            "if_w_gt_5/l_brand:logo/e_sepia/fl_layer_apply/if_end/w_w_div_2",
            "l_brand:logo/e_sepia:80/fl_layer_apply/c_scale,w_640",
        ),
        ("$n_!Bo!,l_text:Arial_20:Hi%20$(n)%252C%20$n", "l_text:Arial_20:Hi Bo%2C $n/fl_layer_apply"),
        ("$s_30,$t_!x y!,l_text:Arial_$s:$t", "l_text:Arial_30:x y/fl_layer_apply"),
    ],
)
def test_layers_take_part(chain: str, text: str) -> None:
    """Their names, their words and their places may wait for the source too (§9)."""
    settled = settle(parse_chain(chain), PHOTO, gathered=BRAND)
    assert decoded(decoded(canonical(settled))) == decoded(text)


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("l_a/if_w_gt_10/w_20/if_end/fl_layer_apply", "l_a/c_scale,w_20/fl_layer_apply"),
        ("l_a/if_w_gt_40,w_20/fl_layer_apply", "l_a/fl_layer_apply"),
        ("l_a/r_w_div_4/fl_layer_apply", "l_a/r_10/fl_layer_apply"),
        ("u_a/w_mul_0.5/r_h_div_2/fl_layer_apply", "u_a/c_scale,w_20/r_5/fl_layer_apply"),
        ("l_a/fl_layer_apply,x_w_div_4", "l_a/fl_layer_apply,x_10"),
        (
            "l_text:Arial_20:x/if_w_gt_5/e_negate/if_end/fl_layer_apply",
            "l_text:Arial_20:x/e_negate/fl_layer_apply",
        ),
        ("l_a,w_w_mul_2", "l_a/c_scale,w_80/fl_layer_apply"),
        ("$n_!a!/l_$n,w_w_mul_2", "l_a/c_scale,w_80/fl_layer_apply"),
        ("if_w_gt_1000,l_a,w_w_div_2", "l_a/c_scale,w_20/fl_layer_apply"),  # the condition is of the base
        ("l_a/if_iw_gt_1000,w_iw_div_20/fl_layer_apply", "l_a/c_scale,w_64/fl_layer_apply"),
        ("l_a/if_ar_eq_2.0,e_negate/fl_layer_apply", "l_a/e_negate/fl_layer_apply"),
        ("l_a/if_tar_gt_1.9,e_negate/fl_layer_apply", "l_a/e_negate/fl_layer_apply"),
        (
            "l_a/w_10/l_b/r_w_div_5/fl_layer_apply/r_w_div_5/fl_layer_apply/r_w_div_10",
            "l_a/c_scale,w_10/l_b/r_8/fl_layer_apply/r_8/fl_layer_apply/r_128",  # a layer grows under its own
        ),
        (
            "l_a/l_b,w_w_mul_2/w_w_div_2/fl_layer_apply",
            "l_a/fl_layer_apply/l_b/c_scale,w_80/c_scale,w_40/fl_layer_apply",
        ),
        (
            "$img_current,w_100/l_$img,w_w_div_2/e_negate/fl_layer_apply",
            "$img_current,c_scale,w_100/l_$img/c_scale,w_640/e_negate/fl_layer_apply",
        ),
        (
            "if_w_lt_5/l_a/if_else/l_b/if_end/r_w_div_4/fl_layer_apply/r_w_div_10",
            "l_b/r_10/fl_layer_apply/r_128",
        ),
    ],
)
def test_within_a_layer_the_current_size_is_its_own(chain: str, text: str) -> None:
    """It is an image of its own, 40x20 here, on one of 1280x853 (§9, §11.1)."""
    read = parse_chain(chain)
    settled = with_all(
        lambda gathered: settle(read, PHOTO, gathered=gathered), margins=lambda _: (0, 0, 40, 20)
    )
    assert decoded(canonical(settled)) == text


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("l_lut:a.cube,w_w_mul_2", "The size of a lut layer is not supported"),
        ("l_other/w_w_div_2/fl_layer_apply", "The size of layer other is not known here"),
        ("l_other/fl_layer_apply/w_w_div_2", "The size of layer other is not known here"),
        ("e_trim/l_brand:logo", "What lies inside the margins of the image is not known here"),
        ("l_brand:logo/e_trim/fl_layer_apply", "What lies inside the margins of the image is not known here"),
        ("l_brand:logo,g_face", "What the image shows is not known here"),
        ("l_brand:logo/c_thumb,g_face,w_9/fl_layer_apply", "What layer brand/logo shows is not known here"),
        ("e_trim/w_w_div_2", "What lies inside the margins of the image is not known here"),
        ("if_fc_gt_1,w_5", "What the image shows is not known here"),
        ("l_$logo", r"Undefined variable in transformation: \$logo"),
    ],
)
def test_what_layers_cannot_take_part_in_is_refused(chain: str, sentence: str) -> None:
    """Rather than a wrong picture."""
    with pytest.raises(InvalidRequest, match=sentence):
        plan(parse_chain(chain), PHOTO, gathered=BRAND)
