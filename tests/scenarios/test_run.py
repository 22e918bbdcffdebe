"""`pixeledge run`: a rehearsal on real processes, passed with its safeguard and failed without."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.support.world import command


def run(tmp_path: Path, *arguments: str) -> tuple[int, str, dict[str, Any]]:
    told = tmp_path / "told.json"
    whole = [*command(), "run", *arguments, "--json", str(told), "--report", str(tmp_path / "page.html")]
    done = subprocess.run(whole, capture_output=True, text=True, timeout=400, check=False, cwd=tmp_path)
    return done.returncode, done.stdout + done.stderr, json.loads(told.read_text())


def test_a_wiped_edge_is_filled_by_its_shield_and_not_by_the_origin(tmp_path: Path) -> None:
    code, said, told = run(tmp_path, "cache-wipe", "--timeline", str(tmp_path / "timeline"))
    assert (code, told["passed"], told["trouble"]) == (0, True, ""), said
    events = [json.loads(line) for line in (tmp_path / "timeline").read_text().splitlines()]
    steps = [each["said"] for each in events if each["event"] == "done"]
    assert steps == [each["what"] for each in told["timeline"]]
    assert len(steps) == len(events[0]["steps"]) == sum(each["event"] == "begun" for each in events)
    assert len(events[0]["expectations"]) == sum(each["event"] == "judged" for each in events)
    *_, counted = (each for each in events if each["event"] == "answered")
    assert counted["answers"] == told["traffic"]["all"]["requests"]
    assert events[-1] == {"event": "ended", "is_passed": True, "trouble": ""}
    assert [each["what"] for each in told["timeline"]][1] == "phase wiped"
    assert told["traffic"]["all"]["wrong"] == 0
    assert "Expectations" in (tmp_path / "page.html").read_text()


def test_without_the_shield_the_same_rehearsal_fails(tmp_path: Path) -> None:
    code, said, told = run(tmp_path, "cache-wipe", "--without-safeguard")
    assert (code, told["passed"], told["trouble"]) == (1, False, ""), said
    unmet = [each["expected"] for each in told["expectations"] if not each["met"]]
    assert "wiped: shield_share at least 2 %" in unmet


def test_a_scenario_that_is_none_says_what_there_is(tmp_path: Path) -> None:
    done = subprocess.run(
        [*command(), "run", "the-end"], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
    )
    assert done.returncode == 2
    assert (
        "the-end: No such file or directory; scenarios: cache-wipe, clock-skew, corrupted-cache"
        in done.stderr
    )
