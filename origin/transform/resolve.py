"""Chain + facts of the source + what the viewer takes → `Plan`: named operations, nothing left open."""

from fractions import Fraction

from origin.transform.canvas import Canvas
from origin.transform.delivered import is_as_stored, output_of
from origin.transform.formats import ICO_SIDE, PRODUCIBLE, fitted
from origin.transform.language.about import UNKNOWN, About
from origin.transform.layering import Inputs
from origin.transform.limits import Limits
from origin.transform.params.output import AUTO, Settings
from origin.transform.parse import Chain
from origin.transform.plan import Output, Plan, SourceFacts
from origin.transform.providing import check_still
from origin.transform.references import NOTHING_GATHERED, Gathered, Seeing
from origin.transform.settle import settled
from origin.transform.view import view_of
from wire.components import printable
from wire.errors import InvalidRequest
from wire.negotiation import NOTHING, Negotiated

_BOUNDLESS = Limits(output_side=10**12, output_pixels=10**24)  # sizes before dpr, which may shrink them


def settle(
    chain: Chain,
    facts: SourceFacts,
    negotiated: Negotiated = NOTHING,
    about: About = UNKNOWN,
    gathered: Gathered = NOTHING_GATHERED,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Chain:
    """The chain as it is for one source and viewer: branches chosen, variables and arithmetic worked out."""
    upright = not chain.settings.ignore_orientation

    def canvas(_: tuple[int, int]) -> Canvas:
        return _fresh(facts, Fraction(1), _BOUNDLESS, about, gathered, upright=upright)

    return settled(chain, facts, negotiated, about, canvas, limits)


def worked(
    chain: Chain,
    facts: SourceFacts,
    negotiated: Negotiated = NOTHING,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    about: About = UNKNOWN,
    gathered: Gathered = NOTHING_GATHERED,
) -> Canvas:
    """The canvas after a settled chain: its operations, and its view of what is in the picture."""
    settings = chain.settings
    upright = not settings.ignore_orientation
    canvas = _fresh(facts, _dpr(settings, negotiated), limits, about, gathered, upright=upright)
    canvas.through(chain.steps)
    return canvas


def plan(
    chain: Chain,
    facts: SourceFacts,
    negotiated: Negotiated = NOTHING,
    extension: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    about: About = UNKNOWN,
    gathered: Gathered = NOTHING_GATHERED,
) -> Plan:
    """What the renderer must do, or `InvalidRequest` naming a limit or a format.

    `Wanted` (one too) names a thing that is not among what was `gathered`.
    """
    chain = settle(chain, facts, negotiated, about, gathered, limits)
    settings = chain.settings
    upright = not settings.ignore_orientation
    canvas = worked(chain, facts, negotiated, limits, about, gathered)
    operations = tuple(canvas.operations)
    output = output_of(settings, facts, negotiated, extension, canvas)
    as_stored = (
        not operations and (upright or facts.orientation == 1) and is_as_stored(settings, output, facts)
    )
    if output.animated:
        check_still(operations)
    width, height = (canvas.width, canvas.height) if as_stored else _checked(output, facts, canvas)
    return Plan(
        orient=upright,
        operations=operations,
        output=output,
        width=width,
        height=height,
        passthrough=as_stored,
        inputs=tuple(canvas.inputs.found),
    )


def _fresh(
    facts: SourceFacts, dpr: Fraction, limits: Limits, about: About, gathered: Gathered, *, upright: bool
) -> Canvas:
    """The source whole, nothing done to it yet."""
    size = facts.shown if upright else (facts.width, facts.height)
    view = view_of(facts, gathered, seeing=Seeing(), marks=about.marks, upright=upright)
    return Canvas(*size, size, dpr, facts.has_alpha, limits, Inputs(gathered), view, orient=upright)


def _checked(output: Output, facts: SourceFacts, canvas: Canvas) -> tuple[int, int]:
    """The size of the result, if we and its formats can make it."""
    limits, width, height = canvas.limits, canvas.width, canvas.height
    limits.check_size(width, height)
    if output.animated:
        limits.check_frames(width, height, facts.frames)
    if output.format == "ico":
        width, height = fitted(width, height, ICO_SIDE)
    for each in output.formats:
        if each not in PRODUCIBLE:
            raise InvalidRequest(f"Unsupported output format {printable(each)}")
        limits.check_format(width, height, each)
    return width, height


def _dpr(settings: Settings, negotiated: Negotiated) -> Fraction:
    if settings.dpr == AUTO:
        return Fraction(negotiated.dpr or 1)
    return settings.dpr if isinstance(settings.dpr, Fraction) else Fraction(1)
