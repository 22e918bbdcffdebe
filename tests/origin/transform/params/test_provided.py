"""What is asked of providers: read in full, canonical, and planned only where there is one."""

import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.canonical import canonical
from origin.transform.params.provided import LONGEST_TEXT, Plugged, as_json, read_asked
from origin.transform.parse import parse_chain
from origin.transform.plan import Filter, Pad, Plan, Provided, Resample, SourceFacts
from origin.transform.references import Gathered, Reference, Referenced, Wanted
from origin.transform.resolve import plan
from wire.errors import InvalidRequest

PHOTO = SourceFacts(400, 300, "jpg")
PROVIDERS = Gathered(
    providers={name: Plugged("me") for name in ("background_removal", "upscale", "gen_fill")}
)


def planned(chain: str, gathered: Gathered = PROVIDERS, facts: SourceFacts = PHOTO) -> Plan:
    return plan(parse_chain(chain), facts, gathered=gathered)


@pytest.mark.parametrize(
    ("chain", "text", "options"),
    [
        ("e_background_removal", "e_background_removal", {}),
        ("e_background_removal:fineedges_y", "e_background_removal:fineedges_true", {"fineedges": True}),
        ("e_gen_restore", "e_gen_restore", {}),
        ("e_upscale", "e_upscale", {}),
        (
            "e_gen_remove:prompt_(the%20cat;a%252Cb);multiple_true",
            "e_gen_remove:multiple_true;prompt_(the%2520cat;a%252Cb)",
            {"prompt": ["the cat", "a,b"], "multiple": True},
        ),
        (
            "e_gen_remove:region_((x_1;y_2;w_3;h_4);(h_8;w_7;y_6;x_5))",
            "e_gen_remove:region_((x_1;y_2;w_3;h_4);(x_5;y_6;w_7;h_8))",
            {
                "region": [
                    {"x": 1, "y": 2, "width": 3, "height": 4},
                    {"x": 5, "y": 6, "width": 7, "height": 8},
                ]
            },
        ),
        (
            "e_gen_remove:region_(x_1;y_2;w_3;h_4)",
            "e_gen_remove:region_((x_1;y_2;w_3;h_4))",
            {"region": [{"x": 1, "y": 2, "width": 3, "height": 4}]},
        ),
        (
            "e_gen_replace:to_a%20lion;from_cat",
            "e_gen_replace:from_cat;to_a%2520lion",
            {"from": "cat", "to": "a lion"},
        ),
        (
            "e_gen_recolor:prompt_car;to-color_Red;multiple_true",
            "e_gen_recolor:multiple_true;prompt_(car);to-color_ff0000",
            {"prompt": ["car"], "to-color": "ff0000", "multiple": True},
        ),
        (
            "e_extract:prompt_(a;b);mode_mask;invert_true;preserve-alpha_false",
            "e_extract:invert_true;mode_mask;preserve-alpha_false;prompt_(a;b)",
            {"prompt": ["a", "b"], "mode": "mask", "invert": True, "preserve-alpha": False},
        ),
        (
            "e_gen_background_replace:prompt_noon%3A%2012;seed_-3",
            "e_gen_background_replace:prompt_noon%253A%252012;seed_-3",
            {"prompt": "noon: 12", "seed": -3},
        ),
        (
            "e_viesus_correct:no_redeye:skin_saturation_20",
            "e_viesus_correct:no_redeye;skin_saturation_20",
            {"no_redeye": True, "skin_saturation": 20},
        ),
        (
            "e_auto_enhance:enhance-colors_true",
            "e_auto_enhance:enhance-colors_true",
            {"enhance-colors": True},
        ),
    ],
)
def test_every_option_is_read(chain: str, text: str, options: dict[str, object]) -> None:
    """In any order, in either spelling; escaped twice it separates nothing."""
    parsed = parse_chain(chain)
    assert canonical(parsed) == text
    assert parse_chain(canonical(parsed)) == parsed
    effect = parsed.steps[0].effect
    assert effect is not None
    assert effect.asked is not None
    assert json.loads(json.dumps(as_json(effect.asked.options))) == options


@pytest.mark.parametrize(
    "value",
    [
        "background_removal:nonsense",
        "background_removal:fineedges_maybe",
        "gen_remove",
        "gen_remove:multiple_true",
        "gen_remove:region_(x_1;y_2;w_3)",
        "gen_remove:region_((x_1;y_2;w_0;h_4))",
        "gen_remove:prompt_",
        "gen_remove:prompt_()",
        "gen_remove:prompt_a;prompt_b",
        "gen_replace:from_cat",
        "gen_recolor:prompt_a;to-color_nocolour",
        "extract",
        "extract:prompt_a;mode_neither",
        "gen_background_replace:seed_x",
        "gen_background_replace:seed_99999999999",
        "upscale:2",
        f"gen_background_replace:prompt_{'a' * (LONGEST_TEXT + 1)}",
    ],
)
def test_what_is_no_option_is_told(value: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^Invalid effect in transformation: "):
        parse_chain(f"e_{value}")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), st.booleans())
def test_any_prompt_has_one_canonical_text(words: str, alone: bool) -> None:
    """Parentheses, percent signs and commas in it included."""
    from urllib.parse import quote

    text = quote(quote(words, safe=""), safe="")
    raw = f"e_gen_background_replace:prompt_{text}" if alone else f"e_gen_remove:prompt_({text};x)"
    try:
        parsed = parse_chain(raw)
    except InvalidRequest:
        assert not words.strip()
        return
    assert parse_chain(canonical(parsed)) == parsed


@given(st.text("()_;:%xywh0123456789promtegin", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for name in ("gen_remove", "background_removal", "viesus_correct"):
        try:
            asked = read_asked(name, text, "effect")
        except InvalidRequest:
            continue
        assert read_asked(name, asked.text.partition(":")[2], "effect") == asked


@pytest.mark.parametrize(
    ("chain", "name"),
    [
        ("e_background_removal", "e_background_removal"),
        ("e_viesus_correct", "e_viesus_correct"),
        ("b_gen_fill,c_pad,h_500,w_500", "b_gen_fill"),
    ],
)
def test_without_a_provider_the_refusal_says_how_to_have_one(chain: str, name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        planned(chain, Gathered())
    assert refused.value.public == (
        f"{name} is not supported without a provider: "
        f'see docs/providers.md for "providers: {{{name[2:]}: ...}}" of an origin'
    )


def test_with_one_the_plan_names_it() -> None:
    """And who it is: another one gives other pixels."""
    made = planned("w_200/e_background_removal:fineedges_n/r_max")
    work = made.operations[1]
    assert work == Provided("background_removal", "me", (("fineedges", False),), 200, 150)
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_an_upscale_has_four_times_the_sides() -> None:
    made = planned("e_upscale")
    assert (made.width, made.height) == (1600, 1200)
    with pytest.raises(InvalidRequest, match=r"^Maximum image size for e_upscale is 4.2 Megapixels"):
        planned("e_upscale", facts=SourceFacts(2100, 2100, "jpg"))


def test_a_filled_padding_is_clear_before_it_is_painted() -> None:
    """So that the provider sees what is missing."""
    made = planned("b_gen_fill:prompt_grass,c_pad,h_300,w_600")
    assert made.operations == (
        Pad(600, 300, 100, 0, (0, 0, 0, 0)),
        Provided("gen_fill", "me", (("prompt", "grass"),), 600, 300),
    )
    assert canonical(parse_chain("c_pad,b_gen_fill:prompt_grass,w_600,h_300")) == (
        "b_gen_fill:prompt_grass,c_pad,h_300,w_600"
    )


def test_stand_ins_work_only_where_they_are_switched_on() -> None:
    """An honest Lanczos is no model, and is never taken for one unasked."""
    switched = Gathered(
        providers={
            "upscale": Plugged("b", builtin="lanczos"),
            "gen_fill": Plugged("b", builtin="blurred"),
            "enhance": Plugged("b", builtin="improve"),
        }
    )
    assert planned("e_upscale", switched).operations == (Resample((0.0, 0.0, 400.0, 300.0), 1600, 1200),)
    (filled,) = planned("b_gen_fill,c_pad,h_300,w_600", switched).operations
    assert isinstance(filled, Filter)
    assert filled.name == "blurred_ground"
    assert planned("e_enhance", switched).operations == (Filter("improve", ("outdoor", 100), 400, 300),)


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("e_background_removal,f_gif", "e_background_removal for animated images is not supported"),
        ("l_logo/e_x/fl_layer_apply", "Invalid effect in transformation: x"),
    ],
)
def test_what_a_provider_is_not_given(chain: str, sentence: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        planned(chain, facts=SourceFacts(40, 30, "gif", frames=2))
    assert refused.value.public == sentence


def test_runs_of_providers_are_bounded_wherever_they_stand() -> None:
    """Each may take a worker ten seconds. On layers too; and a trim paints all before it once more."""
    cut = "e_background_removal"
    logo = Reference("upload", "logo")
    known = evolve(PROVIDERS, images={logo: Referenced(PHOTO, "logo/1")})
    assert len(planned("/".join([cut] * 4)).operations) == 4
    with pytest.raises(InvalidRequest, match=r"Maximum number of provider runs is 4\. Requested 5"):
        planned("/".join([cut] * 5))
    layered = f"l_logo/{cut}/fl_layer_apply"
    assert planned("/".join([layered] * 4), known).width == 400
    with pytest.raises(InvalidRequest, match="provider runs is 4"):
        planned("/".join([layered] * 4 + [cut]), known)
    with pytest.raises(Wanted):
        planned(f"{cut}/{cut}/e_trim")
    with pytest.raises(InvalidRequest, match=r"provider runs is 4\. Requested 6"):
        planned(f"{cut}/{cut}/{cut}/e_trim")


def test_stand_ins_are_no_runs_of_providers() -> None:
    """They are painted as any effect is."""
    switched = Gathered(providers={"enhance": Plugged("b", builtin="improve")})
    assert len(planned("/".join(["e_enhance"] * 9), switched).operations) == 9
