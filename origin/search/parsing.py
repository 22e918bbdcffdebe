"""Expression → tree. Total: every text is a tree or a `QueryError`; linear in time, bounded in depth."""

from attrs import define

from origin.search.errors import QueryError
from origin.search.fields import ASSET_FIELDS, Field, Fields, Kind, canonical_name, field_of
from origin.search.literals import Literal
from origin.search.scanning import OPERATORS, Scanner, Text
from origin.search.tree import EVERYTHING, Edge, Has, Is, Tree, Within, Word, all_of, equal, not_, some_of

MOST_CHARACTERS = 32_768
MOST_LEAVES = 200
DEEPEST = 40
KEYWORDS = frozenset({"AND", "OR", "NOT"})


def parse(text: str, fields: Fields = ASSET_FIELDS) -> Tree:
    """What the expression means; an empty one means everything."""
    if len(text) > MOST_CHARACTERS:
        raise QueryError(MOST_CHARACTERS, f"the expression is longer than {MOST_CHARACTERS} characters")
    return _Parser(Scanner(text), fields).expression()


@define
class _Asked:
    """The field and the operator before a value, or before a group of values."""

    name: str
    field: Field
    operator: str
    position: int


@define
class _Parser:
    """Recursive descent; only parentheses recurse."""

    scanner: Scanner
    fields: Fields
    leaves: int = 0
    depth: int = 0

    def expression(self) -> Tree:
        scanner = self.scanner
        if not scanner.next():
            return EVERYTHING
        start = scanner.position
        if scanner.take_word("NOT"):
            raise QueryError(start, 'an expression does not begin with NOT; write "-" before the term')
        found = self.either(None)
        if scanner.next():
            raise scanner.unexpected()
        return found

    def either(self, asked: _Asked | None) -> Tree:
        parts = [self.both(asked)]
        while self.scanner.take_word("OR"):
            parts.append(self.both(asked))
        return some_of(parts)

    def both(self, asked: _Asked | None) -> Tree:
        parts = [self.one(asked)]
        while True:
            start = self.scanner.position
            if self.scanner.take_word("AND"):
                parts.append(self.one(asked))
            elif self.scanner.next() in ("", ")") or self.scanner.take_word("OR"):
                self.scanner.position = start
                return all_of(parts)
            else:
                parts.append(self.one(asked))

    def one(self, asked: _Asked | None) -> Tree:
        is_wanted = True
        while True:
            following, start = self.scanner.next(), self.scanner.position
            if following in ("+", "-"):
                self.scanner.take(following)
                if not self.scanner.is_touching():
                    raise QueryError(start, f'"{following}" stands right before a term')
                is_wanted ^= following == "-"
            elif self.scanner.take_word("NOT"):
                is_wanted = not is_wanted
            else:
                found = self.group(asked) if following == "(" else self.clause(asked)
                return found if is_wanted else not_(found)

    def group(self, asked: _Asked | None) -> Tree:
        start = self.scanner.position
        self.scanner.take("(")
        self.depth += 1
        if self.depth > DEEPEST:
            raise QueryError(start, f"parentheses are nested more than {DEEPEST} deep")
        found = self.either(asked)
        if not self.scanner.take(")"):
            raise self.scanner.unexpected() if self.scanner.next() else QueryError(start, "( is never closed")
        self.depth -= 1
        return found

    def clause(self, asked: _Asked | None) -> Tree:
        self.leaves += 1
        if self.leaves > MOST_LEAVES:
            raise QueryError(self.scanner.position, f"the expression has more than {MOST_LEAVES} terms")
        if asked is not None and self.scanner.next() in ("[", "{"):
            return self.range(asked)
        text = self.scanner.value()
        if text.is_plain and text.letters in KEYWORDS:
            raise QueryError(text.position, f"unexpected {text.letters}; quote it to search for it")
        if self.scanner.next() in OPERATORS:
            return self.comparison(text)
        return Word(text.letters, text.is_prefix) if asked is None else meaning(asked, text)

    def comparison(self, name: Text) -> Tree:
        called = canonical_name(name.letters)
        known = field_of(called, self.fields)
        if known is None or name.is_prefix:
            raise QueryError(name.position, f"unknown field {name.letters}")
        operator = self.operator()
        asked = _Asked(called, known, operator, name.position)
        following = self.scanner.next()
        if following == "(":
            return self.group(asked)
        if following in ("[", "{"):
            return self.range(asked)
        return meaning(asked, self.scanner.value())

    def operator(self) -> str:
        first = self.scanner.next()
        self.scanner.take(first)
        if first in "<>" and self.scanner.text.startswith("=", self.scanner.position):
            self.scanner.position += 1
            return first + "="
        return first

    def range(self, asked: _Asked) -> Within:
        if asked.operator not in (":", "="):
            raise QueryError(self.scanner.position, "a range stands after a colon")
        low_inclusive = self.scanner.take("[") or not self.scanner.take("{")
        low = self.edge(asked)
        if not self.scanner.take_word("TO"):
            raise QueryError(self.scanner.position, "TO stands between the two ends of a range")
        high = self.edge(asked)
        high_inclusive = self.scanner.take("]")
        if not high_inclusive and not self.scanner.take("}"):
            raise QueryError(self.scanner.position, "a range ends with ] or }")
        return Within(asked.name, Edge(low, low_inclusive), Edge(high, high_inclusive))

    def edge(self, asked: _Asked) -> Literal:
        return literal(asked, self.scanner.value())


def meaning(asked: _Asked, text: Text) -> Tree:
    """A field, an operator and a value."""
    kind = asked.field.kind
    if asked.operator in (":", "=") and kind is not Kind.NUMBER:
        if text.is_prefix and not asked.field.may_prefix:
            raise QueryError(text.position, f'{asked.name} has no prefix search; leave out the "*"')
        letters = text.letters.lower() if kind is Kind.ENUM else text.letters
        leaf = Has if asked.operator == ":" else Is
        return leaf(asked.name, letters, text.is_prefix)
    value = literal(asked, text)
    match asked.operator:
        case ">" | ">=":
            return Within(asked.name, low=Edge(value, asked.operator == ">="))
        case "<" | "<=":
            return Within(asked.name, high=Edge(value, asked.operator == "<="))
        case _:
            return equal(asked.name, value)


def literal(asked: _Asked, text: Text) -> Literal:
    """What stands on the field's number line at that value."""
    if asked.field.reads is None:
        raise QueryError(asked.position, f"{asked.name} has no order; compare it with : or =")
    value = None if text.is_prefix else asked.field.reads(text.letters)
    if value is None:
        raise QueryError(text.position, f'"{text.letters}" is no value of {asked.name}')
    return value
