"""`$name_<value>`: a variable gets a number, a text or what an expression comes to (transformations.md §9)."""

import re
from typing import Literal

from attrs import frozen

from origin.transform.language.expression import Expression, Value, parse_expression
from origin.transform.language.scope import Scope
from origin.transform.language.tokens import Kind, Token
from origin.transform.values import InvalidValue
from wire.components import printable

PUBLIC_ID: Literal["current:public_id"] = "current:public_id"
CURRENT: Literal["current"] = "current"
_STORED = re.compile(r"ref:!([^!]+)!")


@frozen
class Stored:
    """A file by its name, as layers write it: folders with colons, `fetch:` before a URL in base64."""

    name: str

    @property
    def text(self) -> str:
        """The canonical value, decoded."""
        return f"ref:!{self.name}!"


@frozen
class Assignment:
    """One variable and where its value comes from."""

    name: str
    source: "Expression | Stored | Literal['current', 'current:public_id']"

    @property
    def text(self) -> str:
        """The canonical param, decoded."""
        return f"${self.name}_{self.source if isinstance(self.source, str) else self.source.text}"

    def carry_out(self, scope: Scope) -> None:
        """Give the variable its value."""
        value: Value
        match self.source:
            case "current":
                value = f"${self.name}"  # a layer's source by that name: see `Step.keeps`
            case "current:public_id":
                value = scope.about.public_id
            case Stored():
                value = self.source.name
            case _:
                value = self.source.value(scope)
        scope.variables[self.name] = value


def parse_assignment(name: str, text: str) -> Assignment:
    """The assignment of a decoded value; a bare word is none."""
    if text == PUBLIC_ID:
        return Assignment(name, PUBLIC_ID)
    if text == CURRENT:
        return Assignment(name, CURRENT)
    if (stored := _STORED.fullmatch(text)) is not None:
        return Assignment(name, Stored(stored[1]))
    expression = parse_expression(text, own=Token(Kind.VARIABLE, name))
    if expression is None:
        raise InvalidValue("assignment", text, f"Invalid assignment to ${name}: {printable(text)}")
    return Assignment(name, expression)
