"""Steps about origin pools that grow and shrink: what presses them, and barriers on how many instances there are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from math import inf
from typing import TYPE_CHECKING, Any

from attrs import Factory, field, frozen
from attrs.validators import and_, ge, gt, le, min_len, optional
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from sim.scenarios.bounds import check_bounds
from sim.scenarios.steps.step import MOST_A_SECOND, MOST_QUESTIONS, Names, Step, StepError
from sim.topology.quantities import Duration
from sim.topology.scaling import MOST_INSTANCES
from sim.traffic.record import Kind, Record

if TYPE_CHECKING:
    from sim.scenarios.stage import Stage
    from sim.traffic.answers import Answered

LEAST_WIDTH = 64  # pixels
A_COUNT: Any = optional(and_(ge(1), le(MOST_INSTANCES)))


@frozen
class Surge(Step):
    """For a while so many questions a second, evenly, from all regions in turn, each for what nobody has had made
    before; a barrier for their answers. `{width}` in the chain is another number when all pictures were asked for once.
    """

    rate: float = field(validator=and_(gt(0.0), le(MOST_A_SECOND)))  # a second
    lasts: Duration
    chain: str = field(default="c_scale,w_{width}", validator=min_len(1))

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.count <= MOST_QUESTIONS:
            said = f"expected 1 to {MOST_QUESTIONS:,} questions, rate times lasts comes to {self.count:,}"
            raise ValueError(said)

    @property
    def count(self) -> int:
        """Of its questions."""
        return round(self.rate * self.lasts.seconds)

    async def carry_out(self, stage: Stage) -> str:
        regions, begun = cycle(stage.sender.sources), stage.reactor.seconds()
        asking = []
        for number in range(self.count):
            due = begun + number / self.rate
            await deferLater(stage.reactor, max(0.0, due - stage.reactor.seconds()))
            record = Record(0, next(regions), Kind.VIEW, 0, path=self._cold(stage))
            asking.append(Deferred.fromCoroutine(_asked(stage, record, due)))
        answers = await gatherResults(asking, consumeErrors=True)
        failed = sum(answer.is_failure for answer in answers)
        said = f"{len(answers)} cold transformations, {self.rate:g} a second"
        return said + (f", {failed} in vain" if failed else "")

    def _cold(self, stage: Stage) -> str:
        targets = stage.sender.targets
        width, which = divmod(next(stage.colds), len(targets.pictures))
        chain = self.chain.replace("{width}", str(LEAST_WIDTH + width))
        return targets.of(Record(0, "", Kind.VIEW, which)).replace("/upload/", f"/upload/{chain}/", 1)


async def _asked(stage: Stage, record: Record, due: float) -> Answered:
    answer = await stage.sender.ask(record, due)
    at = stage.now()
    stage.sender.tally.add(record, at, answer)
    stage.hear(record, at, answer)
    return answer


@frozen
class Instances(Step):
    """A barrier: so many instances of an origin pool answer."""

    pool: str
    at_least: int | None = field(default=None, validator=A_COUNT)  # None: 1
    at_most: int | None = field(default=None, validator=A_COUNT)
    within: Duration = Factory(lambda: Duration(120.0))

    def __attrs_post_init__(self) -> None:
        check_bounds(self.at_least or -inf, self.at_most or inf)

    def strangers(self, names: Names) -> Iterator[str]:
        return names.unknown("pool", [self.pool])

    async def carry_out(self, stage: Stage) -> str:
        def seen() -> int:
            load = stage.pools.get(self.pool)
            return load.instances if load is not None else 0

        async def is_so() -> bool:
            return (self.at_least or 1) <= seen() <= (self.at_most or inf)

        try:
            await stage.until(is_so, f"{self.pool} has as many instances as expected", self.within.seconds)
        except StepError as error:
            raise StepError(f"{error}: it has {seen()}") from None
        return f"{self.pool} has {seen()} instance{'' if seen() == 1 else 's'}"
