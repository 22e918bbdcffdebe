"""sim.scenarios.stage: commands on a world, and what becomes of them when a run is broken off."""

import os
import sys
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_twisted
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater

from sim.scenarios.stage import Stage
from sim.scenarios.steps.commands import Do
from sim.scenarios.steps.step import StepError
from sim.topology.quantities import Duration
from wire.web.agent import make_agent


def stage(folder: Path) -> Stage:
    from twisted.internet import reactor

    nothing: Any = None
    return Stage(reactor, nothing, folder / "ready.json", folder, nothing, ())


def test_a_world_that_has_ended_is_told(tmp_path: Path) -> None:
    """Its ready file goes with it."""
    with pytest.raises(StepError, match="the world has ended by itself"):
        stage(tmp_path).nodes()


@pytest_twisted.ensureDeferred
async def test_a_world_whose_page_does_not_answer_is_told(tmp_path: Path) -> None:
    from twisted.internet import reactor

    told = stage(tmp_path)
    told.agent, pool = make_agent(cast(Any, reactor))
    told.ready_file.write_text('{"page_url": "http://127.0.0.1:1"}')
    with pytest.raises(StepError, match="die one: the world does not answer"):
        await told.operate("one", "die")
    await pool.closeCachedConnections()


@pytest_twisted.ensureDeferred
async def test_a_command_that_fails_is_told_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"(?s)pixeledge purge --everything: .*ready.json"):
        await stage(tmp_path).command(["purge", "--everything"], 60.0)


@pytest_twisted.ensureDeferred
async def test_a_command_has_the_time_that_its_step_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    step = Do("purge --everything", within=Duration(0.05))
    with pytest.raises(StepError, match=r"purge --everything: not within 0\.05 s"):
        await step.carry_out(stage(tmp_path))


@pytest_twisted.ensureDeferred
async def test_a_command_that_is_broken_off_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from twisted.internet import reactor

    program, mark = tmp_path / "program", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\necho $$ > {mark}.new; mv {mark}.new {mark}; exec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    doing = Deferred.fromCoroutine(stage(tmp_path).command(["traffic"], 60.0))
    while not mark.exists():
        await deferLater(cast(Any, reactor), 0.01)
    doing.cancel()
    with pytest.raises(CancelledError):
        await doing
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
