"""Chain + facts of the source + what the viewer takes → `Plan`: named operations, nothing left open."""

from fractions import Fraction

from attrs import evolve

from origin.transform.canvas import Canvas
from origin.transform.delivered import is_as_stored, may_be_stored, output_of
from origin.transform.formats import ICO_SIDE, PRODUCIBLE, fitted
from origin.transform.language.about import UNKNOWN, About
from origin.transform.layering import Inputs
from origin.transform.limits import Limits
from origin.transform.pages import seen
from origin.transform.params.output import AUTO, AUTOMATIC, Settings
from origin.transform.parse import Chain
from origin.transform.plan import Filter, Output, Plan, SourceFacts, panned_in
from origin.transform.portion import Portion
from origin.transform.providing import check_still
from origin.transform.references import NOTHING_GATHERED, Gathered, Reference, Seeing
from origin.transform.sampling import count_of
from origin.transform.settle import settled
from origin.transform.values import unproducible
from origin.transform.view import view_of
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

    def canvas(portion: Portion) -> Canvas:
        return _fresh(facts, portion, Fraction(1), _BOUNDLESS, about, gathered, upright=upright)

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
    portion = chain.selection.of(facts, settings.finish.density)
    canvas = _fresh(facts, portion, _dpr(settings, negotiated), limits, about, gathered, upright=upright)
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
    portion = chain.selection.of(facts, settings.finish.density)
    stored, facts = facts, seen(facts, portion)
    upright = not settings.ignore_orientation
    canvas = worked(chain, stored, negotiated, limits, about, gathered)
    operations = tuple(canvas.operations)
    is_all = _is_all(chain, portion)
    if is_all and not operations and stored.format == "svg":
        settings = _as_drawing(settings, extension)
    elif not is_all and extension is None and stored.format not in PRODUCIBLE:
        extension = "png" if canvas.alpha else "jpg"  # a part of what we can only read
    if (panned := panned_in(operations)) is not None:
        facts = evolve(facts, frames=panned[0])
    output = output_of(settings, facts, negotiated, extension, canvas)
    is_untouched = is_all and not operations and (upright or facts.orientation == 1)
    as_stored = is_untouched and is_as_stored(settings, output, facts)
    if output.animated:
        check_still(operations)
    width, height = (canvas.width, canvas.height) if as_stored else _checked(output, facts, canvas)
    name = settings.finish.profile
    profile = None if name is None else canvas.inputs.raw(Reference("authenticated", name, "raw"))
    return Plan(
        orient=upright,
        operations=operations,
        output=output,
        width=width,
        height=height,
        passthrough=as_stored,
        inputs=tuple(canvas.inputs.found),
        portion=portion,
        profile=profile,
        keeps_smaller=is_untouched and not as_stored and may_be_stored(settings, output, facts),
    )


def _as_drawing(settings: Settings, extension: str | None) -> Settings:
    """`f_auto` leaves a drawing that nothing is done to a drawing."""
    wanted = settings.format or extension or "svg"
    if wanted in AUTOMATIC and extension in (None, "svg"):
        wanted = "svg"
    if wanted != "svg":
        return settings
    return evolve(settings, format="svg")


def _is_all(chain: Chain, portion: Portion) -> bool:
    """Whether the stored bytes show no more than is asked for, and in the way it is asked for."""
    selection, density = chain.selection, chain.settings.finish.density
    drawn_again = portion.density > 0 and (selection.rasterized or density is not None)
    return not (portion.pages or portion.clip or portion.ignores_masks or drawn_again)


def _fresh(
    facts: SourceFacts,
    portion: Portion,
    dpr: Fraction,
    limits: Limits,
    about: About,
    gathered: Gathered,
    *,
    upright: bool,
) -> Canvas:
    """What is shown of the source, nothing done to it yet."""
    shown = seen(facts, portion)
    size = shown.shown if upright else (shown.width, shown.height)
    view = view_of(shown, gathered, seeing=Seeing(portion=portion), marks=about.marks, upright=upright)
    inputs = Inputs(gathered)
    return Canvas(*size, size, dpr, shown.has_alpha, limits, inputs, view, orient=upright, portion=portion)


def _checked(output: Output, facts: SourceFacts, canvas: Canvas) -> tuple[int, int]:
    """The size of the result, if we and its formats can make it."""
    limits, width, height = canvas.limits, canvas.width, canvas.height
    limits.check_size(width, height)
    if output.animated:
        limits.check_frames(width, height, count_of(output.finish.sampling, facts.frames))
    if output.format == "ico":
        width, height = fitted(width, height, ICO_SIDE)
    for each in output.formats:
        if each not in PRODUCIBLE and not (each == "svg" and _is_traced(canvas)):
            raise unproducible(each)
        limits.check_format(width, height, each)
    return width, height


def _is_traced(canvas: Canvas) -> bool:
    """Whether the pixels became lines: then a drawing can hold them (§12.2)."""
    return any(isinstance(each, Filter) and each.name == "vectorize" for each in canvas.operations)


def _dpr(settings: Settings, negotiated: Negotiated) -> Fraction:
    if settings.dpr == AUTO:
        return Fraction(negotiated.dpr or 1)
    return settings.dpr if isinstance(settings.dpr, Fraction) else Fraction(1)
