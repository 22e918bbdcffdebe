import json
import os
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest

from origin.render.frames import (
    LINE_BYTES,
    FrameReader,
    JobRefused,
    Message,
    ProbeDone,
    ProbeJob,
    RenderDone,
    RenderJob,
    WorkerReady,
    encode,
)
from origin.render.limits import RenderLimits, to_json
from origin.transform.plan import SourceFacts
from tests.support.images import ASTRONAUT
from tests.support.rendering import scaled_plan

PLAN = scaled_plan().to_json()
FACTS = {"width": 512, "height": 512, "format": "jpg"}


def conversation(
    *jobs: Message | bytes, limits: RenderLimits | None = None, parent: int | None = None
) -> subprocess.CompletedProcess[bytes]:
    """A worker that is told everything at once and then left alone."""
    arguments = [to_json(limits or RenderLimits()), str(parent or os.getpid())]
    said = b"".join(job if isinstance(job, bytes) else encode(job) for job in jobs)
    command = [sys.executable, "-m", "origin.render.worker", *arguments]
    return subprocess.run(command, input=said, capture_output=True, timeout=30, check=False)


def answers(result: subprocess.CompletedProcess[bytes]) -> list[Message]:
    return FrameReader().feed(result.stdout)


def is_running(pid: int) -> bool:
    """Neither gone nor waiting for whoever adopted it to take notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_worker_answers_each_job_and_ends_with_its_input(tmp_path: Path) -> None:
    """In order; and its exit is clean."""
    target = tmp_path / "result.jpg"
    result = conversation(
        ProbeJob(number=1, source=str(ASTRONAUT), verify=True),
        RenderJob(number=2, plan=PLAN, facts=FACTS, source=str(ASTRONAUT), target=str(target)),
    )
    ready, probed, rendered = answers(result)
    assert isinstance(ready, WorkerReady)
    assert isinstance(probed, ProbeDone)
    assert SourceFacts(**probed.facts) == SourceFacts(512, 512, "jpg", ASTRONAUT.stat().st_size)
    assert isinstance(rendered, RenderDone)
    assert (rendered.number, rendered.size) == (2, target.stat().st_size)
    assert rendered.resident_bytes > 5 << 20
    assert (result.returncode, result.stderr) == (0, b"")


def test_our_own_bugs_cost_one_job(tmp_path: Path) -> None:
    """A plan no painter understands: 500 with the story for the log, and the next job is served."""
    target = str(tmp_path / "result.jpg")
    broken = {**PLAN, "operations": [{"op": "levitate"}]}
    refused, served = answers(
        conversation(
            RenderJob(number=1, plan=broken, facts=FACTS, source=str(ASTRONAUT), target=target),
            RenderJob(number=2, plan=PLAN, facts=FACTS, source=str(ASTRONAUT), target=target),
        )
    )[1:]
    assert isinstance(refused, JobRefused)
    assert (refused.reason, refused.public) == ("render_failed", "Transformation failed")
    assert "KeyError" in refused.log
    assert "KeyError" not in refused.public
    assert isinstance(served, RenderDone)


def test_a_worker_loads_neither_twisted_nor_other_plugins() -> None:
    """Start-up time and surface: Ghostscript, PSD and the rest stay out."""
    program = (
        "import sys; from origin.render.limits import RenderLimits;"
        "from origin.render.worker import performer; performer(RenderLimits()); print(*sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    loaded = set(result.stdout.split())
    assert "PIL.JpegImagePlugin" in loaded
    assert not {"twisted", "numpy", "cattrs", "PIL.EpsImagePlugin", "PIL.PsdImagePlugin"} & loaded


def test_limits_are_set_before_pillow_is_loaded() -> None:
    """Too little memory ends the worker at the start, not the machine later."""
    result = conversation(limits=RenderLimits(memory_bytes=8 << 20))
    assert result.returncode != 0
    assert result.stdout == b""


@pytest.mark.parametrize("noise", [b"nonsense\n", b"x" * (LINE_BYTES + 1)])
def test_a_node_that_speaks_nonsense_is_left(noise: bytes) -> None:
    """Nothing sensible can follow."""
    result = conversation(noise)
    assert result.returncode != 0
    assert len(answers(result)) == 1


def test_a_worker_whose_node_is_gone_does_not_begin() -> None:
    """The node may die between fork and the request to die with it."""
    result = conversation(parent=1)
    assert result.returncode != 0
    assert b"is gone" in result.stderr
    assert result.stdout == b""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_worker_dies_with_its_node_even_in_the_middle_of_a_job(tmp_path: Path) -> None:
    """kill -9 of a node must leave nothing behind that eats a core."""
    source = tmp_path / "endless.jpg"
    os.mkfifo(source)
    held = os.open(source, os.O_RDWR)  # so that it never ends
    program = f"""
import os, subprocess, sys
worker = subprocess.Popen(
    [sys.executable, "-m", "origin.render.worker", {to_json(RenderLimits())!r}, str(os.getpid())],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE,
)
worker.stdout.readline()
worker.stdin.write({encode(ProbeJob(number=1, source=str(source), verify=False))!r})
worker.stdin.flush()
print(worker.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    result = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, timeout=30, check=False)
    assert result.returncode == -9
    for _ in range(1000):
        if not is_running(int(result.stdout)):
            break
        sleep(0.01)
    assert not is_running(int(result.stdout))
    os.close(held)


def test_the_command_line_is_plain_json() -> None:
    """What `ps` shows can be read."""
    assert json.loads(to_json(RenderLimits(queue=3)))["queue"] == 3
