"""The image as planning sees it: its size and transparency, and the operations that have made it so far."""

from fractions import Fraction
from typing import Any

from attrs import define, evolve, field

from origin.transform import plan as plan_values
from origin.transform.attention import Attention
from origin.transform.composite import Composite, File, Kept, Text, shows_kept
from origin.transform.effects.outcome import CLEARING, SIGMA_PER_LEVEL, Stage, operation
from origin.transform.framing import poured
from origin.transform.geometry import placed, target
from origin.transform.layering import Base, Inputs, laid
from origin.transform.limits import Limits
from origin.transform.params.border import Border
from origin.transform.params.effect import ON_FACES, Effect
from origin.transform.params.gravity import LIQUID, REGIONAL, Auto, Faces, Gravity
from origin.transform.params.ground import Automatic, Blurred, Filled, Ground
from origin.transform.params.layer import Layer
from origin.transform.params.provided import Asked
from origin.transform.params.radius import Corners
from origin.transform.params.size import EITHER, PADDING, Resize
from origin.transform.parse import Step
from origin.transform.plan import (
    TRANSPARENT,
    WHITE,
    Filter,
    Flatten,
    Flip,
    Grade,
    Keep,
    Opacity,
    Operation,
    Pad,
    Provided,
    Resample,
    Rgba,
    Rotate,
    RoundCorners,
    SourceFacts,
    provided_in,
)
from origin.transform.portion import WHOLE, Portion
from origin.transform.providing import known
from origin.transform.providing import operation as provided
from origin.transform.references import Look, Margins, Reference, Wanted
from origin.transform.sight import Area, Rect
from origin.transform.tracing import size_after
from origin.transform.values import half_up, unsupported
from origin.transform.view import Aim, Spot, View
from wire.errors import InvalidRequest

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
    view: View
    source: File | Text | Kept | None = None  # of a layer; None: the chain's own image
    orient: bool = True  # whether EXIF orientation was applied to that
    portion: Portion = WHOLE  # of the chain's own image
    base: tuple[int, int] | None = None  # what a layer will lie on
    background: Rgba | None = None
    padded: tuple[int, int] = (1, 1)  # size of the image inside the padding that was laid last
    loop: int | None = None  # extra rounds of an animation, 0 for ever
    operations: list[Operation] = field(factory=list)

    def through(self, steps: tuple[Step, ...]) -> tuple[Operation, ...]:
        """The operations of all steps."""
        for step in steps:
            self.work(step)
        return tuple(self.operations)

    def work(self, step: Step) -> None:
        """The actions of one component, in the sheet's order (§1)."""
        self._keep(step.keeps)
        if step.layer is not None:
            self._lay(step.layer)
        if step.background is not None:
            self.background = step.background.colour
        if step.resize is not None:
            self._turn_to_fit(step.resize, step.turns.automatic)
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
            self._carry_out(Opacity(step.opacity.percent))
            self.alpha = True
        if not (step.resize and step.resize.is_padding):
            self._fill(step)

    def _keep(self, names: tuple[str, ...]) -> None:
        for name in names:
            facts = SourceFacts(self.width, self.height, "png", has_alpha=self.alpha)
            self.inputs.kept[name] = facts, evolve(self.view, chosen=[])
            self._carry_out(Keep(name))

    def _fill(self, step: Step) -> None:
        """The background under what is transparent."""
        if step.background is not None:
            self._flatten(step.background.colour)
        elif isinstance(step.ground, Automatic | Blurred) and self.alpha:
            self._lay_on(step.ground, self.width, self.height, 0, 0)

    def margins(self, level: int, colour: Rgba | None) -> Rect:
        """The box inside the borders of the image as it is now (§12.3)."""
        self.inputs.look(self.limits)
        operations, inputs = tuple(self.operations), tuple(self.inputs.found)
        self.inputs.provide(len(list(provided_in(operations))), self.limits)  # a look paints all before it
        if isinstance(self.source, Kept) or shows_kept(operations):
            raise unsupported("e_trim of what $…_current has kept")  # a look at it alone would not know of it
        wanted = Margins(Look(self.source, self.orient, operations, inputs, self.portion), level, colour)
        found = self.inputs.gathered.margins.get(wanted)
        if found is None:
            raise Wanted(wanted)
        return found

    def _lay(self, layer: Layer) -> None:
        """A layer where it goes: on every area its gravity names, or nowhere if there is none (§11.3)."""
        gravity = layer.placement.gravity
        if not isinstance(gravity, REGIONAL):
            self._lay_once(layer, None)
            return
        width, height = self.width, self.height
        areas = self.view.areas(gravity, (width, height))
        if not areas and not isinstance(gravity, Faces):
            areas = [(Fraction(0), Fraction(0), Fraction(width), Fraction(height))]  # none: the centre
        x = y = 0
        for left, top, right, bottom in areas[: self.limits.layers]:
            laid = self._lay_once(layer, Spot((left + x, top + y, right + x, bottom + y)))
            if laid is not None:  # the canvas may have grown
                x, y = x + laid.base_left, y + laid.base_top

    def _lay_once(self, layer: Layer, spot: Spot | None) -> Composite | None:
        """A layer's own steps on its own canvas, then that on this one (§11)."""
        if isinstance(layer.source, Reference) and layer.source.resource_type == "raw":
            if layer.steps:
                raise unsupported("A transformation of a lut layer")
            self._carry_out(Grade(self.inputs.raw(layer.source)))
            return None
        inner = self.opened(layer, spot)
        assert inner.source is not None
        found = laid(
            layer,
            inner.source,
            inner.through(layer.steps),
            (inner.width, inner.height),
            Base((self.width, self.height), self.original, self.dpr),
            layer_alpha=inner.alpha,
            base_alpha=self.alpha,
            spot=spot,
        )
        if found is None:
            return None
        self._carry_out(found.composite)
        self.alpha = found.has_alpha
        return found.composite

    def opened(self, layer: Layer, spot: Spot | None = None) -> "Canvas":
        """A layer that will lie on this canvas, on one of its own, nothing done to it yet."""
        if isinstance(layer.source, Reference) and layer.source.resource_type == "raw":
            raise unsupported("The size of a lut layer")
        base = Base((self.width, self.height), self.original, self.dpr)
        source, facts, view = self.inputs.opened(layer, base)
        beneath = base.size
        if spot is not None and layer.placement.to_region:
            beneath = (_side(spot.area[2] - spot.area[0]), _side(spot.area[3] - spot.area[1]))
        inner = Canvas(
            *facts.shown,
            facts.shown,
            self.dpr,
            facts.has_alpha,
            self.limits,
            self.inputs,
            view,
            source=source,
            base=beneath,
        )
        inner.limits.check_size(inner.width, inner.height)
        return inner

    def _resize(self, resize: Resize, ground: Rgba | Ground | None) -> None:
        size = (self.width, self.height)
        if resize.mode in EITHER and self.view.is_moving:
            raise InvalidRequest(f"c_{resize.mode} is not supported for animated images")
        if resize.gravity == LIQUID:
            self._pour(resize)
            return
        default = "center" if resize.mode in PADDING else "north"
        aim = self.view.aim(resize.gravity, size, default=default)
        if isinstance(aim, Attention):
            self.inputs.look(self.limits)
        place = placed(resize, size, self.original, self.dpr, self.base, aim)
        self._resample(place.box, place.width, place.height)
        self.view.note(resize.gravity, (self.width, self.height))
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
            self._carry_out(Pad(canvas.width, canvas.height, canvas.left, canvas.top, TRANSPARENT))
            self._carry_out(self._provided(ground.asked))
            self.alpha = True
            return
        self._carry_out(Pad(canvas.width, canvas.height, canvas.left, canvas.top, ground))
        self.alpha = self.alpha or (ground is not None and ground[3] < 255)

    def _filling(self, ground: Filled) -> Filled | Blurred:
        """A ground for a provider to paint, unless a blurred one shall stand in for it."""
        plugged = known(ground.asked, self.inputs.gathered.providers.get(ground.asked.name))
        return Blurred(_FILLING_BLUR, 0) if plugged.builtin == "blurred" else ground

    def _provided(self, asked: Asked) -> Operation:
        plugged = self.inputs.gathered.providers.get(asked.name)
        work = provided(asked, (self.width, self.height), plugged)
        self.inputs.provide(len(list(provided_in([work]))), self.limits)
        return work

    def _pour(self, resize: Resize) -> None:
        """Scaled without squeezing what matters: by taking out what does not (§4.6)."""
        size = (self.width, self.height)
        wanted = target(resize, size, self.original, self.dpr, self.base)
        scaled = poured(size, wanted)
        whole = (Fraction(0), Fraction(0), Fraction(size[0]), Fraction(size[1]))
        self._resample(whole, *(scaled or wanted))
        if scaled is not None:
            self._carry_out(Filter(LIQUID, (), *wanted))

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
        self._carry_out(Filter(name, (left, top, *arguments), width, height))

    def _resample(self, box: Area, width: int, height: int) -> None:
        left, top, right, bottom = map(float, box)
        if (width, height) == (self.width, self.height) == (right, bottom) and left == top == 0:
            return
        wanted = Resample((left, top, right, bottom), width, height)
        cut = self.operations[-1] if self.operations else None
        self._carry_out(wanted)
        if isinstance(cut, Resample) and _only_cuts(cut):  # cutting, then resampling, is resampling a part:
            x, y = cut.box[:2]  # there is less to decode
            joined = Resample((x + left, y + top, x + right, y + bottom), width, height)
            self.operations[-2:] = [joined]

    def _apply_effect(self, effect: Effect) -> None:
        if effect.name == "loop":
            self.loop = next((each for each in effect.arguments if isinstance(each, int)), 0)
            return
        if effect.name == "trim":
            self._trim(effect)
            return
        if effect.name == "zoompan" and (self.view.is_moving or self.source is not None):
            raise unsupported("e_zoompan for animated images and layers")
        if effect.asked is not None:
            work = self._provided(effect.asked)
            self._carry_out(work)
            self.alpha = self.alpha or isinstance(work, Provided)
            return
        if effect.arguments[:1] == ("symmetric_pad",) and self._fade_into_padding(effect):
            return
        worked = operation(effect, self._stage((self.width, self.height), effect))
        if worked is not None:
            self._carry_out(worked)
            self.alpha = self.alpha or effect.name in CLEARING

    def _stage(self, size: tuple[int, int], effect: Effect) -> Stage:
        areas: list[Area] = []
        if effect.name in ON_FACES:
            areas = self.view.faces(size)
        elif effect.region is not None:
            areas = self.view.areas(effect.region, size)

        def aimed(gravity: Gravity) -> Aim:
            if isinstance(gravity, Auto):
                self.inputs.look(self.limits)
            return self.view.aim(gravity, size, default="north")

        return Stage(*size, self.original, self.dpr, self.alpha, aimed, tuple(map(_rounded, areas)))

    def _fade_into_padding(self, effect: Effect) -> bool:
        """The image inside a padding just laid fades before it is laid there; False without a padding."""
        padding = self.operations[-1] if self.operations else None
        is_ground = isinstance(padding, Filter) and padding.name in GROUNDS
        if not is_ground and not isinstance(padding, Pad):
            return False
        fade = operation(effect, self._stage(self.padded, effect))
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

    def _trim(self, effect: Effect) -> None:
        level, colour = (*effect.arguments, None)[:2]
        assert isinstance(level, int)
        assert colour is None or isinstance(colour, tuple)
        left, top, width, height = self.margins(level, colour)
        box = (Fraction(left), Fraction(top), Fraction(left + width), Fraction(top + height))
        self._resample(box, width, height)

    def _frame(self, border: Border, corners: Corners | None) -> None:
        thickness = border.at(self.dpr)
        rounded = corners or Corners()
        radii = rounded.at(self.dpr, min(self.width, self.height) // 2)
        width, height = self.width + 2 * thickness, self.height + 2 * thickness
        self._carry_out(plan_values.Border(thickness, border.colour, width, height, radii, rounded.ellipse))
        self.alpha = self.alpha or rounded.ellipse or any(radii) or border.colour[3] < 255

    def _round(self, corners: Corners) -> None:
        radii = corners.at(self.dpr, min(self.width, self.height) // 2)
        if corners.ellipse or any(radii):
            self._carry_out(RoundCorners(ellipse=True) if corners.ellipse else RoundCorners(radii=radii))
            self.alpha = True

    def _turn(self, turn: Fraction | str) -> None:
        if isinstance(turn, str):
            self._carry_out(Flip(horizontal=turn == "hflip"))
            return
        if turn % 90:
            self._shrink_before_turning()
            self.alpha = True
        self._carry_out(Rotate(float(turn)))

    def _turn_to_fit(self, resize: Resize, direction: str | None) -> None:
        """A quarter, if what is wanted lies and the image stands, or the other way round (§6.1)."""
        if direction is None:
            return
        width, height = target(resize, (self.width, self.height), self.original, self.dpr, self.base)
        if (width - height) * (self.width - self.height) < 0:
            self._turn(Fraction(90 if direction == "auto_right" else 270))

    def _shrink_before_turning(self) -> None:
        longest = max(self.width, self.height)
        if longest > _LARGEST_TURNED_SIDE:
            factor = Fraction(_LARGEST_TURNED_SIDE, longest)
            size = (max(1, half_up(self.width * factor)), max(1, half_up(self.height * factor)))
            self._resample((Fraction(0), Fraction(0), Fraction(self.width), Fraction(self.height)), *size)

    def _flatten(self, colour: Rgba) -> None:
        if self.alpha and colour[3]:
            self._carry_out(Flatten(colour))
            self.alpha = colour[3] < 255

    def _carry_out(self, operation: Operation) -> None:
        """One operation more; the size and the view follow."""
        width, height = size_after(operation, (self.width, self.height))
        self.limits.check_size(width, height)
        self.view.follow(operation, (self.width, self.height))
        self.width, self.height = width, height
        self.operations.append(operation)


def _only_cuts(operation: Resample) -> bool:
    """Whether a resample keeps the scale."""
    left, top, right, bottom = operation.box
    return (right - left, bottom - top) == (operation.width, operation.height)


def _rounded(area: Area) -> tuple[int, int, int, int]:
    left, top, right, bottom = area
    return half_up(left), half_up(top), half_up(right), half_up(bottom)


def _side(length: Fraction) -> int:
    return max(1, half_up(length))
