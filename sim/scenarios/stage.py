"""A running world, its viewers, and what steps can do to both."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from urllib.parse import urlsplit

from attrs import define, field
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol

from sim.scaling.load import Load
from sim.scenarios.dawdler import Dawdler
from sim.scenarios.expect import Figures, Phase
from sim.scenarios.steps.step import StepError
from sim.scenarios.world import RunningWorld
from sim.traffic.answers import Answered
from sim.traffic.record import Kind, Record
from sim.traffic.send import Sender
from sim.traffic.tally import Tally

PATIENCE_SECONDS = 30.0
UNASKED = 10_000_000  # assets from here on are asked for by no viewer of a scenario


@define
class Stage(RunningWorld):
    """What steps act on: a world, and those who ask it. `records` are all the questions that the scenario's viewers may
    ask, one of each."""

    sender: Sender
    records: tuple[Record, ...]
    phases: dict[str, Phase] = field(factory=dict)
    answered: int = 0
    pools: dict[str, Load] = field(factory=dict)
    """Origin pools, as they were last seen."""
    colds: Iterator[int] = field(factory=itertools.count)
    """The numbers of what nobody asked for yet."""
    _dawdlers: list[Dawdler] = field(factory=list)
    begun_at: float = 0.0  # when the traffic began, by the reactor's clock
    is_over: bool = False  # viewers ask no more
    _phase: str = ""
    _tally: Tally = field(factory=Tally)
    _phase_at: float = 0.0
    _before: Figures = field(factory=dict)

    def now(self) -> float:
        """Seconds since the traffic began."""
        return float(self.reactor.seconds() - self.begun_at)

    def hear(self, record: Record, at_seconds: float, answer: Answered) -> None:
        """Count an answer of the viewers under the phase that runs."""
        self.answered += 1
        self._tally.add(record, at_seconds, answer)

    def saw(self, pool: str, at_seconds: float, load: Load) -> None:
        """Count a look at an origin pool under the phase that runs."""
        self.pools[pool] = load
        self.sender.tally.saw(pool, at_seconds, load)
        self._tally.saw(pool, at_seconds, load)

    async def begin_phase(self, name: str) -> None:
        """End the phase before and begin this one."""
        figures = await self.figures()
        self.end_phase(figures)
        self._phase, self._tally, self._before = name, Tally(), figures
        self._phase_at = self.now()

    def end_phase(self, figures: Figures) -> None:
        """Keep what the phase came to."""
        if self._phase:
            self.phases[self._phase] = Phase(self._tally, self._phase_at, self._before, figures)

    async def ask(self, path: str, region: str = "") -> Answered:
        """One question of a viewer, outside of what is counted. Raises StepError of a region that is none."""
        if region and region not in self._regions():
            raise StepError(f"no viewers live in {region}: they do in {', '.join(self._regions())}")
        return await self.sender.ask(self._question(path, region or self._regions()[0]))

    async def crowd(self, path: str, count: int) -> int:
        """So many questions at one moment, from all regions in turn, counted as viewers' are; how many failed."""
        regions = itertools.cycle(self._regions())
        begun = self.reactor.seconds()
        asked = [self._question(path, next(regions)) for _ in range(count)]
        asking = [Deferred.fromCoroutine(self.sender.ask(record, begun)) for record in asked]
        answers = await gatherResults(asking, consumeErrors=True)
        for record, answer in zip(asked, answers, strict=True):
            self.hear(record, self.now(), answer)
        return sum(answer.is_failure for answer in answers)

    async def dawdle(self, path: str, count: int) -> int:
        """So many connections on which an answer has begun and nobody reads on; they end with `end`."""
        parts = urlsplit(self.sender.front)
        target = self._question(path, "").path
        door = HostnameEndpoint(self.reactor, parts.hostname or "", parts.port or 80)
        begun = []
        for _ in range(count):
            dawdler = Dawdler(f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode("ascii"))
            await connectProtocol(door, dawdler)
            self._dawdlers.append(dawdler)
            begun.append(dawdler.begun)
        for each in begun:
            each.addTimeout(PATIENCE_SECONDS, self.reactor)
            try:
                await each
            except TookTooLong:
                raise StepError(f"{target}: no answer began within {PATIENCE_SECONDS:g} s") from None
        return count

    def end(self) -> None:
        """Close what dawdlers hold open."""
        for dawdler in self._dawdlers:
            dawdler.give_up()

    def _question(self, path: str, region: str) -> Record:
        targets = self.sender.targets
        picture, other = (targets.of(Record(0, "", Kind.VIEW, UNASKED + number, 333)) for number in (1, 2))
        original = targets.of(Record(0, "", Kind.VIEW, UNASKED))
        for name, asked in (("{picture}", picture), ("{other}", other), ("{original}", original)):
            path = path.replace(name, asked)
        return Record(0, region, Kind.VIEW, 0, path=path)

    async def warm(self, within_seconds: float) -> int:
        """Ask for all of it in every region until an edge has it."""
        for region in self._regions():
            for record in self.records:
                asked = Record(0, region, Kind.VIEW, record.asset, record.width, record.format)

                async def is_hit(asked: Record = asked) -> bool:
                    answer = await self.sender.ask(asked)
                    return answer.status == 200 and answer.verdict.startswith("HIT")

                what = f"{self.sender.targets.of(asked)} is a hit in {region}"
                await self.until(is_hit, what, within_seconds)
        return len(self.records)

    def _regions(self) -> list[str]:
        return list(self.sender.sources)

    def wiped(self, node: str) -> None:
        """It has nothing of what viewers asked for."""
        self.sender.assets.forget_cache(node)
