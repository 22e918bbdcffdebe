"""The origin's door to rendering: what confined processes may be asked of pictures, words and documents."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from attrs import asdict, evolve, frozen
from twisted.application.service import Service
from twisted.internet.defer import Deferred

from origin.render.child import spawn
from origin.render.desk import Desk
from origin.render.errors import RenderFailed
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
from origin.render.memory import (
    INSPECT_BYTES,
    MEASURE_BYTES,
    estimate,
    estimate_analysis,
    estimate_look,
    estimate_probe,
)
from origin.render.pressure import Pressure
from origin.render.providers import Command
from origin.render.scratch import new_name, sweep
from origin.render.workforce import RenderCounters
from origin.transform.composite import Text, source_to_json
from origin.transform.pages import seen
from origin.transform.plan import Output, Plan, SourceFacts, provided_in
from origin.transform.portion import WHOLE, Portion
from origin.transform.references import Margins
from origin.transform.sight import Rect, Sight

Done = TypeVar("Done", bound=Answer)
NOBODY: Mapping[str, Command] = {}


@frozen
class Rendered:
    """A result file and what is known of it. Whoever receives it owns the file: moves or removes it."""

    path: Path
    size: int
    width: int
    height: int
    format: str
    md5: str  # hex, of the file's bytes
    seconds: float  # in the worker


class RenderPool(Service):
    """Renders and probes in `workers` processes; `scratch` receives the results and may be shared.

    Jobs alike are not joined here: that is the caller's flight. Who cancels an answer wants it no more.
    """

    def __init__(
        self,
        reactor: Any,
        limits: RenderLimits,
        workers: int,
        scratch: Path,
        providers: Mapping[str, Command] = NOBODY,
    ) -> None:
        largest = max((each.memory_bytes for each in providers.values()), default=0)
        limits = evolve(limits, provider_bytes=largest)
        self.counters = RenderCounters()
        self.workers = workers
        self._providers = providers
        self._limits = limits
        self._scratch = scratch
        self._owner = uuid4().hex
        self._numbers = count(1)
        self._desk = Desk(reactor, partial(spawn, reactor, limits), limits, workers, self.counters)

    async def _answer(self, job: Job, size: int, kind: type[Done], *, is_urgent: bool = True) -> Done:
        """What a worker answers such a job with. `size`: the bytes of memory that it is expected to take."""
        done = await self._desk.submit(job, size, is_urgent=is_urgent)
        if not isinstance(done, kind):
            raise RenderFailed(log=f"{type(job).__name__} was answered with {done!r}")
        return done

    async def render(
        self,
        plan: Plan,
        source: Path,
        facts: SourceFacts,
        inputs: Sequence[Path] = (),
        *,
        is_urgent: bool = True,
    ) -> Rendered:
        """Paint a plan; `inputs` are the files of its layers, in the plan's order. The result is a new file in
        `scratch`, now the caller's. What is not urgent waits until nothing else does."""
        self._limits.admit_source(facts.width, facts.height)
        self._limits.admit_result(plan.width, plan.height)
        asked, seconds = self._asked(plan)
        number = next(self._numbers)
        target = self._scratch / new_name(self._owner, number, plan.output.format)
        job = RenderJob(
            number=number,
            plan=plan.to_json(),
            facts=asdict(facts),
            source=str(source),
            target=str(target),
            inputs=tuple(str(each) for each in inputs),
            providers=asked,
            extra_seconds=seconds,
        )
        done = await self._answer(job, estimate(plan, facts), RenderDone, is_urgent=is_urgent)
        return Rendered(target, done.size, done.width, done.height, done.format, done.md5, done.seconds)

    def _asked(self, plan: Plan) -> tuple[dict[str, Any], float]:
        """The providers a plan asks, and how long they may take."""
        works = provided_in((*plan.operations, *plan.further))
        names = [each.effect for each in works if each.effect in self._providers]
        seconds = sum(self._providers[name].seconds for name in names)
        return {name: asdict(self._providers[name]) for name in names}, seconds

    async def probe(self, path: Path, *, verify: bool = False) -> SourceFacts:
        """What an image file is, by its header; with `verify`, its pixels are decoded once to find damage."""
        job = ProbeJob(number=next(self._numbers), source=str(path), verify=verify)
        done = await self._answer(job, estimate_probe(path.stat().st_size, verify=verify), ProbeDone)
        return SourceFacts(**done.facts)

    async def measure(self, text: Text, font: Path | None = None) -> tuple[int, int]:
        """Width and height of the picture that some words will be; `font`: the file of a stored one."""
        fonts = {} if font is None else {text.font: str(font)}
        job = MeasureJob(next(self._numbers), asdict(text), fonts)
        done = await self._answer(job, MEASURE_BYTES, MeasureDone)
        return done.width, done.height

    async def see(self, path: Path, facts: SourceFacts, portion: Portion = WHOLE) -> Sight:
        """What is in a picture."""
        job = SeeJob(next(self._numbers), str(path), asdict(portion))
        done = await self._answer(job, estimate_look(seen(facts, portion)), SeeDone)
        return Sight.from_json(done.sight)

    async def analyse(self, path: Path, facts: SourceFacts, names: Collection[str]) -> dict[str, Any]:
        """What those analyses tell of a picture, as answers of the APIs name it."""
        return await self._told(path, sorted(names), estimate_analysis(facts))

    async def recording(self, path: Path) -> dict[str, Any]:
        """What a file of video or audio says of itself; none of it is decoded."""
        return await self._told(path, ("recording",), INSPECT_BYTES)

    async def document_text(self, path: Path) -> dict[str, Any]:
        """The words on each page of a PDF."""
        return await self._told(path, ("document_text",), INSPECT_BYTES)

    async def _told(self, path: Path, names: Sequence[str], size: int) -> dict[str, Any]:
        done = await self._answer(AnalyseJob(next(self._numbers), str(path), names), size, AnalyseDone)
        return done.found

    async def margins(
        self, wanted: Margins, source: Path | None, facts: SourceFacts, inputs: Sequence[Path] = ()
    ) -> Rect:
        """What a trim would leave of an image part of the way through its chain: left, top, width, height."""
        look = wanted.look
        plan = Plan(
            look.orient, look.operations, Output("png"), 1, 1, inputs=look.inputs, portion=look.portion
        )
        asked, seconds = self._asked(plan)
        number = next(self._numbers)
        job = MarginsJob(
            number=number,
            plan=plan.to_json(),
            layer={} if look.source is None else source_to_json(look.source),
            level=wanted.level,
            colour=wanted.colour or (),
            source="" if source is None else str(source),
            target=str(self._scratch / new_name(self._owner, number, "png")),
            inputs=tuple(str(each) for each in inputs),
            providers=asked,
            extra_seconds=seconds,
        )
        done = await self._answer(job, estimate(plan, facts), MarginsDone)
        left, top, width, height = done.box
        return left, top, width, height

    @property
    def jobs_running(self) -> int:
        """Jobs in the hands of a worker."""
        return self._desk.backlog.running

    @property
    def jobs_waiting(self) -> int:
        """Jobs in the queue."""
        return self._desk.backlog.waiting

    @property
    def is_crowded(self) -> bool:
        """Whether jobs wait for a worker."""
        return self.jobs_waiting > 0

    @property
    def pressure(self) -> Pressure:
        """How busy the workers are, and how long jobs wait."""
        return self._desk.pressure

    @property
    def is_ready(self) -> bool:
        """Whether at least one worker can take jobs."""
        return self.workers_ready > 0

    @property
    def workers_ready(self) -> int:
        """How many workers can take jobs, now or after the one in hand."""
        return self._desk.workforce.ready

    def pids(self) -> list[int]:
        """Every worker process alive, oldest first."""
        return self._desk.workforce.pids()

    # Its life as a service

    def startService(self) -> None:
        self._scratch.mkdir(parents=True, exist_ok=True)
        sweep(self._scratch)
        super().startService()
        self._desk.open()

    def stopService(self) -> Deferred[None]:
        """Nothing new; what runs may finish for a while; then every process is ended and reaped."""
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        super().stopService()
        await self._desk.close()
