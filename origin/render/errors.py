"""Why a picture was not made. Each refusal has a name of its own, by which it crosses the worker's pipe."""

from origin.diskspace import DiskFull
from wire.errors import InternalError, InvalidRequest, MediaError, Unavailable


class InvalidImage(InvalidRequest):
    """The source cannot be read as an image: not one, damaged, or cut short."""

    def __init__(self, public: str = "Invalid image file", *, log: str | None = None) -> None:
        super().__init__(public, log=log)


class InvalidRecording(InvalidRequest):
    """The source is no video and no audio that we know."""

    def __init__(self, public: str = "Unsupported video format or file", *, log: str | None = None) -> None:
        super().__init__(public, log=log)


class TooManyPixels(InvalidRequest):
    """The source or the result holds more pixels than we handle."""


class OutputTooLarge(InvalidRequest):
    """The result has a side longer than the format, or we, allow."""


class OutOfMemory(InvalidRequest):
    """The job needed more memory than one worker may have."""

    def __init__(self, public: str = "File size too large", *, log: str | None = None) -> None:
        super().__init__(public, log=log)


class UnsupportedFormat(InvalidRequest):
    """We cannot encode that format."""


class InvalidTable(InvalidRequest):
    """A stored file that is no colour table."""


class InvalidProfile(InvalidRequest):
    """A stored file that is no colour profile, or one of colours that the result cannot hold."""


class TextRefused(InvalidRequest):
    """Words we cannot draw: no such font, or a script that needs a shaper which is not there."""


class ProviderRefused(InvalidRequest):
    """A provider says that it cannot do this to that picture."""


class ProviderFailed(MediaError):
    """A provider broke, or gave something that is no answer."""

    status = 502


class ProviderTimedOut(Unavailable):
    """A provider took longer than it may, and was ended."""

    def __init__(self, public: str, *, log: str | None = None) -> None:
        super().__init__(public, retry_after_seconds=30, log=log)


class MissingExtra(InvalidRequest):
    """What needs a package that is not installed here."""

    def __init__(self, public: str, extra: str = "", *, log: str | None = None) -> None:
        sentence = f"{public} is not supported without pixeledge[{extra}]" if extra else public
        super().__init__(sentence, log=log)


class RenderFailed(InternalError):
    """Our own bug, or a worker that died under the job."""

    def __init__(self, public: str = "Transformation failed", *, log: str | None = None) -> None:
        super().__init__(public, log=log)


class RenderTimedOut(Unavailable):
    """The job overran its deadline and its worker was killed. The machine may just be busy, hence 503."""

    def __init__(self, public: str = "Transformation timed out", *, log: str | None = None) -> None:
        super().__init__(public, retry_after_seconds=10, log=log)


class RenderQueueFull(Unavailable):
    """As many jobs run and wait as we allow."""

    def __init__(self, public: str = "Too many transformations at once", *, log: str | None = None) -> None:
        super().__init__(public, retry_after_seconds=1, log=log)


class RenderStopped(Unavailable):
    """The pool is not running, or stopped before the job's turn came."""

    def __init__(self, public: str = "Shutting down", *, log: str | None = None) -> None:
        super().__init__(public, retry_after_seconds=1, log=log)


REFUSALS: dict[str, type[MediaError]] = {
    "invalid_image": InvalidImage,
    "invalid_recording": InvalidRecording,
    "too_many_pixels": TooManyPixels,
    "output_too_large": OutputTooLarge,
    "out_of_memory": OutOfMemory,
    "unsupported_format": UnsupportedFormat,
    "invalid_table": InvalidTable,
    "invalid_profile": InvalidProfile,
    "text_refused": TextRefused,
    "missing_extra": MissingExtra,
    "provider_refused": ProviderRefused,
    "provider_failed": ProviderFailed,
    "provider_timed_out": ProviderTimedOut,
    "disk_full": DiskFull,
    "render_failed": RenderFailed,
}
"""What a worker may answer instead of a result."""

_REASONS = {kind: reason for reason, kind in REFUSALS.items()}


def reason_of(error: MediaError) -> str:
    """The name under which a refusal crosses the pipe; one we do not know is our own fault."""
    return _REASONS.get(type(error), "render_failed")


def refusal(reason: str, public: str, log: str) -> MediaError:
    """The refusal a worker meant, rebuilt on the node's side."""
    return REFUSALS.get(reason, RenderFailed)(public, log=log)
