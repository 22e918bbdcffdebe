"""Chain + facts of the source + what the viewer takes → `Plan`: named operations, nothing left open."""

from fractions import Fraction

from origin.transform.canvas import Canvas
from origin.transform.delivered import is_as_stored, output_of
from origin.transform.formats import ICO_SIDE, PRODUCIBLE, fitted
from origin.transform.language.about import UNKNOWN, About
from origin.transform.layering import Inputs
from origin.transform.limits import Limits
from origin.transform.params.output import AUTO, Settings
from origin.transform.parse import Chain, parse_chain
from origin.transform.plan import Operation, Output, Plan, SourceFacts, Trim
from origin.transform.providing import check_still
from origin.transform.references import NOTHING_GATHERED, Gathered
from origin.transform.settle import settled
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

    def canvas(size: tuple[int, int]) -> Canvas:
        return Canvas(*size, size, Fraction(1), facts.has_alpha, _BOUNDLESS, Inputs(gathered))

    return settled(chain, facts, negotiated, about, canvas, limits)


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

    `Wanted` (one too) names a layer that is not among what was `gathered`.
    """
    chain = settle(chain, facts, negotiated, about, gathered, limits)
    settings = chain.settings
    upright = not settings.ignore_orientation
    width, height = facts.shown if upright else (facts.width, facts.height)
    inputs = Inputs(gathered)
    canvas = Canvas(
        width, height, (width, height), _dpr(settings, negotiated), facts.has_alpha, limits, inputs
    )
    operations = canvas.through(chain.steps)
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
        inputs=tuple(inputs.found),
    )


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


def remainder(
    trim: Trim,
    size: tuple[int, int],
    alpha: bool,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> tuple[Operation, ...]:
    """What follows a trim, planned once the size it left is known."""
    canvas = Canvas(*size, trim.original, Fraction(trim.dpr), alpha, limits, Inputs(NOTHING_GATHERED))
    return canvas.through(parse_chain(trim.rest, limits).steps)


def _dpr(settings: Settings, negotiated: Negotiated) -> Fraction:
    if settings.dpr == AUTO:
        return Fraction(negotiated.dpr or 1)
    return settings.dpr if isinstance(settings.dpr, Fraction) else Fraction(1)
