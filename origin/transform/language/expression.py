"""Arithmetic over numbers, variables and characteristics, as precedence has it (transformations.md §9).

Compiled to postfix without recursion: the length of a text never becomes depth of a stack.
"""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import frozen

from origin.transform.language.tokens import Kind, Token, tokens
from wire.components import printable
from wire.errors import InvalidRequest

_LARGEST = 1e15  # beyond it doubles no longer tell neighbouring integers apart
_PRECEDENCE = {"add": 1, "sub": 1, "mul": 2, "div": 2, "mod": 2, "pow": 3}
_WORK: dict[str, Callable[[float, float], float]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "mod": operator.mod,
    "pow": operator.pow,
}


class Factor(float):
    """A number written with a dot: a factor where a length is wanted (§2). Arithmetic makes plain numbers of it."""


Value = float | str
"""A number, or the text between exclamation marks."""


class Names(Protocol):
    """Who knows what the names in an expression stand for."""

    def value(self, token: Token) -> Value:
        """The value of a variable, a characteristic or a stored value; `InvalidRequest` if it has none."""
        ...


@frozen
class Expression:
    """An expression in postfix order; of one token when it is no arithmetic."""

    postfix: tuple[Token, ...]
    text: str  # canonical, decoded

    @property
    def is_arithmetic(self) -> bool:
        """Whether anything is computed."""
        return len(self.postfix) > 1

    @property
    def terms(self) -> int:
        """How many operands are computed with."""
        return sum(token.kind not in (Kind.OPERATOR, Kind.CONVERSION) for token in self.postfix)

    def value(self, names: Names) -> Value:
        """What it comes to, in double precision; `InvalidRequest` where it comes to nothing."""
        stack: list[Value] = []
        for token in self.postfix:
            match token.kind:
                case Kind.OPERATOR:
                    right, left = _number(stack.pop(), token), _number(stack.pop(), token)
                    stack.append(_computed(token.text, left, right))
                case Kind.CONVERSION:
                    number = _converted(stack.pop())
                    stack.append(float(math.trunc(number)) if token.text == "to_i" else number)
                case Kind.NUMBER:
                    stack.append(Factor(token.text) if "." in token.text else float(token.text))
                case Kind.RATIO:
                    over, _, under = token.text.partition(":")
                    stack.append(_computed("div", float(over), float(under)))
                case Kind.TEXT:
                    stack.append(token.text)
                case _:
                    stack.append(names.value(token))
        return stack[0]


def parse_expression(text: str, own: Token | None = None) -> Expression | None:
    """The expression a whole decoded text is; None if it is none.

    `own` is what a leading operator works on: the current value of the param or variable (§9).
    """
    words = tokens(text)
    if not words:
        return None
    expression, stop = compiled(words, 0, own)
    return expression if stop == len(words) else None


def compiled(words: Sequence[Token], start: int, own: Token | None = None) -> tuple[Expression | None, int]:
    """The longest expression from `start` on, and where it stops; shunting-yard."""
    postfix: list[Token] = []
    waiting: list[Token] = []
    position = start
    if own is not None and start < len(words) and words[start].kind is Kind.OPERATOR:
        postfix.append(own)
    else:
        if start >= len(words) or words[start].kind in (Kind.OPERATOR, Kind.CONVERSION, Kind.WORD):
            return None, start
        postfix.append(words[start])
        position += 1
    while position < len(words):
        word = words[position]
        if word.kind is Kind.CONVERSION:
            postfix.append(word)
            position += 1
            continue
        operand = words[position + 1] if position + 1 < len(words) else None
        if word.kind is not Kind.OPERATOR:
            break
        if operand is None or operand.kind in (Kind.OPERATOR, Kind.CONVERSION, Kind.WORD):
            return None, position
        while waiting and _goes_first(waiting[-1].text, word.text):
            postfix.append(waiting.pop())
        waiting.append(word)
        postfix.append(operand)
        position += 2
    text = "_".join(map(str, words[start:position]))
    return Expression((*postfix, *reversed(waiting)), text), position


def _goes_first(before: str, now: str) -> bool:
    """Whether an operator that waits is worked before the next: `pow` groups to the right, others to the left."""
    higher = _PRECEDENCE[before] - _PRECEDENCE[now]
    return higher > 0 or (higher == 0 and now != "pow")


def _computed(name: str, left: float, right: float) -> float:
    try:
        result = _WORK[name](left, right)
    except ZeroDivisionError as error:
        raise InvalidRequest("Division by zero in transformation") from error
    except OverflowError as error:
        raise _too_large(name) from error
    if not isinstance(result, float):  # a root of a negative number
        raise InvalidRequest(f"Invalid expression in transformation: {left:g}_pow_{right:g}")
    if not abs(result) <= _LARGEST:
        raise _too_large(name)
    return result


def _too_large(name: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid expression in transformation: result of {name} is too large")


def _number(value: Value, token: Token) -> float:
    if isinstance(value, str):
        raise InvalidRequest(
            f"Invalid expression in transformation: !{printable(value)}! is no number for {token}"
        )
    return value


def _converted(value: Value) -> float:
    """A number, also from the text that a context value is."""
    if not isinstance(value, str):
        return float(value)
    words = tokens(value.strip())
    if words is None or len(words) != 1 or words[0].kind is not Kind.NUMBER:
        raise InvalidRequest(f"Invalid expression in transformation: !{printable(value)}! is no number")
    return float(words[0].text)
