"""sim.__main__: the door of the command line."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress

import pytest

INTERRUPTED_AT = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupting())
sys.argv = ["pixeledge", {command!r}]
from sim.__main__ import main
main()
"""


def run(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], input=text, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("module", ["click", "sim.cli", "sim.explain"])
def test_ctrl_c_while_it_loads_ends_it_quietly(module: str) -> None:
    """Whatever is being imported: 130 and no traceback, where a traceback would tell nobody anything."""
    ended = run("-c", INTERRUPTED_AT.format(module=module, command="explain"))
    assert (ended.returncode, ended.stdout, ended.stderr.strip()) == (130, "", "")


def test_ctrl_c_while_a_command_reads_ends_it_quietly() -> None:
    """Once click has the word; pressed again by whoever sees nothing come of it, and never ended by its input."""
    words = [sys.executable, "-m", "sim", "explain", "--jsonl"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as it:
        assert it.stdin is not None
        assert it.stdout is not None
        assert it.stderr is not None
        it.stdin.write(b"c_fill,w_100\n")
        it.stdin.flush()
        assert it.stdout.readline().startswith(b"{")
        for _ in range(60):
            it.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                it.wait(timeout=1)
                break
        told = it.stderr.read()
    assert (it.returncode, told.strip()) == (130, b"")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--version",), 0, "pixeledge"),
        (("explain",), 2, "give either URL-OR-CHAIN or --jsonl"),
        (("explain", "w_x"), 1, '"error"'),
    ],
)
def test_exit_codes_are_the_commands_own(words: tuple[str, ...], code: int, told: str) -> None:
    ended = run("-m", "sim", *words)
    assert ended.returncode == code
    assert told in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
