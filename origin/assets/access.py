"""Who may see an asset, as its uploader writes it: `access_control` (upload-api §3.2).

An asset's details hold the rules as a list of `{"access_type", "key"?, "start"?, "end"?}`, moments in UTC as
`YYYY-MM-DDTHH:MM:SSZ`. An asset with rules is restricted unless one of them is valid now.
"""

import re
from datetime import UTC, datetime
from typing import Any

from wire import jsontext
from wire.components import printable
from wire.errors import InvalidRequest
from wire.public_ids import has_control_characters

MOST_RULES = 100
LONGEST_KEY = 255
ACCESS_TYPES = ("token", "anonymous")
_ZONE = re.compile(r"\s*(Z|[+-]\d{2}:?\d{2})$")
_UNIX_SECONDS = re.compile(r"\d{1,11}")

Rules = list[dict[str, str]]


def parse_access_control(text: str | None) -> Rules | None:
    """A JSON array of rules, or a single one; None where nothing is said, `[]` where every rule is taken back."""
    if text is None:
        return None
    try:
        document = jsontext.read(text)
    except ValueError:
        document = None
    rules = [document] if isinstance(document, dict) else document
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        raise _refused(text, f"expected a JSON array of rules, {MOST_RULES} at most")
    parsed = [_rule(each, text) for each in rules]
    if sum(each["access_type"] == "anonymous" for each in parsed) > 1:
        raise _refused(text, "only one rule may be anonymous")
    return parsed


def _rule(rule: Any, text: str) -> dict[str, str]:
    if not isinstance(rule, dict) or rule.get("access_type") not in ACCESS_TYPES:
        raise _refused(text, "each rule needs an access_type, token or anonymous")
    unknown = sorted(set(rule) - {"access_type", "key", "start", "end"})
    if unknown:
        raise _refused(text, f"a rule has access_type, key, start and end, not {printable(unknown[0])}")
    parsed = {"access_type": str(rule["access_type"])}
    key = rule.get("key")
    if key is not None:
        if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY or has_control_characters(key):
            raise _refused(text, f"a key is a text of up to {LONGEST_KEY} characters")
        parsed["key"] = key
    for name in ("start", "end"):
        if rule.get(name) is not None:
            parsed[name] = _moment(rule[name], name, text)
    if "start" in parsed and "end" in parsed and parsed["end"] < parsed["start"]:
        raise _refused(text, "end lies before start")
    return parsed


def _moment(value: Any, name: str, text: str) -> str:
    try:
        if (isinstance(value, int) and not isinstance(value, bool)) or _UNIX_SECONDS.fullmatch(str(value)):
            moment = datetime.fromtimestamp(int(value), UTC)
        else:
            moment = datetime.fromisoformat(_ZONE.sub(r"\1", str(value).strip()))
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _refused(text, f"{name} is neither ISO 8601 nor unix seconds") from error
    return f"{moment.year:04}" + moment.strftime("-%m-%dT%H:%M:%SZ")


def _refused(text: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid access_control {printable(text)}: {why}")
