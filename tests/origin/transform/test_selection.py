"""Pages, density and what else is chosen of a file: the grammar, and what it comes to for one source."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.canonical import canonical
from origin.transform.parse import parse_chain
from origin.transform.plan import Outline, Plan, Resample, Sheet, SourceFacts
from origin.transform.portion import Portion
from origin.transform.references import Gathered, Reference, Referenced
from origin.transform.resolve import plan, settle
from wire.errors import InvalidRequest
from wire.negotiation import NOTHING, Negotiated

PDF = SourceFacts(72, 144, "pdf", pages=3, sheets=(Sheet(72, 144), Sheet(100, 50), Sheet(72, 144)))
SVG = SourceFacts(96, 48, "svg", has_alpha=True)
GIF = SourceFacts(400, 225, "gif", frames=20)
TIFF = SourceFacts(100, 50, "tiff", pages=2)
JPG = SourceFacts(400, 300, "jpg", density=300.0)
PATHS = SourceFacts(400, 300, "jpg", outlines=(Outline("hull", 0, 0, 9, 9), Outline("logo", 1, 1, 5, 5)))
PSD = SourceFacts(
    200,
    100,
    "psd",
    pages=3,
    sheets=(
        Sheet(200, 100, has_alpha=False),
        Sheet(200, 100, name="ground", has_alpha=True),
        Sheet(40, 30, 7, 9, "logo/main", has_alpha=True),
    ),
    embedded=(Sheet(0, 0, name="drawing"), Sheet(90, 60, name="logo/main", has_alpha=False)),
)


def planned(chain: str, facts: SourceFacts, extension: str | None = None, accept: str = "") -> Plan:
    viewer = Negotiated(accept=frozenset(accept.split())) if accept else NOTHING
    return plan(parse_chain(chain), facts, viewer, extension)


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("pg_2", "pg_2"),
        ("w_10/pg_2,f_jpg", "c_scale,w_10/f_jpg,pg_2"),
        ("pg_2/pg_3", "pg_2"),
        ("pg_1;3;1", "pg_1;3"),
        ("pg_2-4;6-", "pg_2-4;6-"),
        ("pg_2-2", "pg_2"),
        ("pg_name:a%2Fb;c", "pg_name:a%2Fb;c"),
        ("pg_embedded:2", "pg_embedded:2"),
        ("pg_embedded:name:a%2Fb;c/pg_2", "pg_embedded:name:a%2Fb;c"),
        ("dn_200", "dn_200"),
        ("dn_idn", "dn_idn"),
        ("fl_clip.rasterize", "fl_clip,fl_rasterize"),
        ("fl_clip_evenodd,pg_2", "fl_clip_evenodd,pg_2"),
        ("fl_ignore_mask_channels", "fl_ignore_mask_channels"),
        ("l_book/pg_2,w_10/fl_layer_apply", "l_book/pg_2/c_scale,w_10/fl_layer_apply"),
    ],
)
def test_a_spelling_and_its_canonical_text(chain: str, text: str) -> None:
    """One selection holds for a chain: the first `pg_` counts, wherever it stands."""
    assert canonical(parse_chain(chain)) == text
    assert canonical(parse_chain(text)) == text


spans = st.one_of(
    st.integers(1, 999_999).map(str),
    st.integers(1, 999_999).map("{}-".format),
    st.tuples(st.integers(1, 999), st.integers(0, 999)).map(lambda span: f"{span[0]}-{sum(span)}"),
)


@given(st.lists(spans, min_size=1, max_size=6), st.integers(1, 2400))
def test_pages_and_density_round_trip(pages: list[str], density: int) -> None:
    chain = parse_chain(f"pg_{';'.join(pages)},dn_{density}")
    assert parse_chain(canonical(chain)) == chain


@given(
    st.lists(
        st.text(st.characters(exclude_characters=";", exclude_categories=["Cs"]), min_size=1), min_size=1
    )
)
def test_names_of_layers_round_trip(names: list[str]) -> None:
    """Whatever a designer calls a layer."""
    from urllib.parse import quote

    chain = parse_chain(f"pg_name:{';'.join(quote(each, safe='') for each in names)}")
    assert chain.selection.pages is not None
    assert chain.selection.pages.names == tuple(dict.fromkeys(names))
    assert parse_chain(canonical(chain)) == chain


@pytest.mark.parametrize(
    ("chain", "facts", "portion", "size"),
    [
        ("f_jpg", PDF, Portion(density=150), (150, 300)),
        ("f_jpg,pg_1", PDF, Portion(density=150), (150, 300)),
        ("f_jpg,pg_2,dn_72", PDF, Portion((2,), 72), (100, 50)),
        ("f_png,pg_2-", PDF, Portion((2, 3), 150), (208, 104)),
        ("f_png", SVG, Portion(density=150), (150, 75)),
        ("f_png,dn_96", SVG, Portion(density=96), (96, 48)),
        ("f_png,dn_idn", SVG, Portion(density=150), (96 * 150 // 96, 75)),
        ("f_jpg,pg_2", TIFF, Portion((2,)), (100, 50)),
        ("f_jpg,dn_300", JPG, Portion(), (400, 300)),
        ("f_jpg,pg_4", GIF, Portion((4,)), (400, 225)),
        ("f_png,pg_3-5", JPG, Portion(), (400, 300)),
        ("f_png,pg_3;5;7", JPG, Portion(), (400, 300)),
        ("f_png,pg_5-", JPG, Portion(), (400, 300)),
        ("f_png", PSD, Portion(), (200, 100)),
        ("f_png,pg_1", PSD, Portion(), (200, 100)),
        ("f_png,pg_3", PSD, Portion((3,)), (40, 30)),
        ("f_png,pg_name:logo%2Fmain", PSD, Portion((3,)), (40, 30)),
        ("f_png,pg_2-3", PSD, Portion((2, 3)), (200, 100)),
        ("f_png,pg_embedded:2", PSD, Portion((2,), embedded=True), (90, 60)),
        ("f_png,pg_embedded:name:logo%2Fmain", PSD, Portion((2,), embedded=True), (90, 60)),
        ("f_png,fl_clip", PATHS, Portion(clip="nonzero"), (400, 300)),
        ("f_png,fl_clip_evenodd,pg_2", PATHS, Portion(clip="evenodd", outline=1), (400, 300)),
        ("f_png,fl_clip,pg_name:logo", PATHS, Portion(clip="nonzero", outline=1), (400, 300)),
    ],
)
def test_what_a_selection_shows(
    chain: str, facts: SourceFacts, portion: Portion, size: tuple[int, int]
) -> None:
    made = planned(chain, facts)
    assert made.portion == portion
    assert (made.width, made.height) == size
    assert Plan.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    ("chain", "facts", "sentence"),
    [
        ("pg_4", PDF, "pg_4 is out of range: the file has 3 pages"),
        ("pg_2", JPG, "pg_2 is out of range: the file has 1 page"),
        ("pg_2;2", JPG, "pg_2 is out of range: the file has 1 page"),
        ("pg_2-3", SourceFacts(72, 72, "pdf"), "pg_2-3 is out of range: the file has 1 page"),
        ("pg_21", GIF, "pg_21 is out of range: the file has 20 pages"),
        ("pg_name:sky", PSD, "pg_name:sky not found: the layers are ground, logo/main"),
        ("pg_name:sky", PDF, "pg_name:sky not found: the file has no named layers"),
        ("pg_embedded:1", PSD, "pg_embedded:1: the smart object cannot be read"),
        ("pg_embedded:3", PSD, "pg_embedded:3 is out of range: the smart objects are drawing, logo/main"),
        ("pg_embedded:name:x", PSD, "pg_embedded:name:x not found: the smart objects are drawing, logo/main"),
        ("pg_embedded:1", JPG, "pg_embedded:1 is out of range: the file has no smart objects"),
        ("fl_clip", JPG, "fl_clip: the file has no clipping path"),
        ("fl_clip,pg_3", PATHS, "pg_3 is out of range: clipping paths are 2"),
        ("fl_clip,pg_name:x", PATHS, "pg_name:x not found: the clipping paths are hull, logo"),
        ("f_png,dn_2400,pg_2", SourceFacts(14_400, 14_400, "pdf", pages=2), "Maximum image side is 10000"),
    ],
)
def test_what_a_file_has_not_is_named(chain: str, facts: SourceFacts, sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        planned(chain, facts)


@pytest.mark.parametrize(
    ("chain", "facts", "extension", "kind"),
    [
        ("", PDF, None, "pdf"),
        ("pg_1", PDF, "pdf", "pdf"),
        ("", SVG, "svg", "svg"),
        ("f_auto", SVG, None, "svg"),
        ("f_auto,q_auto", SVG, "svg", "svg"),
        ("q_auto", SVG, None, "svg"),
        ("f_svg", SVG, None, "svg"),
        ("", PSD, "psd", "psd"),
    ],
)
def test_what_asks_for_the_stored_file_gets_its_bytes(
    chain: str, facts: SourceFacts, extension: str | None, kind: str
) -> None:
    """Quality means nothing to a drawing, and a drawing is the best answer to `f_auto`."""
    made = planned(chain, facts, extension, "webp avif")
    assert made.passthrough
    assert made.output.format == kind


@pytest.mark.parametrize(
    ("chain", "facts", "extension", "kind"),
    [
        ("pg_2", PDF, None, "pdf"),
        ("pg_2", evolve(PDF, format="heic"), None, "jpg"),
        ("w_50", SVG, None, "png"),
        ("fl_rasterize", SVG, None, "png"),
        ("dn_300", SVG, None, "png"),
        ("f_auto,fl_rasterize", SVG, None, "avif"),
        ("f_auto", SVG, "png", "avif"),
        ("pg_3", PSD, None, "png"),
        ("pg_2", GIF, None, "gif"),
        ("", PDF, "jpg", "jpg"),
    ],
)
def test_a_part_of_what_we_can_only_read_becomes_a_picture(
    chain: str, facts: SourceFacts, extension: str | None, kind: str
) -> None:
    made = planned(chain, facts, extension, "webp avif")
    assert not made.passthrough
    assert made.output.format == kind


def test_one_frame_of_an_animation_is_still() -> None:
    """Several are a shorter animation."""
    assert not planned("pg_2,f_webp,fl_awebp", GIF).output.animated
    some = planned("pg_2-5,w_100", GIF)
    assert some.output.animated
    assert some.portion.pages == (2, 3, 4, 5)


@pytest.mark.parametrize(
    ("chain", "facts", "width"),
    [
        ("if_pc_gt_2,w_10", PDF, 10),
        ("pg_2/if_cp_eq_2,w_10", PDF, 10),
        ("if_idn_gte_300,w_10", JPG, 10),
        ("pg_3/w_px_mul_2", PSD, 14),
        ("pg_3/w_py", PSD, 9),
        ("if_!ground!_in_pgnames,w_10", PSD, 10),
        ("pg_2,dn_72/if_iw_eq_100,w_10", PDF, 10),
        ("if_pc_gt_2/pg_2,dn_72/if_end/w_iw_div_2", PDF, 50),
    ],
)
def test_conditions_and_arithmetic_know_pages(chain: str, facts: SourceFacts, width: int) -> None:
    """A page chosen in a branch counts in what is computed from its size."""
    made = plan(settle(parse_chain(f"{chain}/f_png"), facts), facts)
    assert made.width == width


def test_a_page_cannot_be_chosen_by_its_own_size() -> None:
    with pytest.raises(InvalidRequest, match="page chosen by its own size is not supported"):
        planned("dn_72/if_iw_eq_72/pg_2/if_end/f_png", PDF)


def test_a_layer_has_its_own_page_and_density() -> None:
    """`pg_` in a layer speaks of the layer's file."""
    found = Gathered({Reference("upload", "book"): Referenced(PDF, "1")})
    made = plan(parse_chain("l_book/pg_2,dn_72/fl_layer_apply"), JPG, gathered=found)
    (composite,) = made.to_json()["operations"]
    assert composite["file"]["portion"]["pages"] == [2] or composite["file"]["portion"]["pages"] == (2,)
    assert (composite["file"]["width"], composite["file"]["height"]) == (100, 50)
    assert Plan.from_json(made.to_json()) == made
    assert made.portion == Portion()


def test_the_first_cut_is_in_pixels_of_the_page_shown() -> None:
    (cut,) = planned("pg_2,dn_72,c_crop,w_10,h_10,f_png", PDF).operations
    assert cut == Resample((45.0, 20.0, 55.0, 30.0), 10, 10)


def test_rows_of_old_are_still_read() -> None:
    """What was stored before there were pages."""
    assert SourceFacts(width=4, height=3, format="jpg", frames=1).page_count == 1
    assert SourceFacts(4, 3, "psd", sheets=[{"width": 1, "height": 2}]).sheets == (Sheet(1, 2),)
