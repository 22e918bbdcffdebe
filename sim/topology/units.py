"""Settings of a node as people write them: sizes, durations and addresses may have units where numbers are wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.topology.quantities import Address, Duration, Size
from wire import document
from wire.document import Document, Problem

UNITS: dict[str, Callable[[object], object]] = {
    "bytes": lambda written: Size.parse(written).bytes,
    "seconds": lambda written: Duration.parse(written).seconds,
    "listen": lambda written: str(Address.parse(written)),
    "control": lambda written: str(Address.parse(written)),
}
"""The end of a setting's name → how its text is read."""

PATHS = frozenset(
    {
        ("cache_dir",),
        ("access_log",),
        ("upstream_ca",),
        ("tls", "authority"),
        ("tls", "certificates", "cert"),
        ("tls", "certificates", "key"),
    }
)
"""Where file names stand, without places in lists: a token has a `key`, too, which names no file."""


def measured(
    written: Document, plain: Any, path: document.Path, problems: list[Problem], folder: Path | None = None
) -> Any:
    """What stands at `path`, with every size, duration and address that is text read, and file names joined to
    `folder`; what cannot be read is left out and told to `problems`."""
    if isinstance(plain, list):
        return [measured(written, each, (*path, place), problems, folder) for place, each in enumerate(plain)]
    if not isinstance(plain, dict):
        return plain
    found: dict[str, Any] = {}
    for name, value in plain.items():
        found[name] = measured(written, value, (*path, name), problems, folder)
        if not isinstance(value, str) or not value:
            continue
        if folder is not None and tuple(step for step in (*path, name) if isinstance(step, str)) in PATHS:
            found[name] = str((folder / value).resolve())
        unit = next((unit for unit in UNITS if name.endswith(unit)), None)
        try:
            found[name] = UNITS[unit](value) if unit is not None else found[name]
        except ValueError as wrong:
            problems.append(written.problem((*path, name), str(wrong)))
            del found[name]
    return found
