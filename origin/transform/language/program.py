"""A chain that waits for its source, as a tree: components whose values have places, and branches of them.

A component is spelled `if_…`, then `$…` in their order, then all else sorted (delivery-urls.md §9).
"""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from attrs import define, evolve, field, frozen

from origin.transform.language.assignment import Assignment, parse_assignment
from origin.transform.language.automatic import AutomaticWidth, read_automatic
from origin.transform.language.breakpoints import Breakpoints
from origin.transform.language.condition import Condition, parse_condition
from origin.transform.language.expression import Expression
from origin.transform.language.template import Template, read_template
from wire.components import Component
from wire.errors import InvalidRequest

PartValue = str | Template | AutomaticWidth | Breakpoints
_UNESCAPED = "!$:;()*._-~'@="


@frozen
class Part:
    """One component: variables it assigns, then its values, decoded and sorted by key."""

    assignments: tuple[Assignment, ...]
    values: tuple[tuple[str, PartValue], ...]

    @property
    def does_something(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.assignments or self.values)

    @property
    def plain(self) -> dict[str, str]:
        """The values that wait for nothing."""
        return {key: value for key, value in self.values if isinstance(value, str)}

    @property
    def is_plain(self) -> bool:
        """Whether nothing here waits for the source."""
        return not self.assignments and all(isinstance(value, str) for _, value in self.values)

    def spelled(self) -> str:
        """The canonical component."""
        params = sorted(
            f"{key}_{_quoted(value if isinstance(value, str) else value.text)}" for key, value in self.values
        )
        return ",".join([*(_quoted(each.text) for each in self.assignments), *params])


@frozen
class Branches:
    """What is done if a condition holds, and what if not."""

    condition: Condition
    then: "Program"
    otherwise: "Program" = ()

    def spelled(self) -> Iterator[str]:
        """The canonical components. One component without an alternative needs no `if_end`."""
        head = f"if_{_quoted(self.condition.text)}"
        match self.then, self.otherwise:
            case (Part() as only,), ():
                yield f"{head},{only.spelled()}"
            case _:
                yield head
                yield from spelled(self.then)
                if self.otherwise:
                    yield "if_else"
                    yield from spelled(self.otherwise)
                yield "if_end"


Program = tuple[Part | Branches, ...]


def spelled(program: Program) -> Iterator[str]:
    """The canonical components of a program."""
    for node in program:
        if isinstance(node, Branches):
            yield from node.spelled()
        else:
            yield node.spelled()


def parts(program: Program) -> Iterator[Part]:
    """Every component, whether it will be reached or not."""
    for node in program:
        if isinstance(node, Branches):
            yield from parts(node.then)
            yield from parts(node.otherwise)
        else:
            yield node


def conditions(program: Program) -> Iterator[Condition]:
    """Every condition, whether it will be reached or not."""
    for node in program:
        if isinstance(node, Branches):
            yield node.condition
            yield from conditions(node.then)
            yield from conditions(node.otherwise)


def expressions(program: Program) -> Iterator[Expression]:
    """Every expression of every component and condition."""
    for part in parts(program):
        yield from (each.source for each in part.assignments if isinstance(each.source, Expression))
        templates = (value for _, value in part.values if isinstance(value, Template))
        yield from (piece for each in templates for piece in each.pieces if isinstance(piece, Expression))
    for condition in conditions(program):
        yield from (side for test in condition.tests for side in (test.left, test.right) if side is not None)


def breakpoints_in(program: Program) -> Breakpoints | None:
    """What a program wants to know of its picture's sizes; of several such widths, the first decides."""
    for part in parts(program):
        for _, value in part.values:
            if isinstance(value, Breakpoints):
                return value
    return None


def at_width(program: Program, width: int | None) -> Program:
    """The program with a width in the place of its breakpoints, or without one there."""

    def settled(part: Part) -> Part:
        values = ((key, _at(value, width)) for key, value in part.values)
        return evolve(part, values=tuple((key, value) for key, value in values if value is not None))

    return tuple(
        evolve(node, then=at_width(node.then, width), otherwise=at_width(node.otherwise, width))
        if isinstance(node, Branches)
        else settled(node)
        for node in program
    )


def _at(value: PartValue, width: int | None) -> PartValue | None:
    if not isinstance(value, Breakpoints):
        return value
    return None if width is None else str(width)


def plain(program: Program) -> list[dict[str, str]] | None:
    """The values of each component, if none waits for the source."""
    if all(isinstance(node, Part) and node.is_plain for node in program):
        return [part.plain for part in parts(program)]
    return None


def read_program(
    components: Sequence[Component], values: Sequence[Mapping[str, str]], *, is_whole: bool = True
) -> Program:
    """The program of a chain, given each component's last values; not `is_whole`: of a part of one, whose
    variables may come from around it."""
    blocks = _Blocks()
    assigned = (
        frozenset(key[1:] for each in values for key in each if key.startswith("$")) if is_whole else None
    )
    following = [*(each.get("if") for each in values), None][1:]
    for component, texts, next_condition in zip(components, values, following, strict=True):
        part = _part(component, texts, assigned)
        condition = texts.get("if")
        match condition:
            case None:
                blocks.add(part)
            case "else":
                blocks.alternative()
                blocks.add(part)
            case "end":
                blocks.end()
                blocks.add(part)
            case _:
                blocks.begin(parse_condition(condition), part, has_alternative=next_condition == "else")
    return blocks.finished()


def _part(component: Component, texts: Mapping[str, str], assigned: frozenset[str] | None) -> Part:
    assignments = (
        tuple(
            parse_assignment(param.key[1:], param.value)
            for param in component.params
            if param.key.startswith("$")
        )
        if "$" in component.raw
        else ()
    )
    values = sorted(
        (key, read_automatic(key, text) or read_template(key, text, assigned) or text)
        for key, text in texts.items()
        if key != "if" and not key.startswith("$")
    )
    return Part(assignments, tuple(values))


@define
class _Open:
    """A block not ended yet."""

    condition: Condition
    then: list[Part | Branches] = field(factory=list)
    otherwise: list[Part | Branches] | None = None

    def closed(self) -> Branches:
        return Branches(self.condition, tuple(self.then), tuple(self.otherwise or ()))


@define
class _Blocks:
    """The tree while it is built: blocks within blocks, the innermost last."""

    done: list[Part | Branches] = field(factory=list)
    blocks: list[_Open] = field(factory=list)

    def add(self, node: Part | Branches) -> None:
        """What does nothing is left out, its condition with it."""
        matters = (node.then or node.otherwise) if isinstance(node, Branches) else node.does_something
        if matters:
            self._here.append(node)

    def begin(self, condition: Condition, part: Part, *, has_alternative: bool) -> None:
        """With params in it, a condition holds for its own component only; an `if_else` right after it is its
        own too, unless a block around it still waits for one."""
        block = _Open(condition)
        if part.does_something:
            block.then.append(part)
            if not has_alternative or (self.blocks and self.blocks[-1].otherwise is None):
                self.add(block.closed())
                return
        self.blocks.append(block)

    def alternative(self) -> None:
        if not self.blocks or self.blocks[-1].otherwise is not None:
            raise InvalidRequest("if_else without if_ in transformation")
        self.blocks[-1].otherwise = []

    def end(self) -> None:
        """One too many ends nothing."""
        if self.blocks:
            block = self.blocks.pop()
            self.add(block.closed())

    def finished(self) -> Program:
        """Whatever is open still runs to the end of the chain (§8)."""
        while self.blocks:
            self.end()
        return tuple(self.done)

    @property
    def _here(self) -> list[Part | Branches]:
        if not self.blocks:
            return self.done
        block = self.blocks[-1]
        return block.then if block.otherwise is None else block.otherwise


def _quoted(text: str) -> str:
    return quote(text, safe=_UNESCAPED)
