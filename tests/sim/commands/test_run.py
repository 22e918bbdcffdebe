"""sim.commands.run: a scenario played more than once, and what is kept of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sim.commands.run import _Rehearsal, run
from sim.scenarios.running import Outcome
from sim.scenarios.script import read, shipped


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
    rehearsal = _Rehearsal("cache-wipe", path, read(path.read_text()), False, None, told, tmp_path / "p.html")
    with pytest.raises(StopIteration) as returned:
        rehearsal.repeated(None, len(troubles)).send(None)
    assert returned.value.value == passed
    assert json.loads(told.read_text())["trouble"] == kept
    assert (kept or "passed") in (tmp_path / "p.html").read_text()


def test_a_safeguard_that_cannot_be_switched_off_is_not_said_to_be(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("about: Mine.\nsteps: [{phase: one}]\nexpect: [{phase: one, failures: 0}]\n")
    said = CliRunner().invoke(run, [str(mine), "--without-safeguard"])
    assert (said.exit_code, said.stderr) == (
        2,
        f"{mine} does not say how its safeguard is switched off (without: …)\n",
    )
