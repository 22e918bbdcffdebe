"""What may be written after `e_`, and how it is spelled once it is understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.render.pillow.effects.looks import RECIPES
from origin.transform.canonical import canonical
from origin.transform.effects.grammar import ARTS, LATER, READERS
from origin.transform.effects.levels import LEVELS
from origin.transform.parse import parse_chain
from wire.errors import InvalidRequest


@given(st.sampled_from(sorted(LEVELS)), st.integers(-5000, 5000))
def test_a_level_outside_its_range_is_clamped(name: str, level: int) -> None:
    """transformations.md §12: never refused."""
    bounds = LEVELS[name]
    effect = parse_chain(f"e_{name}:{level}").steps[0].effect
    assert effect is not None
    assert effect.arguments == (min(max(level, bounds.least), bounds.most),)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("e_brightness", "e_brightness:80"),
        ("e_blur:", "e_blur:100"),
        ("e_vignette:20", "e_vignette:20"),
        ("e_contrast", "e_contrast:0:sigmoidal"),
        ("e_contrast:30", "e_contrast:30:sigmoidal"),
        ("e_contrast:level_150;type_linear", "e_contrast:150:linear"),
        ("e_contrast:type_linear:level_500", "e_contrast:200:linear"),
        ("e_contrast:50:linear", "e_contrast:50:linear"),
        ("e_contrast;type_linear", "e_contrast:100:linear"),  # js-url-gen, no level named
        ("e_vectorize:colors:2:detail:0.7", "e_vectorize:2:700:2:100:25"),
        ("e_trim:10:", "e_trim:10"),  # js-url-gen, no colour named
        ("e_replace_color:saddlebrown:blue", "e_replace_color:8b4513:50:0000ff"),
        ("e_colorize:30", "co_rgb:808080,e_colorize:30"),
        ("e_colorize,co_red", "co_rgb:ff0000,e_colorize:100"),
        ("e_negate,co_red", "e_negate"),
        ("e_improve", "e_improve:outdoor:100"),
        ("e_improve:indoor:40", "e_improve:indoor:40"),
        ("e_improve:40", "e_improve:outdoor:40"),
        ("e_fill_light:70", "e_fill_light:70:0"),
        ("e_fill_light:70:-300", "e_fill_light:70:-100"),
        ("e_tint", "e_tint:60:ff0000"),
        ("e_tint:equalize:80:blue:blueviolet", "e_tint:equalize:80:0000ff:8a2be2"),
        ("e_tint:100:rgb:f00:0p:white:35p", "e_tint:100:ff0000:0p:ffffff:35p"),
        ("e_replace_color:saddlebrown", "e_replace_color:8b4513:50"),
        ("e_replace_color:2F4F4F:20:rgb:89b8ed", "e_replace_color:2f4f4f:20:89b8ed"),
        ("e_recolor:1:0:0:0:.5:0:0:0:1", "e_recolor:1:0:0:0:0.5:0:0:0:1"),
        ("e_gradient_fade", "e_gradient_fade:20,y_0.5"),
        ("e_gradient_fade:symmetric:30,x_0.2", "e_gradient_fade:symmetric:30,x_0.2"),
        ("e_gradient_fade:symmetric_pad,x_5", "e_gradient_fade:symmetric_pad:20,x_5"),
        ("b_auto:predominant:palette_red_rgb:00ff00_blue", "b_auto:predominant:palette_ff0000_00ff00_0000ff"),
        ("e_simulate_colorblind", "e_simulate_colorblind:deuteranopia"),
        ("e_assist_colorblind", "e_assist_colorblind:10"),
        ("e_assist_colorblind:xray", "e_assist_colorblind:xray"),
        ("e_pixelate", "e_pixelate"),
        ("e_pixelate:999", "e_pixelate:200"),
        ("e_cartoonify", "e_cartoonify:50:50"),
        ("e_cartoonify:bw", "e_cartoonify:50:bw"),
        ("e_cartoonify:70:bw", "e_cartoonify:70:bw"),
        ("e_morphology", "e_morphology:erode:1:disk:2"),
        ("e_morphology:radius_3.5;kernel_ring;method_dilate", "e_morphology:dilate:1:ring:3.5"),
        ("e_trim", "e_trim:10"),
        ("e_theme:color_black", "e_theme:000000:100"),
        ("e_theme:photosensitivity_20:color_rgb:F00", "e_theme:ff0000:20"),
        ("e_vectorize", "e_vectorize:10:300:2:100:25"),
        ("e_vectorize:colors_3:detail_0.5:despeckle_1.0", "e_vectorize:3:500:100:100:25"),
        ("e_fade", "e_fade:1000"),
        ("e_fade:-2000", "e_fade:-2000"),
        ("e_zoompan", "e_zoompan:du_4:fps_12:from_(zoom_1):to_(zoom_1.5)"),
        (
            "e_zoompan:mode_ofc;maxzoom_3;du_6;fps_30;from_(g_north_west;zoom_2)",
            "e_zoompan:du_6:fps_30:from_(g_north_west;zoom_2):to_(zoom_3)",
        ),
        (
            "e_zoompan:to_(x_0.25;y_40;zoom_99)",
            "e_zoompan:du_4:fps_12:from_(zoom_1):to_(zoom_10;x_0.25;y_40)",
        ),
        ("e_trim:25:white", "e_trim:25:ffffff"),
        ("e_bgremoval:screen:00ff00", "e_bgremoval:screen:00ff00"),
        ("e_make_transparent,co_white", "co_rgb:ffffff,e_make_transparent:10"),
        ("e_shadow", "co_rgb:808080,e_shadow:40,x_10,y_10"),
        ("e_shadow:50,x_-5", "co_rgb:808080,e_shadow:50,x_-5,y_10"),
        ("e_outline:15:200", "co_rgb:000000,e_outline:both:15:200"),
        ("e_outline:inner,co_red", "co_rgb:ff0000,e_outline:inner:5:0"),
        ("e_distort:0:0:1.0:0:0.9:100:0:100", "e_distort:0:0:1.0:0:0.9:100:0:100"),
        ("e_distort:arc:400", "e_distort:arc:360"),
        ("e_shear:20", "e_shear:20:0"),
        ("e_dropshadow:azimuth_220;spread_20", "e_dropshadow:220:45:20"),
        ("e_loop", "e_loop"),
        ("e_blur_region:300,w_10,h_0.5", "e_blur_region:300,h_0.5,w_10"),
        ("c_fill,w_10,h_20,e_blur_region", "c_fill,e_blur_region:100,h_20,w_10"),
        ("w_20,e_shadow,x_1,y_2", "c_scale,co_rgb:808080,e_shadow:40,w_20,x_1,y_2"),
        ("o_40.4", "o_40"),
        ("o_100,w_5", "c_scale,w_5"),
        ("bo_5.5px_solid_red", "bo_6px_solid_rgb:ff0000"),
        ("bo_4_solid_rgb:00ff0080", "bo_4px_solid_rgb:00ff0080"),
        ("bo_2px_solid", "bo_2px_solid_rgb:000000"),
        ("bo_0px_solid_red,w_5", "c_scale,w_5"),
        ("b_auto", "b_auto:border"),
        ("b_auto:predominant:4:vertical", "b_auto:predominant"),
        ("b_auto:border_gradient:palette_red_green", "b_auto:border_gradient:2:horizontal:palette_ff0000_008000"),
        ("b_auto:predominant_gradient:4:vertical", "b_auto:predominant_gradient:4:horizontal"),
        ("b_blurred", "b_blurred:100:0"),
        ("b_blurred:9999:-15", "b_blurred:2000:-15"),
    ],
)  # fmt: skip
def test_arguments_have_one_spelling_with_their_defaults(text: str, spelled: str) -> None:
    """And that spelling means the same."""
    chain = parse_chain(text)
    assert canonical(chain) == spelled
    assert parse_chain(spelled) == chain


@pytest.mark.parametrize(
    "text",
    [
        *("negate:5", "brightness:x", "brightness:1:2", "contrast:5:cubic", "contrast:1:linear:2"),
        *("contrast:level_1:level_2", "improve:seaside", "fill_light:1:2:3", "tint:100:nocolour"),
        *("tint:50p", "tint:10:red:200p", "tint:" + ":".join(["red"] * 11), "recolor:1:2:3"),
        *("replace_color", "replace_color:nocolour", "replace_color:red:x", "replace_color:red:1:red:1"),
        *("gradient_fade:sideways", "simulate_colorblind:x", "assist_colorblind:x", "art", "art:monet"),
        *("cartoonify:x", "cartoonify:1:2:3", "cartoonify:bw:bw", "morphology:melt", "morphology:erode:x"),
        *("morphology:kernel_star", "trim:red", "trim:10:red:5", "bgremoval:red:blue", "bgremoval:x"),
        *("outline:round", "outline:1:2:3", "distort", "distort:1:2:3", "distort:arc", "distort:arc:x"),
        *("shear", "shear:1:2:3", "dropshadow:1:2:3:4", "dropshadow:spread_x", "loop:x", "pixelate:x"),
        *("Negate", "art:athena:5"),
    ],
)
def test_what_is_no_argument_is_invalid_by_name(text: str) -> None:
    """With the text as written."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_chain(f"e_{text}")
    assert refusal.value.public == f"Invalid effect in transformation: {text}"


@pytest.mark.parametrize("name", sorted(LATER))
def test_a_documented_effect_we_cannot_paint_is_refused_by_name(name: str) -> None:
    """Not called unknown: the URL is right, the server is not able."""
    with pytest.raises(InvalidRequest, match=f"^e_{name} is not supported$"):
        parse_chain(f"e_{name}:50")


def test_no_effect_is_both_known_and_refused() -> None:
    """And every look has a recipe."""
    assert not LATER & set(READERS)
    assert set(RECIPES) == ARTS
