"""`access_control`: by which rules an asset may be seen (upload-api.md §3.2). No rules: everybody, always."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from attrs import frozen

from wire.components import printable
from wire.errors import InvalidRequest

ACCESS_CONTROL = "access_control"
"""Where an asset's details keep its rules: a list of objects as their caller gave them."""

MOST = 10
_UNIX = re.compile("[0-9]{1,11}")
_KEYS = frozenset(("access_type", "key", "start", "end"))


@frozen
class AccessRule:
    """Who may see an asset in a window of time."""

    access_type: Literal["anonymous", "token"]
    key: str | None = None  # the name of the key that signs its tokens; None: any of the cloud's
    start: float | None = None  # unix seconds
    end: float | None = None

    def is_valid(self, now: float) -> bool:
        """Whether the window is open."""
        return (self.start is None or self.start <= now) and (self.end is None or now < self.end)


def rules_of(details: Mapping[str, Any]) -> tuple[AccessRule, ...]:
    """The rules of an asset."""
    return tuple(_rule(each) for each in details.get(ACCESS_CONTROL) or ())


def read_rules(text: str | None) -> list[dict[str, Any]]:
    """The rules of a parameter, to be kept in details; 400 for what are none. An empty list lifts all."""
    if text is None:
        return []
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid("a JSON list of rules is wanted") from error
    told = [told] if isinstance(told, dict) else told
    if not isinstance(told, list) or len(told) > MOST or not all(isinstance(each, dict) for each in told):
        raise _invalid(f"a JSON list of at most {MOST} rules is wanted")
    rules = [_rule(each) for each in told]
    if sum(rule.access_type == "anonymous" for rule in rules) > 1:
        raise _invalid("at most one rule may be anonymous")
    return told


def _rule(told: Mapping[str, Any]) -> AccessRule:
    if unknown := sorted(set(told) - _KEYS):
        raise _invalid(f"unknown key {printable(unknown[0])}")
    access_type, key = told.get("access_type"), told.get("key")
    if access_type not in ("anonymous", "token"):
        raise _invalid("access_type must be anonymous or token")
    if key is not None and not (isinstance(key, str) and key):
        raise _invalid("key must be the name of a key")
    start, end = _moment(told.get("start")), _moment(told.get("end"))
    if start is not None and end is not None and end <= start:
        raise _invalid("end must be after start")
    return AccessRule(access_type, key, start, end)


def _moment(told: Any) -> float | None:
    """Unix seconds, or ISO 8601; a time without a zone is UTC."""
    if told is None or told == "":
        return None
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        raise _invalid("start and end are ISO 8601 or unix times")
    text = str(told).strip()
    try:
        if _UNIX.fullmatch(text):
            return float(text)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise _invalid(f"start and end are ISO 8601 or unix times, not {printable(text)}") from error


def _invalid(why: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid access_control: {why}")
