"""Layers from text to plan: blocks, sources, places (transformations.md §11)."""

import json

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from origin.transform.canonical import canonical, identity
from origin.transform.composite import Composite, File, Kept, Text
from origin.transform.limits import Limits
from origin.transform.params.layer import Layer, decoded_url, encoded_url
from origin.transform.params.text import Style, Words
from origin.transform.parse import parse_chain
from origin.transform.plan import Keep, Plan, Resample, RoundCorners, SourceFacts
from origin.transform.references import Gathered, Reference, Referenced, Wanted
from origin.transform.resolve import plan
from tests.support.gathering import with_all
from tests.support.layering import BASE, LOGO, planned
from wire.errors import InvalidRequest
from wire.public_ids import has_control_characters


def only_layer(chain: str) -> Layer:
    (step,) = parse_chain(chain).steps
    assert step.layer is not None
    return step.layer


def words(chain: str) -> Words:
    source = only_layer(chain).source
    assert isinstance(source, Words)
    return source


def only_composite(made: Plan) -> Composite:
    (operation,) = made.operations
    assert isinstance(operation, Composite)
    return operation


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("l_logo", "l_logo/fl_layer_apply"),
        ("l_a:b:logo.png", "l_a:b:logo.png/fl_layer_apply"),
        ("l_private:a:b", "l_private:a:b/fl_layer_apply"),
        ("u_bg,w_10", "u_bg/c_scale,w_10/fl_layer_apply"),
        ("l_logo,w_50,g_north,x_10", "l_logo/c_scale,w_50/fl_layer_apply,g_north,x_10"),
        ("l_logo/w_50/fl_layer_apply,x_10,g_north", "l_logo/c_scale,w_50/fl_layer_apply,g_north,x_10"),
        ("l_logo,w_50/fl_layer_apply,g_north,x_10", "l_logo/c_scale,w_50/fl_layer_apply,g_north,x_10"),
        ("l_logo,e_screen,fl_tiled", "l_logo/fl_layer_apply,e_screen,fl_tiled"),
        ("l_logo,e_sepia", "l_logo/e_sepia:80/fl_layer_apply"),
        ("l_logo/fl_layer_apply.no_overflow", "l_logo/fl_layer_apply,fl_no_overflow"),
        ("l_logo/fl_layer_apply,fl_cutter", "l_logo/fl_layer_apply,fl_cutter"),
        ("l_logo,fl_relative,w_0.5", "l_logo/c_scale,fl_relative,w_0.5/fl_layer_apply"),
        (
            "u_bg/c_fill,fl_layer_apply,fl_relative,h_1.0,w_1.0",
            "u_bg/c_fill,fl_relative,h_1.0,w_1.0/fl_layer_apply",
        ),
        ("l_a/l_b/fl_layer_apply/fl_layer_apply", "l_a/l_b/fl_layer_apply/fl_layer_apply"),
        ("l_a,w_9/l_b/fl_layer_apply", "l_a/c_scale,w_9/fl_layer_apply/l_b/fl_layer_apply"),
        ("l_logo/a_ignore/fl_layer_apply", "l_logo/a_ignore/fl_layer_apply"),
        ("l_logo/f_png,w_9/fl_layer_apply", "l_logo/c_scale,w_9/fl_layer_apply/f_png"),
        ("l_text:Arial_20:Hi", "l_text:Arial_20:Hi/fl_layer_apply"),
        ("l_text:My_Font.ttf_20_bold:Hi", "l_text:My_Font.ttf_20_700:Hi/fl_layer_apply"),
        ("l_text:Roboto@google_20:Hi", "l_text:Roboto_20:Hi/fl_layer_apply"),
        ("l_lut:films:old.3dl/fl_layer_apply", "l_lut:films:old.3dl/fl_layer_apply"),
        ("l_a/e_displace,fl_layer_apply,x_9", "l_a/fl_layer_apply,x_9,e_displace"),
        ("l_a/e_anti_removal,fl_layer_apply", "l_a/fl_layer_apply,e_anti_removal:50"),
        ("l_text:Arial_20_bold:a%252Cb", "l_text:Arial_20_700:a%252Cb/fl_layer_apply"),
        ("l_text:Arial_20:Hi,co_Red,w_90,c_fit", "l_text:Arial_20:Hi,co_rgb:ff0000,w_90/fl_layer_apply"),
        ("l_text:my_style:Hi,co_black", "l_text:my_style:Hi,co_rgb:000000/fl_layer_apply"),
        ("l_text:a%2Fmy_style:Hi,w_9", "l_text:a%2Fmy_style:Hi,w_9/fl_layer_apply"),
        ("l_text:a%2Fb/fl_layer_apply", "l_text:a%2Fb/fl_layer_apply"),
        ("l_text:Arial_20:Hi,c_scale,w_90", "l_text:Arial_20:Hi/c_scale,w_90/fl_layer_apply"),
        (
            "l_text:Arial_20:Hi/fl_layer_apply,fl_text_no_trim.text_disallow_overflow",
            "l_text:Arial_20:Hi,fl_text_no_trim/fl_layer_apply,fl_text_disallow_overflow",
        ),
    ],
)
def test_a_layer_and_its_canonical_text(chain: str, text: str) -> None:
    """Short form and block mean the same; parsing the canonical text gives the chain again."""
    parsed = parse_chain(chain)
    assert canonical(parsed) == text
    assert parse_chain(text) == parsed


REMOTE = "https://ex.com/a b?x=~>>?"
WRITTEN = "aHR0cHM6Ly9leC5jb20vYSBiP3g9fj4-Pw"


@pytest.mark.parametrize(
    "written",
    [
        WRITTEN,
        WRITTEN + "%3D%3D",
        WRITTEN + "==",
        WRITTEN.replace("-", "+"),
        WRITTEN.replace("-", "%2B"),
        WRITTEN + ".png",
        WRITTEN + "==.jpg",
    ],
)
def test_a_fetch_layer_names_its_url_in_any_base64(written: str) -> None:
    """Both alphabets, padded or not, an extension or none: one layer, one canonical text (§11.2)."""
    parsed = parse_chain(f"l_fetch:{written},w_10")
    assert canonical(parsed) == f"l_fetch:{WRITTEN}/c_scale,w_10/fl_layer_apply"
    assert parse_chain(canonical(parsed)) == parsed
    layer = parsed.steps[0].layer
    assert layer is not None
    assert layer.source == Reference("fetch", REMOTE)


@given(st.text(max_size=30).filter(lambda text: not has_control_characters(text)))
def test_any_url_makes_a_fetch_layer_and_comes_back(text: str) -> None:
    url = f"http://x{text}"
    assert decoded_url(encoded_url(url)) == url


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("fl_layer_apply", "fl_layer_apply closes no layer"),
        ("l_a/fl_layer_apply/fl_layer_apply", "fl_layer_apply closes no layer"),
        ("l_a,u_b", "Invalid overlay in transformation: a,u_b"),
        ("l_:", "Invalid overlay in transformation: :"),
        ("l_fetch:%25", "Invalid overlay in transformation: fetch:%"),
        ("l_fetch:aHR0cHM6Ly9", "Invalid overlay in transformation: fetch:aHR0cHM6Ly9"),
        ("l_fetch:ZmlsZTovLy9l", "Invalid overlay in transformation: fetch:ZmlsZTovLy9l"),
        ("l_fetch:aHR0cDov", "Invalid overlay in transformation: fetch:aHR0cDov"),
        ("l_fetch:_w", "Invalid overlay in transformation: fetch:_w"),
        ("l_video:v", "l_video:v is not supported"),
        ("l_lut:a.txt", "Invalid overlay in transformation: lut:a.txt"),
        ("l_lut:.cube", "Invalid overlay in transformation: lut:.cube"),
        ("l_a/e_anti_removal:x,fl_layer_apply", "Invalid effect in transformation: anti_removal:x"),
        ("l_logo,g_auto", "Use auto gravity only with crop, fill, lfill, fill_pad or thumb"),
        ("l_logo,g_adv_face", "g_adv_face is not supported"),
        ("l_logo/e_displace/fl_layer_apply", "e_displace is not supported without a layer that it mixes"),
        ("fl_cutter", "fl_cutter is not supported without a layer"),
        ("e_multiply,w_9", "e_multiply is not supported without a layer that it mixes"),
        ("fl_relative,w_0.5", "resize marked as relative but not performed on a layer"),
        ("l_text:Arial_20:", "Invalid overlay in transformation: text:Arial_20:"),
        ("l_text:Arial_20_wavy:Hi", "Invalid overlay in transformation: text:Arial_20_wavy:Hi"),
        ("l_text:Arial_0:Hi", "Invalid overlay in transformation: text:Arial_0:Hi"),
        ("l_text:Roboto@nowhere_20:Hi", "font Roboto@nowhere is not supported"),
        ("l_text:Arial_20:Hi,co_nope", "Invalid color in transformation: nope"),
        ("l_text:Arial_20:Hi,bo_3px_dashed_red", "Invalid border in transformation: 3px_dashed_red"),
        ("l_text:Arial_20:Hi,w_0", "Invalid width in transformation: 0"),
        ("l_text:Arial_20:%25FF", "Invalid URL encoding - %FF"),
    ],
)
def test_a_mistake_in_a_layer_is_told(chain: str, sentence: str) -> None:
    """Which param, what was found."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_chain(chain)
    assert refusal.value.public == sentence


@pytest.mark.parametrize(
    ("chain", "limits", "sentence"),
    [
        ("l_a/l_b/l_c", Limits(layers=2), "Maximum number of layers is 2. Requested 3"),
        (
            "l_a/l_b/l_c/fl_layer_apply/fl_layer_apply/fl_layer_apply",
            Limits(layer_depth=2),
            "Maximum depth of layers is 2. Requested 3",
        ),
        (
            "l_text:Arial_20:12345",
            Limits(text_characters=4),
            "Maximum text length is 4 characters. Requested 5",
        ),
    ],
)
def test_a_limit_is_named(chain: str, limits: Limits, sentence: str) -> None:
    """Layers cost memory and time each."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_chain(chain, limits)
    assert refusal.value.public == sentence


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("a%20b", "a b"),
        ("a%252Cb", "a,b"),
        ("a%252Fb", "a/b"),
        ("100%2525", "100%"),
        ("100%25", "100%"),
        ("%3F%23%3A%3B%21", "?#:;!"),
        ("one%0Atwo", "one\ntwo"),
        ("%25F0%259F%2598%2580", "\U0001f600"),
        ("%F0%9F%98%80", "\U0001f600"),
        ("a:b:c", "a:b:c"),
        ("%2501a%2500", "a"),
    ],
)
def test_text_is_decoded_twice(escaped: str, text: str) -> None:
    """delivery-urls.md §6, every row; what no font can draw is dropped."""
    assert words(f"l_text:Arial_20:{escaped}").text == text


@settings(max_examples=100)
@given(
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1).filter(str.strip)
)
def test_any_text_survives_its_canonical_spelling(text: str) -> None:
    """Whatever its commas, slashes and percent signs."""
    once = words(evolve_text("l_text:Arial_20:x", text))
    assert once.text == text


def evolve_text(chain: str, text: str) -> str:
    layer = only_layer(chain)
    assert isinstance(layer.source, Words)
    return evolve(layer, source=evolve(layer.source, text=text)).opening[0]


def test_a_style_says_everything_in_any_order() -> None:
    """SDKs agree on one order, people do not."""
    found = words(
        "l_text:Times%20New%20Roman_40_center_italic_underline_stroke_letter_spacing_-1.5_bold"
        "_line_spacing_7_antialias_none_hinting_full:Hi,bo_2px_solid_blue"
    )
    style = found.style
    assert isinstance(style, Style)
    assert (style.family, style.size, style.weight, style.italic) == ("Times New Roman", 40, 700, True)
    assert (style.decoration, style.alignment, style.outlined, style.smooth) == (
        "underline",
        "center",
        True,
        False,
    )
    assert (float(style.letter_spacing), float(style.line_spacing)) == (-1.5, 7.0)
    assert found.border is not None
    assert (found.border.width, found.border.colour) == (2, (0, 0, 255, 255))


def test_js_url_gens_stroke_within_the_style_is_read() -> None:
    """It writes the border there, rgb colours with their colon too."""
    found = words("l_text:Arial_40_stroke_bo_5px_solid_rgb:00ff00:Hi:there")
    assert found.text == "Hi:there"
    assert found.border is not None
    assert found.border.colour == (0, 255, 0, 255)


class TestPlaces:
    @pytest.mark.parametrize(
        ("chain", "size", "layer", "base"),
        [
            ("l_logo", (400, 300), (100, 100), (0, 0)),
            ("l_logo,g_north_west,x_5,y_6", (400, 300), (5, 6), (0, 0)),
            ("l_logo,g_south_east,x_5,y_6", (400, 300), (195, 194), (0, 0)),
            ("l_logo,g_south,y_0.1", (400, 300), (100, 170), (0, 0)),
            ("l_logo,g_north_west,x_-50", (450, 300), (0, 0), (50, 0)),
            ("l_logo,g_east,x_-30", (430, 300), (230, 100), (0, 0)),
            ("l_logo,g_north_west,x_-50,fl_no_overflow", (400, 300), (-50, 0), (0, 0)),
            ("l_logo,w_800", (800, 400), (0, 0), (200, 50)),
            ("u_logo,w_800,fl_no_overflow", (400, 300), (-200, -50), (0, 0)),
            ("l_logo,fl_tiled,g_south", (400, 300), (0, 0), (0, 0)),
            ("l_logo,w_800,fl_cutter", (400, 300), (-200, -50), (0, 0)),
            ("l_logo,fl_relative,w_1.0", (400, 300), (0, 50), (0, 0)),
            ("l_logo,w_0.5", (400, 300), (150, 125), (0, 0)),
            ("l_text:Arial_20:Hi,g_south_west,x_10,y_10", (400, 300), (10, 260), (0, 0)),
            ("dpr_2.0/l_logo,w_50,g_north_west,x_5", (400, 300), (10, 0), (0, 0)),
        ],
    )
    def test_where_a_layer_lies(
        self, chain: str, size: tuple[int, int], layer: tuple[int, int], base: tuple[int, int]
    ) -> None:
        """§11.3: what sticks out enlarges the canvas to the union, unless a flag says otherwise."""
        made = planned(chain)
        laid = only_composite(made)
        assert (made.width, made.height) == (laid.width, laid.height) == size
        assert (laid.left, laid.top) == layer
        assert (laid.base_left, laid.base_top) == base

    def test_fill_relative_to_the_base_cuts_the_layer(self) -> None:
        """The documented way to put a background under a picture."""
        laid = only_composite(planned("u_bg/c_fill,fl_relative,h_1.0,w_1.0/fl_layer_apply"))
        (cut,) = laid.operations
        assert isinstance(cut, Resample)
        assert (cut.width, cut.height) == (400, 300)
        assert laid.below

    def test_a_layer_on_a_layer_is_placed_on_that(self) -> None:
        """Blocks nest; sizes relative to the base mean the nearest one."""
        made = planned("l_a/l_b/c_scale,fl_relative,w_0.5/fl_layer_apply,g_south_east/r_max/fl_layer_apply")
        outer = only_composite(made)
        inner, rounding = outer.operations
        assert isinstance(inner, Composite)
        assert isinstance(rounding, RoundCorners)
        assert (inner.width, inner.height, inner.left, inner.top) == (200, 100, 100, 50)
        assert [each.public_id for each in made.inputs] == ["a", "b"]

    def test_later_steps_work_on_the_grown_canvas(self) -> None:
        """The size of words is known before, so nothing downstream is guessed."""
        made = planned("l_text:Arial_20:Hi,g_north,y_-30/c_scale,w_0.5")
        assert (made.width, made.height) == (200, 165)

    def test_a_layer_that_would_not_be_seen_costs_nothing(self) -> None:
        """Beside the picture, and not allowed to enlarge it."""
        assert planned("l_logo,g_north_west,x_400,fl_no_overflow").operations == ()

    def test_words_that_must_fit_are_refused_when_they_do_not(self) -> None:
        """fl_text_disallow_overflow."""
        chain = "l_text:Arial_20:Hi/fl_layer_apply,fl_text_disallow_overflow"
        assert planned(chain).width == 400
        with pytest.raises(InvalidRequest, match="120x30 pixels does not fit into the image of 100x80"):
            planned(chain, SourceFacts(100, 80, "jpg"))

    def test_the_orientation_of_a_layer_is_applied_unless_ignored(self) -> None:
        """Each file has its own."""
        sideways = evolve(LOGO, orientation=6)
        assert only_composite(planned("l_logo", logo=sideways)).left == 150
        ignoring = only_composite(planned("l_logo/a_ignore/fl_layer_apply", logo=sideways))
        assert ignoring.left == 100
        assert isinstance(ignoring.source, File)
        assert ignoring.source.orientation == 1

    def test_dpr_enlarges_words_and_their_box(self) -> None:
        """Everything in pixels."""
        laid = only_composite(planned("l_text:Arial_20_letter_spacing_3:Hi,w_90,bo_2px_solid_red/dpr_2.0"))
        text = laid.source
        assert isinstance(text, Text)
        assert (text.size, text.width, text.border, text.letter_spacing) == (40, 180, 4, 6.0)

    @pytest.mark.parametrize(
        ("chain", "kind"),
        [
            ("l_logo", "jpg"),
            ("l_logo,x_300", "png"),  # new area
            ("l_logo,fl_cutter", "png"),
            ("l_logo,e_mask", "png"),
            ("l_logo,e_cut_out", "png"),
            ("u_logo", "jpg"),
        ],
    )
    def test_f_auto_knows_whether_the_result_can_be_seen_through(self, chain: str, kind: str) -> None:
        """Only then does it need a format with alpha."""
        assert planned(f"{chain}/f_auto").output.format == kind


class TestIdentity:
    def test_a_plan_with_layers_survives_json(self) -> None:
        """It travels to a worker."""
        made = planned("l_a/l_text:Arial_20:Hi,b_red/fl_layer_apply/fl_layer_apply,e_multiply")
        assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made

    def test_another_revision_of_a_layer_is_another_file(self) -> None:
        """A new logo must not show the old one's pictures."""
        chain = parse_chain("l_logo")
        logo = Reference("upload", "logo")
        one, other = (
            identity(plan(chain, BASE, gathered=Gathered({logo: Referenced(LOGO, revision)})))
            for revision in ("1", "2")
        )
        assert one != other

    def test_what_is_not_gathered_is_named(self) -> None:
        """Planning looks nothing up itself."""
        with pytest.raises(Wanted) as wanted:
            plan(parse_chain("l_private:logo"), BASE)
        assert wanted.value.thing == Reference("private", "logo")
        assert wanted.value.public == "The size of layer logo is not known here"


PHOTO = SourceFacts(400, 300, "jpg")


def test_a_kept_image_is_a_layer_of_its_size_and_its_look() -> None:
    """Kept before the component does its work; smaller or larger, it is the same picture."""
    made = plan(parse_chain("w_200/$p_current,w_100/l_$p,w_0.5,g_north_west"), PHOTO)
    kept, laid = made.operations[1], made.operations[3]
    assert kept == Keep("p")
    assert isinstance(laid, Composite)
    assert laid.source == Kept("p", 200, 150)
    assert (laid.width, laid.height) == (100, 75)
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("l_$p", "Undefined variable in transformation: $p"),
        ("$p_!$q!/l_$p", "Undefined variable in transformation: $q"),
        ("$p_current/l_$p/e_trim/fl_layer_apply", "e_trim of what $…_current has kept is not supported"),
        ("$p_current/l_$p/e_trim", "e_trim of what $…_current has kept is not supported"),
        ("l_lut:a.cube/e_sepia/fl_layer_apply", "A transformation of a lut layer is not supported"),
    ],
)
def test_what_cannot_be_kept_or_looked_up_is_told(chain: str, sentence: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        with_all(lambda gathered: plan(parse_chain(chain), PHOTO, gathered=gathered))
    assert refused.value.public == sentence


def test_a_layer_that_displaces_is_not_placed() -> None:
    """Its x and y are how far; nothing moves without them, and factors are of the base."""
    (moved,) = with_all(
        lambda gathered: plan(
            parse_chain("l_m/e_displace,fl_layer_apply,x_0.1,y_-2000"), PHOTO, gathered=gathered
        )
    ).operations
    assert isinstance(moved, Composite)
    assert (moved.blend, moved.moves, moved.width, moved.height) == ("displace", (40, -999), 400, 300)
    still = with_all(
        lambda gathered: plan(parse_chain("l_m/e_displace,fl_layer_apply"), PHOTO, gathered=gathered)
    )
    assert still.operations == ()


def test_chance_is_the_same_for_the_same_layer_in_the_same_place() -> None:
    """Or a derived file could not be made again."""

    def jitter(chain: str) -> tuple[int, int]:
        made = with_all(lambda gathered: plan(parse_chain(chain), PHOTO, gathered=gathered))
        (laid,) = made.operations
        assert isinstance(laid, Composite)
        return laid.jitter

    level, seed = jitter("l_m/e_anti_removal:70,fl_layer_apply,x_5")
    assert level == 70
    assert jitter("l_m/e_anti_removal:70,fl_layer_apply,x_5") == (70, seed)
    assert jitter("l_m/e_anti_removal:70,fl_layer_apply,x_6")[1] != seed
    assert jitter("l_m/fl_layer_apply") == (0, 0)
