"""Work for a library that may die of a hostile file: done in a process of its own, which only costs an answer.

Large C and Rust libraries abort when memory ends, and some crash. The worker forks, the child does the work
under the same limits and answers through a pipe; if it dies, the file was bad and the worker lives on.
"""

import contextlib
import faulthandler
import json
import os
import signal
import struct
from collections.abc import Callable
from typing import Any, NoReturn

from attrs import frozen

from origin.render.confinement import follow
from origin.render.errors import InvalidImage, OutOfMemory, reason_of, refusal
from wire.errors import MediaError

HEAD = struct.Struct("<II")  # bytes of JSON, bytes of pixels


@frozen
class Outcome:
    """What the child says: a small JSON document, and perhaps pixels."""

    said: dict[str, Any]
    pixels: bytes = b""


def apart(work: Callable[[], Outcome], *, log: str) -> Outcome:
    """What `work` comes to, done in a child. Its refusals are raised here; its death is an invalid image."""
    reading, writing = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(work, writing, parent)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as answers:
            data = memoryview(answers.read())
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if len(data) < HEAD.size:
        raise InvalidImage(log=f"{log}: its process died, status {status}")
    said_bytes, pixel_bytes = HEAD.unpack(data[: HEAD.size])
    if len(data) != HEAD.size + said_bytes + pixel_bytes:
        raise InvalidImage(log=f"{log}: its process died while answering, status {status}")
    said = json.loads(bytes(data[HEAD.size : HEAD.size + said_bytes]))
    if "refused" in said:
        raise refusal(said["refused"], said["public"], f"{log}: {said['log']}")
    return Outcome(said, bytes(data[HEAD.size + said_bytes :]))


def _answer(work: Callable[[], Outcome], writing: int, parent: int) -> NoReturn:
    """In the child: never returns, whatever happens."""
    try:
        faulthandler.disable()  # its death is told by the parent
        follow(parent)
        try:
            outcome = work()
        except MediaError as error:
            outcome = _refused(error)
        except MemoryError as error:
            outcome = _refused(OutOfMemory(log=repr(error)))
        except BaseException as error:  # noqa: BLE001  a panic of Rust is no Exception
            outcome = _refused(InvalidImage(log=repr(error)))
        _send(writing, outcome)
    finally:
        os._exit(0)


def _refused(error: MediaError) -> Outcome:
    return Outcome({"refused": reason_of(error), "public": error.public, "log": str(error)})


def _send(writing: int, outcome: Outcome) -> None:
    said = json.dumps(outcome.said).encode("ascii")
    for part in (HEAD.pack(len(said), len(outcome.pixels)) + said, outcome.pixels):
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(writing, rest) :]
