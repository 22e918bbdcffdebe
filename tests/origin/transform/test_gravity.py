"""`g_`: the grammar of gravities, and which window each comes to (transformations.md §4.2, §5)."""

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.canonical import canonical
from origin.transform.language.about import UNKNOWN, About
from origin.transform.params.gravity import Auto, Custom, Faces, Focus, Region, read_gravity
from origin.transform.parse import parse_chain
from origin.transform.plan import Filter, Outline, Pad, Plan, Resample, SourceFacts
from origin.transform.resolve import plan
from origin.transform.sight import BLANK, Face, Importance, Marks, Rect, Sight
from origin.transform.values import Pixels, Share
from tests.support.gathering import with_all
from wire.errors import InvalidRequest

PHOTO = SourceFacts(640, 426, "jpg")
MOVING = SourceFacts(640, 426, "gif", frames=3)
FACE: Rect = (340, 120, 100, 100)
UNSEEN = Sight(None, BLANK.importance)


def seen(*faces: Rect, levels: bytes = b"\x80", columns: int = 1) -> Sight:
    grid = Importance(columns, len(levels) // columns, levels)
    return Sight(tuple(Face(each) for each in faces), grid)


def planned(
    chain: str, sight: Sight = BLANK, *, marks: Marks | None = None, facts: SourceFacts = PHOTO
) -> Plan:
    about = UNKNOWN if marks is None else About(marks=marks)
    parsed = parse_chain(chain)
    assert parse_chain(canonical(parsed)) == parsed
    return with_all(lambda gathered: plan(parsed, facts, about=about, gathered=gathered), sight=sight)


def cut(chain: str, sight: Sight = BLANK, **more: Any) -> tuple[float, float, float, float]:
    """The box that the chain's first operation shows."""
    first = planned(chain, sight, **more).operations[0]
    assert isinstance(first, Resample)
    return first.box


@pytest.mark.parametrize(
    ("text", "gravity"),
    [
        ("face", Faces(every=False)),
        ("faces:center", Faces(True, "center")),
        ("face:auto:subject", Faces(False, Auto("subject"))),
        ("custom", Custom()),
        ("custom:faces:auto", Custom(Faces(True, Auto()))),
        ("custom:adv_face", Custom(Faces(False))),
        ("adv_face:center", "center"),
        ("ocr_text:adv_faces:auto", Faces(True, Auto())),
        ("region_!shoes-2!", Region("shoes-2")),
        ("auto", Auto()),
        ("auto:classic:face:70:thirds_0", Auto("classic", (Focus("face"),), 70, keeps_thirds=False)),
        ("auto:cat_30:dog_avoid", Auto(focus=(Focus("cat", 30), Focus("dog", is_shunned=True)))),
        ("auto:traffic_light_5_avoid", Auto(focus=(Focus("traffic_light", 5, is_shunned=True),))),
        ("auto:custom_no_override", Auto(focus=(Focus("custom_no_override"),))),
        (
            "auto:aoi_0.5_10_0.25_20",
            Auto(
                focus=(
                    Focus("aoi", area=(Share(Fraction(1, 2)), Pixels(10), Share(Fraction(1, 4)), Pixels(20))),
                )
            ),
        ),
        ("cat:dog", Auto(focus=(Focus("cat"), Focus("dog")))),
        ("tvmonitor", Auto(focus=(Focus("tvmonitor"),))),
        ("cld-decompose_tile", Auto()),
        ("north_west", "north_west"),
    ],
)
def test_a_gravity_and_what_it_means(text: str, gravity: object) -> None:
    """Each has one canonical spelling, which means the same."""
    found = read_gravity(text)
    assert found == gravity
    assert read_gravity(str(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        *("", "nowhere", "face:", "face:nowhere", "center:north", "region_shoes", "region_!a b!", "adv_face"),
        *("auto:101", "auto:5:", "auto:aoi_1_2_3", "auto:cat_101", "auto:CAT", "north:auto"),
        "custom:face:custom:face:center",
        ":".join(["face"] * 5000),
        ":".join(["auto", *["aoi_1_2_3_4"] * 21]),
    ],
)
def test_what_is_no_gravity(text: str) -> None:
    """Or needs a model; however long."""
    assert read_gravity(text) is None


@given(
    st.lists(st.sampled_from(["face", "auto", "70", "cat_3", "aoi_1_2_3_4", "thirds_0", "x_avoid", "custom"]))
)
def test_canonical_gravities_are_read_back(parts: list[str]) -> None:
    """Idempotent."""
    found = read_gravity(":".join(["auto", *parts]))
    if found is not None:
        assert read_gravity(str(found)) == found


class TestFaces:
    """§5.2: the largest one, or all of them."""

    def test_a_crop_without_sizes_is_the_face(self) -> None:
        """Divided by the zoom."""
        assert cut("c_crop,g_face", seen(FACE)) == (340, 120, 440, 220)
        assert cut("c_crop,g_face,z_0.5", seen(FACE)) == (290, 70, 490, 270)
        assert cut("c_crop,g_face,z_2.0", seen(FACE)) == (365, 145, 415, 195)

    def test_a_crop_with_sizes_has_the_face_in_its_middle(self) -> None:
        """As far as the image reaches."""
        assert cut("c_crop,g_face,w_200,h_150", seen(FACE)) == (290, 95, 490, 245)
        assert cut("c_crop,g_face,w_200,h_150", seen((600, 0, 40, 40))) == (440, 0, 640, 150)

    def test_the_largest_of_several(self) -> None:
        """Or the rectangle around all."""
        sight = seen((10, 10, 50, 50), FACE)
        assert cut("c_crop,g_face", sight) == (340, 120, 440, 220)
        assert cut("c_crop,g_faces", sight) == (10, 10, 440, 220)

    def test_a_thumb_shows_more_than_the_face(self) -> None:
        """§4.2: the box grown by 1.75, then to the ratio, then into the image."""
        assert cut("c_thumb,g_face,w_450", seen((302, 102, 100, 183))) == pytest.approx(
            (111.8, 33.4, 592.2, 353.6), abs=0.1
        )
        assert cut("c_thumb,g_face,w_100,h_100", seen(FACE)) == (302.5, 82.5, 477.5, 257.5)
        assert cut("c_auto,g_face,w_100,h_100", seen(FACE)) == (280, 60, 500, 280)
        assert cut("c_thumb,g_face,w_100,h_100,z_1.75", seen(FACE)) == (340, 120, 440, 220)
        assert cut("c_thumb,g_face,w_100,h_100", seen((0, 0, 100, 100))) == (0, 0, 175, 175)
        assert cut("c_thumb,g_face,w_300,h_100", seen((200, 100, 300, 300))) == pytest.approx(
            (0, 426 / 2 - 640 / 6 + 37, 640, 426 / 2 + 640 / 6 + 37)
        )

    def test_a_fill_slides_to_the_face(self) -> None:
        """The window keeps its size."""
        assert cut("c_fill,g_face,w_213,h_213", seen(FACE)) == (176, 0, 602, 426)
        assert cut("c_lfill,g_face,w_213,h_213", seen((0, 0, 50, 50))) == (0, 0, 426, 426)

    def test_a_pad_moves_towards_the_face(self) -> None:
        """The image stays inside the frame."""
        pad = planned("c_pad,g_face,w_640,h_640", seen((300, 0, 40, 40))).operations[0]
        assert isinstance(pad, Pad)
        assert (pad.left, pad.top) == (0, 214)

    def test_without_one_the_fall_back(self) -> None:
        """North by default (D), or what the URL says."""
        assert cut("c_fill,g_face,w_100,h_50") == pytest.approx((0, 0, 640, 317.9), abs=0.1)
        assert cut("c_fill,g_face:center,w_100,h_50") == cut("c_fill,w_100,h_50")
        assert cut("c_crop,g_faces:south,w_100,h_50") == (270, 376, 370, 426)
        assert planned("c_crop,g_face").passthrough

    @pytest.mark.parametrize(
        "chain",
        [
            *("c_thumb,g_face,w_100,h_100", "c_crop,g_faces", "c_pad,g_face,w_700,h_700"),
            *("c_crop,g_custom:face", "l_logo/fl_layer_apply,g_face", "e_blur_faces", "e_redeye"),
            "e_blur_region,g_face",
        ],
    )
    def test_where_nobody_finds_faces_that_is_said(self, chain: str) -> None:
        """A crop beside the face, or a face not blurred, would be the wrong picture."""
        with pytest.raises(
            InvalidRequest, match=r"Finding faces is not supported without pixeledge\[faces\]"
        ):
            planned(chain, UNSEEN)
        assert planned(chain, UNSEEN, marks=Marks(faces=(FACE,))).operations

    @pytest.mark.parametrize(
        ("chain", "same"),
        [
            ("c_fill,g_face:center,w_100,h_50", "c_fill,w_100,h_50"),
            ("c_crop,g_custom:faces:south,w_100,h_50", "c_crop,g_south,w_100,h_50"),
            ("c_fill,g_face:auto,w_100,h_50", "c_fill,g_auto,w_100,h_50"),
            ("if_fc_gt_0/e_sepia/if_end/w_9", "w_9"),
            ("c_fill,g_auto:faces,w_100,h_50", "c_fill,g_auto,w_100,h_50"),
        ],
    )
    def test_where_nobody_finds_faces_a_fall_back_holds(self, chain: str, same: str) -> None:
        """What the URL itself says to do without one, and what only cares for them besides."""
        assert planned(chain, UNSEEN).operations == planned(same, UNSEEN).operations

    def test_stored_faces_stand_for_those_found(self) -> None:
        """(D)"""
        marks = Marks(faces=((1, 2, 30, 40),))
        assert cut("c_crop,g_face", seen(FACE), marks=marks) == (1, 2, 31, 42)

    def test_an_animation_has_no_faces(self) -> None:
        """Content-aware gravity becomes the centre (D); stored areas still count."""
        assert cut("c_crop,g_face,w_100,h_100,f_gif", seen(FACE), facts=MOVING) == (270, 163, 370, 263)
        assert cut("c_crop,g_auto,w_100,h_100,f_gif", seen(FACE), facts=MOVING) == (270, 163, 370, 263)
        marks = Marks(areas=((5, 6, 70, 80),))
        assert cut("c_crop,g_custom,f_gif", marks=marks, facts=MOVING) == (5, 6, 75, 86)
        with pytest.raises(InvalidRequest, match="c_fill_pad is not supported for animated images"):
            planned("c_fill_pad,g_auto,w_10,h_10,f_gif", facts=MOVING)


class TestStored:
    """Areas and regions that people have marked."""

    MARKS = Marks(areas=((10, 10, 20, 20), (100, 50, 200, 100)), regions={"shoes": (300, 300, 50, 60)})

    def test_the_largest_area(self) -> None:
        """§5.2; a thumb of it shows no more than it."""
        assert cut("c_crop,g_custom", marks=self.MARKS) == (100, 50, 300, 150)
        assert cut("c_thumb,g_custom,w_200,h_100", marks=self.MARKS) == (100, 50, 300, 150)

    def test_a_region_by_its_name(self) -> None:
        """The centre without one of that name."""
        assert cut("c_crop,g_region_!shoes!", marks=self.MARKS) == (300, 300, 350, 360)
        assert cut("c_crop,g_region_!hat!,w_100,h_100", marks=self.MARKS) == (270, 163, 370, 263)

    def test_a_clipping_path_of_the_file(self) -> None:
        """By its name, which may be any text; turned with the picture."""
        outlines = (Outline("Path 1, 50%", 10, 20, 100, 50),)
        shot = SourceFacts(640, 426, "jpg", outlines=outlines)
        chain = "c_crop,g_clipping_path_!Path%201%2C%2050%25!"
        assert cut(chain, facts=shot) == (10, 20, 110, 70)
        assert cut(chain, facts=evolve(shot, orientation=6)) == (356, 10, 406, 110)
        assert cut("c_crop,g_clipping_path_!other!,w_100,h_100", facts=shot) == (270, 163, 370, 263)

    def test_what_custom_falls_back_on(self) -> None:
        """The centre (D), or faces."""
        assert cut("c_crop,g_custom,w_100,h_100") == (270, 163, 370, 263)
        assert cut("c_crop,g_custom:face", seen(FACE)) == (340, 120, 440, 220)

    def test_automatic_gravity_obeys_it(self) -> None:
        """Unless told not to (D)."""
        assert cut("c_crop,g_auto,w_100,h_100", marks=self.MARKS) == (150, 50, 250, 150)
        for told in ("custom_no_override", "none"):
            assert cut(f"c_crop,g_auto:{told},w_100,h_100", marks=self.MARKS) == (270, 163, 370, 263)

    def test_places_follow_what_the_chain_has_done(self) -> None:
        """§5.2: stored in pixels of the original."""
        chains = {
            "c_crop,w_340,h_326,x_100,y_100/c_crop,g_region_!shoes!": (300, 300, 350, 360),
            "a_90/c_crop,g_region_!shoes!": (66, 300, 126, 350),
            "a_hflip/c_crop,g_region_!shoes!": (290, 300, 340, 360),
            "c_mpad,w_840,h_626,b_red/c_crop,g_region_!shoes!": (400, 400, 450, 460),
            "bo_7px_solid_red/c_crop,g_region_!shoes!": (307, 307, 357, 367),
        }
        for chain, box in chains.items():
            last = planned(chain, marks=self.MARKS).operations[-1]
            assert isinstance(last, Resample)
            assert last.box == box, chain

    def test_an_area_that_was_cut_off_is_gone(self) -> None:
        """What it falls back on counts."""
        assert cut("c_crop,w_100,h_100,x_500,y_0/c_crop,g_custom,w_50,h_50", marks=self.MARKS) == (
            525,
            25,
            575,
            75,
        )


class TestAuto:
    """§5.3: where most of what matters is."""

    # Four columns and three rows over 640 × 426; all that matters is at the right.
    RIGHT = seen(levels=bytes([0, 0, 0, 200] * 3), columns=4)

    def test_a_picture_in_which_nothing_matters_more(self) -> None:
        """The centre, exactly."""
        assert cut("c_fill,g_auto,w_213,h_213") == cut("c_fill,w_213,h_213")
        assert cut("c_crop,g_auto,w_101,h_77") == cut("c_crop,w_101,h_77")

    def test_the_window_goes_where_it_matters(self) -> None:
        """And composes it by the rule of thirds, unless told not to."""
        left, _, right, _ = cut("c_fill,g_auto:thirds_0,w_213,h_213", self.RIGHT)
        assert (left, right) == (214, 640)
        assert cut("c_crop,g_auto,w_160,h_426", self.RIGHT)[0] >= 480 - 0.08 * 160

    def test_a_face_outweighs_an_edge(self) -> None:
        """The default focus."""
        sight = seen((20, 100, 200, 200), levels=bytes([0, 0, 0, 40] * 3), columns=4)
        assert cut("c_fill,g_auto,w_213,h_213", sight)[0] < 100
        assert cut("c_fill,g_auto:none:thirds_0,w_213,h_213", sight)[0] == 214
        assert cut("c_fill,g_auto:face_avoid:thirds_0,w_213,h_213", sight)[0] == 214

    def test_an_area_of_interest(self) -> None:
        """In pixels or factors of the image."""
        for area in ("aoi_0_0_100_426", "aoi_0.0_0.0_0.2_1.0"):
            assert cut(f"c_fill,g_auto:{area}:thirds_0,w_213,h_213")[0] == 0

    @pytest.mark.parametrize("mode", ["thumb", "auto"])
    def test_the_less_aggressive_keeps_more(self, mode: str) -> None:
        """Windows of all scales; the result has the size asked for."""
        widths = []
        for level in (0, 50, 100):
            made = planned(f"c_{mode},g_auto:{level},w_90,h_60", self.RIGHT)
            assert (made.width, made.height) == (90, 60)
            box = made.operations[0].box  # type: ignore[union-attr]
            widths.append(box[2] - box[0])
        assert widths == sorted(widths)
        assert (widths[0] < widths[-1]) == (mode == "thumb")

    def test_rather_a_frame_than_a_loss(self) -> None:
        """§4.2: `fill_pad` pads when less than 85 % of what matters would be left."""
        both = seen(levels=bytes([200, 0, 0, 0, 0, 0, 0, 200]), columns=8)
        made = planned("c_fill_pad,g_auto,w_100,h_100,b_red", both)
        assert isinstance(made.operations[-1], Pad)
        assert (made.width, made.height) == (100, 100)
        filled = planned("c_fill_pad,g_auto,w_100,h_100,b_red", self.RIGHT)
        assert not isinstance(filled.operations[-1], Pad)
        assert isinstance(planned("c_auto_pad,g_auto,w_50,h_100", both).operations[-1], Pad)


@given(
    st.sampled_from(["crop", "fill", "lfill", "thumb", "auto", "fill_pad", "auto_pad"]),
    st.sampled_from(["auto", "auto:faces:30", "auto:thirds_0"]),
    st.integers(1, 900),
    st.integers(1, 900),
    st.binary(min_size=12, max_size=12),
    st.lists(
        st.tuples(st.integers(0, 600), st.integers(0, 400), st.integers(1, 700), st.integers(1, 500)),
        max_size=3,
    ),
)
def test_a_window_lies_in_the_image_and_the_result_is_as_large_as_asked(
    mode: str, gravity: str, width: int, height: int, levels: bytes, faces: list[Rect]
) -> None:
    """Whatever matters wherever."""
    made = planned(f"c_{mode},g_{gravity},w_{width},h_{height}", seen(*faces, levels=levels, columns=4))
    for each in made.operations:
        if isinstance(each, Resample):
            left, top, right, bottom = each.box
            assert -1e-9 <= left < right <= 640 + 1e-9
            assert -1e-9 <= top < bottom <= 426 + 1e-9
    if mode == "crop":
        assert (made.width, made.height) == (min(width, 640), min(height, 426))
    elif mode != "lfill":
        assert (made.width, made.height) == (width, height)


@given(
    st.sampled_from(["crop", "fill", "thumb", "auto"]),
    st.integers(20, 600),
    st.integers(20, 400),
    st.tuples(st.integers(0, 600), st.integers(0, 400), st.integers(1, 40), st.integers(1, 26)),
)
def test_a_window_has_the_middle_of_its_area_in_it(mode: str, width: int, height: int, area: Rect) -> None:
    """And in its middle, unless an edge of the image is in the way."""
    made = planned(f"c_{mode},g_custom,w_{width},h_{height}", marks=Marks(areas=(area,)))
    first = made.operations[0] if made.operations else Resample((0, 0, 640, 426), 640, 426)
    assert isinstance(first, Resample)
    sides = zip(
        first.box[:2], first.box[2:], area[:2], area[2:], (640, 426), (made.width, made.height), strict=True
    )
    for start, stop, near, length, side, pixels in sides:
        middle = near + length / 2
        assert start <= middle <= stop
        at_edge = start < 1 or stop > side - 1
        assert at_edge or abs((start + stop) / 2 - middle) <= 1 + (stop - start) / pixels


class TestTurningToFit:
    """`a_auto_right` and `a_auto_left` (§6.1)."""

    @pytest.mark.parametrize(
        ("chain", "turned"),
        [
            ("a_auto_right,c_fill,w_100,h_200", 90.0),
            ("a_auto,c_fill,w_100,h_200", 90.0),
            ("a_auto_left,c_fill,w_100,h_200", 270.0),
            ("a_auto_right,c_fill,w_200,h_100", None),
            ("a_auto_right,c_fill,w_100,h_100", None),
            ("a_auto_right,w_100", None),
        ],
    )
    def test_a_quarter_before_the_crop(self, chain: str, turned: float | None) -> None:
        """Where one lies and the other stands; a square turns nothing."""
        made = planned(chain)
        turns = [each.degrees for each in made.operations if hasattr(each, "degrees")]
        assert turns == ([] if turned is None else [turned])
        if turned is not None:
            assert (made.width, made.height) == (100, 200)


class TestEffects:
    """Effects on faces and on regions that had to be found (§12.2)."""

    def test_faces_are_blurred_in_ellipses_a_little_larger(self) -> None:
        """By 15 %; without faces nothing happens."""
        assert planned("e_blur_faces", seen(FACE)).operations == (
            Filter("blur_parts", (12.5, True, ((332, 112, 448, 228),)), 640, 426),
        )
        assert planned("e_pixelate_faces:7", seen(FACE)).operations == (
            Filter("pixelate_parts", (7, True, ((332, 112, 448, 228),)), 640, 426),
        )
        assert planned("e_blur_faces").passthrough
        assert planned("e_redeye").passthrough

    def test_a_region_may_be_a_face_or_a_stored_one(self) -> None:
        """Where faces lie after what the chain did before."""
        marks = Marks(regions={"plate": (10, 20, 30, 40)})
        (blurred,) = planned("e_blur_region:400,g_region_!plate!", marks=marks).operations
        assert blurred == Filter("blur_parts", (10.0, False, ((10, 20, 40, 60),)), 640, 426)
        *_, coarse = planned("w_320/e_pixelate_region:4,g_faces", seen(FACE, (0, 0, 10, 10))).operations
        boxes = ((170, 60, 220, 110), (0, 0, 5, 5))
        assert coarse == Filter("pixelate_parts", (4, False, boxes), 320, 213)


def test_looks_are_bounded_wherever_they_stand() -> None:
    """On layers too: each takes time from everybody else."""
    layered = "l_a/c_fill,g_auto,h_5,w_4/fl_layer_apply"
    chain = "/".join(["c_crop,g_auto,h_99,w_99", *[layered] * 7])
    assert planned(chain).width == 99
    with pytest.raises(InvalidRequest, match=r"automatic gravities and trims is 8\. Requested 9"):
        planned(f"{chain}/c_crop,g_auto,h_9,w_9")
    with pytest.raises(InvalidRequest, match="automatic gravities and trims is 8"):
        planned("/".join(["e_trim"] * 9))


def test_imagga_is_stood_in_for() -> None:
    """§4.2 (P)."""
    assert canonical(parse_chain("c_imagga_crop,w_5,h_6")) == "c_fill,g_auto,h_6,w_5"
    assert canonical(parse_chain("c_imagga_scale,w_5,h_6")) == "c_fill,g_auto,h_6,w_5"
