"""Traces as JSON lines, written and read again. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sim.traffic.record import Kind, Record
from wire import jsontext

NUMBERS = ("time_us", "asset", "width", "size", "lifetime_seconds")
TEXTS = ("region", "format", "query", "path")


class RecordingError(Exception):
    """Nothing that can be replayed. Says what is read."""


class _Quoted(dict[str, str]):
    """Texts as JSON has them: a trace repeats a few of them all the time."""

    def __missing__(self, text: str) -> str:
        quoted = json.dumps(text)
        if len(self) < 10_000:
            self[text] = quoted
        return quoted


def write(records: Iterable[Record]) -> Iterator[str]:
    """A trace as JSON lines that `replay` reads again; pieced together, since an encoder takes five times as long."""
    quoted = _Quoted()
    for time_us, region, kind, asset, width, form, size, lifetime, query, path in records:
        yield (
            f'{{"time_us": {time_us}, "region": {quoted[region]}, "kind": "{kind!s}", "asset": {asset}, '
            f'"width": {width}, "format": {quoted[form]}, "size": {size}, "lifetime_seconds": {lifetime}, '
            f'"query": {quoted[query]}, "path": {quoted[path]}}}\n'
        )


def read(lines: Iterable[str], path: Path) -> list[Record]:
    """The records of a trace, in the order of their times. Raises RecordingError with the first line that is none."""
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(_record(jsontext.read(line)))
        except (ValueError, TypeError, KeyError) as error:
            raise RecordingError(f"{path}:{number}: not a record of a trace: {error}") from error
    return sorted(records, key=lambda record: record.time_us)


def _record(told: Any) -> Record:
    record = Record(**{**told, "kind": Kind(told["kind"])})
    for name in NUMBERS:
        if type(getattr(record, name)) is not int:
            raise ValueError(f"{name} must be a whole number, not {getattr(record, name)!r}")
    for name in TEXTS:
        text = getattr(record, name)
        if not isinstance(text, str) or not (text.isascii() and text.isprintable()) or " " in text.strip():
            raise ValueError(f"{name} must be printable ASCII, not {text!r}")
    if record.time_us < 0 or record.width < 0:
        raise ValueError("time_us and width are not below 0")
    if record.path and not record.path.startswith("/"):
        raise ValueError(f"path must begin with a slash, not {record.path!r}")
    return record
