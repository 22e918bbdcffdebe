"""Components → typed `Chain`: every value read, every mistake told with the sheet's text. Needs no source."""

from attrs import frozen

from origin.transform.limits import Limits
from origin.transform.params import (
    angle,
    background,
    border,
    effect,
    ground,
    later,
    opacity,
    output,
    radius,
    size,
)
from origin.transform.params.angle import Turns
from origin.transform.params.background import Background
from origin.transform.params.border import Border
from origin.transform.params.effect import Effect
from origin.transform.params.ground import Ground
from origin.transform.params.opacity import Opacity
from origin.transform.params.output import Settings
from origin.transform.params.radius import Corners
from origin.transform.params.size import Resize
from wire.components import split_chain

_NO_TURNS = Turns()
_NO_SETTINGS = Settings()


@frozen
class Step:
    """The actions of one component, in the order they are carried out (transformations.md §1)."""

    resize: Resize | None = None
    effect: Effect | None = None
    turns: Turns = _NO_TURNS
    corners: Corners | None = None
    border: Border | None = None
    opacity: Opacity | None = None
    background: Background | None = None
    ground: Ground | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the component leaves every pixel as it is."""
        parts = (
            self.resize,
            self.effect,
            self.corners,
            self.border,
            self.opacity,
            self.background,
            self.ground,
        )
        return not any(parts) and not self.turns.steps


@frozen
class Chain:
    """What a chain asks for: steps in order, and the settings that hold for all of it."""

    steps: tuple[Step, ...] = ()
    settings: Settings = _NO_SETTINGS

    @property
    def default_image(self) -> str | None:
        """`d_`: the public id (perhaps with extension) to show when the asset is missing."""
        return self.settings.default_image


def parse_chain(raw: str, limits: Limits = Limits()) -> Chain:  # noqa: B008 - frozen
    """The meaning of a raw chain, or `InvalidRequest` with the sheet's text."""
    components = split_chain(raw)
    limits.check_chain(len(components))
    steps, settings = [], _NO_SETTINGS
    for component in components:
        values = component.last()
        later.check(values)
        turns = angle.read(values)
        step = Step(
            resize=size.read(effect.left_to_resize(values)),
            effect=effect.read(values),
            turns=Turns(turns.steps),
            corners=radius.read(values),
            border=border.read(values),
            opacity=opacity.read(values),
            background=background.read(values),
            ground=ground.read(values),
        )
        settings = output.read(values, settings, ignore_orientation=turns.ignore_orientation)
        if not step.is_empty:
            steps.append(step)
    return Chain(tuple(steps), settings)
