"""A chain that waits for its source → the plain chain it comes to for one source and one viewer.

Branches are chosen and sizes computed before `dpr`, which then multiplies whatever pixels came out (§8, §9).
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Protocol

from attrs import define, evolve, field

from origin.transform.blocks import depths, unclosed
from origin.transform.effects.grammar import TRIM_TOLERANCE
from origin.transform.language.about import About
from origin.transform.language.assignment import CURRENT
from origin.transform.language.program import Branches, Part, Program, parts
from origin.transform.language.scope import Scope, Size
from origin.transform.limits import Limits
from origin.transform.pages import seen
from origin.transform.params.layer import Layer
from origin.transform.parse import Chain, Step, read_chain, with_a_purpose
from origin.transform.plan import Rgba, SourceFacts
from origin.transform.portion import Portion
from origin.transform.sight import Rect
from origin.transform.values import unsupported
from origin.transform.view import View
from wire.negotiation import Negotiated

_TRIES = 2
_OPENING = ("l", "u")


class Canvas(Protocol):
    """An image that keeps its size while steps are worked on it."""

    width: int
    height: int
    view: View

    def margins(self, level: int, colour: Rgba | None) -> Rect:
        """What a trim would leave."""
        ...

    def work(self, step: Step) -> None:
        """Carry out one step."""
        ...

    def opened(self, layer: Layer) -> "Canvas":
        """A layer that will lie on it, as an image of its own."""
        ...


def settled(
    chain: Chain,
    facts: SourceFacts,
    negotiated: Negotiated,
    about: About,
    canvas: Callable[[Portion], Canvas],
    limits: Limits,
) -> Chain:
    """The chain with every branch chosen and every value computed; itself if it waits for nothing."""
    if chain.program is None:
        return chain
    upright = not chain.settings.ignore_orientation
    selection, density = chain.selection, chain.settings.finish.density
    for _ in range(_TRIES):
        portion = selection.of(facts, density)
        shown = seen(facts, portion)
        original = shown.shown if upright else (shown.width, shown.height)
        image = _Image(canvas(portion), _depths(chain.program))
        _walk(chain.program, Scope(facts, about, image, negotiated, original, portion=portion), image)
        result = with_a_purpose(read_chain(image.components, limits), image.components)
        found = result.selection, result.settings.finish.density
        if found == (selection, density):
            return evolve(result, settings=evolve(result.settings, ignore_orientation=not upright))
        selection, density = found  # a branch chose the page: what the sizes are is known only now
    raise unsupported("A page chosen by its own size")


def _walk(program: Program, scope: Scope, image: "_Image") -> None:
    for node in program:
        image.at = next(parts((node,)))
        if isinstance(node, Branches):
            _walk(node.then if node.condition.holds(scope) else node.otherwise, scope, image)
        else:
            _carry_out(node, scope, image)


def _depths(program: Program) -> dict[int, int]:
    """By the identities of the parts, on how many layers they act, one within the other."""
    written = list(parts(program))
    if not any(key in _OPENING for part in written for key, _ in part.values):
        return {}  # most programs lay nothing
    texts = [{key: value if isinstance(value, str) else "" for key, value in part.values} for part in written]
    return {id(part): depth for part, depth in zip(written, depths(texts), strict=True)}


def _carry_out(part: Part, scope: Scope, image: "_Image") -> None:
    for assignment in part.assignments:
        assignment.carry_out(scope)
    values: dict[str, str] = {f"${each.name}": CURRENT for each in part.assignments if each.source == CURRENT}
    for key, value in sorted(part.values, key=lambda each: each[0] not in _OPENING):
        text = value if isinstance(value, str) else value.filled(scope)
        if text is None:
            continue
        values[key] = text
        if key in _OPENING:  # what follows is said of the layer (§11.1)
            image.opening = {key: text}
    image.opening = None
    if values:
        image.components.append(values)


@define
class _Image:
    """The image after the components so far, worked only when somebody asks for its size.

    Within a layer, that is the layer's own (§11.1).
    """

    canvas: Canvas
    depths: dict[int, int]
    at: Part | None = None
    opening: dict[str, str] | None = None  # of the layer that is being opened
    components: list[dict[str, str]] = field(factory=list)
    worked: int = 0
    _layer: tuple[list[dict[str, str]], Canvas] | None = field(default=None, init=False)

    def size(self) -> Size:
        """Width and height of the current image."""
        canvas = self._current()
        return canvas.width, canvas.height

    def count_faces(self) -> int:
        """How many faces the original has."""
        return self.canvas.view.count_faces()

    def illustration(self) -> float:
        """How likely the original is drawn."""
        return self.canvas.view.illustration()

    def trimmed_ratio(self) -> float:
        """The ratio of what `e_trim` would leave of the current image."""
        _, _, width, height = self._current().margins(TRIM_TOLERANCE, None)
        return width / height

    def _current(self) -> Canvas:
        starts = self._open_layers()
        written = self.components if self.opening is None else [*self.components, self.opening]
        edges = [*starts, len(written)]
        for step in read_chain(self.components[self.worked : edges[0]]).steps:
            self.canvas.work(step)
        self.worked = max(self.worked, edges[0])
        if not starts:
            return self.canvas
        within = written[starts[0] :]
        if self._layer is None or self._layer[0] != within:
            canvas = self.canvas
            for start, end in pairwise(edges):
                canvas = _opened(canvas, written[start:end])
            self._layer = within, canvas
        return self._layer[1]

    def _open_layers(self) -> list[int]:
        """Where the layers open that the part acts on, the outermost first."""
        depth = self.depths.get(id(self.at), 0)
        starts = unclosed(self.components)[-depth:] if depth else []
        return starts if self.opening is None else [*starts, len(self.components)]


def _opened(base: Canvas, components: list[dict[str, str]]) -> Canvas:
    """The canvas of a layer on another, after the components it has had so far."""
    (step,) = read_chain([*components, {"fl": "layer_apply"}]).steps
    assert step.layer is not None
    canvas = base.opened(step.layer)
    for each in step.layer.steps:
        canvas.work(each)
    return canvas
