"""What of an upstream's answer goes to the log (sheet 6.2, 20.2)."""

from __future__ import annotations

import pytest

from edge.core.oddities import oddities_of
from wire.http.fields import Fields

LONG = "x" * 1025


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (Fields(), []),
        (Fields.of(Age="5", Surrogate_Key="a b a", Cache_Tag="a, c"), []),
        (Fields.of(Age="5, 0"), []),
        (Fields.of(Age="soon"), ["'soon'"]),
        (Fields.of(Age="-5"), ["'-5'"]),
        (Fields.of(Surrogate_Key=f"a {LONG} b"), ["1 of its tags"]),
        (Fields.of(Surrogate_Key=LONG, Cache_Tag=f"{LONG}y"), ["2 of its tags"]),
        (
            Fields.of(Age="1.5", Cache_Tag=", ".join(f"{n:02d}" + "y" * 1000 for n in range(17))),
            ["'1.5'", "1 of"],
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_not_taken_as_it_was_meant_is_said(fields: Fields, found: list[str]) -> None:
    """6.2: an Age that is none counts as 0; 20.2: tags over the limits are ignored."""
    said = oddities_of(fields)
    assert len(said) == len(found)
    assert all(part in sentence for part, sentence in zip(found, said, strict=True))
