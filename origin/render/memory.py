"""What a job will probably need, judged before it runs from its plan and its source's header."""

from collections.abc import Iterable, Iterator

from origin.transform.composite import Composite, File, Kept
from origin.transform.pages import seen
from origin.transform.plan import (
    Border,
    Filter,
    Operation,
    Pad,
    Plan,
    Provided,
    Resample,
    SourceFacts,
    panned_in,
)

BASE_BYTES = 40 << 20
"""An idle worker with Pillow loaded."""

MEASURE_BYTES = BASE_BYTES + (4 << 20)
"""Words are measured without being drawn; a font's outlines are small."""

INSPECT_BYTES = BASE_BYTES + (80 << 20)
"""MediaInfo and PDFium with what they hold of a file whose pixels nobody asks for."""

DETECTOR_BYTES = 60 << 20
"""What loading it adds to a worker."""

PIXEL_BYTES = 4  # Pillow stores RGB in four bytes too
COPIES = 3  # an operation reads one canvas and writes another; the encoder holds a third
ENCODERS_COPIES = {"avif": 7, "webp": 6, "jxl": 7, "jp2": 8}
"""Measured at 16 and 25 MP: these encoders work on planes of their own."""

EFFECT_COPIES = 3  # an effect mixes several versions of the image, or bands of it
WHOLE_CANVAS = frozenset({"webp", "avif"})  # decoded at full size, beside the decoder's own frame

CLIP_COPIES = 3  # the whole picture in colour, with alpha, and its mask
APART = frozenset({"pdf", "svg", "heic", "psd", "psb"})  # drawn or decoded by libraries of their own
APART_COPIES = 3  # in their process, in the pipe, in ours


def estimate(plan: Plan, facts: SourceFacts) -> int:
    """Bytes of one render. Generous: a progressive JPEG holds its coefficients, WebP its canvas twice."""
    shown = seen(facts, plan.portion)
    source = shown.width * shown.height * PIXEL_BYTES
    if facts.format in WHOLE_CANVAS:
        source *= 2
    elif facts.format in APART:
        source = max(source, plan.width * plan.height * PIXEL_BYTES) * APART_COPIES + BASE_BYTES
    if plan.portion.clip:
        source += CLIP_COPIES * shown.width * shown.height * PIXEL_BYTES
    canvases = [(plan.width, plan.height)]
    canvases += _canvases(plan.operations)
    layers = sum(width * height for width, height in _layers((*plan.operations, *plan.further))) * PIXEL_BYTES
    result = max(width * height for width, height in canvases) * PIXEL_BYTES
    copies = max(ENCODERS_COPIES.get(each, COPIES) for each in plan.output.formats)
    if any(_effects(plan.operations)):
        copies += EFFECT_COPIES
    frames = _frames(plan, shown)
    return BASE_BYTES + source + layers + result * (copies + frames - 1)


def _frames(plan: Plan, facts: SourceFacts) -> int:
    """How many results there are at once."""
    if plan.further:
        return len(plan.further) + 1
    panned = panned_in(plan.operations)
    return (panned[0] if panned else facts.frames) if plan.output.moves else 1


def _canvases(operations: Iterable[Operation]) -> list[tuple[int, int]]:
    """The sizes that operations make, those of layers included."""
    found = []
    for each in operations:
        if isinstance(each, Resample | Pad | Border | Filter | Provided | Composite):
            found.append((each.width, each.height))
        if isinstance(each, Composite):
            found += _canvases(each.operations)
    return found


def _effects(operations: Iterable[Operation]) -> Iterator[Filter | Border]:
    """The effects and borders, those on layers included."""
    for each in operations:
        if isinstance(each, Filter | Border):
            yield each
        elif isinstance(each, Composite):
            yield from _effects(each.operations)


def _layers(operations: Iterable[Operation]) -> list[tuple[int, int]]:
    """What each layer holds while its image is worked on: the file's pixels, and a canvas of the base's size."""
    found = []
    for each in operations:
        if isinstance(each, Composite):
            found.append((each.width, each.height))
            if isinstance(each.source, File | Kept):
                found.append((each.source.width, each.source.height))
            found += _layers(each.operations)
    return found


def estimate_look(facts: SourceFacts) -> int:
    """Bytes of a look at a picture: its pixels, if need be all of them, and the detector."""
    source = facts.width * facts.height * PIXEL_BYTES
    return BASE_BYTES + DETECTOR_BYTES + (2 * source if facts.format in WHOLE_CANVAS else source)


def estimate_analysis(facts: SourceFacts) -> int:
    """Bytes of one analysis: its pixels at full size, the same without alpha, and a copy that is measured."""
    return estimate_look(facts) + 2 * facts.width * facts.height * PIXEL_BYTES


def estimate_probe(size: int, *, verify: bool) -> int:
    """Bytes of one probe. Its pixels are not known yet; a verified photograph is decoded at an eighth."""
    return BASE_BYTES + (min(8 * size, 100 << 20) if verify else 0)
