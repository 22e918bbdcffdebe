"""Components → typed `Chain`: every value read, every mistake told with the sheet's text. Needs no source."""

from collections.abc import Iterable

from attrs import define, evolve, frozen

from origin.transform.blocks import Block, Values, blocks
from origin.transform.limits import Limits
from origin.transform.params import angle, background, effect, later, output, radius, size
from origin.transform.params.angle import Turns
from origin.transform.params.background import Background
from origin.transform.params.effect import Effect
from origin.transform.params.layer import (
    Layer,
    own_flags,
    read_placement,
    read_source,
    without_own_flags,
)
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
    background: Background | None = None
    layer: Layer | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the component leaves every pixel as it is."""
        acts = self.resize or self.effect or self.turns.steps or self.corners or self.background
        return not (acts or self.layer)


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
    reader = _Reader(limits)
    steps = reader.steps(blocks([component.last() for component in components], limits))
    return Chain(steps, reader.settings)


@define
class _Reader:
    """Reads components into steps, and gathers the settings that hold for the whole chain."""

    limits: Limits
    settings: Settings = _NO_SETTINGS

    def steps(self, parts: Iterable[Values | Block]) -> tuple[Step, ...]:
        """The steps that do something."""
        steps: list[Step] = []
        for part in parts:
            if isinstance(part, Block):
                steps.append(Step(layer=self._layer(part)))
                continue
            step, turns = self._step(part)
            self.settings = evolve(
                self.settings,
                ignore_orientation=self.settings.ignore_orientation or turns.ignore_orientation,
            )
            steps.append(step)
        return tuple(each for each in steps if not each.is_empty)

    def _step(self, values: Values) -> tuple[Step, Turns]:
        later.check(values)
        turns = angle.read(values)
        step = Step(
            resize=size.read(values),
            effect=effect.read(values),
            turns=Turns(turns.steps),
            corners=radius.read(values),
            background=background.read(values),
        )
        self.settings = output.read(values, self.settings, ignore_orientation=False)
        return step, turns

    def _layer(self, block: Block) -> Layer:
        """A layer of its own: every component of it speaks of it, the closing one of its place as well."""
        placing = own_flags(block.opening, block.closing)
        is_short = block.closing is None
        flags = placing | own_flags(*(each for each in block.inner if not isinstance(each, Block)))
        source, opening = read_source(block.opening, self.limits, trimmed="text_no_trim" not in flags)
        if is_short:
            placement, opening = read_placement(opening, placing)
        else:
            placement, closing = read_placement(block.closing or {}, placing)
        steps: list[Step] = []
        ignores = False
        parts = (opening, *block.inner, *(() if is_short else (closing,)))
        for part in parts:
            if isinstance(part, Block):
                steps.append(Step(layer=self._layer(part)))
                continue
            step, turns = self._step(without_own_flags(part))
            if step.resize is not None and "relative" in own_flags(part):
                step = evolve(step, resize=evolve(step.resize, relative=True))
            steps.append(step)
            ignores = ignores or turns.ignore_orientation
        return Layer(
            source,
            placement,
            tuple(each for each in steps if not each.is_empty),
            below="u" in block.opening,
            ignore_orientation=ignores,
        )
