"""The image as planning sees it: its size and transparency, and the operations that have made it so far."""

from fractions import Fraction
from typing import Any

from attrs import define, evolve, field

from origin.transform import plan as plan_values
from origin.transform.canonical import spelled_steps
from origin.transform.effects.outcome import CLEARING, SIGMA_PER_LEVEL, Stage, operation
from origin.transform.geometry import placed, rotated_size
from origin.transform.layering import Base, Inputs, laid
from origin.transform.limits import Limits
from origin.transform.params.border import Border
from origin.transform.params.effect import Effect
from origin.transform.params.ground import Automatic, Blurred, Filled, Ground
from origin.transform.params.layer import Layer
from origin.transform.params.provided import Asked
from origin.transform.params.radius import Corners
from origin.transform.params.size import Resize
from origin.transform.parse import Step
from origin.transform.plan import (
    TRANSPARENT,
    WHITE,
    Filter,
    Flatten,
    Flip,
    Opacity,
    Operation,
    Pad,
    Provided,
    Resample,
    Rgba,
    Rotate,
    RoundCorners,
    Trim,
)
from origin.transform.providing import known
from origin.transform.providing import operation as provided
from origin.transform.values import half_up, unsupported

AUTOMATIC_GROUND, BLURRED_GROUND = "automatic_ground", "blurred_ground"
GROUNDS = frozenset({AUTOMATIC_GROUND, BLURRED_GROUND})
_LARGEST_TURNED_SIDE = 3000  # transformations.md §6.1
_FILLING_BLUR = 400  # of the ground that stands in for one a provider would paint


@define
class Canvas:
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
    padded: tuple[int, int] = (1, 1)  # size of the image inside the padding that was laid last
    loop: int | None = None  # extra rounds of an animation, 0 for ever
    operations: list[Operation] = field(factory=list)

    def through(self, steps: tuple[Step, ...]) -> tuple[Operation, ...]:
        """The operations of all steps; those after a trim can only be measured, as if it took nothing."""
        planned: tuple[Operation, ...] | None = None
        for index, step in enumerate(steps):
            if planned is None and step.effect is not None and step.effect.name == "trim":
                before, after = _around_effect(step)
                self.work(before)
                if any(each.layer for each in steps[index:]):
                    raise unsupported("A layer after e_trim")  # its place depends on what only pixels tell
                if any(each.effect and each.effect.asked for each in (after, *steps[index + 1 :])):
                    raise unsupported("An effect by a provider after e_trim")  # a worker knows of none
                rest = ((after,) if not after.is_empty else ()) + steps[index + 1 :]
                planned = (*self.operations, self._trim(step.effect, rest))
                self.work(after)
            else:
                self.work(step)
        return tuple(self.operations) if planned is None else planned

    def work(self, step: Step) -> None:
        """The actions of one component, in the sheet's order (§1)."""
        if step.layer is not None:
            self._lay(step.layer)
        if step.background is not None:
            self.background = step.background.colour
        if step.resize is not None:
            self._resize(step.resize, step.background.colour if step.background else step.ground)
        if step.effect is not None:
            self._apply_effect(step.effect)
        for turn in step.turns.steps:
            self._turn(turn)
        if step.border is not None:
            self._frame(step.border, step.corners)
        elif step.corners is not None:
            self._round(step.corners)
        if step.opacity is not None:
            self.operations.append(Opacity(step.opacity.percent))
            self.alpha = True
        if not (step.resize and step.resize.is_padding):
            self._fill(step)

    def _fill(self, step: Step) -> None:
        """The background under what is transparent."""
        if step.background is not None:
            self._flatten(step.background.colour)
        elif isinstance(step.ground, Automatic | Blurred) and self.alpha:
            self._lay_on(step.ground, self.width, self.height, 0, 0)

    def _lay(self, layer: Layer) -> None:
        """A layer's own steps on its own canvas, then that on this one (§11)."""
        base = Base((self.width, self.height), self.original, self.dpr)
        source, facts = self.inputs.opened(layer, base)
        inner = Canvas(
            *facts.shown, facts.shown, self.dpr, facts.has_alpha, self.limits, self.inputs, base.size
        )
        inner.limits.check_size(inner.width, inner.height)
        for step in layer.steps:
            if step.effect is not None and step.effect.name == "trim":
                raise unsupported("e_trim on a layer")
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

    def _resize(self, resize: Resize, ground: Rgba | Ground | None) -> None:
        place = placed(resize, (self.width, self.height), self.original, self.dpr, self.base)
        self._resample(place.box, place.width, place.height)
        canvas = place.canvas
        if canvas is None or (canvas.width, canvas.height) == (self.width, self.height):
            return
        self.padded = (self.width, self.height)
        if isinstance(ground, Filled):
            ground = self._filling(ground)
        if isinstance(ground, Automatic | Blurred):
            self._lay_on(ground, canvas.width, canvas.height, canvas.left, canvas.top)
            return
        if isinstance(ground, Filled):
            self._become(canvas.width, canvas.height)
            self.operations += [
                Pad(canvas.width, canvas.height, canvas.left, canvas.top, TRANSPARENT),
                self._provided(ground.asked),
            ]
            self.alpha = True
            return
        self._become(canvas.width, canvas.height)
        self.operations.append(Pad(canvas.width, canvas.height, canvas.left, canvas.top, ground))
        self.alpha = self.alpha or (ground is not None and ground[3] < 255)

    def _filling(self, ground: Filled) -> Filled | Blurred:
        """A ground for a provider to paint, unless a blurred one shall stand in for it."""
        plugged = known(ground.asked, self.inputs.gathered.providers.get(ground.asked.name))
        return Blurred(_FILLING_BLUR, 0) if plugged.builtin == "blurred" else ground

    def _provided(self, asked: Asked) -> Operation:
        plugged = self.inputs.gathered.providers.get(asked.name)
        return provided(asked, (self.width, self.height), plugged)

    def _lay_on(self, ground: Automatic | Blurred, width: int, height: int, left: int, top: int) -> None:
        """The image on a background made of its own pixels."""
        arguments: tuple[Any, ...]
        if isinstance(ground, Automatic):
            name = AUTOMATIC_GROUND
            arguments = (ground.mode, ground.count, ground.direction, ground.palette)
            self.alpha = False
        else:
            name = BLURRED_GROUND
            arguments = (ground.intensity * SIGMA_PER_LEVEL * float(self.dpr), ground.brightness)
        self._become(width, height)
        self.operations.append(Filter(name, (left, top, *arguments), width, height))

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

    def _apply_effect(self, effect: Effect) -> None:
        if effect.name == "loop":
            self.loop = next((each for each in effect.arguments if isinstance(each, int)), 0)
            return
        if effect.asked is not None:
            work = self._provided(effect.asked)
            if isinstance(work, Provided | Resample | Filter):
                self._become(work.width, work.height)
            self.operations.append(work)
            self.alpha = self.alpha or isinstance(work, Provided)
            return
        if effect.arguments[:1] == ("symmetric_pad",) and self._fade_into_padding(effect):
            return
        worked = operation(effect, Stage(self.width, self.height, self.original, self.dpr, self.alpha))
        if worked is None:
            return
        if isinstance(worked, Filter):
            self._become(worked.width, worked.height)
        self.operations.append(worked)
        self.alpha = self.alpha or effect.name in CLEARING

    def _fade_into_padding(self, effect: Effect) -> bool:
        """The image inside a padding just laid fades before it is laid there; False without a padding."""
        padding = self.operations[-1] if self.operations else None
        is_ground = isinstance(padding, Filter) and padding.name in GROUNDS
        if not is_ground and not isinstance(padding, Pad):
            return False
        stage = Stage(*self.padded, self.original, self.dpr, self.alpha)
        fade = operation(effect, stage)
        if fade is None:
            return True
        self.operations.pop()
        self.operations.append(fade)
        if isinstance(padding, Pad):
            colour = padding.colour or (TRANSPARENT if self.alpha else WHITE)
            self.operations.append(evolve(padding, colour=colour))
            self.alpha = True
            self._flatten(colour)
        elif padding is not None:
            self.operations.append(padding)
        return True

    def _trim(self, effect: Effect, rest: tuple[Step, ...]) -> Trim:
        level, colour = (*effect.arguments, None)[:2]
        assert isinstance(level, int)
        assert colour is None or isinstance(colour, tuple)
        return Trim(level, colour, spelled_steps(rest), self.original, str(self.dpr))

    def _frame(self, border: Border, corners: Corners | None) -> None:
        thickness = border.at(self.dpr)
        rounded = corners or Corners()
        radii = rounded.at(self.dpr, min(self.width, self.height) // 2)
        self._become(self.width + 2 * thickness, self.height + 2 * thickness)
        self.operations.append(
            plan_values.Border(thickness, border.colour, self.width, self.height, radii, rounded.ellipse)
        )
        self.alpha = self.alpha or rounded.ellipse or any(radii) or border.colour[3] < 255

    def _round(self, corners: Corners) -> None:
        radii = corners.at(self.dpr, min(self.width, self.height) // 2)
        if corners.ellipse or any(radii):
            self.operations.append(
                RoundCorners(ellipse=True) if corners.ellipse else RoundCorners(radii=radii)
            )
            self.alpha = True

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


def _around_effect(step: Step) -> tuple[Step, Step]:
    """What a component does before its effect, and what after it (§1)."""
    resize = step.resize
    if resize is not None and resize.is_padding:  # the background is the padding's
        before = Step(resize=resize, background=step.background, ground=step.ground)
        return before, evolve(step, resize=None, effect=None, background=None, ground=None)
    return Step(resize=resize), evolve(step, resize=None, effect=None)


def _only_cuts(operation: Resample) -> bool:
    """Whether a resample keeps the scale."""
    left, top, right, bottom = operation.box
    return (right - left, bottom - top) == (operation.width, operation.height)
