"""Steps of viewers: phases, barriers on what was answered, single questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from attrs import Factory, field, frozen
from attrs.validators import and_, ge, le, min_len

from sim.scenarios.steps.step import MOST_AT_ONCE, Names, Step, StepError
from sim.topology.quantities import Duration

if TYPE_CHECKING:
    from sim.scenarios.stage import Stage


@frozen
class Phase(Step):
    """What is answered from here on is counted under this name."""

    name: str = field(validator=min_len(1))
    short = "name"

    async def carry_out(self, stage: Stage) -> str:
        await stage.begin_phase(self.name)
        return f"phase {self.name}"


@frozen
class Warm(Step):
    """Everything that viewers will want is asked for in every region until an edge has it."""

    within: Duration = Factory(lambda: Duration(120.0))

    async def carry_out(self, stage: Stage) -> str:
        asked = await stage.warm(self.within.seconds)
        return f"{asked} keys are warm in every region"


@frozen
class Answers(Step):
    """A barrier: so many more requests were answered."""

    count: int = field(validator=ge(1))
    within: Duration = Factory(lambda: Duration(120.0))
    short = "count"

    async def carry_out(self, stage: Stage) -> str:
        wanted = stage.answered + self.count

        async def came() -> bool:
            return stage.answered >= wanted

        await stage.until(came, f"{self.count} more answers", self.within.seconds)
        return f"{self.count} more answers"


@frozen
class Probe(Step):
    """A barrier: one question until its answer is as said."""

    path: str = "{picture}"  # {picture} and {other} stand for pictures of the cloud
    region: str = ""
    status: int = 200
    pop: str = ""  # the PoP's name begins so
    cache: str = ""  # HIT, MISS, STALE …
    within: Duration = Factory(lambda: Duration(30.0))

    @classmethod
    def plain(cls, said: Any) -> Any:
        return {"path": said} if isinstance(said, str) else super().plain(said)

    def strangers(self, names: Names) -> Iterator[str]:
        yield from names.unknown("region", [self.region])
        if not any(node.startswith(self.pop) for node in names.nodes):
            yield f"no node's name begins with {self.pop!r}: there is {', '.join(names.nodes)}"

    async def carry_out(self, stage: Stage) -> str:
        last: list[str] = []

        async def is_so() -> bool:
            answer = await stage.ask(self.path, self.region)
            last[:] = [f"{answer.status} {answer.verdict} {answer.pop}".strip()]
            return (
                answer.status == self.status
                and answer.pop.startswith(self.pop)
                and answer.verdict.startswith(self.cache)
            )

        try:
            await stage.until(is_so, f"{self.path} is answered as expected", self.within.seconds)
        except StepError as error:
            raise StepError(f"{error}; last: {last[0] if last else 'nothing'}") from None
        return f"{self.path} {f'from {self.region} ' if self.region else ''}is answered {last[0]}"


@frozen
class Crowd(Step):
    """So many viewers, of every region in turn, ask for the same thing at one moment; a barrier for their answers."""

    count: int = field(validator=and_(ge(1), le(MOST_AT_ONCE)))
    path: str = "{picture}"

    short = "count"

    async def carry_out(self, stage: Stage) -> str:
        failed = await stage.crowd(self.path, self.count)
        return f"{self.count} viewers asked for {self.path} at once" + (
            f", {failed} in vain" if failed else ""
        )


@frozen
class Dawdle(Step):
    """So many viewers ask for something large, begin to read, and do not go on, until the scenario ends."""

    count: int = field(validator=and_(ge(1), le(MOST_AT_ONCE)))
    path: str = "{original}"

    short = "count"

    async def carry_out(self, stage: Stage) -> str:
        reading = await stage.dawdle(self.path, self.count)
        return f"{reading} viewers have begun to read {self.path}, and stop"
