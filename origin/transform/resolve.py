"""Chain + facts of the source + what the viewer takes → `Plan`: named operations, nothing left open."""

from fractions import Fraction

from attrs import define, evolve, field

from origin.transform.geometry import placed, rotated_size
from origin.transform.layering import Base, Inputs, laid
from origin.transform.limits import Limits
from origin.transform.params.layer import Layer
from origin.transform.params.output import AUTO, Settings
from origin.transform.params.size import Resize
from origin.transform.parse import Chain, Step
from origin.transform.plan import (
    WHITE,
    Blur,
    Flatten,
    Flip,
    Grayscale,
    Operation,
    Output,
    Pad,
    Plan,
    Resample,
    Rgba,
    Rotate,
    RoundCorners,
    Sepia,
    SourceFacts,
)
from origin.transform.references import NOTHING_GATHERED, Gathered
from origin.transform.values import half_up
from wire.components import printable
from wire.errors import InvalidRequest
from wire.negotiation import NOTHING, Negotiated

PRODUCIBLE = frozenset({"jpg", "png", "webp", "avif", "gif"})
WITH_ALPHA = PRODUCIBLE - {"jpg"}
_SMALLEST_AVIF_SIDE = 64
_LARGEST_AVIF_PIXELS = 16_000_000
_LARGEST_TURNED_SIDE = 3000  # transformations.md §6.1
_SIGMA_PER_LEVEL = 1 / 40  # §12.2


def plan(
    chain: Chain,
    facts: SourceFacts,
    negotiated: Negotiated = NOTHING,
    extension: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    gathered: Gathered = NOTHING_GATHERED,
) -> Plan:
    """What the renderer must do, or `InvalidRequest` naming a limit or a format.

    `Wanted` (one too) names a layer that is not among what was `gathered`.
    """
    settings = chain.settings
    upright = not settings.ignore_orientation
    width, height = facts.shown if upright else (facts.width, facts.height)
    inputs = Inputs(gathered)
    canvas = _Canvas(
        width, height, (width, height), _dpr(settings, negotiated), facts.has_alpha, limits, inputs
    )
    for step in chain.steps:
        canvas.work(step)
    output = _output(settings, facts, negotiated, extension, canvas)
    as_stored = (
        not canvas.operations
        and output.format == facts.format
        and settings.quality is None
        and settings.progressive is None
        and (upright or facts.orientation == 1)
    )
    if not as_stored:
        if output.format not in PRODUCIBLE:
            raise InvalidRequest(f"Unsupported output format {printable(output.format)}")
        limits.check_size(canvas.width, canvas.height)
        limits.check_format(canvas.width, canvas.height, output.format)
        if output.animated:
            limits.check_frames(canvas.width, canvas.height, facts.frames)
    return Plan(
        orient=upright,
        operations=tuple(canvas.operations),
        output=output,
        width=canvas.width,
        height=canvas.height,
        passthrough=as_stored,
        inputs=tuple(inputs.found),
    )


@define
class _Canvas:
    """The image as it stands after the steps so far: size, transparency, the work to get there."""

    width: int
    height: int
    original: tuple[int, int]
    dpr: Fraction
    alpha: bool
    limits: Limits
    inputs: Inputs
    base: tuple[int, int] | None = None  # what a layer will lie on
    background: Rgba | None = None
    operations: list[Operation] = field(factory=list)

    def work(self, step: Step) -> None:
        """The actions of one component, in the sheet's order (§1)."""
        if step.layer is not None:
            self._lay(step.layer)
        if step.background is not None:
            self.background = step.background.colour
        if step.resize is not None:
            self._resize(step.resize, step.background.colour if step.background else None)
        if step.effect is not None:
            self._apply_effect(step.effect.name, step.effect.level)
        for turn in step.turns.steps:
            self._turn(turn)
        if step.corners is not None:
            radii = step.corners.at(self.dpr, min(self.width, self.height) // 2)
            if step.corners.ellipse or any(radii):
                self.operations.append(
                    RoundCorners(ellipse=True) if step.corners.ellipse else RoundCorners(radii=radii)
                )
                self.alpha = True
        if step.background is not None and not (step.resize and step.resize.is_padding):
            self._flatten(step.background.colour)

    def _lay(self, layer: Layer) -> None:
        """A layer's own steps on its own canvas, then that on this one (§11)."""
        base = Base((self.width, self.height), self.original, self.dpr)
        source, facts = self.inputs.opened(layer, base)
        inner = _Canvas(
            *facts.shown, facts.shown, self.dpr, facts.has_alpha, self.limits, self.inputs, base.size
        )
        inner.limits.check_size(inner.width, inner.height)
        for step in layer.steps:
            inner.work(step)
        found = laid(
            layer,
            source,
            tuple(inner.operations),
            (inner.width, inner.height),
            base,
            layer_alpha=inner.alpha,
            base_alpha=self.alpha,
        )
        if found is not None:
            self._become(found.composite.width, found.composite.height)
            self.operations.append(found.composite)
            self.alpha = found.has_alpha

    def _resize(self, resize: Resize, colour: Rgba | None) -> None:
        place = placed(resize, (self.width, self.height), self.original, self.dpr, self.base)
        self._resample(place.box, place.width, place.height)
        canvas = place.canvas
        if canvas is not None and (canvas.width, canvas.height) != (self.width, self.height):
            self._become(canvas.width, canvas.height)
            self.operations.append(Pad(canvas.width, canvas.height, canvas.left, canvas.top, colour))
            self.alpha = self.alpha or (colour is not None and colour[3] < 255)

    def _resample(self, box: tuple[Fraction, Fraction, Fraction, Fraction], width: int, height: int) -> None:
        whole = (Fraction(0), Fraction(0), Fraction(self.width), Fraction(self.height))
        if (width, height) == (self.width, self.height) and box == whole:
            return
        left, top, right, bottom = (float(edge) for edge in box)
        if self.operations and isinstance(cut := self.operations[-1], Resample) and _only_cuts(cut):
            self.operations.pop()  # cutting, then resampling, is resampling a part: less to decode
            left, right = cut.box[0] + left, cut.box[0] + right
            top, bottom = cut.box[1] + top, cut.box[1] + bottom
        self._become(width, height)
        self.operations.append(Resample((left, top, right, bottom), width, height))

    def _apply_effect(self, name: str, level: int) -> None:
        match name:
            case "grayscale":
                self.operations.append(Grayscale())
            case "sepia":
                self.operations.append(Sepia(level))
            case _:
                self.operations.append(Blur(level * _SIGMA_PER_LEVEL * float(self.dpr)))

    def _turn(self, turn: Fraction | str) -> None:
        if isinstance(turn, str):
            self.operations.append(Flip(horizontal=turn == "hflip"))
            return
        if turn % 90:
            self._shrink_before_turning()
            self.alpha = True
        self._become(*rotated_size(self.width, self.height, turn))
        self.operations.append(Rotate(float(turn)))

    def _shrink_before_turning(self) -> None:
        longest = max(self.width, self.height)
        if longest > _LARGEST_TURNED_SIDE:
            factor = Fraction(_LARGEST_TURNED_SIDE, longest)
            size = (max(1, half_up(self.width * factor)), max(1, half_up(self.height * factor)))
            self._resample((Fraction(0), Fraction(0), Fraction(self.width), Fraction(self.height)), *size)

    def _flatten(self, colour: Rgba) -> None:
        if self.alpha and colour[3]:
            self.operations.append(Flatten(colour))
            self.alpha = colour[3] < 255

    def _become(self, width: int, height: int) -> None:
        self.limits.check_size(width, height)
        self.width, self.height = width, height


def _only_cuts(operation: Resample) -> bool:
    """Whether a resample keeps the scale."""
    left, top, right, bottom = operation.box
    return (right - left, bottom - top) == (operation.width, operation.height)


def _dpr(settings: Settings, negotiated: Negotiated) -> Fraction:
    if settings.dpr == AUTO:
        return Fraction(negotiated.dpr or 1)
    return settings.dpr if isinstance(settings.dpr, Fraction) else Fraction(1)


def _output(
    settings: Settings, facts: SourceFacts, negotiated: Negotiated, extension: str | None, canvas: _Canvas
) -> Output:
    """Format, quality and what lies under transparency (§7)."""
    background = canvas.background
    chosen = _format(settings, facts, negotiated, extension, canvas)
    stays_animated = chosen == "gif" or (chosen == "webp" and (settings.animated or settings.format == AUTO))
    output = Output(
        format=chosen,
        animated=facts.frames > 1 and stays_animated,
        background=background if background is not None and background[3] == 255 else WHITE,
        progressive=bool(settings.progressive),
    )
    quality = settings.quality
    if quality is None:
        return output  # the account's default: auto, good (§7.2)
    if quality.level is not None:
        return evolve(output, quality=quality.level, auto=None, subsampling=quality.subsampling)
    target = quality.target or ("eco" if negotiated.save_data else "good")
    progressive = settings.progressive is not False  # semi is the default with q_auto (§7.2)
    return evolve(output, auto=target, subsampling=quality.subsampling, progressive=progressive)


def _format(
    settings: Settings, facts: SourceFacts, negotiated: Negotiated, extension: str | None, canvas: _Canvas
) -> str:
    """`f_` > extension > stored format; `f_auto` by what the viewer takes (delivery-urls.md §4, §7.1)."""
    if settings.format == AUTO:
        return _automatic_format(facts, negotiated, extension, canvas)
    if settings.format is not None:
        return settings.format
    if extension is not None:
        return extension
    if canvas.operations and facts.format not in PRODUCIBLE:
        return "png" if canvas.alpha else "jpg"  # a format we can only read
    return facts.format


def _automatic_format(
    facts: SourceFacts, negotiated: Negotiated, extension: str | None, canvas: _Canvas
) -> str:
    if facts.frames > 1:
        return "webp" if "webp" in negotiated.accept else "gif"
    avif_pays = (
        min(canvas.width, canvas.height) >= _SMALLEST_AVIF_SIDE
        and canvas.width * canvas.height <= _LARGEST_AVIF_PIXELS
    )
    if "avif" in negotiated.accept and avif_pays:
        return "avif"
    if "webp" in negotiated.accept:
        return "webp"
    if extension is not None and (extension in WITH_ALPHA or (extension in PRODUCIBLE and not canvas.alpha)):
        return extension
    return "png" if canvas.alpha or facts.format == "gif" else "jpg"
