"""A field of structured metadata: what it is called, which values it takes (admin-api §16)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, field, frozen

from origin.metadata.spelling import Written
from origin.metadata.validation import Value, accepts, is_date
from wire.components import printable
from wire.errors import InvalidRequest, NotFound

TYPES = ("string", "integer", "date", "enum", "set")
LISTS = ("enum", "set")
MOST_ENTRIES = 3000
LONGEST = 255  # of labels, and of entries and their ids
LONGEST_VALUE = 10_000
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")


@frozen
class Entry:
    """One value of a datasource. Inactive: whoever has it keeps it, nobody gets it."""

    external_id: str
    value: str
    is_active: bool = True

    def shown(self) -> dict[str, str]:
        """As the calls on datasources show it."""
        return {"external_id": self.external_id, "value": self.value}

    def to_json(self) -> dict[str, str]:
        """As a field shows it."""
        return {**self.shown(), "state": "active" if self.is_active else "inactive"}

    @classmethod
    def from_json(cls, document: Mapping[str, str]) -> "Entry":
        """The inverse."""
        return cls(document["external_id"], document["value"], document["state"] == "active")


@frozen(kw_only=True)
class Field:
    """One field. `created_at` in unix seconds."""

    external_id: str
    type: str
    label: str
    mandatory: bool = False
    default_value: Value | None = None
    validation: Mapping[str, Any] | None = None
    default_disabled: bool = False
    restrictions: Mapping[str, bool] = field(factory=dict)
    allow_dynamic_list_values: bool = False
    entries: tuple[Entry, ...] = ()
    created_at: float = 0.0

    @property
    def has_datasource(self) -> bool:
        """Whether values are chosen from a list."""
        return self.type in LISTS

    @property
    def active(self) -> tuple[Entry, ...]:
        """The entries that can be chosen."""
        return tuple(each for each in self.entries if each.is_active)

    def read(self, written: Written, before: Value | None = None) -> Value:
        """The value somebody gives now, or 400. Of `before`, entries may stay that are inactive meanwhile."""
        value = self._typed(written)
        if value is None or not self.admits(value, before=before):
            shown = ",".join(written) if isinstance(written, tuple) else written
            raise InvalidRequest(
                f"Invalid value for metadata field {printable(self.external_id)}: {printable(shown)}"
            )
        return value

    def admits(self, value: Value, *, inactive: bool = False, before: Value | None = None) -> bool:
        """Whether a value of its type passes. What it was `before` may be inactive; with `inactive`, all may."""
        if not self.has_datasource:
            return accepts(self.validation, value)
        had = () if before is None else chosen(before)
        known = {
            each.external_id for each in self.entries if inactive or each.is_active or each.external_id in had
        }
        return all(each in known for each in chosen(value))

    def _typed(self, written: Written) -> Value | None:
        if self.type == "set":
            given = (written,) if isinstance(written, str) else written
            return list(dict.fromkeys(given))
        if not isinstance(written, str):
            return None
        match self.type:
            case "integer":
                return int(written) if _INTEGER.fullmatch(written) else None
            case "date":
                return written if is_date(written) else None
            case _:
                return written if len(written) <= LONGEST_VALUE else None

    def upserted(self, entries: Iterable[Entry]) -> "Field":
        """With entries renamed where they are, new ones last."""
        places = {each.external_id: each for each in self.entries}
        for each in entries:
            old = places.get(each.external_id)
            places[each.external_id] = evolve(old, value=each.value) if old else each
        if len(places) > MOST_ENTRIES:
            raise InvalidRequest(f"Too many datasource values. Maximum is {MOST_ENTRIES}.")
        return evolve(self, entries=tuple(places.values()))

    def switched(self, ids: Iterable[str], is_active: bool) -> "Field":
        """With some entries restored or taken away; the default keeps none that cannot be chosen."""
        wanted = set(ids)
        known = {each.external_id for each in self.entries}
        if unknown := sorted(wanted - known):
            raise NotFound(f"External ID {printable(unknown[0])} doesn't exist")
        entries = tuple(
            evolve(each, is_active=is_active) if each.external_id in wanted else each for each in self.entries
        )
        default = self.default_value if is_active else without(self.default_value, wanted)
        return evolve(self, entries=entries, default_value=default)

    def sorted_by_value(self, descending: bool) -> "Field":
        """With its entries in the order of their values."""
        entries = sorted(
            self.entries, key=lambda each: (each.value.casefold(), each.value), reverse=descending
        )
        return evolve(self, entries=tuple(entries))

    def matching(self, term: str) -> Iterable[Entry]:
        """The entries that can be chosen and hold a text, whatever the case."""
        return (each for each in self.active if term.casefold() in each.value.casefold())

    def to_json(self) -> dict[str, Any]:
        """As the API shows it."""
        document = {
            "type": self.type,
            "external_id": self.external_id,
            "label": self.label,
            "mandatory": self.mandatory,
            "default_value": self.default_value,
            "validation": self.validation,
            "default_disabled": self.default_disabled,
            "restrictions": dict(self.restrictions),
            "allow_dynamic_list_values": self.allow_dynamic_list_values,
        }
        if self.has_datasource:
            document["datasource"] = {"values": [each.to_json() for each in self.entries]}
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any], created_at: float) -> "Field":
        """The inverse."""
        plain = {name: value for name, value in document.items() if name != "datasource"}
        entries = document.get("datasource", {"values": ()})["values"]
        return cls(**plain, entries=tuple(map(Entry.from_json, entries)), created_at=created_at)


def chosen(value: Value) -> list[str]:
    """The external ids that a value of a list names."""
    return value if isinstance(value, list) else [str(value)]


def without(value: Value | None, ids: set[str]) -> Value | None:
    """A value of a list without some of its ids; None when nothing is left."""
    if value is None:
        return None
    kept = [each for each in chosen(value) if each not in ids]
    if isinstance(value, list):
        return kept or None
    return value if kept else None
