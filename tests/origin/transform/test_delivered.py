"""What a result is delivered as: formats to choose from, and the settings that change a byte of them."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.canonical import canonical, identity
from origin.transform.params.flags import KNOWN, MEANT, NOTED
from origin.transform.parse import parse_chain
from origin.transform.plan import Input, Plan, SourceFacts
from origin.transform.references import Gathered, Reference, Referenced, Wanted
from origin.transform.resolve import plan
from wire.errors import InvalidRequest
from wire.negotiation import NOTHING, Negotiated
from wire.public_ids import FORMATS

PHOTO = SourceFacts(4000, 3000, "jpg")
DRAWING = SourceFacts(400, 300, "png")
LOGO = SourceFacts(400, 300, "png", has_alpha=True)
MOVING = SourceFacts(400, 300, "gif", frames=9)
MODERN = Negotiated(accept=frozenset({"avif", "webp"}))
OLDER = Negotiated(accept=frozenset({"webp"}))


def planned(
    chain: str, facts: SourceFacts = PHOTO, viewer: Negotiated = NOTHING, extension: str | None = None
) -> Plan:
    return plan(parse_chain(chain), facts, viewer, extension)


@pytest.mark.parametrize(
    ("chain", "facts", "viewer", "extension", "formats", "smallest"),
    [
        ("w_400,f_auto", PHOTO, MODERN, "jpg", ("avif",), False),
        ("w_400,f_auto", PHOTO, OLDER, None, ("webp",), False),
        ("w_400,f_auto", PHOTO, NOTHING, None, ("jpg",), False),
        ("w_5000,f_auto", PHOTO, MODERN, None, ("webp",), False),
        ("w_60,f_auto", PHOTO, MODERN, None, ("webp", "jpg", "png"), True),
        ("w_60,f_auto", PHOTO, NOTHING, None, ("jpg", "png"), True),
        ("w_100,f_auto", DRAWING, MODERN, None, ("avif", "webp", "png"), True),
        ("w_100,f_auto", DRAWING, OLDER, "jpg", ("webp", "png"), True),
        ("w_100,f_auto", DRAWING, NOTHING, None, ("jpg", "png"), True),
        ("w_100,f_auto", DRAWING, NOTHING, "jpg", ("jpg",), False),
        ("w_100,f_auto", DRAWING, NOTHING, "gif", ("gif",), False),
        ("w_100,f_auto", LOGO, MODERN, None, ("avif", "webp", "png"), True),
        ("w_100,f_auto", LOGO, NOTHING, None, ("png", "jpg"), True),
        ("w_100,f_auto", LOGO, NOTHING, "jpg", ("png", "jpg"), False),
        ("w_100,f_auto", LOGO, NOTHING, "png", ("png",), False),
        ("w_100,f_auto,fl_preserve_transparency", LOGO, NOTHING, "jpg", ("png",), False),
        ("w_40,f_auto,fl_preserve_transparency", LOGO, OLDER, None, ("webp", "png"), True),
        ("w_400,r_max,f_auto", PHOTO, NOTHING, None, ("png", "jpg"), False),
        ("f_auto", MOVING, OLDER, None, ("webp",), False),
        ("f_auto:animated", MOVING, NOTHING, "jpg", ("gif",), False),
        ("f_auto:image,w_100", MOVING, OLDER, None, ("webp", "png"), True),
        ("f_auto,cs_cmyk", PHOTO, MODERN, None, ("jpg",), False),
        ("f_auto,cs_keep_cmyk", PHOTO, MODERN, None, ("avif", "jpg"), False),
        ("f_png,fl_lossy", PHOTO, NOTHING, None, ("jpg",), False),
        ("fl_lossy,w_10", LOGO, NOTHING, None, ("png", "jpg"), False),
        ("f_png,fl_lossy.png8", PHOTO, NOTHING, None, ("png",), False),
    ],
)
def test_formats_are_left_open_only_where_pixels_decide(
    chain: str,
    facts: SourceFacts,
    viewer: Negotiated,
    extension: str | None,
    formats: tuple[str, ...],
    smallest: bool,
) -> None:
    """A photograph's format is known; a drawing's, a tiny picture's and one with alpha's is not (§7.1)."""
    output = planned(chain, facts, viewer, extension).output
    assert (output.formats, output.smallest) == (formats, smallest)


@given(
    st.sampled_from(
        ["f_auto", "f_auto:image", "f_auto,fl_preserve_transparency", "f_auto,w_50", "f_auto,r_max"]
    ),
    st.sampled_from(
        [PHOTO, DRAWING, LOGO, MOVING, evolve(PHOTO, format="heic"), evolve(LOGO, format="webp")]
    ),
    st.sampled_from([MODERN, OLDER, NOTHING]),
    st.sampled_from([None, "jpg", "png", "gif"]),
)
def test_nobody_is_sent_what_they_do_not_take(
    chain: str, facts: SourceFacts, viewer: Negotiated, extension: str | None
) -> None:
    """AVIF and WebP only where they were named; no format twice."""
    formats = planned(chain, facts, viewer, extension).output.formats
    assert set(formats) & {"avif", "webp"} <= viewer.accept
    assert len(set(formats)) == len(formats)


@pytest.mark.parametrize(
    ("one", "other", "facts"),
    [
        ("w_9,f_webp", "w_9,f_webp,fl_png8.group4.lossy,dn_300,dl_50", PHOTO),
        ("w_9", "w_9,fl_png32.any_format.group4.strip_profile,cs_srgb", PHOTO),
        ("w_9", "w_9,cs_no_cmyk,fl_force_strip,dl_100", PHOTO),
        ("w_9,fl_force_icc", "w_9,cs_tinysrgb", PHOTO),
        ("w_9", "w_9,cs_tinysrgb,fl_strip_profile", PHOTO),
        ("w_9,q_auto", "w_9,q_auto,fl_keep_iptc,dn_300", PHOTO),
        ("w_9,q_auto", "w_9,q_auto,fl_progressive:semi", PHOTO),
        ("w_9,f_gif", "w_9,f_gif,q_30", PHOTO),
        ("w_9,f_bmp", "w_9,f_bmp,q_auto:low,fl_progressive", PHOTO),
        ("w_9,f_png,q_70", "w_9,f_png,q_70:444", PHOTO),
        ("w_9,f_png,q_70", "w_9,f_png,q_70,fl_any_format", PHOTO),
        ("w_9,f_webp", "w_9,f_webp,cs_keep_cmyk", PHOTO),
        ("w_9,q_auto:good:sensitive", "w_9,q_auto:sensitive", PHOTO),
        ("w_9,q_jpegmini:1", "w_9,q_auto:good", PHOTO),
        ("w_9", "w_9,fl_awebp.apng.animated", PHOTO),
        ("w_9", "w_9,fl_progressive", MOVING),
        ("w_9", "w_9,fl_original.immutable_cache.rasterize.sanitize.ignore_mask_channels.tiff8_lzw", PHOTO),
    ],
)
def test_settings_that_change_no_byte_share_the_file(one: str, other: str, facts: SourceFacts) -> None:
    """A flag of another format, the default spelt out, two words for one thing."""
    assert identity(planned(one, facts)) == identity(planned(other, facts))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("w_9,f_png", each) for each in ("fl_png8", "fl_png24", "fl_png32", "cs_srgb:truecolor")),
        *(("w_9,f_png", each) for each in ("dn_300", "dn_idn", "fl_keep_iptc")),
        ("w_9,f_png,q_auto:best", "fl_any_format"),
        ("w_9", "fl_keep_attribution"),
        ("w_9,q_auto", "fl_keep_attribution"),
        ("w_9", "fl_force_icc"),
        ("w_9", "cs_cmyk"),
        ("w_9", "cs_keep_cmyk"),
        ("w_9,f_gif", "fl_lossy"),
        ("w_9,f_tif", "fl_group4"),
        ("w_9", "fl_progressive"),
        ("w_9,f_gif", "fl_progressive"),
        ("w_9,f_png", "fl_progressive"),
        ("w_9", "q_auto:good:sensitive,fl_progressive:none"),
        ("w_9,fl_keep_iptc", "fl_strip_profile"),
    ],
)
def test_settings_that_matter_make_a_file_of_their_own(one: str, other: str) -> None:
    """Otherwise the first asker would decide for all."""
    assert identity(planned(one)) != identity(planned(f"{one},{other}"))


@pytest.mark.parametrize(
    ("chain", "facts"),
    [
        ("fl_keep_iptc", PHOTO),
        ("fl_png8", PHOTO),
        ("fl_animated.awebp", PHOTO),
        ("fl_progressive", evolve(LOGO, format="webp")),
        ("q_80", evolve(MOVING, frames=1)),
        ("fl_lossy", PHOTO),
        ("dl_80", PHOTO),
        ("f_auto", MOVING),
    ],
)
def test_what_leaves_the_stored_bytes_alone_delivers_them(chain: str, facts: SourceFacts) -> None:
    """The original keeps all it holds."""
    assert planned(chain, facts).passthrough


@pytest.mark.parametrize(
    ("chain", "facts"),
    [
        *(
            (each, PHOTO)
            for each in ("fl_strip_profile", "fl_force_icc", "fl_keep_attribution", "fl_force_strip")
        ),
        *(
            (each, PHOTO)
            for each in ("cs_srgb", "cs_tinysrgb", "cs_cmyk", "cs_keep_cmyk", "dn_300", "dn_idn")
        ),
        *((each, LOGO) for each in ("fl_png8", "fl_png24", "fl_png32", "fl_lossy", "f_auto")),
        ("fl_lossy", MOVING),
        ("dl_80", MOVING),
        ("f_auto:image", MOVING),
    ],
)
def test_what_does_not_is_rendered(chain: str, facts: SourceFacts) -> None:
    """A profile, GPS tags or a palette may be in the stored file."""
    assert not planned(chain, facts).passthrough


@pytest.mark.parametrize(
    ("chain", "format_", "animated"),
    [
        ("f_gif", "gif", True),
        ("f_webp", "webp", False),
        ("f_webp,fl_awebp", "webp", True),
        ("f_webp,fl_animated", "webp", True),
        ("f_png", "png", False),
        ("f_png,fl_apng", "png", True),
        ("f_png,fl_awebp", "png", False),
        ("f_avif", "avif", False),
        ("f_avif,fl_animated", "avif", True),
        ("f_avif,fl_awebp", "avif", False),
        ("f_jpg,fl_animated", "jpg", False),
        ("f_auto,fl_animated", "gif", True),
        ("f_pdf,fl_animated", "pdf", False),
    ],
)
def test_an_animation_stays_one_where_the_format_was_asked_to(
    chain: str, format_: str, animated: bool
) -> None:
    """Each format has its flag (§7.1)."""
    output = planned(chain, MOVING).output
    assert (output.format, output.animated) == (format_, animated)


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("fl_awebp.animated", "fl_animated"),
        ("fl_apng.awebp", "fl_apng,fl_awebp"),
        ("fl_apng.animated", "fl_animated,fl_apng"),
        ("f_auto:animated", "f_auto"),
        ("f_auto:image", "f_auto:image"),
        ("cs_NO_CMYK", "cs_srgb"),
        ("cs_srgb:truecolor", "cs_srgb:truecolor"),
        ("fl_keep_iptc.keep_attribution", "fl_keep_attribution"),
        ("fl_keep_attribution/fl_keep_iptc", "fl_keep_attribution"),
        ("fl_force_strip/fl_keep_iptc", "fl_force_strip"),
        ("fl_png8/fl_png32", "fl_png32"),
        ("dn_IDN,dl_0080", "dl_80,dn_idn"),
        ("q_auto:sensitive:444", "q_auto:good:sensitive:444"),
        ("fl_progressive:steep", "fl_progressive"),
        ("fl_tiff8_lzw", ""),
        ("fl_group4.lossy.preserve_transparency", "fl_group4,fl_lossy,fl_preserve_transparency"),
    ],
)
def test_a_spelling_and_its_canonical_text(chain: str, text: str) -> None:
    """One text for each meaning."""
    assert canonical(parse_chain(chain)) == text


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("dn_0", "Invalid density in transformation: 0"),
        ("dn_65536", "Invalid density in transformation: 65536"),
        ("dn_x", "Invalid density in transformation: x"),
        ("dl_0", "Invalid delay in transformation: 0"),
        ("dl_-5", "Invalid delay in transformation: -5"),
        ("cs_lab", "Invalid color_space in transformation: lab"),
        ("f_auto:video", "f_auto:video is not supported"),
        ("fl_lossy:80", "Invalid flag in transformation: lossy:80"),
        ("fl_nonsense", "Invalid flag in transformation: nonsense"),
        ("fl_c2pa", "fl_c2pa is not supported"),
        ("fl_splice:transition", "fl_splice is not supported"),
        ("q_auto:444:420", "Invalid quality in transformation: auto:444:420"),
    ],
)
def test_a_mistake_is_told_by_its_name(chain: str, sentence: str) -> None:
    """With what was found."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_chain(chain)
    assert refusal.value.public == sentence


def test_ink_is_refused_where_a_format_has_none() -> None:
    """PNG and WebP are for screens."""
    for name in ("png", "webp", "avif", "gif"):
        with pytest.raises(InvalidRequest, match=f"cs_cmyk in {name} is not supported"):
            planned(f"cs_cmyk,f_{name}")
    assert planned("cs_cmyk,f_tif").output.finish.space == "cmyk"


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("cs_icc:press.icc,f_gif", "cs_icc in gif is not supported"),
        ("cs_icc:press.icc,f_pdf", "cs_icc in pdf is not supported"),
        ("cs_icc:press", "Invalid color_space in transformation: icc:press"),
        ("cs_icc:.icc", "Invalid color_space in transformation: icc:.icc"),
        ("cs_icc:", "Invalid color_space in transformation: icc:"),
        ("cs_icc", "Invalid color_space in transformation: icc"),
    ],
)
def test_a_profile_needs_its_name_and_a_format_that_can_hold_it(chain: str, sentence: str) -> None:
    """§7.3: a raw file's public id, its extension included."""
    with pytest.raises(InvalidRequest) as refused:
        planned(chain)
    assert refused.value.public == sentence


def test_a_profile_is_a_file_of_the_plan() -> None:
    """Looked up as a raw, authenticated one; values are case-insensitive, names are not. The last cs_ wins."""
    known = Gathered({Reference("authenticated", "a/Press.icc", "raw"): Referenced(PHOTO, "p/7")})
    made = plan(parse_chain("w_9,f_jpg,cs_ICC:a:Press.icc"), PHOTO, gathered=known)
    assert made.profile == 0
    assert made.inputs == (Input("authenticated", "a/Press.icc", "p/7", "raw"),)
    assert identity(made) != identity(plan(parse_chain("w_9,f_jpg"), PHOTO))
    assert not plan(parse_chain("f_jpg,cs_icc:a:Press.icc"), PHOTO, gathered=known).passthrough
    with pytest.raises(Wanted):
        plan(parse_chain("cs_srgb/cs_icc:a:Press.icc"), PHOTO)
    assert plan(parse_chain("cs_icc:a:Press.icc/cs_srgb"), PHOTO).profile is None
    automatic = plan(parse_chain("f_auto,cs_icc:a:Press.icc"), PHOTO, MODERN, gathered=known)
    assert automatic.output.formats == ("avif", "jpg")  # if it is of ink, only a JPEG can hold it


def test_every_flag_of_the_sheet_is_done_or_refused_by_name() -> None:
    """§13, whole."""
    listed = """
    layer_apply relative region_relative no_overflow tiled cutter text_no_trim text_disallow_overflow
    ignore_aspect_ratio progressive lossy attachment getinfo animated awebp apng any_format png8 png24 png32
    preserve_transparency strip_profile keep_iptc keep_attribution force_strip force_icc immutable_cache original
    rasterize clip clip_evenodd group4 tiff8_lzw ignore_mask_channels sanitize c2pa replace_image draco waveform
    alternate hlsv3 keep_dar mono no_stream splice streaming_attachment truncate_ts
    """
    assert set(listed.split()) == KNOWN


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_documented_format_is_made_or_refused_by_name(name: str) -> None:
    """As `f_` and as extension alike."""
    answers = []
    for chain, extension in ((f"w_9,f_{name}", None), ("w_9", FORMATS[name])):
        try:
            answers.append(planned(chain, extension=extension).output.format)
        except InvalidRequest as refusal:
            answers.append(refusal.public)
    assert answers[0] == answers[1]
    assert answers[0] in (FORMATS[name], f"Unsupported output format {FORMATS[name]}")


def test_an_icon_fits_into_what_icons_can_hold() -> None:
    """256 pixels a side, whatever was asked for."""
    icon = planned("w_1000,f_ico")
    assert (icon.width, icon.height) == (256, 192)
    assert (planned("w_100,f_ico").width, planned("w_100,f_ico").height) == (100, 75)


SPACES = ["srgb", "tinysrgb", "no_cmyk", "cmyk", "keep_cmyk", "srgb:truecolor"]
flags = st.lists(st.sampled_from(sorted(MEANT | NOTED)), max_size=6).map(lambda each: f"fl_{'.'.join(each)}")
packings = st.lists(
    st.one_of(
        flags,
        st.builds("dn_{}".format, st.integers(1, 65_535) | st.just("idn")),
        st.builds("dl_{}".format, st.integers(1, 600_000)),
        st.builds(
            "cs_{}".format,
            st.sampled_from(SPACES),
        ),
        st.builds("f_{}".format, st.sampled_from(["auto", "auto:image", "auto:animated", *sorted(FORMATS)])),
        st.builds(
            "q_{}".format,
            st.sampled_from(
                ["auto:sensitive", "auto:eco:sensitive:444", "100", "jpegmini:1", "auto", "7:420"]
            ),
        ),
    ).filter(lambda each: each != "fl_"),
    max_size=6,
).map("/".join)


@given(packings, st.sampled_from([PHOTO, LOGO, MOVING]), st.sampled_from([MODERN, NOTHING]))
def test_the_canonical_text_gives_the_same_plan(chain: str, facts: SourceFacts, viewer: Negotiated) -> None:
    """And is its own canonical text; and a plan survives the pipe."""
    parsed = parse_chain(chain)
    again = parse_chain(canonical(parsed))
    assert again == parsed
    assert canonical(again) == canonical(parsed)
    made, refusal = None, ""
    try:
        made = plan(parsed, facts, viewer)
    except InvalidRequest as error:
        refusal = error.public
    if made is None:
        assert refusal.startswith(("Unsupported output format", "cs_cmyk in", "fl_clip"))
    else:
        assert Plan.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    ("chain", "facts", "viewer", "may_be"),
    [
        ("f_auto", LOGO, NOTHING, True),
        ("f_auto", DRAWING, MODERN, True),
        ("f_auto", PHOTO, MODERN, False),  # avif alone
        ("f_auto,q_auto", LOGO, NOTHING, False),
        ("f_auto,w_100", LOGO, NOTHING, False),
        ("f_auto,a_ignore", evolve(LOGO, orientation=6), NOTHING, False),
        ("f_auto,fl_force_strip", LOGO, NOTHING, False),
        ("f_auto:image", MOVING, NOTHING, False),
        ("", LOGO, NOTHING, False),  # they are the answer
    ],
)
def test_where_pixels_decide_the_stored_bytes_may_be_the_answer(
    chain: str, facts: SourceFacts, viewer: Negotiated, may_be: bool
) -> None:
    made = planned(chain, facts, viewer)
    assert made.keeps_smaller is may_be
    assert Plan.from_json(made.to_json()) == made
