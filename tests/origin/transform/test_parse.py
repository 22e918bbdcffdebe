"""Chains read: what each param says, and in which words a mistake is refused."""

from fractions import Fraction

import cloudinary.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.canonical import canonical
from origin.transform.limits import Limits
from origin.transform.params.quality import Quality
from origin.transform.parse import parse_chain
from wire.errors import InvalidRequest


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("w_abc", "Invalid width in transformation: abc"),
        ("w_0", "Invalid width in transformation: 0"),
        ("w_-5", "Invalid width in transformation: -5"),
        ("w_0.0", "Invalid width in transformation: 0.0"),
        ("h_9999999999", "Invalid height in transformation: 9999999999"),
        ("h_1e3", "Invalid height in transformation: 1e3"),
        ("w_%0D%0AX", "Invalid width in transformation: %0D%0AX"),
        ("ar_0:1", "Invalid aspect_ratio in transformation: 0:1"),
        ("c_foo,w_1", "Invalid crop in transformation: foo"),
        ("c_fill_pad,g_north,w_1", "Use fill_pad only with auto gravity"),
        ("c_auto_pad,w_1", "Use auto_pad only with auto gravity"),
        ("g_nowhere,w_1,c_fill", "Invalid gravity in transformation: nowhere"),
        ("g_auto,w_1,c_pad", "Use auto gravity only with crop, fill, lfill, fill_pad or thumb"),
        ("g_auto:faces,w_1", "Use auto gravity only with crop, fill, lfill, fill_pad or thumb"),
        ("g_auto:101,w_1,c_fill", "Invalid gravity in transformation: auto:101"),
        ("g_adv_face,w_1,c_thumb", "g_adv_face is not supported"),
        ("g_ocr_text,w_1,c_crop", "g_ocr_text is not supported"),
        ("g_face:nowhere,w_1,c_thumb", "Invalid gravity in transformation: face:nowhere"),
        ("g_region_!a b!,w_1,c_crop", "Invalid gravity in transformation: region_!a b!"),
        ("x_a,w_1,c_crop", "Invalid x in transformation: a"),
        ("z_0,w_1,c_thumb", "Invalid zoom in transformation: 0"),
        ("a_left", "Invalid angle in transformation: left"),
        ("a_10.", "Invalid angle in transformation: 10."),
        ("r_1:2:3:4:5", "Invalid radius in transformation: 1:2:3:4:5"),
        ("r_-1", "Invalid radius in transformation: -1"),
        ("b_nocolour", "Invalid background in transformation: nocolour"),
        ("b_rgb:12345", "Invalid background in transformation: rgb:12345"),
        ("b_auto:nonsense", "Invalid background in transformation: auto:nonsense"),
        ("b_blurred:x", "Invalid background in transformation: blurred:x"),
        ("b_gen_fill:x", "Invalid background in transformation: gen_fill:x"),
        ("bo_5px_dotted_red", "Invalid border in transformation: 5px_dotted_red"),
        ("bo_5px_solid_nocolour", "Invalid border in transformation: 5px_solid_nocolour"),
        ("co_nocolour,e_colorize", "Invalid color in transformation: nocolour"),
        ("o_101", "Invalid opacity in transformation: 101"),
        ("e_pixelate_faces:a", "Invalid effect in transformation: pixelate_faces:a"),
        ("e_blur_region,g_ocr_text", "g_ocr_text is not supported"),
        ("e_nonsense", "Invalid effect in transformation: nonsense"),
        ("e_blur:x", "Invalid effect in transformation: blur:x"),
        ("q_0", "Invalid quality in transformation: 0"),
        ("q_101", "Invalid quality in transformation: 101"),
        ("q_80:422", "Invalid quality in transformation: 80:422"),
        ("q_auto:super", "Invalid quality in transformation: auto:super"),
        ("f_foo", "Invalid format in transformation: foo"),
        ("fl_pdf", "Invalid flag in transformation: pdf"),
        ("fl_progressive:x", "Invalid flag in transformation: progressive:x"),
        ("fl_attachment:a%0Ab", "Invalid flag in transformation: attachment:a%0Ab"),
        ("fl_attachment:a%252Fb", "Invalid flag in transformation: attachment:a%2Fb"),
        ("fl_layer_apply", "fl_layer_apply closes no layer"),
        ("fl_relative,w_1.0", "resize marked as relative but not performed on a layer"),
        ("dpr_0", "Invalid dpr in transformation: 0"),
        ("t_thumb", "Unknown transformation thumb"),
        ("w_5/bl_base", "bl_base must be the first component, and alone in it"),
        ("if_w_gt,c_scale,w_500", "Invalid condition in transformation: w_gt"),
        ("if_else/w_1", "if_else without if_ in transformation"),
        ("$foo_bar", "Invalid assignment to $foo: bar"),
        ("f_$kind", "f_$kind is not supported"),
        ("w_iw_div", "Invalid width in transformation: iw_div"),
        ("w_auto:0,c_limit", "Invalid width in transformation: auto:0"),
        ("w_auto:breakpoints_1_2,c_limit", "Invalid width in transformation: auto:breakpoints_1_2"),
        ("w_auto:breakpoints_9_2_1_1", "Invalid width in transformation: auto:breakpoints_9_2_1_1"),
        ("w_auto:breakpoints_1_2_1_0", "Invalid width in transformation: auto:breakpoints_1_2_1_0"),
        ("w_auto:100:json", "Invalid width in transformation: auto:100:json"),
        ("pg_0", "Invalid page in transformation: 0"),
        ("pg_3-2", "Invalid page in transformation: 3-2"),
        ("pg_1;x", "Invalid page in transformation: 1;x"),
        ("pg_name:", "Invalid page in transformation: name:"),
        ("pg_embedded:2-3", "Invalid page in transformation: embedded:2-3"),
        ("my_path", "Invalid transformation component - my_path"),
    ],
)
def test_a_mistake_is_told_in_the_words_of_the_sheet(chain: str, sentence: str) -> None:
    """delivery-urls.md §8.2: clients match on them."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_chain(chain)
    assert refusal.value.public == sentence
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("chain", "same"),
    [
        ("fl_mono.no_stream,w_9", "w_9"),
        ("fl_splice:transition/w_9", "w_9"),
        ("fl_streaming_attachment:name,fl_waveform,fl_lossy", "fl_lossy"),
        ("fl_draco.hlsv3.keep_dar.truncate_ts.alternate,w_9", "w_9"),
        ("q_70:qmax_80", "q_70"),
        ("cs_copy,w_9", "w_9"),
        ("cs_cmyk/cs_copy", "cs_cmyk"),
        ("e_volume:50/w_9", "w_9"),
        ("ac_none,af_44100,br_500k,du_5,eo_9,ki_2,so_3,sp_hd,vc_h264,w_9", "w_9"),
    ],
)
def test_what_speaks_of_films_is_parsed_and_does_nothing_here(chain: str, same: str) -> None:
    """§12.5, §13, tier video: refused only where it would be applied, or where it is all there is."""
    assert parse_chain(chain) == parse_chain(same)


@pytest.mark.parametrize("flag", ["mono", "splice:transition", "waveform", "draco"])
def test_a_flag_of_films_alone_is_refused(flag: str) -> None:
    """It would be the sole purpose."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_chain(f"fl_{flag}")
    assert refusal.value.public == f"fl_{flag.partition(':')[0]} is not supported"


def test_a_chain_has_a_length_limit() -> None:
    """60 components, by default, and the text names the limit."""
    assert len(parse_chain("/".join(["a_90"] * 60)).steps) == 60
    with pytest.raises(InvalidRequest, match="Maximum chain length is 60 components"):
        parse_chain("/".join(["a_90"] * 61))
    with pytest.raises(InvalidRequest, match="Maximum chain length is 1 "):
        parse_chain("a_90/a_90", Limits(chain_length=1))


def test_an_empty_chain_asks_for_nothing() -> None:
    """The original."""
    assert parse_chain("").steps == ()


def test_order_within_a_component_is_meaningless() -> None:
    """SDKs sort; people do not (transformations.md §1)."""
    assert parse_chain("w_10,c_fill,h_20,r_max,e_sepia") == parse_chain("r_max,e_sepia,h_20,w_10,c_fill")


def test_the_last_setting_of_a_chain_wins() -> None:
    """Settings hold for the whole chain, wherever they stand."""
    settings = parse_chain(
        "f_png,q_80/w_10/f_webp,fl_progressive/q_auto:eco:444/fl_attachment:my_file"
    ).settings
    assert (settings.format, settings.progressive) == ("webp", True)
    assert settings.quality == Quality(target="eco", subsampling="444")
    assert settings.attachment is not None
    assert settings.attachment.name == "my_file"


@pytest.mark.parametrize(
    ("text", "quality"),
    [
        ("80", Quality(80)),
        ("80:444", Quality(80, subsampling="444")),
        ("0.4", Quality(40)),
        ("1.0", Quality(100)),
        ("auto", Quality()),
        ("auto:420", Quality(subsampling="420")),
        ("auto:best", Quality(target="best")),
        ("auto:low:sensitive", Quality(target="low", sensitive=True)),
        ("jpegmini", Quality(target="best")),
        ("jpegmini:2", Quality(target="eco")),
    ],
)
def test_a_quality(text: str, quality: Quality) -> None:
    """transformations.md §7.2."""
    assert parse_chain(f"q_{text}").settings.quality == quality


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("90", (Fraction(90),)),
        ("-90", (Fraction(270),)),
        ("720", ()),
        ("10.5", (Fraction("10.5"),)),
        ("hflip.45", ("hflip", Fraction(45))),
        ("45.hflip.vflip", (Fraction(45), "hflip", "vflip")),
        ("exif", ()),
    ],
)
def test_an_angle(text: str, steps: tuple[Fraction | str, ...]) -> None:
    """Applied left to right, clockwise (§6.1)."""
    chain = parse_chain(f"a_{text}")
    assert (chain.steps[0].turns.steps if chain.steps else ()) == steps


@pytest.mark.parametrize(
    ("text", "radii"),
    [
        ("20", (20, 20, 20, 20)),
        ("10:20", (10, 20, 10, 20)),
        ("10:20:30", (10, 20, 30, 20)),
        ("10:20:30:40", (10, 20, 30, 40)),
    ],
)
def test_radii_go_clockwise_from_the_top_left(text: str, radii: tuple[int, ...]) -> None:
    """CSS order (§6.2)."""
    corners = parse_chain(f"r_{text}").steps[0].corners
    assert corners is not None
    assert corners.radii == radii


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("red", (255, 0, 0, 255)),
        ("LightGoldenrodYellow", (250, 250, 210, 255)),
        ("rebeccapurple", (102, 51, 153, 255)),
        ("grey", (128, 128, 128, 255)),
        ("rgb:F00", (255, 0, 0, 255)),
        ("rgb:f008", (255, 0, 0, 136)),
        ("rgb:00ff0080", (0, 255, 0, 128)),
        ("%2300ff00", (0, 255, 0, 255)),
        ("transparent", (0, 0, 0, 0)),
    ],
)
def test_a_colour(text: str, colour: tuple[int, int, int, int]) -> None:
    """transformations.md §2."""
    background = parse_chain(f"b_{text}").steps[0].background
    assert background is not None
    assert background.colour == colour


def test_what_only_concerns_video_or_is_done_anyway_says_nothing_about_an_image() -> None:
    """Parsed and kept out of the way (§3, §12.5, §13)."""
    assert parse_chain("vc_auto,br_500k,so_2,fl_sanitize.immutable_cache") == parse_chain("")


def test_a_default_image_is_named_with_slashes() -> None:
    """delivery-urls.md §8.3."""
    assert parse_chain("d_placeholders:avatar.png,w_10").default_image == "placeholders/avatar.png"


KEYS = "a ar b c d dpr e f fl g h o q r w x y z t l if $v pg cs"
VALUES = "auto fill max face iw 1:2 auto:good rgb:fff %25 %FF %252E ٣ ² 1.5.hflip"
keys = st.sampled_from(KEYS.split())
values = st.one_of(
    st.from_regex(r"-?[0-9]{0,12}\.?[0-9]{0,12}", fullmatch=True),
    st.text(max_size=8),
    st.sampled_from(VALUES.split()),
)
chains = st.lists(
    st.lists(st.builds("{}_{}".format, keys, values), min_size=1, max_size=5).map(",".join), max_size=5
).map("/".join)


@given(st.one_of(chains, st.text(max_size=80)))
def test_reading_is_total(raw: str) -> None:
    """Any text gives a chain or a refusal of one printable line."""
    refusal = None
    try:
        parse_chain(raw)
    except InvalidRequest as error:
        refusal = error
    assert refusal is None or len(refusal.public.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"width": 100, "height": 50, "crop": "fill", "gravity": "north"}, "c_fill,g_north,h_50,w_100"),
        ({"width": 0.5, "crop": "scale"}, "c_scale,w_0.5"),
        ({"width": "iw", "crop": "limit"}, "c_limit,w_iw"),
        ({"crop": "crop", "x": 1, "y": 2, "width": 3, "height": 4}, "c_crop,g_north_west,h_4,w_3,x_1,y_2"),
        ({"aspect_ratio": "16:9", "width": 90, "crop": "pad", "background": "#ff0000"},
         "ar_16:9,b_rgb:ff0000,c_pad,w_90"),
        ({"background": "blue", "angle": ["hflip", 45], "radius": "max"}, "a_hflip.45,b_rgb:0000ff,r_max"),
        ({"radius": [1, 2, 3, 4]}, "r_1:2:3:4"),
        ({"effect": ["sepia", 40]}, "e_sepia:40"),
        ({"flags": ["progressive", "attachment:cat"], "quality": "auto:eco"},
         "fl_attachment:cat,fl_progressive,q_auto:eco"),
        ({"fetch_format": "auto", "quality": 80, "dpr": 2.0, "default_image": "a.png"},
         "d_a.png,dpr_2,f_auto,q_80"),
        ({"transformation": [{"width": 10, "crop": "fit"}, {"effect": "grayscale"}]},
         "c_fit,w_10/e_grayscale"),
    ],
)  # fmt: skip
def test_what_the_official_sdk_emits_is_understood(options: dict[str, object], text: str) -> None:
    """Option by option, to its canonical text."""
    emitted, _ = cloudinary.utils.generate_transformation_string(**options)
    assert canonical(parse_chain(emitted)) == text
