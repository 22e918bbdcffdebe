"""What we refuse, told to two audiences: the caller and the log."""

from typing import ClassVar


class MediaError(Exception):
    """A request that gets no picture and no record.

    `status` is the HTTP status; `public` is a sentence that may be shown to anyone (`X-Cld-Error`, or
    `error.message` in JSON); `str(self)` is for the log. Exactly one place per API turns it into bytes.
    """

    status: ClassVar[int] = 400

    def __init__(self, public: str, *, log: str | None = None) -> None:
        super().__init__(log or public)
        self.public = public


class InvalidRequest(MediaError):
    """The request itself is wrong; the sentence says what to fix."""

    status = 400


class Unauthorized(MediaError):
    """Signature, key or access rule says no."""

    status = 401


class Forbidden(MediaError):
    """Who asks may not."""

    status = 403
    public = "Forbidden"


class NotFound(MediaError):
    """No such cloud, asset or endpoint."""

    status = 404


class MethodNotAllowed(MediaError):
    """The resource exists but not for this method."""

    status = 405


class Conflict(MediaError):
    """It is there already. Admin API only: Node's uploader throws away what a 409 says."""

    status = 409


class RateLimited(MediaError):
    """More calls than one hour allows."""

    status = 420


class TooLarge(MediaError):
    """More bytes than one request may carry."""

    status = 413


class NotSubscribed(MediaError):
    """A known add-on that this server does not have (upload-api §12)."""

    status = 420


class InternalError(MediaError):
    """Our own fault. The public sentence never holds a stack trace."""

    status = 500


class Unavailable(MediaError):
    """Not now: a queue is full, the store or the catalogue is out of reach. Ask again."""

    status = 503

    def __init__(self, public: str, *, retry_after_seconds: int = 1, log: str | None = None) -> None:
        super().__init__(public, log=log)
        self.retry_after_seconds = retry_after_seconds
