"""`$name_<value>`: a variable gets a number, a text or what an expression comes to (transformations.md §9)."""

from typing import Literal

from attrs import frozen

from origin.transform.language.expression import Expression, Value, parse_expression
from origin.transform.language.scope import Scope
from origin.transform.language.tokens import Kind, Token
from origin.transform.values import InvalidValue, unsupported
from wire.components import printable

PUBLIC_ID: Literal["current:public_id"] = "current:public_id"


@frozen
class Assignment:
    """One variable and where its value comes from."""

    name: str
    source: Expression | Literal["current:public_id"]

    @property
    def text(self) -> str:
        """The canonical param, decoded."""
        return f"${self.name}_{self.source if isinstance(self.source, str) else self.source.text}"

    def carry_out(self, scope: Scope) -> None:
        """Give the variable its value."""
        value: Value = scope.about.public_id if isinstance(self.source, str) else self.source.value(scope)
        scope.variables[self.name] = value


def parse_assignment(name: str, text: str) -> Assignment:
    """The assignment of a decoded value; a bare word is none."""
    if text == PUBLIC_ID:
        return Assignment(name, PUBLIC_ID)
    if text == "current" or text.startswith("ref:!"):
        raise unsupported(f"${name}_{text}")
    expression = parse_expression(text, own=Token(Kind.VARIABLE, name))
    if expression is None:
        raise InvalidValue("assignment", text, f"Invalid assignment to ${name}: {printable(text)}")
    return Assignment(name, expression)
