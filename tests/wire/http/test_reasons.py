"""The phrases of HTTP/1's status line (RFC 9110 §15)."""

from __future__ import annotations

import pytest

from wire.http.reasons import reason_of


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        (200, "OK"),
        (413, "Content Too Large"),
        (414, "URI Too Long"),
        (416, "Range Not Satisfiable"),
        (422, "Unprocessable Content"),
        (431, "Request Header Fields Too Large"),
        (508, "Loop Detected"),
        (420, ""),
    ],
)
def test_a_status_has_the_phrase_of_its_registration(status: int, phrase: str) -> None:
    """§15.5.14, .15, .17 and .21 have other names than in RFC 7231; who is not registered has none."""
    assert reason_of(status) == phrase
