"""What an expression means: leaves that an asset answers or not, joined by all, any and not."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from origin.search.literals import Age, Literal


@frozen
class Everything:
    """Every asset."""


EVERYTHING = Everything()


@frozen
class Word:
    """A bare term: its words stand in the asset's texts."""

    text: str
    is_prefix: bool = False


@frozen
class Has:
    """`field:value`: the words of a tokenised field, the whole value of any other."""

    field: str
    text: str
    is_prefix: bool = False


@frozen
class Is:
    """`field=value`: the whole value, letter by letter."""

    field: str
    text: str
    is_prefix: bool = False


@frozen
class Edge:
    """One end of a range."""

    literal: Literal
    is_inclusive: bool = True


@frozen
class Within:
    """A number or a date between two edges; none is no limit."""

    field: str
    low: Edge | None = None
    high: Edge | None = None

    def interval(self, now: float) -> "Interval":
        """What is meant at that time."""
        low, high = self.low, self.high
        return Interval(
            low=None if low is None else low.literal.span(now)[0 if low.is_inclusive else 1],
            low_inclusive=low is None or low.is_inclusive,
            high=None if high is None else high.literal.span(now)[1 if high.is_inclusive else 0],
            high_inclusive=high is None or high.is_inclusive,
        )


@frozen
class Interval:
    """A part of a number line."""

    low: float | None
    low_inclusive: bool
    high: float | None
    high_inclusive: bool

    def __contains__(self, value: float) -> bool:
        if self.low is not None and (value < self.low or (value == self.low and not self.low_inclusive)):
            return False
        return self.high is None or value < self.high or (value == self.high and self.high_inclusive)


@frozen
class All:
    """Every part."""

    parts: tuple["Tree", ...]


@frozen
class Some:
    """One part at least."""

    parts: tuple["Tree", ...]


@frozen
class Not:
    """The rest."""

    part: "Tree"


Test = Word | Has | Is | Within
Leaf = Everything | Test
Tree = Leaf | All | Some | Not


def all_of(parts: Iterable[Tree]) -> Tree:
    """The parts joined by AND, without nesting."""
    flat = tuple(each for part in parts for each in (part.parts if isinstance(part, All) else (part,)))
    return flat[0] if len(flat) == 1 else All(flat)


def some_of(parts: Iterable[Tree]) -> Tree:
    """The parts joined by OR, without nesting."""
    flat = tuple(each for part in parts for each in (part.parts if isinstance(part, Some) else (part,)))
    return flat[0] if len(flat) == 1 else Some(flat)


def not_(part: Tree) -> Tree:
    """The opposite; of an opposite, the thing itself."""
    return part.part if isinstance(part, Not) else Not(part)


def equal(field: str, literal: Literal) -> Within:
    """A number or date of that value; an age means no longer ago than that."""
    edge = Edge(literal)
    return Within(field, edge, None if isinstance(literal, Age) else edge)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """All leaves, left to right."""
    waiting = [tree]
    while waiting:
        match waiting.pop():
            case All(parts) | Some(parts):
                waiting += reversed(parts)
            case Not(part):
                waiting.append(part)
            case leaf:
                yield leaf
