"""Steps on what an edge has on disk."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import Factory, frozen

from sim.scenarios.steps.nodes import Die, Start
from sim.scenarios.steps.step import OnNodes, StepError
from sim.topology.quantities import Duration

if TYPE_CHECKING:
    from sim.scenarios.stage import Stage


@frozen
class FillDisk(OnNodes):
    """Its disk takes nothing more: every write to a file fails (RLIMIT_FSIZE of its processes)."""

    async def carry_out(self, stage: Stage) -> str:
        names = self.of(stage)
        for name in names:
            for pid in stage.processes(name):
                _limit(pid, lambda most: 0)
        return f"no disk space for {', '.join(names)}"


@frozen
class FreeDisk(OnNodes):
    """There is space again."""

    async def carry_out(self, stage: Stage) -> str:
        names = self.of(stage)
        for name in names:
            for pid in stage.processes(name):
                _limit(pid, lambda most: most)
        return f"disk space for {', '.join(names)} again"


@frozen
class Corrupt(OnNodes):
    """One byte in the middle of every body on its disk is turned over."""

    async def carry_out(self, stage: Stage) -> str:
        count = 0
        for name in self.of(stage):
            for file in filter(_has_bytes, bodies_of(stage.cache_of(name))):
                with file.open("r+b") as body:
                    body.seek(file.stat().st_size // 2)
                    (byte,) = body.read(1)
                    body.seek(-1, 1)
                    body.write(bytes([byte ^ 0xFF]))
                count += 1
        if not count:
            raise StepError("no body lies on disk there")
        return f"{count} bodies are not what they were"


@frozen
class Wipe(OnNodes):
    """Its cache is gone, and it starts without."""

    within: Duration = Factory(lambda: Duration(60.0))

    async def carry_out(self, stage: Stage) -> str:
        names = self.of(stage)
        for name in names:
            if not stage.cache_of(name).is_dir():
                raise StepError(f"{name} has no cache on disk")
            await Die((name,), within=self.within).carry_out(stage)
            shutil.rmtree(stage.cache_of(name))
            stage.wiped(name)
            await Start((name,)).carry_out(stage)
        return f"the caches of {', '.join(names)} are gone"


def bodies_of(cache: Path) -> list[Path]:
    """The files of a disk tier that are bodies of their own."""
    return sorted((cache / "store").rglob("*.val"))


def _has_bytes(file: Path) -> bool:
    return file.stat().st_size > 0


def _limit(pid: int, soft: Callable[[int], int]) -> None:
    """How long the process's files may get, of what it may set itself."""
    try:
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft(most), most))
    except OSError as error:
        raise StepError(f"process {pid}: {error.strerror}") from None
