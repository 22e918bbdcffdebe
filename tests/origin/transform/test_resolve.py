"""Plans: what is left to do once everything is known."""

import json
from fractions import Fraction

import pytest

from origin.transform.limits import Limits
from origin.transform.parse import parse_chain
from origin.transform.plan import (
    Blur,
    Flatten,
    Flip,
    Grayscale,
    Pad,
    Plan,
    Resample,
    Rotate,
    RoundCorners,
    Sepia,
    SourceFacts,
)
from origin.transform.resolve import plan
from wire.errors import InvalidRequest
from wire.negotiation import NOTHING, Negotiated

PHOTO = SourceFacts(4000, 3000, "jpg")
LOGO = SourceFacts(400, 300, "png", has_alpha=True)
MODERN = Negotiated(accept=frozenset({"avif", "webp"}))
OLDER = Negotiated(accept=frozenset({"webp"}))


def planned(
    chain: str, facts: SourceFacts = PHOTO, viewer: Negotiated = NOTHING, extension: str | None = None
) -> Plan:
    return plan(parse_chain(chain), facts, viewer, extension)


def test_a_component_is_worked_in_the_order_of_the_sheet() -> None:
    """Resize, effect, angle, corners, then flattening (transformations.md §1)."""
    outcome = planned("b_red,r_20,a_90.hflip,e_sepia:50,h_300,w_400,c_fill")
    assert outcome.operations == (
        Resample((0, 0, 4000, 3000), 400, 300),
        Sepia(50),
        Rotate(90.0),
        Flip(horizontal=True),
        RoundCorners(radii=(20, 20, 20, 20)),
        Flatten((255, 0, 0, 255)),
    )
    assert (outcome.width, outcome.height) == (300, 400)


def test_components_follow_one_another() -> None:
    """Each works on the result of the one before."""
    outcome = planned("e_grayscale/w_200,h_200,c_pad,b_rgb:00f/e_blur:80")
    assert outcome.operations == (
        Grayscale(),
        Resample((0, 0, 4000, 3000), 200, 150),
        Pad(200, 200, 0, 25, (0, 0, 255, 255)),
        Blur(2.0),
    )


def test_a_cut_and_what_is_made_of_it_are_one_pass() -> None:
    """The renderer then decodes no more than the result needs."""
    outcome = planned("c_crop,g_north_west,h_1000,w_2000,x_100,y_50/c_fill,h_100,w_100/c_crop,h_10,w_20")
    assert outcome.operations == (
        Resample((600, 50, 1600, 1050), 100, 100),
        Resample((40, 45, 60, 55), 20, 10),
    )
    twice = planned("c_crop,g_north_west,h_100,w_100,x_7,y_5/c_crop,g_north_west,h_10,w_10,x_1,y_2")
    assert twice.operations == (Resample((8, 7, 18, 17), 10, 10),)


def test_a_padding_colour_is_not_flattened_again() -> None:
    """`b_` belongs to the frame there, and to a format without alpha."""
    outcome = planned("b_red,c_pad,h_400,w_400", LOGO, extension="jpg")
    assert outcome.operations == (Pad(400, 400, 0, 50, (255, 0, 0, 255)),)
    assert outcome.output.background == (255, 0, 0, 255)


def test_a_background_under_an_opaque_image_is_no_work() -> None:
    """Nothing shines through."""
    assert planned("b_red").passthrough
    assert planned("b_red", LOGO).operations == (Flatten((255, 0, 0, 255)),)


@pytest.mark.parametrize(
    ("chain", "facts", "extension"),
    [
        ("", PHOTO, None),
        ("", PHOTO, "jpg"),
        ("", SourceFacts(10, 10, "bmp"), None),
        ("", SourceFacts(10, 10, "jpg", orientation=6), None),
        ("f_auto", PHOTO, None),
        ("f_jpg", PHOTO, "png"),
        ("c_limit,w_9000", PHOTO, None),
        ("fl_attachment:x", PHOTO, None),
        ("d_other", PHOTO, None),
        ("a_ignore", PHOTO, None),
        ("", SourceFacts(30_000, 30_000, "png"), None),
    ],
)
def test_a_chain_that_changes_nothing_delivers_the_stored_bytes(
    chain: str, facts: SourceFacts, extension: str | None
) -> None:
    """Whatever its size and format (§1)."""
    assert planned(chain, facts, extension=extension).passthrough


@pytest.mark.parametrize(
    ("chain", "facts", "extension"),
    [
        ("", PHOTO, "png"),
        ("q_80", PHOTO, None),
        ("q_auto", PHOTO, None),
        ("fl_progressive", PHOTO, None),
        ("f_webp", PHOTO, None),
        ("a_ignore", SourceFacts(10, 20, "jpg", orientation=6), None),
        ("e_grayscale", PHOTO, None),
    ],
)
def test_anything_else_is_rendered(chain: str, facts: SourceFacts, extension: str | None) -> None:
    """Another format, a quality, or pixels."""
    assert not planned(chain, facts, extension=extension).passthrough


def test_geometry_is_planned_as_the_viewer_sees_the_image() -> None:
    """EXIF orientation comes first, unless `a_ignore` stands anywhere (§1)."""
    portrait = SourceFacts(4000, 3000, "jpg", orientation=6)
    upright = planned("w_300", portrait)
    assert (upright.orient, upright.width, upright.height) == (True, 300, 400)
    stored = planned("w_300/a_ignore", portrait)
    assert (stored.orient, stored.width, stored.height) == (False, 300, 225)


@pytest.mark.parametrize(
    ("chain", "facts", "viewer", "extension", "chosen"),
    [
        ("w_400", PHOTO, MODERN, None, "jpg"),
        ("w_400", PHOTO, NOTHING, "png", "png"),
        ("w_400,f_webp", PHOTO, NOTHING, "png", "webp"),
        ("w_400,f_auto", PHOTO, MODERN, "jpg", "avif"),
        ("w_400,f_auto", PHOTO, OLDER, "jpg", "webp"),
        ("w_400,f_auto", PHOTO, NOTHING, "jpg", "jpg"),
        ("w_400,f_auto", PHOTO, NOTHING, None, "jpg"),
        ("w_400,f_auto", PHOTO, NOTHING, "png", "png"),
        ("w_60,f_auto", PHOTO, MODERN, None, "webp"),
        ("w_5000,f_auto", PHOTO, MODERN, None, "webp"),
        ("w_40,f_auto", LOGO, NOTHING, None, "png"),
        ("w_40,f_auto", LOGO, NOTHING, "jpg", "png"),
        ("w_40,f_auto,b_red", LOGO, NOTHING, "jpg", "jpg"),
        ("w_400,r_max,f_auto", PHOTO, NOTHING, "jpg", "png"),
        ("w_40,f_auto", SourceFacts(400, 300, "png"), NOTHING, None, "jpg"),
        ("w_40,f_auto", SourceFacts(400, 300, "gif", frames=9), OLDER, "jpg", "webp"),
        ("w_40,f_auto", SourceFacts(400, 300, "gif", frames=9), NOTHING, "jpg", "gif"),
        ("w_40", SourceFacts(400, 300, "bmp"), NOTHING, None, "bmp"),
        ("w_40", SourceFacts(400, 300, "psd"), NOTHING, None, "jpg"),
        ("w_40", SourceFacts(400, 300, "psd", has_alpha=True), NOTHING, None, "png"),
    ],
)
def test_the_format(
    chain: str, facts: SourceFacts, viewer: Negotiated, extension: str | None, chosen: str
) -> None:
    """`f_` > extension > stored; `f_auto` by what the viewer takes and the image needs (§7.1)."""
    assert planned(chain, facts, viewer, extension).output.format == chosen


@pytest.mark.parametrize(
    ("chain", "extension", "name"), [("f_heif", None, "heic"), ("", "psd", "psd"), ("", "x", "x")]
)
def test_a_format_we_cannot_write_is_refused(chain: str, extension: str | None, name: str) -> None:
    """400, by name."""
    with pytest.raises(InvalidRequest, match=f"Unsupported output format {name}"):
        planned(chain, extension=extension)


@pytest.mark.parametrize(
    ("chain", "viewer", "quality", "auto", "subsampling", "progressive"),
    [
        ("w_9", NOTHING, None, "good", None, False),
        ("w_9", Negotiated(save_data=True), None, "good", None, False),
        ("w_9,q_70", NOTHING, 70, None, None, False),
        ("w_9,q_70:444,fl_progressive", NOTHING, 70, None, "444", True),
        ("w_9,q_auto", NOTHING, None, "good", None, True),
        ("w_9,q_auto,fl_progressive:none", NOTHING, None, "good", None, False),
        ("w_9,q_auto:420", Negotiated(save_data=True), None, "eco", "420", True),
        ("w_9,q_auto:best", Negotiated(save_data=True), None, "best", None, True),
    ],
)
def test_the_quality(
    chain: str,
    viewer: Negotiated,
    quality: int | None,
    auto: str | None,
    subsampling: str | None,
    progressive: bool,
) -> None:
    """What only pixels can tell stays symbolic; Save-Data turns a plain `q_auto` to eco (§7.2)."""
    output = planned(chain, viewer=viewer).output
    assert (output.quality, output.auto) == (quality, auto)
    assert (output.subsampling, output.progressive) == (subsampling, progressive)


def test_an_animation_stays_one_where_the_format_was_asked_to() -> None:
    """GIF always, WebP with `fl_awebp` or `f_auto` (§7.1)."""
    animation = SourceFacts(40, 30, "gif", frames=5)
    assert planned("w_20", animation).output.animated
    assert planned("w_20,f_webp,fl_awebp", animation).output.animated
    assert planned("w_20,f_auto", animation, OLDER).output.animated
    assert not planned("w_20,f_webp", animation).output.animated
    assert not planned("w_20,f_jpg,fl_awebp", animation).output.animated
    assert not planned("w_20,f_webp,fl_awebp", LOGO).output.animated


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("w_10001,h_5", "Maximum image side is 10000 pixels. Requested 10001 pixels"),
        ("w_6000,h_6000", "Maximum image size is 25 Megapixels. Requested 36 Megapixels"),
        ("w_9000,h_9000/w_5", "Maximum image size is 25 Megapixels. Requested 81 Megapixels"),
        ("c_mpad,w_5001,h_5000", "Maximum image size is 25 Megapixels. Requested 25.01 Megapixels"),
        ("dpr_200,w_100", "Maximum image side is 10000 pixels. Requested 20000 pixels"),
        ("w_5000,h_4000/a_45", None),
    ],
)
def test_a_result_too_large_is_refused_by_the_name_of_its_limit(chain: str, sentence: str | None) -> None:
    """An enlargement is a bomb too; so is an intermediate one."""
    if sentence is None:
        assert planned(chain).width < 6400
        return
    with pytest.raises(InvalidRequest) as refusal:
        planned(chain)
    assert refusal.value.public == sentence


def test_an_animation_too_large_in_all_its_frames_is_refused() -> None:
    """In the sheet's words (delivery-urls.md §8.2)."""
    animation = SourceFacts(1000, 500, "gif", frames=200)
    with pytest.raises(InvalidRequest) as refusal:
        planned("e_grayscale", animation)
    assert refusal.value.public == (
        "Maximum total number of pixels in all frames/pages is 50 Megapixels. Requested 100 Megapixels"
    )


def test_limits_are_settings() -> None:
    """And the format has its own."""
    with pytest.raises(InvalidRequest, match="Maximum image side is 50 pixels"):
        plan(parse_chain("w_51,h_1"), PHOTO, limits=Limits(output_side=50))
    with pytest.raises(InvalidRequest, match="Maximum side of a webp image is 16383 pixels"):
        plan(parse_chain("w_17000,h_1,f_webp"), PHOTO, limits=Limits(output_side=50_000))


def test_a_large_image_is_shrunk_before_it_is_turned_askew() -> None:
    """To 3000 pixels a side (§6.1); right angles are exact."""
    first, second = planned("a_10").operations
    assert first == Resample((0, 0, 4000, 3000), 3000, 2250)
    assert second == Rotate(10.0)
    assert planned("a_90").operations == (Rotate(90.0),)


def test_radii_are_limited_to_half_the_shorter_side_and_scaled_with_the_pixel_ratio() -> None:
    """§4.4, §6.2."""
    assert planned("w_100,h_50,r_10:999:max:0,dpr_2").operations[-1] == RoundCorners(radii=(20, 50, 50, 0))
    assert planned("w_100,r_max").operations[-1] == RoundCorners(ellipse=True)


def test_blur_grows_with_the_pixel_ratio_and_client_hints_round_it_up() -> None:
    """§4.4, §12.2."""
    assert planned("w_100,e_blur:400/dpr_auto", viewer=Negotiated(dpr=3)).operations[-1] == Blur(30.0)
    assert planned("w_100,dpr_auto").width == 100


@pytest.mark.parametrize(
    "chain",
    [
        "",
        "c_fill,h_301,w_400,g_north/e_sepia/f_auto,q_auto",
        "a_33.vflip/r_1:2:3:4/b_rgb:12345678/c_pad,w_5000,h_10,b_blue/e_blur/e_grayscale",
    ],
)
def test_a_plan_travels_as_json(chain: str) -> None:
    """To the worker and back, equal."""
    outcome = planned(chain, LOGO, MODERN)
    assert Plan.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome


def test_numbers_in_a_plan_are_plain() -> None:
    """No Fraction leaks out of the geometry."""
    for operation in planned("c_fill,w_333,h_77/a_12.5/e_blur:7/r_5,dpr_1.5").operations:
        for value in vars(type(operation))["__attrs_attrs__"]:
            assert not isinstance(getattr(operation, value.name), Fraction)
