"""A render worker: limits first, then Pillow; jobs on standard input, answers on standard output.

Run as `python -m origin.render.worker LIMITS PARENT_PID`. Imports no Twisted. Ends when its input ends.
"""

import os
import sys
import traceback
from collections.abc import Callable

from origin.diskspace import needing_space
from origin.render.confinement import allow_processor, confine, resident_bytes
from origin.render.errors import OutOfMemory, RenderFailed, reason_of
from origin.render.frames import (
    LOG_CHARACTERS,
    Answer,
    FrameReader,
    Job,
    JobRefused,
    Message,
    WorkerReady,
    encode,
)
from origin.render.limits import RenderLimits, from_json
from wire.errors import MediaError

STDIN, STDOUT, STDERR = 0, 1, 2
CHUNK_BYTES = 65536


def main(arguments: list[str]) -> None:
    """Serve jobs until the node closes our input."""
    limits = from_json(arguments[0])
    confine(limits.memory_bytes, int(arguments[1]), limits.provider_bytes)
    answers = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)  # a codec that prints must not speak in our name
    perform = performer(limits)
    _write(answers, WorkerReady(resident_bytes=resident_bytes()))
    frames = FrameReader()
    while chunk := os.read(STDIN, CHUNK_BYTES):
        for job in frames.feed(chunk):
            if isinstance(job, Job):
                allow_processor(limits.deadline_seconds)
                _write(answers, perform(job))


def performer(limits: RenderLimits) -> Callable[[Job], Answer]:
    """Loads Pillow, under limits already set, and answers how one job is done. It never raises."""
    from origin.render.pillow import jobs, opening  # not before `confine`

    opening.guard(limits)

    def perform(job: Job) -> Answer:
        try:
            with needing_space():
                return jobs.done(job, limits)
        except MediaError as error:
            return _refused(job, error, str(error))
        except MemoryError as error:
            return _refused(job, OutOfMemory(), f"MemoryError: {error}")
        except Exception as error:  # noqa: BLE001  a bug of ours must cost one job, and be told
            return _refused(job, RenderFailed(), _story(error))

    return perform


def _refused(job: Job, error: MediaError, log: str) -> JobRefused:
    return JobRefused(
        number=job.number,
        reason=reason_of(error),
        public=error.public,
        log=log[:LOG_CHARACTERS],
        resident_bytes=resident_bytes(),
    )


def _story(error: Exception) -> str:
    return "".join(traceback.format_exception(error))[-LOG_CHARACTERS:]


def _write(descriptor: int, message: Message) -> None:
    data = encode(message)
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    main(sys.argv[1:])
