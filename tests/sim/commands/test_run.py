"""sim.commands.run: a scenario played more than once, and what is kept of it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from sim.commands import run as commands
from sim.commands.run import AGAIN_SECONDS, REMOVALS, _Files, _Rehearsal, listed, remove, run
from sim.scenarios.running import Outcome
from sim.scenarios.script import read, shipped
from sim.scenarios.timeline import Ended
from wire.document import load


@pytest.mark.parametrize(
    ("troubles", "passed", "kept"), [(["", "", ""], 3, ""), (["", "first", "second"], 1, "first")]
)
def test_the_files_tell_of_the_first_that_failed(
    troubles: list[str], passed: int, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = iter([Outcome(trouble=trouble) for trouble in troubles])

    async def once(self: Any, reactor: Any) -> Outcome:
        return next(played)

    monkeypatch.setattr(_Rehearsal, "_once", once)
    path, told = shipped()["cache-wipe"], tmp_path / "told.json"
    rehearsal = _Rehearsal(
        "cache-wipe",
        path,
        load(path.read_text()),
        read(path.read_text()),
        False,
        None,
        _Files(None, told, tmp_path / "p.html"),
    )
    with pytest.raises(StopIteration) as returned:
        rehearsal.repeated(None, len(troubles)).send(None)
    assert returned.value.value == passed
    assert json.loads(told.read_text())["trouble"] == kept
    assert (kept or "passed") in (tmp_path / "p.html").read_text()


def test_the_list_is_as_wide_as_the_terminal() -> None:
    """Whoever reads it by a pipe has a line for each."""
    narrow, wide = list(listed(80)), CliRunner().invoke(run, ["--list"]).stdout.splitlines()
    assert max(map(len, narrow)) <= 80
    assert [line.split()[0] for line in wide] == [*shipped()]
    assert " ".join(narrow).split() == " ".join(wide).split()


def test_a_safeguard_that_cannot_be_switched_off_is_not_said_to_be(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("about: Mine.\nsteps: [{phase: one}]\nexpect: [{phase: one, failures: 0}]\n")
    said = CliRunner().invoke(run, [str(mine), "--without-safeguard"])
    assert (said.exit_code, said.stderr) == (
        2,
        f"{mine} does not say how its safeguard is switched off (without: …)\n",
    )


@pytest.mark.parametrize(("without", "trouble", "is_told"), [(True, "", 1), (True, "no", 0), (False, "", 0)])
def test_who_passes_without_the_safeguard_is_told_that_this_shows_nothing(
    without: bool,
    trouble: str,
    is_told: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A rehearsal that cannot fail is none."""

    async def once(self: Any, reactor: Any) -> Outcome:
        return Outcome(trouble=trouble)

    monkeypatch.setattr(_Rehearsal, "_once", once)
    path = shipped()["cache-wipe"]
    text = path.read_text()
    rehearsal = _Rehearsal("cache-wipe", path, load(text), read(text), without, None, _Files())
    with pytest.raises(StopIteration):
        rehearsal.repeated(None, 1).send(None)
    assert capsys.readouterr().out.count("It passed without its safeguard") == is_told


def test_what_a_node_that_ends_writes_meanwhile_is_removed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else its folder would stay behind, one for each run that is broken off. Who does not end is not waited for."""
    folder, clock, stragglers = tmp_path / "world", Clock(), iter("ab")

    def rmtree(path: Path, **told: Any) -> None:
        removed(path, **told)
        if straggler := next(stragglers, ""):
            path.mkdir()
            (path / straggler).touch()

    removed = shutil.rmtree
    monkeypatch.setattr(shutil, "rmtree", rmtree)
    folder.mkdir()
    removing = Deferred.fromCoroutine(remove(clock, folder))
    clock.pump([AGAIN_SECONDS] * 2)
    assert removing.called
    assert not folder.exists()

    stragglers = iter("c" * 1000)
    folder.mkdir()
    removing = Deferred.fromCoroutine(remove(clock, folder))
    clock.pump([AGAIN_SECONDS] * REMOVALS)
    assert removing.called
    assert capsys.readouterr().err == f"{folder} is still written to, and left behind\n"


@pytest.mark.parametrize("where", ["-", "timeline"])
def test_a_timeline_has_its_output_to_itself(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads it line by line is told nothing that is meant for people."""

    async def once(self: Any, reactor: Any) -> Outcome:
        self.files.tell(Ended(False, "no"))
        return Outcome(trouble="no")

    def run_here(work: Any) -> int:
        with pytest.raises(StopIteration) as returned:
            work(None).send(None)
        return int(returned.value.value)

    monkeypatch.setattr(_Rehearsal, "_once", once)
    monkeypatch.setattr(commands, "run_once", run_here)
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(run, ["cache-wipe", "--timeline", where, "--times", "2"])
    assert said.exit_code == 1, said.output
    timeline = said.stdout if where == "-" else (tmp_path / where).read_text()
    told = [json.loads(line) for line in timeline.splitlines()]
    assert [each["event"] for each in told] == ["started", "ended"] * 2
    assert [each["run"] for each in told[::2]] == [1, 2]
    people = said.stderr if where == "-" else said.stdout
    assert people.startswith("cache-wipe: ")
    assert people.endswith("0 of 2 passed\n")
