"""Recordings read as traces: access logs, traces of our own, and the real ones that come with the package.

A recording without times is spread evenly over the length the user gives; one with them keeps its gaps.
"""

from __future__ import annotations

import json
import lzma
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from itertools import accumulate
from pathlib import Path

from attrs import frozen

from sim.traffic.draws import share_of
from sim.traffic.record import Kind, Record
from sim.traffic.regions import Viewers
from sim.traffic.variants import Variants

COMBINED = re.compile(r'\S+ \S+ \S+ \[([^\]]+)\] "(?:GET|HEAD) (\S+)(?: HTTP/[\d.]+)?" \d{3} (\d+|-)')
CLF_TIME = "%d/%b/%Y:%H:%M:%S %z"
Accesses = list[tuple[float | None, str, int]]  # seconds, name, bytes (0: unknown)


class RecordingError(Exception):
    """Nothing that can be replayed. Says what is read."""


# --- the traces of the package (sim/traffic/traces/README.md says whose) ---


def _unpacked(name: str) -> bytes:
    return lzma.decompress(files("sim.traffic").joinpath("traces", name).read_bytes())


def _numbers(name: str) -> Accesses:
    return [(None, str(number), 0) for (number,) in struct.iter_unpack(">I", _unpacked(name))]


def _sized_lines(name: str) -> Accesses:
    lines = (line.split() for line in _unpacked(name).decode("ascii").splitlines())
    return [(None, wanted, int(size)) for _, wanted, size in lines]


def _oracle_general(name: str) -> Accesses:
    rows = struct.iter_unpack("<IQIq", _unpacked(name))
    return [(float(seconds), str(wanted), size) for seconds, wanted, size, _ in rows]


SHIPPED: Mapping[str, tuple[Callable[[str], Accesses], str]] = {
    "web07": (_numbers, "web07.trace.xz"),
    "web12": (_numbers, "web12.trace.xz"),
    "orm-busy": (_numbers, "orm-busy.trace.xz"),
    "web-objects": (_sized_lines, "adaptsize-request.trace.xz"),
    "blocks": (_oracle_general, "cloudphysics-sample.oracleGeneral.bin.xz"),
}


def shipped(name: str) -> Accesses:
    """One of `SHIPPED`, as it was recorded."""
    read, file = SHIPPED[name]
    return read(file)


# --- access logs ---


def read_log(lines: Iterable[str]) -> Accesses:
    """GETs and HEADs of an access log, in the combined format or our JSON lines, with the time each came."""
    found: Accesses = []
    for line in lines:
        told = _of_json(line) if line.startswith("{") else _of_combined(line)
        if told is not None:
            found.append(told)
    return sorted(found, key=lambda each: each[0] or 0.0)


def _of_json(line: str) -> tuple[float, str, int] | None:
    try:
        told = json.loads(line)
        if told["method"] not in ("GET", "HEAD"):
            return None
        return float(told["time"]), str(told["uri"]), int(told["bytes"])
    except (ValueError, KeyError, TypeError):
        return None


def _of_combined(line: str) -> tuple[float, str, int] | None:
    match = COMBINED.match(line)
    if match is None:
        return None
    try:
        at = datetime.strptime(match[1], CLF_TIME).timestamp()
    except ValueError:
        return None
    return at, match[2], 0 if match[3] == "-" else int(match[3])


# --- as records ---


@frozen
class Spread:
    """How a recording becomes a trace: from which regions, how long, and how many of its requests."""

    seed: int
    regions: Mapping[str, Viewers]
    duration_seconds: float | None = None
    """None: as long as it took; a recording without times takes a second for each 20 requests."""
    most: int | None = None
    """No more than so many requests, from the first."""


def replay(name_or_file: str, spread: Spread) -> Iterator[Record]:
    """The records of a shipped trace, an access log, or a trace that was written before. Raises RecordingError."""
    if name_or_file in SHIPPED:
        return _as_records(shipped(name_or_file), spread, has_targets=False)
    path = Path(name_or_file)
    if not path.is_file():
        raise RecordingError(f"{name_or_file}: no such file, and none of {', '.join(SHIPPED)}")
    with path.open(encoding="utf-8", errors="replace") as file:
        lines = list(file)
    if lines and '"time_us"' in lines[0]:
        return _stretched(_written(lines, path), spread)
    accesses = read_log(lines)
    if not accesses:
        raise RecordingError(
            f"{path}: no GET or HEAD in it: expected lines in the combined format, or JSON lines of an edge"
        )
    return _as_records(accesses, spread, has_targets=True)


def _stretched(records: list[Record], spread: Spread) -> Iterator[Record]:
    """A trace of records, no more of them and in no other time than is wanted."""
    records = records[: spread.most]
    scale = _scale(records[-1].time_us / 1e6, spread) if records else 1.0
    return (record._replace(time_us=int(record.time_us * scale)) for record in records)


def _scale(lasts_seconds: float, spread: Spread) -> float:
    return spread.duration_seconds / max(lasts_seconds, 1e-6) if spread.duration_seconds else 1.0


def _as_records(accesses: Accesses, spread: Spread, *, has_targets: bool) -> Iterator[Record]:
    accesses = accesses[: spread.most]
    begins = accesses[0][0] if accesses else None
    times = [at - begins for at, _, _ in accesses if at is not None and begins is not None]
    if not times:
        times = [nth / 20.0 for nth in range(len(accesses))]
    scale = _scale(times[-1], spread)
    names = tuple(spread.regions)
    bounds = tuple(accumulate(viewers.share for viewers in spread.regions.values()))
    seen: dict[str, int] = {}
    variants = Variants(spread.seed)
    for nth, (at, (_, name, size)) in enumerate(zip(times, accesses, strict=True)):
        drawn = share_of(spread.seed, "region", nth) * bounds[-1]
        region = names[next(place for place, bound in enumerate(bounds) if drawn < bound)]
        time_us = int(at * scale * 1e6)
        if has_targets:
            yield Record(time_us, region, Kind.VIEW, 0, size=size, path=name)
        else:
            asset, width, form = variants.key(seen.setdefault(name, len(seen)))
            yield Record(time_us, region, Kind.VIEW, asset, width, form, size)


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


def _written(lines: Iterable[str], path: Path) -> list[Record]:
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            told = json.loads(line)
            records.append(Record(**{**told, "kind": Kind(told["kind"])}))
        except (ValueError, TypeError, KeyError) as error:
            raise RecordingError(f"{path}:{number}: not a record of a trace: {error}") from error
    return sorted(records, key=lambda record: record.time_us)
