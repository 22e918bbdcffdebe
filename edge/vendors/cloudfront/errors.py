"""What the API refuses (cdn-vendors §7.5)."""

from __future__ import annotations

from typing import ClassVar

from wire.errors import MediaError

STATUSES: dict[str, int] = {
    "NoSuchDistribution": 404,
    "NoSuchInvalidation": 404,
    "NoSuchResource": 404,
    "InvalidArgument": 400,
    "InconsistentQuantities": 400,
    "MissingBody": 400,
    "BatchTooLarge": 413,
    "TooManyInvalidationsInProgress": 400,
    "InvalidationBatchAlreadyExists": 400,
    "AccessDenied": 403,
    "SignatureDoesNotMatch": 403,
    "InvalidClientTokenId": 403,
    "MissingAuthenticationToken": 403,
    "RequestExpired": 403,
}


class AwsError(MediaError):
    """A refusal with AWS's code for it."""

    status: ClassVar[int] = 400

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.http_status = STATUSES[code]
