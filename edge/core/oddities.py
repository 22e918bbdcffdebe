"""What an upstream says that is not taken as it was meant, in words for the log (sheet 6.2, 20.2). Pure."""

from __future__ import annotations

from edge.core.freshness import age_value_of
from edge.core.tags import TAG_LIMIT, TAGS_LIMIT, tags_left_out
from wire.http.fields import Fields


def oddities_of(fields: Fields) -> tuple[str, ...]:
    """A sentence for each, of a response's fields; none of most."""
    found: list[str] = []
    if "age" in fields and age_value_of(fields) is None:
        found.append(f"its Age is no number of seconds: {fields.get('age')!r}")
    if left_out := tags_left_out(fields):
        found.append(f"{left_out} of its tags are over {TAG_LIMIT} bytes, or over {TAGS_LIMIT} together")
    return tuple(found)
