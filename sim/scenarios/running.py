"""One scenario, run: a world of its own, viewers meanwhile, steps in their order, a judgement at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count, takewhile
from pathlib import Path
from random import Random
from typing import Any

import yaml
from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import LoopingCall, deferLater

from sim.demo.seed import CloudAccess
from sim.scenarios.expect import Verdict
from sim.scenarios.script import Scenario, Viewers, merged
from sim.scenarios.stage import Stage
from sim.scenarios.steps.step import StepError
from sim.scenarios.timeline import Answered, Begun, Done, Ended, Judged, Tell
from sim.topology.model import Topology
from sim.traffic.draws import Zipf
from sim.traffic.record import Kind, Record
from sim.traffic.rounds import Rounds
from sim.traffic.run import World, pictures_of, sender_of
from sim.traffic.send import Pace
from sim.traffic.tally import Tally
from wire.web.agent import make_agent

START_SECONDS = 240.0
END_SECONDS = 20.0
PATIENT = {"edge": {"limits": {"purge_seconds": "25s"}}}
"""A peer that is slow to confirm a purge is waited for, twice if need be, within the time that a step has."""
ANSWERED_SECONDS = 1.0


@define
class Outcome:
    """What a run came to."""

    verdicts: list[Verdict] = field(factory=list)
    trouble: str = ""
    """The step that could not be done, or ""."""
    tally: Tally = field(factory=Tally)
    timeline: list[tuple[float, str]] = field(factory=list)
    """Seconds since the traffic began, and what was done."""

    @property
    def is_passed(self) -> bool:
        """Whether all was done and came as expected."""
        return not self.trouble and all(verdict.is_met for verdict in self.verdicts)


@define
class Run:
    """One run of one scenario in a state folder of its own."""

    reactor: Any
    scenario: Scenario
    document: dict[str, Any]
    """The topology's text as plain values, the scenario's changes merged in."""
    topology: Topology
    state: Path
    tell: Tell = lambda event: None
    _process: subprocess.Popen[bytes] | None = None

    async def run(self) -> Outcome:
        """Start the world, play, end it. The world is ended whatever happens."""
        outcome = Outcome()
        try:
            await self._start()
            await self._play(outcome)
        except StepError as error:
            outcome.trouble = str(error)
        finally:
            await self._end()
        self.tell(Ended(outcome.is_passed, outcome.trouble))
        return outcome

    @property
    def ready_file(self) -> Path:
        return self.state / "ready.json"

    async def _start(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        file = self.state / "topology.yaml"
        file.write_text(yaml.safe_dump(self.document), "utf-8")
        whole = [
            sys.executable,
            "-m",
            "sim",
            "up",
            str(file),
            "--state",
            str(self.state),
            "--ports",
            "auto",
        ]
        with (self.state / "up.log").open("wb") as log:
            self._process = subprocess.Popen(  # its stdin, which we hold, ends with us, however we end
                [*whole, "--ready-file", str(self.ready_file), "--supervised"],
                stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "COLUMNS": "120"},
            )  # fmt: skip
        end = self.reactor.seconds() + START_SECONDS
        while "CLOUDINARY_URL" not in self._said():  # after the demo photographs
            if self._process.poll() is not None or self.reactor.seconds() > end:
                raise StepError(f"the world did not start:\n{self._said()[-2000:]}")
            await deferLater(self.reactor, 0.1)

    def _said(self) -> str:
        return (self.state / "up.log").read_text("utf-8", "replace")

    async def _play(self, outcome: Outcome) -> None:
        ready = json.loads(self.ready_file.read_text("utf-8"))
        access = CloudAccess(ready["api_url"], ready["cloud_name"], ready["api_key"], ready["api_secret"])
        world = World(ready["api_url"], access, self.topology.regions, lambda told: "not purged")
        viewers = self.scenario.viewers
        pace = Pace(patience_seconds=viewers.patience.seconds)
        pictures = [each for each in await pictures_of(self.reactor, access) if each.format == "jpg"]
        if not pictures:
            raise StepError(f"the cloud {access.cloud} has no JPEGs for viewers to ask for")
        sender = sender_of(self.reactor, world, pictures, viewers.widths, pace)
        agent, pool = make_agent(self.reactor)
        stage = Stage(self.reactor, agent, self.ready_file, self.state, sender, questions(viewers))
        controls, origins = stage.controls(), stage.controls("origin")
        rounds = Rounds(agent, self.reactor, controls, origins, sender.tally.links, stage.saw)
        await rounds.begin()
        sender.heard, stage.begun_at = stage.hear, self.reactor.seconds()
        asked = stream(viewers, stage.records, tuple(world.regions))
        traffic = Deferred.fromCoroutine(sender.run(takewhile(lambda _: not stage.is_over, asked)))
        traffic.addErrback(lambda failure: failure.trap(CancelledError) and None)
        counting = LoopingCall(self._count, stage)
        counting.clock = self.reactor
        counting.start(ANSWERED_SECONDS)
        try:
            await self._carry_out(stage, outcome)
            stage.is_over = True
            await traffic  # who has asked is waited for: what hangs to the end is no answer
            stage.end_phase(await stage.figures())
        finally:
            counting.stop()
            await rounds.end()
            outcome.tally = sender.tally
            stage.end()
            traffic.cancel()
            await traffic
            await pool.closeCachedConnections()
        self._count(stage)
        outcome.verdicts = [expectation.judge(stage.phases) for expectation in self.scenario.expect]
        for number, verdict in enumerate(outcome.verdicts):
            self.tell(Judged.of(number, verdict))

    async def _carry_out(self, stage: Stage, outcome: Outcome) -> None:
        for number, step in enumerate(self.scenario.steps):
            self.tell(Begun(stage.now(), number))
            said = await whole(Deferred.fromCoroutine(step.carry_out(stage)))
            at = stage.now()
            outcome.timeline.append((at, said))
            self.tell(Done(at, number, said))

    def _count(self, stage: Stage) -> None:
        counts = stage.sender.tally.all
        self.tell(Answered(stage.now(), counts.requests, counts.failures))

    async def _end(self) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        process.stdin.close()  # the signal to go
        end = self.reactor.seconds() + END_SECONDS
        while process.poll() is None:
            if self.reactor.seconds() > end:
                process.kill()
            await deferLater(self.reactor, 0.1)


async def whole(doing: Deferred[str]) -> str:
    """What came of a step. One that is broken off is not waited for: a question that is cut short is an answer to it
    like any other, and it would ask again."""
    came: Deferred[str] = Deferred()
    doing.addCallbacks(came.callback, came.errback)
    try:
        return await came
    except CancelledError:
        doing.cancel()
        raise


def questions(viewers: Viewers) -> tuple[Record, ...]:
    """All that viewers may ask, one of each: pictures and widths in turn."""
    widths, formats = viewers.widths, tuple(viewers.formats)
    return tuple(
        Record(
            0, "", Kind.VIEW, number // len(widths), widths[number % len(widths)], formats[number % len(formats)]
        )
        for number in range(viewers.keys)
    )  # fmt: skip


def stream(viewers: Viewers, asked: tuple[Record, ...], regions: tuple[str, ...]) -> Iterator[Record]:
    """Viewers without end: a Poisson stream, Zipf among the questions, every region alike."""
    rng = Random(viewers.seed)  # noqa: S311  a reproducible rehearsal, no secret
    zipf, now = Zipf(len(asked), 0.95), 0.0
    for _ in count():
        now += rng.expovariate(viewers.rate)
        one = asked[zipf.draw(rng) - 1]
        yield Record(int(now * 1e6), rng.choice(regions), Kind.VIEW, one.asset, one.width, one.format)


def document_of(base: dict[str, Any], scenario: Scenario, *, without_safeguard: bool) -> dict[str, Any]:
    """The topology that a scenario runs in: the base's, in which purges are waited for, with the scenario's changes."""
    changed = merged(merged(base, PATIENT), scenario.world)
    return merged(changed, scenario.without) if without_safeguard else changed
