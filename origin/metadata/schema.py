"""All fields and rules of a cloud as one value; every call of admin-api §16 is an edit of it."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from attrs import evolve, frozen

from origin.metadata.fields import Field
from origin.metadata.rules import Rule, fields_asked
from wire.components import printable
from wire.errors import InvalidRequest, NotFound

MOST_FIELDS, MOST_RULES = 100, 100
ORDERS: dict[str, Callable[[Field], Any]] = {
    "label": lambda each: (each.label.casefold(), each.label),
    "external_id": lambda each: each.external_id,
    "created_at": lambda each: each.created_at,
}
T = TypeVar("T")


@frozen
class Schema:
    """Fields and rules in their order, and the ids that no field may bear again."""

    fields: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()
    gone: tuple[str, ...] = ()

    def field(self, external_id: str) -> Field:
        """That field, or 404."""
        for each in self.fields:
            if each.external_id == external_id:
                return each
        raise unknown(external_id)

    def with_field(self, new: Field) -> "Schema":
        """With a field more."""
        if len(self.fields) >= MOST_FIELDS:
            raise InvalidRequest(f"Too many metadata fields. Maximum is {MOST_FIELDS}.")
        if new.external_id in {*self.gone, *(each.external_id for each in self.fields)}:
            raise InvalidRequest(f"external id {printable(new.external_id)} already exists")
        self._check_label(new)
        return evolve(self, fields=(*self.fields, new))

    def replacing(self, new: Field) -> "Schema":
        """With a field as it is now."""
        self._check_label(new)
        same = new.external_id
        return evolve(self, fields=tuple(new if each.external_id == same else each for each in self.fields))

    def _check_label(self, new: Field) -> None:
        if any(each.label == new.label and each.external_id != new.external_id for each in self.fields):
            raise InvalidRequest(f"label {printable(new.label)} already exists")

    def without_field(self, external_id: str) -> "Schema":
        """Without a field, and without the rules that ask for it or act on it."""
        self.field(external_id)
        return Schema(
            fields=tuple(each for each in self.fields if each.external_id != external_id),
            rules=tuple(
                each
                for each in self.rules
                if external_id not in {each.metadata_field_id, *fields_asked(each.condition)}
            ),
            gone=(*self.gone, external_id),
        )

    def ordered(self, by: str, descending: bool) -> "Schema":
        """With its fields in that order."""
        if by not in ORDERS:
            raise InvalidRequest(f"Invalid order_by {printable(by)}: must be one of {', '.join(ORDERS)}")
        return evolve(self, fields=tuple(sorted(self.fields, key=ORDERS[by], reverse=descending)))

    def reordered(self, external_id: str, position: int) -> "Schema":
        """With one field at that place, counted from 0; the others keep their order."""
        return evolve(self, fields=_moved(self.fields, self.field(external_id), position))

    def rule(self, external_id: str) -> Rule:
        """That rule, or 404."""
        for each in self.rules:
            if each.external_id == external_id:
                return each
        raise unknown(external_id)

    def with_rule(self, new: Rule, position: int | None = None) -> "Schema":
        """With a rule more, last unless it has its place."""
        if len(self.rules) >= MOST_RULES:
            raise InvalidRequest(f"Too many metadata rules. Maximum is {MOST_RULES}.")
        if any(each.external_id == new.external_id for each in self.rules):
            raise InvalidRequest(f"external id {printable(new.external_id)} already exists")
        self._check_rule(new)
        rules = (*self.rules, new)
        return evolve(self, rules=rules if position is None else _moved(rules, new, position))

    def replacing_rule(self, new: Rule, position: int | None = None) -> "Schema":
        """With a rule as it is now."""
        self._check_rule(new)
        rules = tuple(new if each.external_id == new.external_id else each for each in self.rules)
        return evolve(self, rules=rules if position is None else _moved(rules, new, position))

    def without_rule(self, external_id: str) -> "Schema":
        """Without a rule."""
        gone = self.rule(external_id)
        return evolve(self, rules=tuple(each for each in self.rules if each != gone))

    def _check_rule(self, rule: Rule) -> None:
        known = {each.external_id for each in self.fields}
        for wanted in (rule.metadata_field_id, *fields_asked(rule.condition)):
            if wanted not in known:
                raise InvalidRequest(f"External ID {printable(wanted)} doesn't exist")
        rule.check_result(self.field(rule.metadata_field_id))

    def shown_rule(self, rule: Rule) -> dict[str, Any]:
        """A rule as the API shows it: with its place, counted from 1."""
        return {**rule.to_json(), "position": self.rules.index(rule) + 1}

    def to_text(self) -> str:
        """As its row holds it."""
        return json.dumps(
            {
                "fields": [{**each.to_json(), "created_at": each.created_at} for each in self.fields],
                "rules": [each.stored() for each in self.rules],
                "gone": self.gone,
            }
        )

    @classmethod
    def from_text(cls, text: str) -> "Schema":
        """The inverse."""
        document = json.loads(text)
        return cls(
            fields=tuple(Field.from_json(each, each.pop("created_at")) for each in document["fields"]),
            rules=tuple(Rule(**each) for each in document["rules"]),
            gone=tuple(document["gone"]),
        )


NO_FIELDS = Schema()


def unknown(external_id: str) -> NotFound:
    """404 for an id that nothing here bears."""
    return NotFound(f"External ID {printable(external_id)} doesn't exist")


def missing_of(schema: Schema, ids: Iterable[str]) -> list[str]:
    """Those of the ids that no field of the schema bears."""
    known = {each.external_id for each in schema.fields}
    return [each for each in ids if each not in known]


def _moved(items: Sequence[T], item: T, position: int) -> tuple[T, ...]:
    others = [each for each in items if each is not item]
    return (*others[:position], item, *others[position:])
