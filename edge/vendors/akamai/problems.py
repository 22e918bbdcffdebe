"""What the APIs refuse, as problem+json (cdn-vendors §11.4, §12.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from wire.errors import MediaError

TYPES = "https://problems.luna.akamaiapis.net/-/"
DESCRIBED_BY = "https://techdocs.akamai.com/purge-cache/reference/api-errors"


class Problem(MediaError):
    """A refusal with all that its document says."""

    status: ClassVar[int] = 400

    def __init__(
        self, http_status: int, title: str, detail: str = "", *, kind: str = "", **more: Any
    ) -> None:
        super().__init__(detail or title)
        self.http_status = http_status
        self.title = title
        self.detail = detail
        self.kind = kind
        """How its type ends, for a refusal of EdgeGrid's; empty: one of Fast Purge's."""
        self.more: Mapping[str, Any] = more


def bad_request(detail: str) -> Problem:
    """A header that is none, or a time that is off."""
    return Problem(400, "Bad request", detail, kind="pep-authn/request-error")


def not_authorized(detail: str) -> Problem:
    """Not signed by anybody known."""
    return Problem(401, "Not authorized", detail, kind="pep-authn/deny")
