"""Starting, ending and refusing to start."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.world import ROOT, SMALL, children_of, command, eventually, is_alive, world


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_child_and_exits_zero(tmp_path: Path, sign: signal.Signals) -> None:
    with world(tmp_path, "--no-seed") as running:
        assert running.stop(sign) == 0


def test_no_child_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    """kill -9 of `up` itself: each node sees its standard input close and goes, a frozen one and what it runs, too."""
    with world(tmp_path, "--no-seed") as running:
        assert running.process is not None
        family = children_of(running.process.pid)
        os.killpg(running.nodes()["main-1"], signal.SIGSTOP)
        running.process.kill()
        running.process.wait(timeout=15)
        eventually(lambda: not any(map(is_alive, family)), "every node is gone", 15)


def test_no_world_outlives_a_killed_rehearsal(tmp_path: Path) -> None:
    """kill -9 of `run`: its `up` sees its standard input close, and ends the world in order."""
    whole = [*command(), "run", "cache-wipe", "--state", str(tmp_path)]
    with subprocess.Popen(whole, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as rehearsal:
        eventually((tmp_path / "ready.json").exists, "its world is ready")
        family = children_of(rehearsal.pid)
        rehearsal.kill()
    eventually(lambda: not any(map(is_alive, family)), "everything that it ran is gone", 30)
    assert not (tmp_path / "ready.json").exists()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_a_rehearsal_ends_with_the_world_whose_page_began_it(tmp_path: Path, sign: signal.Signals) -> None:
    """Its own world, too, and the next one clears away what a killed one left."""
    rehearsals = tmp_path / "rehearsal"
    with world(tmp_path, "--no-seed", **SMALL) as running:
        process = running.process
        assert process is not None
        own = children_of(process.pid)
        asked = running.http.request(
            "POST", f"{running.ready['page_url']}/scenario", json={"run": "cache-wipe"}
        )
        assert asked.status == 200
        eventually(lambda: [*rehearsals.glob("*/nodes/singapore.yaml")], "its world is being made")
        eventually(lambda: len(children_of(process.pid) - own) > len(own), "it is run")
        family = children_of(process.pid)
        if sign is signal.SIGTERM:
            assert running.stop() == 0
            assert not rehearsals.exists()
        else:
            process.kill()
            process.wait(timeout=15)
        eventually(lambda: not any(map(is_alive, family)), "everything that it ran is gone", 30)
    if sign is signal.SIGKILL:
        assert [*rehearsals.iterdir()]
        with world(tmp_path, "--no-seed", **SMALL):
            assert not rehearsals.exists()


def test_a_killed_node_comes_back_on_the_same_address(tmp_path: Path) -> None:
    with world(tmp_path, "--no-seed") as running:
        before = running.ready
        for name, pid in running.nodes().items():
            os.kill(pid, signal.SIGKILL)
            eventually(lambda: running.nodes()[name] != pid, f"{name} is restarted")  # noqa: B023 - called at once
        after = running.ready
        assert [each["url"] for each in after["edges"]] == [each["url"] for each in before["edges"]]
        for edge in after["edges"]:
            eventually(lambda: running.answers(edge["control_url"] + "/readyz", 200), edge["name"])  # noqa: B023


def run(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*command(), *arguments], capture_output=True, text=True, timeout=60, cwd=cwd, check=False
    )


def test_check_tells_all_problems_at_once_with_path_and_line(tmp_path: Path) -> None:
    document = yaml.safe_load((ROOT / "topology.yaml").read_text("utf-8"))
    document["colour"] = "blue"
    pops = document["pops"]
    first, second, *_ = pops
    pops[first]["parent"] = "nowhere"
    pops[second]["disk"] = "a lot"
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    for verb in ("check", "up"):
        answer = run(verb, str(path), cwd=tmp_path)
        assert answer.returncode == 2
        told = answer.stderr + answer.stdout
        lines = path.read_text().splitlines()
        for needle, words in {
            "colour:": "colour",
            "parent: nowhere": "nowhere",
            "disk: a lot": "a lot",
        }.items():
            line = next(number for number, text in enumerate(lines, 1) if needle in text)
            assert any(words in each and f":{line}" in each for each in told.splitlines()), (needle, told)
    assert not (tmp_path / "var").exists()


def test_a_taken_port_is_told_with_its_reason(tmp_path: Path) -> None:
    """Nothing is left running when one node cannot start."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        document = yaml.safe_load((ROOT / "topology.yaml").read_text("utf-8"))
        document["balancer"]["listen"] = f"tcp:{port}"
        path = tmp_path / "clash.yaml"
        path.write_text(yaml.safe_dump(document), "utf-8")
        answer = run("up", str(path), "--state", str(tmp_path / "var"), "--no-seed", cwd=tmp_path)
        assert answer.returncode not in (0, None)
        assert str(port) in answer.stdout + answer.stderr
