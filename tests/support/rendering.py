"""A real render pool in a test: started, waited for by its own counters, and always stopped."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.task import deferLater

from origin.render.limits import RenderLimits
from origin.render.pool import NOBODY, RenderPool
from origin.render.providers import Command
from origin.transform.plan import Output, Plan, Resample

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.01


@asynccontextmanager
async def running_pool(
    scratch: Path,
    limits: RenderLimits | None = None,
    workers: int = 1,
    providers: Mapping[str, Command] = NOBODY,
) -> AsyncIterator[RenderPool]:
    """A pool with its workers up."""
    pool = RenderPool(reactor, limits or RenderLimits(drain_seconds=0.2), workers, scratch, providers)
    pool.startService()
    try:
        await until(lambda: pool.workers_ready == workers)
        yield pool
    finally:
        if pool.running:
            await pool.stopService()


async def until(condition: Callable[[], object]) -> None:
    """Wait for a counter, not for a time."""
    for _ in range(int(PATIENCE_SECONDS / LOOK_SECONDS)):
        if condition():
            return
        await deferLater(reactor, LOOK_SECONDS)
    raise AssertionError("waited in vain")


def is_alive(pid: int) -> bool:
    """Whether the process exists, as a zombie too."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def scaled_plan(side: int = 64, source: int = 512, to: str = "jpg") -> Plan:
    """A square scaled to a smaller one."""
    operations = (Resample((0.0, 0.0, float(source), float(source)), side, side),)
    return Plan(True, operations, Output(to), side, side)


def endless(folder: Path, name: str = "endless.jpg") -> Path:
    """A source that never ends: a worker that opens it hangs until somebody writes into it."""
    path = folder / name
    os.mkfifo(path)
    return path


async def end(source: Path) -> None:
    """Let an endless source end. The reactor must not block: it may have yet to tell the reader."""
    await until(lambda: _closed(source))


def _closed(source: Path) -> bool:
    try:
        os.close(os.open(source, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:  # ENXIO: nobody reads yet
        return False
    return True
