"""All the processes of a world: up together, watched while they live, down together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.task import deferLater
from twisted.logger import Logger

from sim.supervise.child import Child
from sim.supervise.lifecycle import State
from sim.supervise.program import Program
from sim.supervise.ready import Probe
from sim.supervise.spawning import Spawner

LOOK_WHILE_STARTING_SECONDS = 0.1
LOOK_SECONDS = 1.0
SILENCE_SECONDS = 120.0  # how long a first start may not answer at all: a busy machine takes its time
WAVE_SECONDS = 1.5
KILL_AFTER_SECONDS = 8.0

log = Logger()


class StartError(Exception):
    """A process that never came up; `reason` is what it said last."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} cannot start: {reason}")
        self.name = name
        self.reason = reason


class Supervisor:
    """Starts programs, keeps them running and ends them. `changed` hears of every turn in a child's life."""

    def __init__(
        self,
        reactor: Any,
        probe: Probe,
        spawner: Spawner,
        changed: Callable[[Child], None] = lambda child: None,
    ) -> None:
        self.children: dict[str, Child] = {}
        self._reactor = reactor
        self._probe = probe
        self._spawner = spawner
        self._told = changed
        self._watching: list[Deferred[None]] = []
        self._waiting: list[tuple[frozenset[str], Deferred[None]]] = []
        self._is_stopping = False

    async def start(self, programs: Sequence[Program]) -> None:
        """Run them all; return when all are ready. Raises StartError as soon as one cannot."""
        for child in self.know(programs):
            child.start()
        ready: Deferred[None] = Deferred()
        self._waiting.append((frozenset(program.name for program in programs), ready))
        self._settle()
        await ready

    def know(self, programs: Iterable[Program]) -> list[Child]:
        """Have them at hand, and watch them from when somebody starts them."""
        known = []
        for program in programs:
            child = Child(self._reactor, program, self._changed, self._spawner)
            self.children[program.name] = child
            known.append(child)
            watching = Deferred.fromCoroutine(self._watch(child))
            watching.addErrback(lambda failure: failure.trap(CancelledError))
            watching.addErrback(lambda failure: log.failure("a watch ended", failure))
            self._watching.append(watching)
        return known

    async def stop(self) -> None:
        """End them all: the front first, so that what is under way can finish; by force when time is up."""
        self._is_stopping = True
        force = self._reactor.callLater(KILL_AFTER_SECONDS, self._kill)
        for child in self.children.values():
            if child.is_unborn:
                child.stop()
        nobody_starts = self._spawner.stop()
        waves = sorted(self.children.values(), key=lambda child: child.program.wave)
        for _, wave in groupby(waves, key=lambda child: child.program.wave):
            await self._stop_wave(list(wave))
        await all_gone(self.children.values())
        await nobody_starts
        if force.active():
            force.cancel()
        for watching in self._watching:
            watching.cancel()

    async def _stop_wave(self, wave: list[Child]) -> None:
        for child in wave:
            child.stop()
        gone = all_gone(wave)
        patience: Deferred[Any] = deferLater(self._reactor, WAVE_SECONDS)
        patience.addErrback(lambda failure: failure.trap(CancelledError))
        either = DeferredList([gone, patience], fireOnOneCallback=True)
        await either
        patience.cancel()

    def _kill(self) -> None:
        for child in self.children.values():
            if child.pid is not None:
                log.warn("{name} does not end: killed", name=child.name)
                child.stop()
                child.kill()

    async def _watch(self, child: Child) -> None:
        silent_since = self._reactor.seconds()
        while not self._is_stopping:
            if child.pid is not None:
                pid, health = child.pid, await self._probe.ask(child.program.probe_url)
                # an answer that comes after the process has changed is about another
                if child.pid == pid:
                    child.hear(health)
                    silent_since = self._reactor.seconds() if health.is_answering else silent_since
                    if (
                        not child.life.has_been_ready
                        and self._reactor.seconds() - silent_since > SILENCE_SECONDS
                    ):
                        self._fail(child, f"no answer within {SILENCE_SECONDS:.0f} s")
            is_steady = child.life.state is State.READY
            await deferLater(self._reactor, LOOK_SECONDS if is_steady else LOOK_WHILE_STARTING_SECONDS)

    def _changed(self, child: Child) -> None:
        self._told(child)
        if child.life.state is State.FAILED:
            self._fail(child, child.reason())
        self._settle()

    def _settle(self) -> None:
        for names, ready in [*self._waiting]:
            children = [self.children[name] for name in names if name in self.children]
            if len(children) == len(names) and all(child.life.has_been_ready for child in children):
                self._waiting.remove((names, ready))
                ready.callback(None)

    def _fail(self, child: Child, reason: str) -> None:
        for names, ready in [*self._waiting]:
            if child.name in names:
                self._waiting.remove((names, ready))
                ready.errback(StartError(child.name, reason))


def all_gone(children: Iterable[Child]) -> Deferred[Any]:
    """Fires when none of them runs."""
    return DeferredList([child.gone() for child in children])
