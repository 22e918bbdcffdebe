"""The phrase that goes with a status on HTTP/1's status line (RFC 9110 §15)."""

from __future__ import annotations

from http import HTTPStatus

RENAMED = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
"""What RFC 9110 calls otherwise than its predecessors, and Python 3.11 with them."""

_REASONS = {status.value: status.phrase for status in HTTPStatus} | RENAMED


def reason_of(status: int) -> str:
    """The phrase; empty for a status that is not registered."""
    return _REASONS.get(status, "")
