"""What a field's validation lets pass (admin-api §16). The document itself is kept and shown as it was given."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from wire.errors import InvalidRequest

Value = str | int | list[str]
"""A text, a number, a date as `YYYY-MM-DD`, or the external id (ids) selected in a datasource; as JSON has it."""

MOST_RULES, DEEPEST = 20, 5
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COMPARED = {"integer", "date"}


def is_date(value: object) -> bool:
    """Whether it is a day of the calendar, written `YYYY-MM-DD`."""
    if not (isinstance(value, str) and _DATE.fullmatch(value)):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def check_validation(document: Any, kind: str, depth: int = 0) -> None:
    """400 unless it is a validation for fields of that type."""
    match document:
        case {"type": "and", "rules": [*rules]} if 0 < len(rules) <= MOST_RULES and depth < DEEPEST:
            for rule in rules:
                check_validation(rule, kind, depth + 1)
        case {"type": "greater_than" | "less_than", "value": bound} if kind in _COMPARED:
            is_bound = is_date(bound) if kind == "date" else type(bound) is int
            if not is_bound or not isinstance(document.get("equals", False), bool):
                raise _invalid()
        case {"type": "strlen"} if kind == "string":
            limits = [document[each] for each in ("min", "max") if document.get(each) is not None]
            if not limits or not all(type(each) is int and each >= 0 for each in limits):
                raise _invalid()
        case _:
            raise _invalid()


def accepts(document: Mapping[str, Any] | None, value: Value) -> bool:
    """Whether a checked validation lets a value of its field's type pass."""
    if document is None:
        return True
    match document["type"]:
        case "and":
            return all(accepts(rule, value) for rule in document["rules"])
        case "strlen":
            least, most = document.get("min"), document.get("max")
            length = len(str(value))
            return (least is None or length >= least) and (most is None or length <= most)
        case kind:
            bound: Any = document["value"]
            if document.get("equals") and value == bound:
                return True
            compared: Any = value
            return bool(compared > bound if kind == "greater_than" else compared < bound)


def _invalid() -> InvalidRequest:
    return InvalidRequest("validation is invalid")
