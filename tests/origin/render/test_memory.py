from origin.render.memory import BASE_BYTES, estimate, estimate_probe
from origin.transform.composite import Composite, File
from origin.transform.plan import Output, Pad, Plan, Resample, SourceFacts
from origin.transform.portion import Portion

PHOTO = SourceFacts(4000, 3000, "jpg")


def plan(*operations: Resample | Pad | Composite, to: str = "jpg") -> Plan:
    return Plan(True, operations, Output(to), 400, 300)


SMALL = Resample((0, 0, 4000, 3000), 400, 300)


def test_a_webp_source_counts_twice() -> None:
    """There is no scaled WebP decode, and libwebp holds the canvas beside Pillow's."""
    webp = SourceFacts(4000, 3000, "webp")
    assert estimate(plan(SMALL), webp) - estimate(plan(SMALL), PHOTO) == 4000 * 3000 * 4


def test_the_largest_canvas_of_the_plan_counts() -> None:
    """A chain may grow the picture before it shrinks it again."""
    grown = plan(Resample((0, 0, 4000, 3000), 5000, 4000), SMALL)
    assert estimate(grown, PHOTO) > estimate(plan(SMALL), PHOTO) + 5000 * 4000 * 4


def test_every_frame_of_an_animation_counts_when_all_are_kept() -> None:
    """A JPEG of a GIF holds one frame; a GIF of it holds them all before the first is written."""
    moving = SourceFacts(400, 300, "gif", frames=100)
    still, whole = estimate(plan(SMALL), moving), estimate(plan(SMALL, to="gif"), moving)
    assert whole - still == 99 * 400 * 300 * 4


def test_layers_count_with_their_files_and_their_own_layers() -> None:
    """A small picture with a large logo opens the logo too."""
    inner = Composite(File(1, 3000, 1000), (), 300, 100)
    bare, laid = plan(SMALL), plan(SMALL, Composite(File(0, 2000, 1000), (inner,), 400, 300))
    assert estimate(laid, PHOTO) - estimate(bare, PHOTO) >= (2000 * 1000 + 3000 * 1000) * 4


def test_probing_a_header_costs_no_more_than_the_process_itself() -> None:
    """Only verification decodes."""
    assert estimate_probe(100_000_000, verify=False) == BASE_BYTES
    assert estimate_probe(1_000_000, verify=True) > BASE_BYTES


def test_encoding_avif_counts_more() -> None:
    """Its encoder takes half a gigabyte for 16 megapixels."""
    whole = Plan(True, (), Output("avif"), 5312, 2988)
    assert estimate(whole, SourceFacts(5312, 2988, "jpg")) > 500_000_000


def test_a_drawing_counts_in_pixels_of_its_page_and_in_every_process() -> None:
    """Its facts are in points; what is drawn is held by the one who draws, in the pipe, and by us."""
    page = SourceFacts(595, 842, "pdf")
    drawn = Plan(True, (), Output("jpg"), 1240, 1754, portion=Portion(density=150))
    finer = Plan(True, (), Output("jpg"), 1240, 1754, portion=Portion(density=300))
    assert estimate(drawn, page) > 3 * 1240 * 1754 * 4
    assert estimate(finer, page) > estimate(drawn, page) + 3 * 3 * 1240 * 1754 * 4 - 1_000_000


def test_cutting_along_a_path_needs_the_whole_picture() -> None:
    cut = Plan(True, (SMALL,), Output("png"), 400, 300, portion=Portion(clip="nonzero"))
    assert estimate(cut, PHOTO) > estimate(plan(SMALL, to="png"), PHOTO) + 3 * 4000 * 3000 * 4 - 1
