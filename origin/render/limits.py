"""How much work, memory and time rendering may take. Every bound in one frozen value."""

import json
import math

from attrs import asdict, field, frozen
from attrs.validators import ge, gt

from origin.render.errors import OutputTooLarge, TooManyPixels

MEGA = 1_000_000


@frozen
class RenderLimits:
    """The bounds of the render pool (queue, deadline, recycling) and of each worker (memory, pixels)."""

    memory_bytes: int = field(default=1 << 30, validator=gt(0))  # RLIMIT_AS of one worker
    concurrent_bytes: int = field(default=1 << 30, validator=gt(0))  # sum of the estimates of running jobs
    deadline_seconds: float = field(default=20.0, validator=gt(0))  # wall clock of one job, then SIGKILL
    queue: int = field(default=64, validator=ge(1))  # running and waiting jobs together
    waiting_seconds: float = field(default=30.0, validator=gt(0))  # in the queue before a job is given up
    recycle_jobs: int = field(default=1000, validator=ge(1))  # jobs served by one process
    recycle_bytes: int = field(default=400 << 20, validator=gt(0))  # resident size that retires a process
    drain_seconds: float = field(default=3.0, validator=ge(0))  # for running jobs when the pool stops
    input_megapixels: float = field(default=25.0, validator=gt(0))
    output_megapixels: float = field(default=25.0, validator=gt(0))
    frames_megapixels: float = field(default=50.0, validator=gt(0))  # all frames together
    output_side: int = field(default=10_000, validator=ge(1))
    provider_bytes: int = field(default=0, validator=ge(0))  # RLIMIT_AS of the largest provider, if any

    def admit_source(self, width: int, height: int, frames: int = 1) -> None:
        """Refuse a source by its header, before anything is decoded."""
        if width * height > self.input_megapixels * MEGA:
            raise too_many_pixels(self.input_megapixels, width * height)
        if frames > 1 and width * height * frames > self.frames_megapixels * MEGA:
            raise too_many_pixels(self.frames_megapixels, width * height * frames, animated=True)

    def admit_result(self, width: int, height: int, frames: int = 1) -> None:
        """Refuse a canvas, final or intermediate, before it is allocated: an upscale is a bomb too."""
        if width * height > self.output_megapixels * MEGA:
            raise too_many_pixels(self.output_megapixels, width * height)
        if max(width, height) > self.output_side:
            raise OutputTooLarge(
                f"Maximum image side is {self.output_side} pixels. Requested {max(width, height)} pixels"
            )
        if frames > 1 and width * height * frames > self.frames_megapixels * MEGA:
            raise too_many_pixels(self.frames_megapixels, width * height * frames, animated=True)


def too_many_pixels(megapixels: float, requested: int, *, animated: bool = False) -> TooManyPixels:
    """The sheet's sentence (delivery-urls 8.2), rounded up: what is refused must not read as allowed."""
    what = "total number of pixels in all frames/pages" if animated else "image size"
    asked = math.ceil(requested / MEGA * 100) / 100
    return TooManyPixels(f"Maximum {what} is {megapixels:g} Megapixels. Requested {asked:.10g} Megapixels")


def to_json(limits: RenderLimits) -> str:
    """For the worker's command line."""
    return json.dumps(asdict(limits))


def from_json(text: str) -> RenderLimits:
    """The inverse of `to_json`."""
    return RenderLimits(**json.loads(text))
