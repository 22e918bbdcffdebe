"""A render worker: limits first, then Pillow; jobs on standard input, answers on standard output.

Run as `python -m origin.render.worker LIMITS PARENT_PID`. Imports no Twisted. Ends when its input ends.
"""

import os
import sys
import traceback
from collections.abc import Callable
from time import perf_counter
from typing import cast

from attrs import asdict

from origin.diskspace import needing_space
from origin.render.confinement import allow_processor, confine, resident_bytes
from origin.render.errors import OutOfMemory, RenderFailed, reason_of
from origin.render.frames import (
    LOG_CHARACTERS,
    Answer,
    FrameReader,
    Job,
    JobRefused,
    MarginsDone,
    MarginsJob,
    MeasureDone,
    MeasureJob,
    Message,
    ProbeDone,
    ProbeJob,
    RenderDone,
    SeeDone,
    SeeJob,
    WorkerReady,
    encode,
)
from origin.render.limits import RenderLimits, from_json
from origin.transform.composite import source_from_json, text_from_json
from origin.transform.plan import Plan, Rgba, SourceFacts
from origin.transform.portion import Portion
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
    from origin.render.pillow import (  # not before `confine`
        lettering,
        margins,
        opening,
        painting,
        probing,
        providing,
        seeing,
    )

    opening.guard(limits)

    def attempt(job: Job) -> Answer:
        if isinstance(job, ProbeJob):
            facts = probing.probe(job.source, limits, verify=job.verify)
            return ProbeDone(number=job.number, facts=asdict(facts), resident_bytes=resident_bytes())
        if isinstance(job, MeasureJob):
            width, height = lettering.measure(text_from_json(job.text), limits)
            return MeasureDone(job.number, width, height, resident_bytes())
        if isinstance(job, SeeJob):
            sight = seeing.see(job.source, limits, Portion(**job.portion))
            return SeeDone(job.number, sight.to_json(), resident_bytes())
        if isinstance(job, MarginsJob):
            box = margins.margins(
                Plan.from_json(job.plan),
                source_from_json(job.layer) if job.layer else None,
                job.source,
                job.inputs,
                job.level,
                cast(Rgba, job.colour) if job.colour else None,
                limits,
                providing.providers_of(job.providers, job.target),
            )
            return MarginsDone(job.number, box, resident_bytes())
        began = perf_counter()
        plan, facts = Plan.from_json(job.plan), SourceFacts(**job.facts)
        providers = providing.providers_of(job.providers, job.target)
        painted = painting.paint(plan, job.source, facts, job.target, limits, job.inputs, providers)
        return RenderDone(
            number=job.number,
            size=painted.size,
            width=painted.width,
            height=painted.height,
            format=painted.format,
            md5=painted.md5,
            seconds=perf_counter() - began,
            resident_bytes=resident_bytes(),
        )

    def perform(job: Job) -> Answer:
        try:
            with needing_space():
                return attempt(job)
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
