"""Components → typed `Chain`: every value read, every mistake told with the sheet's text. Needs no source."""

from collections.abc import Iterable, Mapping

from attrs import frozen

from origin.transform.language.named import Definitions, expanded, nothing_named
from origin.transform.language.program import Branches, Part, Program, parts, plain, read_program
from origin.transform.language.tokens import may_wait
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
from origin.transform.values import unsupported
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
    """What a chain asks for: steps in order, and the settings that hold for all of it.

    A chain that waits for its source is a program; its settings are then those known without one.
    """

    steps: tuple[Step, ...] = ()
    settings: Settings = _NO_SETTINGS
    program: Program | None = None

    @property
    def default_image(self) -> str | None:
        """`d_`: the public id (perhaps with extension) to show when the asset is missing."""
        return self.settings.default_image


def parse_chain(
    raw: str,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    definitions: Definitions = nothing_named,
) -> Chain:
    """The meaning of a raw chain, or `InvalidRequest` with the sheet's text."""
    raw = expanded(raw, definitions)
    components = split_chain(raw)
    values = [component.last() for component in components]
    limits.check_chain(sum(each.get("if") not in ("else", "end") for each in values))
    if not may_wait(raw):
        return read_chain(values)
    program = read_program(components, values)
    settled = plain(program)
    return _waiting(program) if settled is None else read_chain(settled)


def read_chain(components: Iterable[Mapping[str, str]], settings: Settings = _NO_SETTINGS) -> Chain:
    """The chain of components that wait for nothing, each given by its values."""
    steps = []
    for values in components:
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


def _waiting(program: Program) -> Chain:
    """A program of which everything is checked that can be without a source."""
    settings = _NO_SETTINGS
    for part in parts(program):
        if part.is_plain:
            read_chain([part.plain])
        if known := _lasting(part):
            settings = read_chain([known], settings).settings
    branched = (part for node in program if isinstance(node, Branches) for part in parts((node,)))
    if any(angle.read(_lasting(part)).ignore_orientation for part in branched):
        raise unsupported("a_ignore in a branch")
    return Chain((), settings, program)


def _lasting(part: Part) -> dict[str, str]:
    """The values that hold for the whole chain from the start, and can be read without their neighbours."""
    return {key: value for key, value in part.plain.items() if key in ("a", "d")}
