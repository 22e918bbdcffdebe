"""sim.report.rehearsing: one process at a time, and nothing left behind."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_twisted

from sim.report import rehearsing
from sim.report.rehearsing import Rehearsing
from sim.scenarios.script import shipped
from sim.supervise.operations import NotNow
from tests.support.edge_node import until
from wire.errors import InvalidRequest, NotFound

STARTED = '{"event": "started", "about": "", "safeguard": "", "steps": ["warm"], "expectations": ["a: failures is 0"]}'
ANSWERED = '{"event": "answered", "at": 1.0, "answers": 7, "failures": 0}'
ENDS_WITH_STDIN = f"""
printf '{STARTED}\\n{ANSWERED[:20]}'; sleep 0.05; printf '{ANSWERED[20:]}\\n'
cat > /dev/null
exit 130
"""
PASSES = f"""
printf '{STARTED}\\n'
for each; do test "$last" = --report && echo '<h1>Whole</h1>' > "$each"; last="$each"; done
echo some words for people >&2
"""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What runs scenarios, with a script in place of `pixeledge run`."""
    from twisted.internet import reactor

    def make(script: str) -> Rehearsing:
        program = tmp_path / "program"
        program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n{script}')
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
        return Rehearsing(cast(Any, reactor), tmp_path / "rehearsal", tmp_path / "log" / "rehearsal.log")

    return make


def left(staged: Rehearsing) -> list[str]:
    """What lies in its folder."""
    return [path.name for path in staged.folder.iterdir()] if staged.folder.exists() else []


@pytest_twisted.ensureDeferred
async def test_one_runs_at_a_time_and_is_stopped(stage: Any) -> None:
    staged = stage(ENDS_WITH_STDIN)
    assert staged.told() is None
    told = await staged.scenario({"run": "cache-wipe"})
    assert (told["run"]["name"], told["run"]["state"]) == ("cache-wipe", "starting")
    with pytest.raises(NotNow, match="One scenario at a time"):
        await staged.scenario({"run": "region-death"})
    await until(lambda: staged.told()["answers"] == 7)
    assert [name.rpartition("-")[0] for name in left(staged)] == ["cache-wipe"]
    assert (await staged.scenario({"stop": True}))["run"]["state"] == "ending"
    await until(lambda: staged.told()["state"] == "stopped" and not left(staged))
    with pytest.raises(NotNow, match="No scenario is being run"):
        await staged.scenario({"stop": True})
    await staged.scenario({"run": "region-death", "without_safeguard": True})
    await staged.end()
    assert (staged.told()["state"], staged.told()["is_without"], left(staged)) == ("stopped", True, [])


@pytest_twisted.ensureDeferred
async def test_what_it_came_to_is_kept_until_the_next(stage: Any, tmp_path: Path) -> None:
    staged = stage(PASSES)
    with pytest.raises(NotFound, match="No scenario has left a report yet"):
        await staged.report()
    await staged.scenario({"run": "cache-wipe"})
    await until(lambda: staged.told()["state"] == "passed" and left(staged) == ["report.html"])
    assert staged.told()["has_report"]
    assert "<h1>Whole</h1>" in await staged.report()
    assert staged.log.read_text() == "some words for people\n"
    asked = (tmp_path / "asked").read_text().split()
    assert asked[:6] == ["-P", "-m", "sim", "run", "cache-wipe", "--supervised"]
    assert "--without-safeguard" not in asked
    await staged.end()
    assert left(staged) == []


@pytest_twisted.ensureDeferred
async def test_who_does_not_end_is_killed(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "GOODBYE_SECONDS", 0.05)
    staged = stage(f"printf '{STARTED}\\n'\nexec sleep 60")
    await staged.scenario({"run": "cache-wipe"})
    await until(lambda: staged.told()["steps"])
    await staged.end()
    assert staged.told()["state"] == "stopped"


@pytest_twisted.ensureDeferred
async def test_one_that_cannot_be_run_says_why(stage: Any) -> None:
    staged = stage("echo store-outage needs minio on PATH >&2; exit 77")
    await staged.scenario({"run": "store-outage"})
    await until(lambda: staged.told()["state"] == "not run")
    assert staged.told()["why"] == "store-outage needs minio on PATH"
    await staged.end()


@pytest.mark.parametrize(
    "told",
    [
        *(None, [], {}, {"run": 5}, {"stop": False}, {"run": "cache-wipe", "stop": True}),
        *({"run": "cache-wipe", "without_safeguard": "yes"}, {"run": "cache-wipe", "state": "/tmp"}),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_command_is_to_run_one_or_to_stop_it(stage: Any, told: Any) -> None:
    with pytest.raises(InvalidRequest, match="A command looks like"):
        await stage("").scenario(told)


@pytest.mark.parametrize("name", ["the-end", "../cache-wipe", "/etc/passwd", "--help"])
@pytest_twisted.ensureDeferred
async def test_only_what_is_shipped_is_run(stage: Any, name: str) -> None:
    """A page has no business with the files of this machine."""
    with pytest.raises(NotFound, match="there is cache-wipe, clock-skew"):
        await stage("").scenario({"run": name})


@pytest_twisted.ensureDeferred
async def test_all_that_is_shipped_is_listed_with_its_purpose(stage: Any) -> None:
    told = await stage("").listing()
    assert [each["name"] for each in told["scenarios"]] == [*shipped()]
    assert all(each["about"].endswith(".") and each["safeguard"] for each in told["scenarios"])
    assert {each["name"] for each in told["scenarios"] if each["needs"] == ["minio"]} == {"store-outage"}
    assert told["run"] is None


def test_what_a_killed_world_left_is_cleared(stage: Any) -> None:
    staged = stage("")
    (staged.folder / "cache-wipe-x" / "nodes").mkdir(parents=True)
    staged.clear()
    assert left(staged) == []
