"""`if_…`: tests joined by `and` and `or`, `and` binding tighter (transformations.md §8)."""

import operator
from collections.abc import Callable, Mapping

from attrs import frozen

from origin.transform.language.expression import Expression, Value, compiled
from origin.transform.language.scope import Scope
from origin.transform.language.tokens import SETS, Kind, Token, tokens
from origin.transform.values import invalid
from wire.errors import InvalidRequest

_RATIO_TOLERANCE = 0.005  # ratios are rarely met exactly (§8)
_RATIOS = frozenset({"ar", "iar"})
_ORDERINGS: Mapping[str, Callable[[float, float], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_EQUALITIES = frozenset({"eq", "ne"})
_MEMBERSHIPS = frozenset({"in", "nin"})
_DEFINITIONS = frozenset({"isdef", "isndef"})
_COMPARISONS = _ORDERINGS.keys() | _EQUALITIES | _MEMBERSHIPS


@frozen
class Test:
    """One comparison; `isdef` and `isndef` stand alone with a variable on the left."""

    left: Expression
    comparison: str
    right: Expression | None = None

    def holds(self, scope: Scope) -> bool:
        """Whether it is true here."""
        if self.right is None:
            return (self.left.postfix[0].text in scope.variables) == (self.comparison == "isdef")
        if self.comparison in _MEMBERSHIPS:
            left, right = (scope.members(side.postfix[0]) for side in (self.left, self.right))
            return left <= right if self.comparison == "in" else left.isdisjoint(right)
        left_value, right_value = self.left.value(scope), self.right.value(scope)
        if self.comparison in _ORDERINGS:
            if isinstance(left_value, str) or isinstance(right_value, str):
                return False  # texts have no order (§8)
            return _ORDERINGS[self.comparison](left_value, right_value)
        return self._are_equal(left_value, right_value) == (self.comparison == "eq")

    def _are_equal(self, left: Value, right: Value) -> bool:
        if isinstance(left, str) or isinstance(right, str):
            return left == right
        sides = (self.left, self.right)
        if any(side is not None and side.postfix[-1].text in _RATIOS for side in sides):
            return abs(left - right) <= _RATIO_TOLERANCE
        return left == right


@frozen
class Condition:
    """Alternatives; one of which must hold in all its tests."""

    alternatives: tuple[tuple[Test, ...], ...]
    text: str  # canonical, decoded

    def holds(self, scope: Scope) -> bool:
        """Whether the branch is taken."""
        return any(all(test.holds(scope) for test in tests) for tests in self.alternatives)

    @property
    def tests(self) -> tuple[Test, ...]:
        """Every test, whatever joins them."""
        return tuple(test for tests in self.alternatives for test in tests)


def parse_condition(text: str) -> Condition:
    """The condition of a decoded text, or `Invalid condition in transformation: <text>`."""
    words = tokens(text)
    if not words:
        raise _invalid(text)
    alternatives: list[tuple[Test, ...]] = []
    tests: list[Test] = []
    position = 0
    while True:
        test, position = _test(words, position, text)
        tests.append(test)
        if position == len(words):
            break
        joint = words[position].text
        if words[position].kind is not Kind.WORD or joint not in ("and", "or"):
            raise _invalid(text)
        if joint == "or":
            alternatives.append(tuple(tests))
            tests = []
        position += 1
    return Condition((*alternatives, tuple(tests)), "_".join(map(str, words)))


def _test(words: tuple[Token, ...], start: int, text: str) -> tuple[Test, int]:
    if start < len(words) and words[start].kind is Kind.WORD and words[start].text in _DEFINITIONS:
        if start + 1 == len(words) or words[start + 1].kind is not Kind.VARIABLE:
            raise _invalid(text)
        return Test(Expression((words[start + 1],), str(words[start + 1])), words[start].text), start + 2
    left, middle = compiled(words, start)
    if left is None or middle == len(words) or words[middle].kind is not Kind.WORD:
        raise _invalid(text)
    comparison = words[middle].text
    if comparison not in _COMPARISONS:
        raise _invalid(text)
    right, stop = compiled(words, middle + 1)
    if right is None:
        raise _invalid(text)
    is_membership = comparison in _MEMBERSHIPS
    if not all(_may_stand(side, is_membership) for side in (left, right)):
        raise _invalid(text)
    return Test(left, comparison, right), stop


def _may_stand(side: Expression, is_membership: bool) -> bool:
    """Sets are compared by membership only, and sums are no sets."""
    if is_membership:
        only = side.postfix[0]
        is_set = only.kind in (Kind.TEXT, Kind.VARIABLE, Kind.STORED) or only.text in SETS
        return is_set and not side.is_arithmetic
    return not any(token.kind is Kind.CHARACTERISTIC and token.text in SETS for token in side.postfix)


def _invalid(text: str) -> InvalidRequest:
    return invalid("condition", text)
