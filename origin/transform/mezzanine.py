"""The mezzanine: a large photograph once decoded and halved, from which most of its derivatives are made.

Whether a plan may be painted from it is decided here, from the plan and the facts of the source alone: never
where more pixels are wanted than it has to spare, nor where a byte of the original could matter (transparency,
profiles, metadata, lossless results). Sheet: image-pipeline.md §4.
"""

from fractions import Fraction

from attrs import evolve

from origin.transform.formats import fitted
from origin.transform.params.finish import PLAIN
from origin.transform.plan import Output, Plan, Provided, Resample, SourceFacts
from origin.transform.portion import WHOLE

LONGEST = 2048
QUALITY = 92
LEAST_PIXELS = 4_000_000
"""What a source must have more of: below it, decoding is cheap."""

SPARE = Fraction(4, 3)
"""How many of its pixels a side stand behind each of the result's, at least: what JPEG took must not show."""

FINEST = 90  # above this quality viewers may look for what it took
_PHOTOGRAPHIC = frozenset({"jpg", "heic", "avif", "jp2"})
_MIXED = frozenset({"webp"})  # may be lossless, so that only its pixels tell how much q_auto may take
_LOSSY = frozenset({"jpg", "webp", "avif"})
_HALVED_ENOUGH = 1600


def size(facts: SourceFacts) -> tuple[int, int]:
    """Its size. Where halving comes near enough, just that: libjpeg does it while decoding."""
    width, height = facts.shown
    for divisor in (2, 4, 8):
        halved = max(width, height) // divisor
        if _HALVED_ENOUGH <= halved <= LONGEST and width % divisor == height % divisor == 0:
            return width // divisor, height // divisor
    return fitted(width, height, LONGEST)


def facts_of(source: SourceFacts) -> SourceFacts:
    """What is known of the mezzanine of such a source."""
    return SourceFacts(*size(source), "jpg")


def making(source: SourceFacts) -> Plan:
    """How it is made: upright, sRGB, baseline."""
    whole_width, whole_height = map(float, source.shown)
    width, height = size(source)
    output = Output("jpg", quality=QUALITY, auto=None, subsampling="420")
    whole = Resample((0.0, 0.0, whole_width, whole_height), width, height)
    return Plan(True, (whole,), output, width, height)


def through(plan: Plan, source: SourceFacts) -> Plan | None:
    """The same picture painted from the mezzanine; None if it must come from the source itself."""
    first = plan.operations[0] if plan.operations else None
    if not isinstance(first, Resample) or not _may_have(source) or not _may_serve(plan, source):
        return None
    across, down = (Fraction(mine, theirs) for mine, theirs in zip(size(source), source.shown, strict=True))
    left, top, right, bottom = map(Fraction, first.box)  # exactly: 0.1 of a pixel would shift the picture
    box = (float(left * across), float(top * down), float(right * across), float(bottom * down))
    if box[2] - box[0] < first.width * SPARE or box[3] - box[1] < first.height * SPARE:
        return None
    return evolve(plan, orient=True, operations=(evolve(first, box=box), *plan.operations[1:]))


def _may_have(source: SourceFacts) -> bool:
    """Whether such a source gets one: a large, still, opaque photograph."""
    return (
        source.width * source.height > LEAST_PIXELS
        and source.frames == source.pages == 1
        and not source.has_alpha
        and source.format in _PHOTOGRAPHIC | _MIXED
    )


def _may_serve(plan: Plan, source: SourceFacts) -> bool:
    output = plan.output
    is_fine = output.quality > FINEST if output.quality is not None else output.auto == "best"
    return (
        (plan.orient or source.orientation == 1)
        and plan.portion == WHOLE
        and not plan.further
        and _LOSSY.issuperset(output.formats)
        and not is_fine
        and not (output.quality is None and source.format in _MIXED)
        and output.subsampling != "444"
        and output.finish == PLAIN
        and not any(isinstance(each, Provided) for each in plan.operations)
    )
