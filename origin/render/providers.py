"""A provider: a program of the operator's that paints what needs a model. Run by a worker, one job at a time.

It gets three arguments: the picture (PNG), where its answer goes, and what is asked as JSON. It has limits
of its own, and nothing of it outlives the job. docs/providers.md is for those who write one.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from attrs import frozen

from origin.render.confinement import PR_SET_PDEATHSIG
from origin.render.errors import ProviderFailed, ProviderRefused, ProviderTimedOut

REFUSES = 65  # EX_DATAERR of sysexits.h: the picture or the wish is at fault, not the program
ANSWER_BYTES = 256 << 20  # the longest file it may write
LAST_WORDS = 2000  # bytes of its output that are kept
SENTENCE = 300  # characters of a refusal that are shown


@frozen
class Command:
    """How to run one."""

    command: tuple[str, ...]
    seconds: float
    memory_bytes: int


def run(command: Command, name: str, source: Path, answer: Path, said: Path, asked: dict[str, Any]) -> None:
    """Have `answer` written from `source`, or a `MediaError` that says whose fault it is. What it prints goes
    to `said`."""
    with said.open("w+b") as words:
        status = _run(command, name, [str(source), str(answer), json.dumps(asked)], words.fileno())
        last = _last_words(words.fileno())
    if status == REFUSES:
        raise ProviderRefused(f"{name}: {_sentence(last)}", log=f"{name}: {last}")
    if status != 0:
        raise ProviderFailed(
            f"The provider of {name} failed", log=f"{command.command} ended with {status}: {last}"
        )
    if not answer.is_file():
        raise ProviderFailed(f"The provider of {name} gave no picture", log=f"{name}: {last}")


def _run(command: Command, name: str, arguments: list[str], output: int) -> int:
    """Its exit status. Ends with everything it started, however it ends."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def confined() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # a worker may be killed at any moment
        resource.setrlimit(resource.RLIMIT_AS, (command.memory_bytes, command.memory_bytes))
        resource.setrlimit(resource.RLIMIT_FSIZE, (ANSWER_BYTES, ANSWER_BYTES))
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(
            resource.RLIMIT_CPU, (hard, hard)
        )  # ours is for one thread; the clock is its bound
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    try:
        process = subprocess.Popen(
            [*command.command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=confined,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ProviderFailed(f"The provider of {name} cannot be run", log=repr(error)) from error
    try:
        return process.wait(command.seconds)
    except subprocess.TimeoutExpired as error:
        raise ProviderTimedOut(
            f"The provider of {name} took longer than {command.seconds:g} seconds"
        ) from error
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """It, and whatever it left running in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_words(output: int) -> str:
    size = os.fstat(output).st_size
    return os.pread(output, LAST_WORDS, max(0, size - LAST_WORDS)).decode("utf-8", "replace").strip()


def _sentence(words: str) -> str:
    lines = words.splitlines()
    return lines[-1][:SENTENCE] if lines else "the picture is not fit for it"
