"""What is done for each kind of job."""

from time import perf_counter
from typing import cast

from attrs import asdict

from origin.render.confinement import resident_bytes
from origin.render.frames import (
    AnalyseDone,
    AnalyseJob,
    Answer,
    Job,
    MarginsDone,
    MarginsJob,
    MeasureDone,
    MeasureJob,
    ProbeDone,
    ProbeJob,
    RenderDone,
    RenderJob,
    SeeDone,
    SeeJob,
)
from origin.render.limits import RenderLimits
from origin.render.pillow import analysing, lettering, margins, painting, probing, providing, seeing
from origin.transform.composite import source_from_json, text_from_json
from origin.transform.plan import Plan, Rgba, SourceFacts
from origin.transform.portion import Portion
from origin.transform.sight import Rect


def done(job: Job, limits: RenderLimits) -> Answer:
    """The answer to a job; refusals and mistakes are raised."""
    match job:
        case ProbeJob():
            facts = probing.probe(job.source, limits, verify=job.verify)
            return ProbeDone(number=job.number, facts=asdict(facts), resident_bytes=resident_bytes())
        case MeasureJob():
            width, height = lettering.measure(text_from_json(job.text), limits, job.fonts)
            return MeasureDone(job.number, width, height, resident_bytes())
        case SeeJob():
            sight = seeing.see(job.source, limits, Portion(**job.portion))
            return SeeDone(job.number, sight.to_json(), resident_bytes())
        case AnalyseJob():
            found = analysing.told(job.source, limits, job.names)
            return AnalyseDone(job.number, found, resident_bytes())
        case MarginsJob():
            return MarginsDone(job.number, _left_by(job, limits), resident_bytes())
        case RenderJob():
            return _rendered(job, limits)


def _left_by(job: MarginsJob, limits: RenderLimits) -> Rect:
    return margins.margins(
        Plan.from_json(job.plan),
        source_from_json(job.layer) if job.layer else None,
        job.source,
        job.inputs,
        job.level,
        cast(Rgba, job.colour) if job.colour else None,
        limits,
        providing.providers_of(job.providers, job.target),
    )


def _rendered(job: RenderJob, limits: RenderLimits) -> RenderDone:
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
