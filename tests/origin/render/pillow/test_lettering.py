"""Words drawn: the foretold size, the asked-for look (transformations.md §11.4)."""

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, features

from origin.render.errors import OutputTooLarge, TextRefused, TooManyPixels
from origin.render.limits import RenderLimits
from origin.render.pillow import typesetting
from origin.render.pillow.fonts import installed
from origin.render.pillow.lettering import draw, measure
from origin.transform.composite import Text
from tests.support.golden import assert_golden

LIMITS = RenderLimits()
PLAIN = Text("Hello, jumping World", "DejaVu Sans", 32)
RED, BLUE, YELLOW = (220, 0, 0, 255), (0, 0, 220, 255), (255, 230, 90, 255)
PANGRAM = "The quick brown fox jumps over the lazy dog and runs away into the forest"

pytestmark = pytest.mark.skipif(
    "dejavu sans" not in installed().families, reason="DejaVu Sans is not installed (fonts-dejavu-core)"
)
needs_raqm = pytest.mark.skipif(not features.check("raqm"), reason="raqm is missing (libfribidi0)")

texts = st.builds(
    Text,
    text=st.text("abc fjÅ,.\n-", min_size=1, max_size=30),
    family=st.sampled_from(["DejaVu Sans", "Arial", "DejaVu Serif"]),
    size=st.integers(1, 60),
    weight=st.sampled_from([100, 400, 700]),
    italic=st.booleans(),
    decoration=st.sampled_from(["none", "underline", "strikethrough"]),
    alignment=st.sampled_from(["left", "center", "right", "start", "end", "justify"]),
    letter_spacing=st.floats(-5, 20),
    line_spacing=st.floats(-20, 20),
    smooth=st.booleans(),
    background=st.sampled_from([None, YELLOW]),
    border=st.integers(0, 5),
    outlined=st.booleans(),
    width=st.none() | st.integers(1, 200),
    height=st.none() | st.integers(1, 100),
    trimmed=st.booleans(),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts)
def test_words_are_as_large_as_was_foretold(text: Text) -> None:
    """The plan placed them by that size before anything was drawn."""
    assert draw(text, LIMITS).size == measure(text, LIMITS)


@pytest.mark.parametrize(
    "changes", [{}, {"italic": True}, {"outlined": True, "border": 3}, {"smooth": False}]
)
def test_trimmed_words_fill_their_picture(changes: dict[str, object]) -> None:
    """To the ink, without the air that fonts leave."""
    canvas = draw(evolve(PLAIN, **changes), LIMITS)  # type: ignore[arg-type]
    assert canvas.getchannel("A").getbbox() == (0, 0, *canvas.size)


def test_untrimmed_words_keep_the_height_of_their_font() -> None:
    """fl_text_no_trim: lines of a page stay on one grid."""
    heights = {measure(evolve(PLAIN, text=text, trimmed=False), LIMITS)[1] for text in ("x", "jÅ", ".")}
    assert len(heights) == 1


def test_a_width_wraps_between_words_and_a_height_ends_in_an_ellipsis() -> None:
    """c_fit with w, then with h."""
    wrapped = evolve(PLAIN, text=PANGRAM, width=220)
    block = typesetting.typeset(wrapped, LIMITS)
    lines = ["".join(piece.text for piece in line.pieces) for line in block.lines]
    assert " ".join(lines) == PANGRAM
    assert len(lines) > 3
    assert measure(wrapped, LIMITS)[0] <= 221
    cut = typesetting.typeset(evolve(wrapped, height=80), LIMITS)
    last = "".join(piece.text for piece in cut.lines[-1].pieces)
    assert len(cut.lines) == 2
    assert last.endswith("…")


def test_justified_lines_reach_both_edges_but_the_last() -> None:
    """Of each paragraph."""
    block = typesetting.typeset(evolve(PLAIN, text=PANGRAM, width=220, alignment="justify"), LIMITS)
    assert [line.advance for line in block.lines[:-1]] == [220.0] * (len(block.lines) - 1)
    assert block.lines[-1].advance < 220


@pytest.mark.parametrize(
    ("alignment", "free"), [("left", 0.0), ("center", 0.5), ("right", 1.0), ("end", 1.0)]
)
def test_alignment_shares_out_what_a_short_line_leaves(alignment: str, free: float) -> None:
    """Relative to the longest line."""
    block = typesetting.typeset(evolve(PLAIN, text="a\nlonger line", alignment=alignment), LIMITS)
    short, long = block.lines
    assert abs(short.left - free * (long.advance - short.advance)) <= 1


def test_letters_stand_apart_by_the_spacing() -> None:
    """Between them, not after the last."""
    plain = measure(evolve(PLAIN, text="xxx"), LIMITS)[0]
    assert measure(evolve(PLAIN, text="xxx", letter_spacing=10.0), LIMITS)[0] == plain + 20


@needs_raqm
def test_right_to_left_words_are_shaped_and_start_on_the_right() -> None:
    """Arabic letters join: together they are narrower than apart."""
    joined = measure(evolve(PLAIN, text="سلام"), LIMITS)[0]
    apart = sum(measure(evolve(PLAIN, text=letter), LIMITS)[0] for letter in "سلام")
    assert joined < apart
    block = typesetting.typeset(evolve(PLAIN, text="سلام\nlonger line", alignment="start"), LIMITS)
    assert block.lines[0].left > 0


def test_scripts_that_need_a_shaper_are_refused_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters in the wrong order would be the wrong picture."""
    monkeypatch.setattr(features, "check", lambda _: False)
    with pytest.raises(TextRefused, match="raqm"):
        measure(evolve(PLAIN, text="سلام"), LIMITS)
    assert measure(PLAIN, LIMITS)


def test_words_larger_than_a_picture_may_be_are_refused_before_they_are_drawn() -> None:
    """Ten thousand letters at five thousand pixels."""
    with pytest.raises((OutputTooLarge, TooManyPixels)):
        measure(evolve(PLAIN, text="W" * 10_000, size=5000), LIMITS)


LOOKS = {
    "plain": PLAIN,
    "bold-underlined": evolve(PLAIN, weight=700, decoration="underline", colour=RED),
    "struck": evolve(PLAIN, decoration="strikethrough", letter_spacing=4.0),
    "outlined": evolve(
        PLAIN, size=48, weight=700, colour=YELLOW, border=4, border_colour=BLUE, outlined=True
    ),
    "box": evolve(PLAIN, text="In a box\nof two lines", alignment="center", background=YELLOW, border=3),
    "paragraph": evolve(PLAIN, text=PANGRAM, size=20, width=220, alignment="justify", line_spacing=4.0),
    "aliased": evolve(PLAIN, smooth=False),
    "translucent": evolve(PLAIN, colour=(0, 0, 220, 128)),
}


@needs_raqm  # the golden pictures have its kerning
@pytest.mark.parametrize("name", LOOKS)
def test_words_look_as_they_did(name: str) -> None:
    """Golden pictures, looked at by eye."""
    assert_golden(f"text-{name}", draw(LOOKS[name], LIMITS))


@needs_raqm
def test_arabic_and_hebrew_look_as_they_did() -> None:
    """With numbers inside, which read the other way."""
    sheet = Image.new("RGBA", (320, 110), (255, 255, 255, 255))
    for row, words in enumerate(("مرحبا بالعالم 123", "שלום עולם 45")):
        sheet.alpha_composite(draw(evolve(PLAIN, text=words), LIMITS), (5, 5 + 50 * row))
    assert_golden("text-right-to-left", sheet)
