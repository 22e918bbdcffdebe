"""Header fields that an uploader wants delivered with an asset (upload-api §3.2).

An asset's details hold `headers`: name → value, of those names that are delivered.
"""

import re
from collections.abc import Mapping

from wire import jsontext
from wire.components import printable
from wire.errors import InvalidRequest

DELIVERED = {each.lower(): each for each in ("Link", "Authorization", "X-Robots-Tag")}
LONGEST = 4096
_LINES = re.compile(r"\r\n|\n|\r|\\n")  # some command lines leave the backslash
_VALUE = re.compile(r"[\x20-\x7e]+")


def parse_headers(text: str | None) -> Mapping[str, str] | None:
    """Lines `Name: value`, or a JSON object or array of such; None where nothing is said.

    Names other than those delivered are ignored; a value must be printable ASCII.
    """
    if text is None:
        return None
    found: dict[str, str] = {}
    for line in _lines(text):
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise _refused(text, "expected lines of Name: value")
        delivered = DELIVERED.get(name.strip().lower())
        if delivered is not None:
            found[delivered] = _checked(value.strip(), text)
    return found


def _lines(text: str) -> list[str]:
    if not text.startswith(("[", "{")):
        return _LINES.split(text)
    try:
        document = jsontext.read(text)
    except ValueError as error:
        raise _refused(text, "it is no JSON") from error
    if isinstance(document, dict):
        return [f"{name}: {value}" for name, value in document.items()]
    return [str(each) for each in document]


def _checked(value: str, text: str) -> str:
    if len(value) > LONGEST or _VALUE.fullmatch(value) is None:
        raise _refused(text, f"a value is printable ASCII, {LONGEST} characters at most")
    return value


def _refused(text: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid headers {printable(text)}: {why}")
