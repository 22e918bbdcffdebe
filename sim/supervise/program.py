"""What is run under care."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen


@frozen
class Breed:
    """Programs that differ in their arguments alone. Their module has a `main(arguments)`, and a `prepare(*words)` that
    does what all begin with: it loads what they need, starts no thread and leaves nothing open."""

    main: str
    words: tuple[str, ...] = ()

    @property
    def command(self) -> tuple[str, ...]:
        """How one is run by itself; arguments follow. `-P`: nothing in the working directory is a module of ours."""
        return (sys.executable, "-P", "-m", self.main)


@frozen
class Program:
    """What to run, and where to ask how it is."""

    name: str
    arguments: tuple[str, ...]
    probe_url: str
    log: Path
    environment: Mapping[str, str]
    wave: int = 0  # at the end, lower waves are stopped first
    breed: Breed | None = None
    """Where others are of it, too: `arguments` begin with its command, and one nursery may load for all."""
