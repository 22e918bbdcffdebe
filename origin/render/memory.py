"""What a job will probably need, judged before it runs from its plan and its source's header."""

from origin.transform.plan import Border, Filter, Pad, Plan, Resample, SourceFacts

BASE_BYTES = 40 << 20
"""An idle worker with Pillow loaded."""

PIXEL_BYTES = 4  # Pillow stores RGB in four bytes too
COPIES = 3  # an operation reads one canvas and writes another; the encoder holds a third
AVIF_COPIES = 7  # measured: 500 MB at 16 MP; the encoder works on planes of its own
EFFECT_COPIES = 3  # an effect mixes several versions of the image, or bands of it
WHOLE_CANVAS = frozenset({"webp", "avif"})  # decoded at full size, beside the decoder's own frame


def estimate(plan: Plan, facts: SourceFacts) -> int:
    """Bytes of one render. Generous: a progressive JPEG holds its coefficients, WebP its canvas twice."""
    source = facts.width * facts.height * PIXEL_BYTES
    if facts.format in WHOLE_CANVAS:
        source *= 2
    canvases = [(plan.width, plan.height)]
    sized = [each for each in plan.operations if isinstance(each, Resample | Pad | Border | Filter)]
    canvases += [(each.width, each.height) for each in sized]
    result = max(width * height for width, height in canvases) * PIXEL_BYTES
    copies = AVIF_COPIES if plan.output.format == "avif" else COPIES
    if any(isinstance(each, Filter | Border) for each in sized):
        copies += EFFECT_COPIES
    frames = facts.frames if plan.output.format in ("gif", "webp") else 1
    return BASE_BYTES + source + result * (copies + frames - 1)


def estimate_probe(size: int, *, verify: bool) -> int:
    """Bytes of one probe. Its pixels are not known yet; a verified photograph is decoded at an eighth."""
    return BASE_BYTES + (min(8 * size, 100 << 20) if verify else 0)
