"""Fields as requests describe them, every part checked (admin-api §16)."""

import re
from collections.abc import Callable
from typing import Any

from attrs import evolve

from origin.api.params import Params, flag, text
from origin.metadata.fields import LISTS, LONGEST, MOST_ENTRIES, TYPES, Entry, Field
from origin.metadata.validation import Value, check_validation
from wire import jsontext
from wire.components import printable
from wire.errors import InvalidRequest

NewId = Callable[[], str]
_ID = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_TAKEN = frozenset({"order", "datasource", ".", ".."})  # the names of calls, and what a path cannot hold
_RESTRICTIONS = frozenset({"readonly_ui", "hidden_ui", "excluded_from_search"})


def new_field(params: Params, new_id: NewId, now: float) -> Field:
    """The field that a request makes."""
    for name in ("type", "label"):
        if text(params, name) is None:
            raise InvalidRequest(f"Missing required parameter - {name}")
    kind = text(params, "type") or ""
    if kind not in TYPES:
        raise InvalidRequest(f"Invalid type {printable(kind)}: must be one of {', '.join(TYPES)}")
    if kind in LISTS and text(params, "datasource") is None and not flag(params, "allow_dynamic_list_values"):
        raise InvalidRequest("Missing required parameter - datasource")
    external_id = checked_id(text(params, "external_id") or new_id())
    if external_id in _TAKEN:
        raise InvalidRequest(f"external id {external_id} is invalid")
    return updated(Field(external_id=external_id, type=kind, label="", created_at=now), params, new_id)


def updated(old: Field, params: Params, new_id: NewId) -> Field:
    """The field with what a request says of it. A default or a validation given empty goes; type and id stay."""
    new = evolve(
        old,
        label=_label(text(params, "label") or old.label),
        mandatory=flag(params, "mandatory", old.mandatory),
        default_disabled=flag(params, "default_disabled", old.default_disabled),
        allow_dynamic_list_values=flag(params, "allow_dynamic_list_values", old.allow_dynamic_list_values),
        restrictions=_restrictions(params, old),
        validation=_validation(params, old),
    )
    if new.has_datasource and text(params, "datasource") is not None:
        document = as_json(params, "datasource")
        if not isinstance(document, dict):
            raise InvalidRequest("datasource is invalid")
        new = new.upserted(entries_of(document.get("values"), new_id))
    return evolve(new, default_value=_default(params, new))


def entries_of(document: Any, new_id: NewId) -> list[Entry]:
    """The entries of `values`, with ids for those that have none."""
    if not isinstance(document, list) or len(document) > MOST_ENTRIES:
        raise InvalidRequest(f"datasource values must be a list of at most {MOST_ENTRIES}")
    entries = [_entry(each, new_id) for each in document]
    if len({each.external_id for each in entries}) < len(entries):
        raise InvalidRequest("external ids of datasource values must be unique")
    return entries


def as_json(params: Params, name: str) -> Any:
    """A parameter that is a document."""
    try:
        return jsontext.read(text(params, name) or "null")
    except ValueError as error:
        raise InvalidRequest(f"{name} is invalid") from error


def checked_id(value: str) -> str:
    """An external id that a path and a chain can hold."""
    if not _ID.fullmatch(value):
        raise InvalidRequest(f"external id {printable(value)} is invalid: letters, digits, _ - . only")
    return value


def _entry(document: Any, new_id: NewId) -> Entry:
    match document:
        case {"value": str() | int() as value} if (
            not isinstance(value, bool) and 0 < len(str(value)) <= LONGEST
        ):
            external_id = document.get("external_id") or new_id()
            if isinstance(external_id, str) and len(external_id) <= LONGEST and "\0" not in external_id:
                return Entry(external_id, str(value))
    raise InvalidRequest(
        "datasource is invalid: each value needs a text `value`, and may have an `external_id`"
    )


def _label(value: str) -> str:
    if len(value) > LONGEST:
        raise InvalidRequest(f"label is too long. Maximum is {LONGEST}.")
    return value


def _restrictions(params: Params, old: Field) -> Any:
    if text(params, "restrictions") is None:
        return old.restrictions
    document = as_json(params, "restrictions")
    if not (
        isinstance(document, dict)
        and document.keys() <= _RESTRICTIONS
        and all(isinstance(each, bool) for each in document.values())
    ):
        raise InvalidRequest(
            f"restrictions is invalid: {', '.join(sorted(_RESTRICTIONS))} may be true or false"
        )
    return document


def _validation(params: Params, old: Field) -> Any:
    if "validation" not in params:
        return old.validation
    document = as_json(params, "validation")
    if not document:
        return None
    check_validation(document, old.type)
    return document


def _default(params: Params, new: Field) -> Value | None:
    """Given now, or still fit: 400 where it is neither."""
    if "default_value" not in params:
        default = new.default_value
        if default is not None and not new.admits(default):
            raise InvalidRequest("default_value is invalid")
        return default
    given = params["default_value"]
    if not given:
        return None
    try:
        return new.read(given)
    except InvalidRequest as error:
        raise InvalidRequest("default_value is invalid") from error
