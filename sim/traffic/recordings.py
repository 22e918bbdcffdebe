"""Recordings read as traces: access logs, traces of our own, and the real ones that come with the package.

A recording without times is spread evenly over the length the user gives; one with them keeps its gaps.
"""

from __future__ import annotations

import gzip
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from itertools import accumulate
from pathlib import Path

from attrs import frozen

from sim.traffic.draws import share_of
from sim.traffic.logs import READ, Accesses, read_log
from sim.traffic.record import Kind, Record
from sim.traffic.regions import Viewers
from sim.traffic.variants import Variants
from sim.traffic.written import RecordingError, read

GZIP = b"\x1f\x8b"


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
    """The records of a shipped trace, an access log, or a trace that was written before; files may be packed with gzip.
    Raises RecordingError."""
    if name_or_file in SHIPPED:
        return _as_records(shipped(name_or_file), spread, has_targets=False)
    path = Path(name_or_file)
    if path.is_dir():
        raise RecordingError(f"{name_or_file} is a folder: name one file in it")
    if not path.is_file():
        raise RecordingError(f"{name_or_file}: no such file, and none of {', '.join(SHIPPED)}")
    lines = _lines_of(path)
    if lines and '"time_us"' in lines[0]:
        return _stretched(read(lines, path), spread)
    accesses = read_log(lines)
    if not accesses:
        raise RecordingError(f"{path}: no GET or HEAD in it: expected an access log, {READ}")
    return _as_records(accesses, spread, has_targets=True)


def _lines_of(path: Path) -> list[str]:
    """A file's, unpacked if it is packed, as the logs of whole hours are."""
    with path.open("rb") as file:
        is_packed = file.read(len(GZIP)) == GZIP
    try:
        with (gzip.open if is_packed else open)(path, "rt", encoding="utf-8", errors="replace") as file:
            return list(file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RecordingError(f"{path}: a gzip file that is cut short, or broken: {error}") from error


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
