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

HEARING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from sim.__main__ import main
main()
"""
DEAF = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])
"""


def run(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], input=text, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("module", ["click", "sim.cli", "sim.explain"])
def test_ctrl_c_while_it_loads_ends_it_quietly(module: str) -> None:
    """Whatever is being imported: 130 and no traceback, where a traceback would tell nobody anything."""
    ended = run("-c", INTERRUPTED_AT.format(module=module, command="explain"))
    assert (ended.returncode, ended.stdout, ended.stderr.strip()) == (130, "", "")


def test_ctrl_c_while_a_command_reads_ends_it_quietly() -> None:
    """Once click has the word, and never ended by its input. Pressed again by whoever sees nothing come of it: between
    Python's last look and the read, a signal is not heard. Not at once, for who is ending already would die of it.
    Whoever started us may be deaf, as is what a shell script puts in the background, and so would be what we start."""
    words = [sys.executable, "-c", HEARING, "explain", "--jsonl"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as it:
        assert it.stdin is not None
        assert it.stdout is not None
        assert it.stderr is not None
        it.stdin.write(b"c_fill,w_100\n")
        it.stdin.flush()
        assert it.stdout.readline().startswith(b"{")
        for _ in range(3):
            it.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                it.wait(timeout=20)
                break
        it.kill()  # if it still is there: what it says is not waited for
        told = it.stderr.read()
    assert (it.returncode, told.strip()) == (130, b"")


def test_a_command_that_a_script_put_in_the_background_is_deaf_to_ctrl_c() -> None:
    """POSIX has shells start it so (XCU §2.11), and one that only reads does not undo it: its input ends it, with 0."""
    words = [sys.executable, "-c", DEAF, sys.executable, "-m", "sim", "explain", "--jsonl"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as it:
        assert it.stdin is not None
        assert it.stdout is not None
        for _ in range(2):
            it.stdin.write(b"c_fill,w_100\n")
            it.stdin.flush()
            assert it.stdout.readline().startswith(b"{")
            it.send_signal(signal.SIGINT)
        _, told = it.communicate(timeout=60)
    assert (it.returncode, told) == (0, b"")


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
