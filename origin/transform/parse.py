"""Components → typed `Chain`: every value read, every mistake told with the sheet's text. Needs no source."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import define, evolve, frozen

from origin.transform.blocks import Block, Values, blocks
from origin.transform.language.named import Definitions, expanded, nothing_named
from origin.transform.language.program import (
    Branches,
    Part,
    Program,
    conditions,
    expressions,
    parts,
    plain,
    read_program,
)
from origin.transform.language.tokens import may_wait
from origin.transform.limits import Limits
from origin.transform.params import (
    angle,
    background,
    border,
    effect,
    flags,
    ground,
    later,
    opacity,
    output,
    radius,
    selection,
    size,
)
from origin.transform.params.angle import Turns
from origin.transform.params.background import Background
from origin.transform.params.border import Border
from origin.transform.params.effect import Effect
from origin.transform.params.ground import Ground
from origin.transform.params.layer import (
    Layer,
    own_flags,
    read_placement,
    read_source,
    without_own_flags,
)
from origin.transform.params.opacity import Opacity
from origin.transform.params.output import Settings
from origin.transform.params.radius import Corners
from origin.transform.params.selection import WHOLE_FILE, Selection
from origin.transform.params.size import Resize
from origin.transform.values import unsupported
from wire.components import split_chain

_NO_TURNS = Turns()
_NO_SETTINGS = Settings()
_BESIDE_SIZE = frozenset({"e", "co", "r", "bo", "o", "b"})  # keys that call for more than a resize


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
    layer: Layer | None = None
    keeps: tuple[str, ...] = ()  # variables that hold the image as it comes in

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
            self.layer,
            self.keeps,
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
    selection: Selection = WHOLE_FILE

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
    raw = expanded(raw, definitions, limits)
    components = split_chain(raw)
    values = [component.last() for component in components]
    limits.check_chain(sum(each.get("if") not in ("else", "end") for each in values))
    if not may_wait(raw):
        return with_a_purpose(read_chain(values, limits), values)
    program = read_program(components, values)
    _check_terms(program, limits)
    settled = plain(program)
    if settled is None:
        return _waiting(program)
    return with_a_purpose(read_chain(settled, limits), settled)


def with_a_purpose(chain: Chain, components: Iterable[Values]) -> Chain:
    """The chain; 400 if all it asks for is an effect or a flag that only acts on films (§12.5)."""
    if chain == Chain():
        for values in components:
            if (name := effect.unheard(values) or flags.unheard(values)) is not None:
                raise unsupported(name)
    return chain


def read_chain(components: Sequence[Values], limits: Limits = Limits()) -> Chain:  # noqa: B008 - frozen
    """The chain of components that wait for nothing, each given by its values."""
    reader = _Reader(limits)
    steps = reader.steps(blocks(components, limits))
    return Chain(steps, reader.settings, selection=reader.selection)


@define
class _Reader:
    """Reads components into steps, and gathers the settings that hold for the whole chain."""

    limits: Limits
    settings: Settings = _NO_SETTINGS
    selection: Selection = WHOLE_FILE

    def steps(self, parts: Iterable[Values | Block]) -> tuple[Step, ...]:
        """The steps that do something."""
        steps: list[Step] = []
        for part in parts:
            if isinstance(part, Block):
                steps.append(Step(layer=self._layer(part)))
                continue
            step, turns = self._step(part)
            self.selection = selection.read(part, self.selection)
            if turns.ignore_orientation and not self.settings.ignore_orientation:
                self.settings = evolve(self.settings, ignore_orientation=True)
            steps.append(step)
        return tuple(each for each in steps if not each.is_empty)

    def _step(self, values: Values) -> tuple[Step, Turns]:
        later.check(values)
        turns = angle.read(values)
        kept = evolve(turns, ignore_orientation=False) if turns.ignore_orientation else turns
        if _BESIDE_SIZE.isdisjoint(values):  # most components
            step = Step(resize=size.read(values), turns=kept)
        else:
            step = Step(
                resize=size.read(effect.left_to_resize(values)),
                effect=effect.read(values),
                turns=kept,
                corners=radius.read(values),
                border=border.read(values),
                opacity=opacity.read(values),
                background=background.read(values),
                ground=ground.read(values),
            )
        if keeps := tuple(key[1:] for key in sorted(values) if key[0] == "$"):
            step = evolve(step, keeps=keeps)
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
        if "region_relative" in flags:
            placement = evolve(placement, to_region=True)
        steps: list[Step] = []
        selected = WHOLE_FILE
        ignores = False
        parts = (opening, *block.inner, *(() if is_short else (closing,)))
        for part in parts:
            if isinstance(part, Block):
                steps.append(Step(layer=self._layer(part)))
                continue
            own = without_own_flags(part)
            step, turns = self._step({key: value for key, value in own.items() if key != "dn"})
            selected = selection.read_own(own, selected)
            if step.resize is not None and (placement.to_region or "relative" in own_flags(part)):
                step = evolve(step, resize=evolve(step.resize, relative=True))
            steps.append(step)
            ignores = ignores or turns.ignore_orientation
        return Layer(
            source,
            placement,
            tuple(each for each in steps if not each.is_empty),
            below="u" in block.opening,
            ignore_orientation=ignores,
            selection=selected,
        )


def _check_terms(program: Program, limits: Limits) -> None:
    for condition in conditions(program):
        limits.check_terms(len(condition.tests), "condition")
    for expression in expressions(program):
        limits.check_terms(expression.terms)


def _waiting(program: Program) -> Chain:
    """A program of which everything is checked that can be without a source."""
    settings, selected = _NO_SETTINGS, WHOLE_FILE
    for part in parts(program):
        if part.is_plain and not _is_of_a_layer(part.plain):
            read_chain([part.plain])
        if known := _lasting(part):
            reader = _Reader(Limits(), settings)
            reader.steps([known])
            settings = reader.settings
    for node in program:
        if isinstance(node, Part) and not _is_of_a_layer(node.plain):
            selected = selection.read(node.plain, selected)
    branched = (part for node in program if isinstance(node, Branches) for part in parts((node,)))
    if any(angle.read(_lasting(part)).ignore_orientation for part in branched):
        raise unsupported("a_ignore in a branch")
    return Chain((), settings, program, selected)


def _is_of_a_layer(values: Mapping[str, str]) -> bool:
    """Whether a component cannot be read without those around it."""
    return bool(values.keys() & {"l", "u"} or own_flags(values))


def _lasting(part: Part) -> dict[str, str]:
    """The values that hold for the whole chain from the start, and can be read without their neighbours."""
    return {key: value for key, value in part.plain.items() if key in ("a", "d", "dn")}
