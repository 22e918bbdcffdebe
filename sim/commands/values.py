"""What options of commands are read as; what cannot be read is said before anything is done."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from sim.topology.quantities import Duration


class Time(click.ParamType[Duration]):
    """A quantity as topologies have it."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Duration:
        try:
            return value if isinstance(value, Duration) else Duration.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Positive(click.FloatRange):
    """A number above 0 that is one, and not beyond `most`."""

    def __init__(self, most: float) -> None:
        super().__init__(0, most, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value} is not a number", param, ctx)
        return number


class Result(click.ParamType[Path]):
    """A file that is written when all is done: where it cannot be, that is said before."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(value)
        if path.is_dir():
            self.fail(f"{path} is a folder", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"there is no folder {path.parent}", param, ctx)
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            self.fail(f"{path} may not be written", param, ctx)
        return path


def server(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A base URL."""
    parts = urlsplit(value or "")
    if value is not None and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise click.BadParameter(f"expected a URL like http://127.0.0.1:8000, got {value!r}")
    return value
