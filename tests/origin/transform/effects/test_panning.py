"""`e_zoompan`: where a journey begins and ends, and how many pictures it takes."""

from fractions import Fraction

import pytest

from origin.transform.canonical import canonical
from origin.transform.effects.panning import View, read_journey
from origin.transform.params.gravity import Gravity
from origin.transform.parse import parse_chain
from origin.transform.plan import Filter, SourceFacts, panned_in
from origin.transform.resolve import plan
from origin.transform.sight import Face, Importance, Sight
from origin.transform.values import Pixels, Share
from origin.transform.view import Aim
from tests.support.gathering import with_all
from wire.errors import InvalidRequest

PHOTO = SourceFacts(400, 300, "jpg")


def unaimed(gravity: Gravity) -> Aim:
    """Nobody looks at the picture."""
    raise AssertionError(gravity)


@pytest.mark.parametrize(
    ("view", "box"),
    [
        (View(), (0, 0, 400, 300)),
        (View(Fraction(2)), (100, 75, 300, 225)),
        (View(Fraction(2), "south_east"), (200, 150, 400, 300)),
        (View(Fraction(4), x=Pixels(100), y=Share(Fraction(1, 2))), (50, 112.5, 150, 187.5)),
        (View(Fraction(2), x=Pixels(0), y=Pixels(9999)), (0, 150, 200, 300)),
    ],
)
def test_a_view_stays_within_the_picture(view: View, box: tuple[float, ...]) -> None:
    """The middle goes where it is asked, as far as the edges allow."""
    assert view.box((400, 300), (400, 300), unaimed) == box


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "du_x",
        "from_zoom_2",
        "from_(zoom_2;w_4)",
        "du_1;du_2",
        "mode_4",
        "to_(g_liquid)",
        "to_(g_nowhere)",
        ":",
    ],
)
def test_what_is_no_journey_is_refused(text: str) -> None:
    assert read_journey(text) is None


def test_a_journey_leads_to_what_is_in_the_picture() -> None:
    """Face and saliency, as other gravities find them; where there is nothing, to the usual place."""
    face = Sight((Face((300, 200, 60, 60)),), Importance(2, 2, bytes((0, 0, 0, 255))))
    chain = parse_chain("e_zoompan:from_(g_auto;zoom_4);to_(g_face;zoom_2),f_gif")
    assert canonical(chain).startswith("e_zoompan:du_4:fps_12:from_(g_auto;zoom_4):to_(g_face;zoom_2)")
    made = with_all(lambda gathered: plan(chain, PHOTO, gathered=gathered), sight=face)
    (_, _, start, end) = made.operations[0].arguments  # type: ignore[union-attr]
    assert end == (200.0, 150.0, 400.0, 300.0)  # about (330, 230), as far as the edges allow
    assert start[0] > 200
    assert start[1] > 150
    blank = with_all(lambda gathered: plan(chain, PHOTO, gathered=gathered))
    assert blank.operations[0].arguments[3] == (100.0, 0.0, 300.0, 150.0)  # type: ignore[union-attr]


def test_a_still_moves_only_in_a_format_that_can() -> None:
    """A JPEG is its first view; a GIF all of them."""
    chain = parse_chain("w_200/e_zoompan:du_2;fps_10;to_(zoom_2)")
    moving = plan(chain, PHOTO, extension="gif")
    assert moving.output.animated
    assert panned_in(moving.operations) == (20, 100)
    assert moving.operations[-1] == Filter(
        "zoompan", (20, 100, (0.0, 0.0, 200.0, 150.0), (50.0, 37.5, 150.0, 112.5)), 200, 150
    )
    assert not plan(chain, PHOTO, extension="jpg").output.animated


@pytest.mark.parametrize(
    ("chain", "facts", "sentence"),
    [
        ("e_zoompan", SourceFacts(40, 30, "gif", frames=2), "e_zoompan for animated images and layers"),
        ("w_10000,h_2500/e_zoompan,f_gif", PHOTO, "Maximum total number of pixels in all frames/pages"),
    ],
)
def test_what_it_cannot_do_is_told(chain: str, facts: SourceFacts, sentence: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        plan(parse_chain(chain), facts)
    assert refused.value.public.startswith(sentence)


@pytest.mark.parametrize("name", ["accelerate", "boomerang", "noise:5", "reverse", "volume:50"])
def test_effects_of_films_are_ignored_beside_others_and_refused_alone(name: str) -> None:
    """§12.5."""
    assert parse_chain(f"w_10/e_{name}") == parse_chain("w_10")
    assert parse_chain(f"e_{name},f_png") == parse_chain("f_png")
    with pytest.raises(InvalidRequest, match=rf"^e_{name.partition(':')[0]} is not supported$"):
        parse_chain(f"e_{name}")
    with pytest.raises(InvalidRequest, match=r"is not supported$"):
        plan(parse_chain(f"if_w_gt_1/e_{name}/if_end"), PHOTO)
