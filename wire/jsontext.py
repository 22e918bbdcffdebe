"""JSON that others wrote."""

from __future__ import annotations

import json
from typing import Any


def read(text: str | bytes) -> Any:
    """What it says. Raises ValueError where it is no JSON, and of lists in lists in lists, deeper than parsers go."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def sentence_of(body: str | bytes) -> str:
    """What an answer says of an error, by `{"error": {"message": …}}`; of another kind of answer all of its text."""
    try:
        return str(read(body)["error"]["message"])
    except (ValueError, LookupError, TypeError):
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        return text.strip()
