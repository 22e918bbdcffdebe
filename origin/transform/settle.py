"""A chain that waits for its source → the plain chain it comes to for one source and one viewer.

Branches are chosen and sizes computed before `dpr`, which then multiplies whatever pixels came out (§8, §9).
"""

from collections.abc import Callable
from typing import Protocol

from attrs import define, evolve, field

from origin.transform.blocks import enclosed
from origin.transform.effects.grammar import TRIM_TOLERANCE
from origin.transform.language.about import About
from origin.transform.language.program import Branches, Part, Program, parts
from origin.transform.language.scope import Scope, Size
from origin.transform.limits import Limits
from origin.transform.pages import seen
from origin.transform.parse import Chain, Step, read_chain
from origin.transform.plan import Rgba, SourceFacts
from origin.transform.portion import Portion
from origin.transform.sight import Rect
from origin.transform.values import unsupported
from origin.transform.view import View
from wire.negotiation import Negotiated

_TRIES = 2


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
        image = _Image(canvas(portion), _on_layers(chain.program))
        _walk(chain.program, Scope(facts, about, image, negotiated, original, portion=portion), image)
        result = read_chain(image.components, limits)
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
            _carry_out(node, scope, image.components)


def _on_layers(program: Program) -> frozenset[int]:
    """The identities of the parts that act on a layer: there, the size is not the picture's."""
    written = list(parts(program))
    texts = [{key: value if isinstance(value, str) else "" for key, value in part.values} for part in written]
    return frozenset(id(written[index]) for index in enclosed(texts))


def _carry_out(part: Part, scope: Scope, components: list[dict[str, str]]) -> None:
    for assignment in part.assignments:
        assignment.carry_out(scope)
    values: dict[str, str] = {}
    for key, value in part.values:
        text = value if isinstance(value, str) else value.filled(scope)
        if text is not None:
            values[key] = text
    if values:
        components.append(values)


@define
class _Image:
    """The image after the components so far, worked only when somebody asks for its size."""

    canvas: Canvas
    on_layers: frozenset[int]
    at: Part | None = None
    components: list[dict[str, str]] = field(factory=list)
    worked: int = 0

    def size(self) -> Size:
        """Width and height of the current image."""
        self._work()
        return self.canvas.width, self.canvas.height

    def count_faces(self) -> int:
        """How many faces the original has."""
        return self.canvas.view.count_faces()

    def trimmed_ratio(self) -> float:
        """The ratio of what `e_trim` would leave of the current image."""
        self._work()
        _, _, width, height = self.canvas.margins(TRIM_TOLERANCE, None)
        return width / height

    def _work(self) -> None:
        if id(self.at) in self.on_layers:
            raise unsupported("A layer's own size in a condition or an expression")
        for step in read_chain(self.components[self.worked :]).steps:
            self.canvas.work(step)
        self.worked = len(self.components)
