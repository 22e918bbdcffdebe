"""Rules: what one field may be, by what other fields are (admin-api §16)."""

import json
from collections.abc import Iterator, Mapping
from hashlib import md5
from typing import Any

from attrs import evolve, frozen

from origin.metadata.fields import Field, chosen
from origin.metadata.spelling import written
from origin.metadata.validation import Value
from wire.components import printable
from wire.errors import InvalidRequest

DEEPEST, MOST_TESTS = 10, 100
MODES = ("default", "override", "append")
_TESTS = ("populated", "includes", "equals")
_RESULTS = frozenset({"enable", "disable", "activate_values", "apply_value", "set_mandatory", "hide"})


@frozen(kw_only=True)
class Rule:
    """One rule. Condition and result are checked documents."""

    external_id: str
    metadata_field_id: str
    name: str
    condition: Mapping[str, Any]
    result: Mapping[str, Any]
    state: str = "active"

    def check_result(self, field: Field) -> None:
        """400 where the result names what its field cannot be."""
        ids = _activated(self.result) or []
        applied = self.result.get("apply_value")
        if (ids or "activate_values" in self.result) and not field.has_datasource:
            raise InvalidRequest(
                f"activate_values is invalid: {printable(field.external_id)} has no datasource"
            )
        if ids and not field.admits(ids, inactive=True):
            raise InvalidRequest("activate_values is invalid: it names values that do not exist")
        if applied is not None:
            field.read(written(field.external_id, applied["value"]))

    def stored(self) -> dict[str, Any]:
        """As its row holds it."""
        return {
            "external_id": self.external_id,
            "metadata_field_id": self.metadata_field_id,
            "name": self.name,
            "condition": self.condition,
            "result": self.result,
            "state": self.state,
        }

    def to_json(self) -> dict[str, Any]:
        """As the API shows it; the signature tells conditions apart, however their keys were ordered."""
        spelled = json.dumps(self.condition, sort_keys=True).encode()
        return {**self.stored(), "condition_signature": md5(spelled, usedforsecurity=False).hexdigest()}


def check_condition(document: Any, depth: int = 0) -> None:
    """400 unless it is a tree of tests."""
    if depth > DEEPEST:
        raise InvalidRequest(f"condition is invalid: nested deeper than {DEEPEST}")
    match document:
        case {"and": [*parts]} | {"or": [*parts]} if len(document) == 1 and 0 < len(parts) <= MOST_TESTS:
            for part in parts:
                check_condition(part, depth + 1)
        case {"metadata_field_id": str()} if len([name for name in _TESTS if name in document]) == 1:
            _check_test(document)
        case _:
            raise InvalidRequest(
                "condition is invalid: expected and, or, or a metadata_field_id with populated, includes or equals"
            )


def _check_test(document: Mapping[str, Any]) -> None:
    is_populated, ids = document.get("populated", False), document.get("includes", [""])
    is_list = isinstance(ids, list) and bool(ids) and all(isinstance(each, str) for each in ids)
    if not isinstance(is_populated, bool) or not is_list:
        raise InvalidRequest(
            "condition is invalid: populated is true or false, includes a list of external ids"
        )
    if "equals" in document:
        written("equals", document["equals"])


def check_result(document: Any) -> None:
    """400 unless it says what becomes of a field."""
    if not isinstance(document, dict) or not document or not document.keys() <= _RESULTS:
        raise InvalidRequest(f"result is invalid: expected {', '.join(sorted(_RESULTS))}")
    for name in ("enable", "disable", "set_mandatory", "hide"):
        if not isinstance(document.get(name, False), bool):
            raise InvalidRequest(f"result is invalid: {name} must be true or false")
    if document.get("enable") and document.get("disable"):
        raise InvalidRequest("result is invalid: a field is enabled or disabled")
    match document.get("activate_values", "all"):
        case "all":
            pass
        case {"external_ids": [*ids], "mode": "override" | "append"} if all(
            isinstance(each, str) for each in ids
        ):
            pass
        case _:
            raise InvalidRequest(
                "activate_values is invalid: all, or external_ids and mode (override, append)"
            )
    match document.get("apply_value", {"value": "", "mode": "default"}):
        case {"value": _, "mode": mode} if mode in MODES:
            pass
        case _:
            raise InvalidRequest(f"apply_value is invalid: value and mode ({', '.join(MODES)})")


def fields_asked(condition: Mapping[str, Any]) -> Iterator[str]:
    """The fields that a checked condition reads."""
    for part in (*condition.get("and", ()), *condition.get("or", ())):
        yield from fields_asked(part)
    if "metadata_field_id" in condition:
        yield condition["metadata_field_id"]


def holds(condition: Mapping[str, Any], values: Mapping[str, Value]) -> bool:
    """Whether a checked condition is true of an asset's values."""
    if "and" in condition:
        return all(holds(part, values) for part in condition["and"])
    if "or" in condition:
        return any(holds(part, values) for part in condition["or"])
    value = values.get(condition["metadata_field_id"])
    if "populated" in condition:
        return (value is not None) is condition["populated"]
    if value is None:
        return False
    if "includes" in condition:
        return set(condition["includes"]) <= set(chosen(value))
    wanted = written("equals", condition["equals"])
    if isinstance(value, list):
        return set(value) == set((wanted,) if isinstance(wanted, str) else wanted)
    return str(value) == wanted


@frozen
class Standing:
    """What the rules that hold make of one field."""

    is_enabled: bool
    is_mandatory: bool
    active: frozenset[str] | None = None  # None: every entry

    def after(self, result: Mapping[str, Any]) -> "Standing":
        """After one result more."""
        changed = evolve(
            self,
            is_enabled=(self.is_enabled or result.get("enable", False)) and not result.get("disable", False),
            is_mandatory=self.is_mandatory or result.get("set_mandatory", False),
        )
        if "activate_values" not in result:
            return changed
        ids = _activated(result)
        if ids is None or result["activate_values"]["mode"] == "override":
            return evolve(changed, active=None if ids is None else frozenset(ids))
        return evolve(changed, active=frozenset(ids) | (self.active or frozenset()))


def _activated(result: Mapping[str, Any]) -> list[str] | None:
    activated = result.get("activate_values", "all")
    return None if activated == "all" else list(activated["external_ids"])


def applied(result: Mapping[str, Any], field: Field, value: Value | None) -> Value | None:
    """The value of the field after a result."""
    order = result.get("apply_value")
    if order is None or (order["mode"] == "default" and value is not None):
        return value
    try:
        new = field.read(written(field.external_id, order["value"]))
    except InvalidRequest:  # was fit when the rule was made; an entry may have been taken away since
        return value
    if order["mode"] == "append" and field.type == "set":
        return list(dict.fromkeys([*(chosen(value) if value is not None else []), *chosen(new)]))
    return new
