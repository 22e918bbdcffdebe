"""Sheets of many images: nothing overlaps, nothing is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.composite import Composite, File
from origin.transform.limits import Limits
from origin.transform.params.provided import Plugged
from origin.transform.parse import parse_chain
from origin.transform.plan import TRANSPARENT, Grade, Input, Pad, Plan, SourceFacts
from origin.transform.references import Gathered, Reference, Referenced
from origin.transform.resolve import plan
from origin.transform.sheet import Pictured, laid, sequence, sprite
from wire.errors import InvalidRequest

LOGO = Reference("upload", "logo")
TABLE = Reference("upload", "warm.cube", "raw")
PRESS = Reference("authenticated", "press.icc", "raw")
KNOWN = Gathered(
    {
        LOGO: Referenced(SourceFacts(30, 20, "png", has_alpha=True), "l/1"),
        TABLE: Referenced(SourceFacts(0, 0, "raw"), "t/1"),
        PRESS: Referenced(SourceFacts(0, 0, "raw"), "p/1"),
    },
    providers={"background_removal": Plugged("me")},
)


def pictured(name: str, size: tuple[int, int], chain: str = "", orientation: int = 1) -> Pictured:
    facts = SourceFacts(*size, format="jpg", orientation=orientation)
    made = plan(parse_chain(chain), facts, extension="png", gathered=KNOWN)
    return Pictured(Input("upload", name, f"{name}/1"), facts, made)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), min_size=1, max_size=40))
def test_images_lie_side_by_side_within_the_sheet(sizes: list[tuple[int, int]]) -> None:
    sheet = laid(sizes)
    boxes = [(x, y, x + w, y + h) for (x, y), (w, h) in zip(sheet.places, sizes, strict=True)]
    assert max(right for _, _, right, _ in boxes) == sheet.width
    assert max(bottom for _, _, _, bottom in boxes) == sheet.height
    for index, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0 <= top
        for other in boxes[index + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


def test_a_worked_sheet() -> None:
    sheet = laid([(40, 30), (40, 10), (50, 20)])
    assert (sheet.width, sheet.height) == (50, 60)
    assert sheet.places == ((0, 0), (0, 30), (0, 40))
    assert laid([(10, 10)] * 4).places == ((0, 0), (10, 0), (0, 10), (10, 10))


def test_the_first_image_is_the_source_and_the_others_are_layers() -> None:
    made = sprite(
        [pictured("a", (40, 30)), pictured("b", (80, 40), "w_40"), pictured("c", (20, 40))], "png", Limits()
    )
    pad, second, third = made.operations
    assert isinstance(pad, Pad)
    assert (pad.width, pad.height, pad.left, pad.top) == (made.width, made.height, 0, 0)
    assert isinstance(second, Composite)
    assert isinstance(third, Composite)
    assert second.source == File(0, 80, 40)
    assert len(second.operations) == 1
    assert third.source == File(1, 20, 40)
    assert [each.public_id for each in made.inputs] == ["b", "c"]
    assert made.output.format == "png"
    assert Plan.from_json(made.to_json()) == made


def test_layers_of_the_chain_are_counted_among_the_inputs_of_the_sheet() -> None:
    """Each image brings its own; one that all name is opened by one number."""
    chain = "l_logo/fl_layer_apply"
    made = sprite([pictured(name, (60, 60), chain) for name in "ab"], "jpg", Limits())
    assert [each.public_id for each in made.inputs] == ["logo", "b"]
    first, _, second = made.operations
    assert isinstance(first, Composite)
    assert isinstance(second, Composite)
    assert (first.source, second.source) == (File(0, 30, 20), File(1, 60, 60))
    (inner,) = second.operations
    assert isinstance(inner, Composite)
    assert inner.source == File(0, 30, 20)


def test_images_lie_upright_unless_told_otherwise() -> None:
    turned = sprite([pictured("a", (9, 9)), pictured("b", (40, 30), orientation=6)], "png", Limits())
    stored = sprite(
        [pictured("a", (9, 9), "a_ignore"), pictured("b", (40, 30), "a_ignore", 6)], "png", Limits()
    )
    assert [each.source.orientation for each in turned.operations[1:] if isinstance(each, Composite)] == [6]  # type: ignore[union-attr]
    assert [each.source.orientation for each in stored.operations[1:] if isinstance(each, Composite)] == [1]  # type: ignore[union-attr]


def test_pages_of_documents_lie_on_the_sheet() -> None:
    """The one that the chain chooses, with that page's size."""
    facts = SourceFacts(100, 140, "pdf", pages=3)
    made = plan(parse_chain("pg_2"), facts, extension="png")
    documents = [Pictured(Input("upload", name, f"{name}/1"), facts, made) for name in "ab"]
    sheet = sprite(documents, "png", Limits())
    assert sheet.portion == made.portion
    *_, second = sheet.operations
    assert isinstance(second, Composite)
    assert isinstance(second.source, File)
    assert second.source.portion == made.portion
    assert (second.source.width, second.source.height) == (made.width, made.height)


def test_a_sheet_that_is_too_large_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"Maximum image (side|size) is"):
        sprite([pictured("a", (900, 900))] * 120, "png", Limits())


def test_frames_have_the_size_of_the_largest_and_lie_in_its_middle() -> None:
    pictures = [pictured("a", (20, 10)), pictured("b", (40, 30)), pictured("c", (10, 30))]
    made = sequence(pictures, "gif", 50, Limits())
    assert (made.width, made.height) == (40, 30)
    assert made.operations == (Pad(40, 30, 10, 10, TRANSPARENT),)
    assert [(each.left, each.top, each.width, each.height) for each in made.further] == [
        (0, 0, 40, 30),
        (15, 0, 40, 30),
    ]
    assert (made.output.format, made.output.animated, made.output.finish.delay) == ("gif", True, 50)
    assert Plan.from_json(made.to_json()) == made


def test_a_sequence_of_one_is_a_picture() -> None:
    made = sequence([pictured("a", (20, 10), "w_10")], "webp", 50, Limits())
    assert (made.further, made.output.animated, made.output.finish.delay) == ((), False, None)


def test_too_many_pixels_in_all_frames_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="Maximum total number of pixels in all frames/pages"):
        sequence([pictured("a", (900, 900))] * 100, "gif", None, Limits())


def test_a_sheet_of_too_many_images_is_refused_with_the_limit() -> None:
    Limits(sheet_images=3).check_sheet(3)
    with pytest.raises(InvalidRequest, match=r"Maximum number of images on a sheet is 3\. Requested 4"):
        Limits(sheet_images=3).check_sheet(4)


def test_providers_are_asked_so_often_for_a_whole_sheet() -> None:
    """Not for each of its images: one worker makes it."""
    cut = [pictured(name, (20, 10), "e_background_removal") for name in "abcde"]
    assert len(sprite(cut[:4], "png", Limits()).inputs) == 3
    with pytest.raises(InvalidRequest, match=r"Maximum number of provider runs is 4\. Requested 5"):
        sprite(cut, "png", Limits())


@pytest.mark.parametrize("place", [0, 1])
def test_a_sequence_has_no_frames_by_providers(place: int) -> None:
    """As no animation has (§12.4), whichever of its pictures asks."""
    pictures = [pictured("a", (20, 10)), pictured("b", (20, 10))]
    pictures[place] = pictured("c", (20, 10), "e_background_removal")
    with pytest.raises(InvalidRequest, match="e_background_removal for animated images is not supported"):
        sequence(pictures, "gif", None, Limits())
    assert sequence(pictures[place : place + 1], "webp", None, Limits()).further == ()


def test_tables_and_profiles_keep_their_files() -> None:
    """What each picture names is told anew among the files of the whole sheet."""
    first = pictured("a", (40, 30), "cs_icc:press.icc,f_png")
    second = pictured("b", (40, 30), "l_lut:warm.cube/fl_layer_apply")
    made = sprite([first, second], "png", Limits())
    names = [each.public_id for each in made.inputs]
    layer = made.operations[-1]
    assert isinstance(layer, Composite)
    (grade,) = layer.operations
    assert isinstance(grade, Grade)
    assert names[grade.input] == "warm.cube"
    assert made.profile is not None
    assert names[made.profile] == "press.icc"
