"""One text for all spellings of a chain (delivery-urls.md §9)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from origin.transform.canonical import canonical, identity
from origin.transform.params.size import EITHER, MODES
from origin.transform.parse import parse_chain
from origin.transform.plan import Plan, SourceFacts
from origin.transform.resolve import plan
from tests.support.gathering import with_all
from wire.errors import InvalidRequest
from wire.negotiation import Negotiated, negotiates


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("", ""),
        ("w_100,c_fill,h_50", "c_fill,h_50,w_100"),
        ("w_1.0", "c_scale,w_1.0"),
        ("w_1", "c_scale,w_1"),
        ("w_.50", "c_scale,w_0.5"),
        ("w_5,w_10,c_scale", "c_scale,w_10"),
        ("ar_16:9,c_fill,w_10", "ar_16:9,c_fill,w_10"),
        ("ar_1.0,c_fill", "ar_1:1,c_fill"),
        ("ar_32:18,c_fill", "ar_16:9,c_fill"),
        ("c_fill,g_center,w_10,h_10", "c_fill,h_10,w_10"),
        ("c_fit,g_north,w_10", "c_fit,w_10"),
        ("c_crop,w_10,h_10,x_1", "c_crop,g_north_west,h_10,w_10,x_1"),
        ("c_fill", ""),
        ("g_north", ""),
        ("a_-90", "a_270"),
        ("a_360", ""),
        ("a_90:hflip:-20", "a_90.hflip.340"),
        ("a_90:-20", "a_90:340"),  # joined by a dot they would be one number
        ("r_5:5:5:5", "r_5"),
        ("r_0", ""),
        ("e_sepia", "e_sepia:80"),
        ("b_Red", "b_rgb:ff0000"),
        ("b_rgb:F00F", "b_rgb:ff0000"),
        ("b_rgb:f008", "b_rgb:ff000088"),
        ("f_jpeg", "f_jpg"),
        ("dpr_2.0,w_10", "c_scale,w_10/dpr_2"),
        ("dpr_1.0,w_10", "c_scale,w_10"),
        ("q_auto:420,f_png/w_10", "c_scale,w_10/f_png,q_auto:420"),
        ("fl_progressive.attachment:a%252Eb", "fl_attachment:a%252Eb,fl_progressive"),
        ("d_a:b.png", "d_a:b.png"),
        ("w_300,h_350,c_fill//e_grayscale/", "c_fill,h_350,w_300/e_grayscale"),
    ],
)
def test_a_spelling_and_its_canonical_text(chain: str, text: str) -> None:
    """Order, duplicates, defaults, aliases: one text."""
    assert canonical(parse_chain(chain)) == text


params = st.one_of(
    st.builds("{}_{}".format, st.sampled_from("whxy"), st.integers(1, 3000)),
    st.builds("{}_0.{}".format, st.sampled_from("whxy"), st.integers(1, 99)),
    st.builds("ar_{}:{}".format, st.integers(1, 30), st.integers(1, 30)),
    st.builds("ar_{}.{:09d}".format, st.integers(0, 3), st.integers(1, 10**9 - 1)),
    st.builds(
        "a_{}.hflip.{}.{}".format, st.integers(-400, 400), st.integers(0, 5), st.integers(0, 10**9 - 1)
    ),
    st.builds("r_{}:{}".format, st.integers(0, 30), st.integers(0, 30) | st.just("max")),
    st.builds("b_rgb:{:08x}".format, st.integers(0, 2**32 - 1)),
    st.builds("e_blur:{}".format, st.integers(-10, 3000)),
    st.builds("dpr_{}.{}".format, st.integers(1, 3), st.integers(0, 99)),
    st.builds("z_{}.{}".format, st.integers(1, 3), st.integers(0, 10**9 - 1)),
    st.builds(
        "q_{}".format, st.sampled_from(["1", "100", "0.5", "auto", "auto:eco:444", "80:420", "jpegmini"])
    ),
    st.builds("c_{}".format, st.sampled_from(sorted(MODES - EITHER))),
    st.builds("g_{}".format, st.sampled_from(["north", "south_west", "center", "xy_center"])),
    st.builds("g_{}".format, st.sampled_from(["face", "faces:auto:subject", "custom:face", "region_!a-b!"])),
    st.sampled_from(
        [
            *(
                "w_iw",
                "h_oh",
                "r_max",
                "a_ignore",
                "f_auto",
                "f_png",
                "f_tif",
                "d_a:b.png",
                "d_%25ü",
                "dpr_auto",
            ),
            *("fl_ignore_aspect_ratio", "fl_progressive:none", "fl_attachment", "fl_attachment:ü%20%252E!"),
            *(
                "q_auto:sensitive",
                "f_auto:image",
                "fl_preserve_transparency",
                "cs_keep_cmyk",
                "cs_icc:press:a%20b.icc",
                "dn_idn",
                "dl_40",
            ),
            *(
                "fl_lossy.png8",
                "fl_keep_attribution",
                "fl_awebp",
                "e_grayscale",
                "vc_auto",
                "o_100",
                "o_40",
                "bo_5px_solid_red",
                "co_blue",
                "b_auto",
            ),
            *(
                "e_shadow",
                "e_blur_region:300",
                "e_pixelate",
                "e_outline:fill:3:4",
                "e_gradient_fade:symmetric",
            ),
            *(
                "e_trim:5:white",
                "e_tint:equalize:50:red:20p:blue",
                "e_distort:0:0:0.5:0:9:9:0:9",
                "e_shear:5:-7",
            ),
            *(
                "e_morphology:dilate",
                "e_colorize",
                "b_auto:border_gradient:4:palette_red_blue",
                "b_blurred:5",
            ),
        ]
    ),
)
chains = st.lists(st.lists(params, min_size=1, max_size=7), max_size=5)


def joined(chain: list[list[str]]) -> str:
    return "/".join(",".join(component) for component in chain)


@given(chains)
@settings(max_examples=200)
def test_the_canonical_text_means_the_same_and_is_its_own_canonical_text(chain: list[list[str]]) -> None:
    """Idempotent, and nothing is lost."""
    parsed = parse_chain(joined(chain))
    again = parse_chain(canonical(parsed))
    assert again == parsed
    assert canonical(again) == canonical(parsed)


@given(chains, st.randoms())
def test_the_order_of_params_leaves_no_trace(chain: list[list[str]], random: object) -> None:
    """For components without repeated keys."""
    single = [list({param.split("_")[0]: param for param in component}.values()) for component in chain]
    shuffled = [sorted(component, key=hash) for component in single]
    assert canonical(parse_chain(joined(single))) == canonical(parse_chain(joined(shuffled)))


def test_chains_that_give_the_same_file_share_an_identity() -> None:
    """And those that do not, do not."""
    facts = SourceFacts(4000, 3000, "jpg")
    webp = Negotiated(accept=frozenset({"webp"}))

    def identity_of(chain: str, viewer: Negotiated = webp, extension: str | None = None) -> str:
        return identity(plan(parse_chain(chain), facts, viewer, extension))

    base = identity_of("c_fill,h_300,w_400/f_auto/q_auto")
    assert identity_of("w_400,h_300,c_fill,q_auto,f_webp") == base
    assert identity_of("w_400,h_300,c_thumb,q_auto:good,fl_attachment:x,d_a", extension="webp") == base
    assert identity_of("c_fill,h_300,w_400/f_auto/q_auto", Negotiated()) != base
    assert (
        identity_of("c_fill,h_300,w_400/f_auto/q_auto", Negotiated(accept=webp.accept, save_data=True))
        != base
    )
    assert identity_of("c_fill,h_300,w_400,dpr_auto", Negotiated(dpr=2)) != identity_of(
        "c_fill,h_300,w_400,dpr_auto", Negotiated(dpr=1)
    )


viewers = st.builds(
    Negotiated,
    accept=st.frozensets(st.sampled_from(["avif", "webp"])),
    save_data=st.booleans(),
    dpr=st.none() | st.integers(1, 5),
)


@given(chains, viewers, viewers, st.sampled_from([None, "jpg", "png"]), st.integers(1, 3))
@settings(max_examples=200)
def test_viewers_of_one_class_get_one_plan(
    chain: list[list[str]], one: Negotiated, other: Negotiated, extension: str | None, frames: int
) -> None:
    """What a plan reads of a viewer is what `negotiates` says: else an edge would serve a wrong variant."""
    raw = joined(chain)
    facts = SourceFacts(300, 200, "gif", frames=frames)
    if one.key(negotiates(raw)) == other.key(negotiates(raw)):
        assert planned_or_refused(raw, facts, one, extension) == planned_or_refused(
            raw, facts, other, extension
        )


def planned_or_refused(raw: str, facts: SourceFacts, viewer: Negotiated, extension: str | None) -> Plan | str:
    try:
        chain = parse_chain(raw)
        return with_all(lambda gathered: plan(chain, facts, viewer, extension, gathered=gathered))
    except InvalidRequest as refusal:
        return refusal.public


@given(chains, st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 8), st.booleans())
@settings(max_examples=200)
def test_planning_any_chain_gives_a_plan_or_a_named_refusal(
    chain: list[list[str]], width: int, height: int, orientation: int, alpha: bool
) -> None:
    """No crash, and every size within the limits."""
    facts = SourceFacts(width, height, "png", has_alpha=alpha, orientation=orientation)
    refusal, outcome = None, None
    try:
        parsed = parse_chain(joined(chain))
        outcome = with_all(lambda gathered: plan(parsed, facts, gathered=gathered))
    except InvalidRequest as error:
        refusal = error.public
    if outcome is not None:
        assert 1 <= outcome.width * outcome.height <= 25_000_000
    else:
        assert refusal is not None
        assert refusal.startswith(("Maximum ", "Unsupported output format", "Invalid effect"))
