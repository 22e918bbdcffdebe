"""`im=…` in the origin's words (cdn-vendors §16)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.personality.akamai.imquery import MOST, OPERATIONS, components_of
from wire.components import split_component
from wire.errors import InvalidRequest


@pytest.mark.parametrize(
    ("query", "components"),
    [
        ("", ""),
        ("Resize=(200,100)", "c_fit,w_200,h_100"),
        ("Resize=200", "c_fit,w_200"),
        ("Resize,size=(200,100)", "c_fit,w_200,h_100"),
        ("Resize,width=0200,aspect=fit,type=normal", "c_fit,w_200"),
        ("Resize,height=100,type=downsize", "c_limit,h_100"),
        ("Resize=(200,100),aspect=ignore", "c_scale,w_200,h_100"),
        ("Crop,rect=(5,6,50,40)", "c_crop,g_north_west,w_50,h_40,x_5,y_6"),
        ("Crop=(50,40),gravity=SouthEast", "c_crop,g_south_east,w_50,h_40,x_0,y_0"),
        (
            "Crop,width=50,height=40,xPosition=7,yPosition=8,gravity=Center",
            "c_crop,g_center,w_50,h_40,x_7,y_8",
        ),
        ("Grayscale", "e_grayscale"),
        ("Blur", "e_blur:80"),
        ("Blur=0.5", "e_blur:20"),
        ("Blur,sigma=50", "e_blur:2000"),
        ("Rotate,degrees=90", "a_90"),
        ("Rotate=-13", "a_-13"),
        ("Mirror,horizontal", "a_hflip"),
        ("Mirror,vertical=true,horizontal=true", "a_hflip a_vflip"),
        ("Mirror,vertical,horizontal=false", "a_vflip"),
        ("Opacity=0.5", "o_50"),
        ("BackgroundColor,color=00FF7f", "b_rgb:00ff7f"),
        (
            "Crop,rect=(0,0,9,9);Resize,width=3; Grayscale;",
            "c_crop,g_north_west,w_9,h_9,x_0,y_0 c_fit,w_3 e_grayscale",
        ),
    ],
)
def test_operations(query: str, components: str) -> None:
    assert " ".join(components_of(query)) == components


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("Goop,chaos=1", "Goop is none of BackgroundColor, Blur"),
        ("resize=(1,1)", "resize is none of"),
        ("Resize", "no width and no height"),
        ("Resize=(1,2,x)", "Resize cannot have (1,2,x)"),
        ("Resize=(1,2,3)", "more than two sides"),
        ("Resize=-5", "Resize cannot have -5"),
        ("Resize=(1.5,2)", "Resize cannot have 1.5 2"),
        ("Resize,width=10,aspect=fill", "Resize cannot have fill-normal"),
        ("Resize,width=10,aspect=ignore", "Resize cannot have ignore-normal"),
        ("Resize,width=10,chaos=1", "Resize cannot have chaos"),
        ("Crop,rect=(1,2,3)", "a rect but of four numbers"),
        ("Crop,width=3", "no area"),
        ("Crop=(3,3),gravity=Up", "this gravity"),
        ("Crop,rect=(3,0,3,3),gravity=East", "an offset from the right or the bottom"),
        ("Blur=51", "Blur cannot have sigma"),
        ("Blur=(1,2)", "Blur cannot have sigma"),
        ("Opacity=2", "Opacity cannot have opacity"),
        ("Mirror", "neither horizontal nor vertical"),
        ("Mirror,horizontal=maybe", "Mirror cannot have maybe"),
        ("BackgroundColor,color=red", "BackgroundColor cannot have red"),
        (";".join(["Grayscale"] * (MOST + 1)), f"more than {MOST} operations"),
    ],
)
def test_mistakes_are_named(query: str, why: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        components_of(query)
    assert why in refused.value.public


_values = st.one_of(
    st.just(""),
    st.from_regex(r"=-?[0-9]{1,6}(\.[0-9]{1,5})?", fullmatch=True),
    st.from_regex(r"=\(-?[0-9]{1,4}(,[0-9]{1,4}){0,4}\)", fullmatch=True),
    st.text(alphabet="=(),;/_:%abc1", max_size=8),
)
_names = st.sampled_from([*OPERATIONS, "Goop", ""])
_arguments = st.lists(
    st.tuples(
        st.sampled_from(["width", "height", "rect", "size", "sigma", "color", "gravity", "x"]), _values
    ),
    max_size=3,
)


@given(_names, _values, _arguments)
def test_whatever_a_viewer_writes_comes_to_sound_components_or_is_refused(
    name: str, own: str, arguments: list[tuple[str, str]]
) -> None:
    """Nobody smuggles a component, or a slash, into the path that the origin is asked for."""
    query = ",".join([name + own, *(key + value for key, value in arguments)])
    try:
        components = components_of(query)
    except InvalidRequest:
        return
    for component in components:
        assert "/" not in component
        assert component[0] in "abceo"
        split_component(component)
