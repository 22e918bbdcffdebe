"""Access logs as who asked for what, and when: of web servers, of our edges, of vendors that these play. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from string import punctuation
from typing import Any
from urllib.parse import quote

from wire import jsontext

READ = "combined, JSON lines of an edge, CloudFront's standard log or Akamai's DataStream"
COMBINED = re.compile(r'\S+ \S+ \S+ \[([^\]]+)\] "(GET|HEAD) (\S+)(?: HTTP/[\d.]+)?" \d{3} (\d+|-)')
CLF_TIME = "%d/%b/%Y:%H:%M:%S %z"
LATEST_SECONDS = 1e11  # some thousand years; what is later was never a time
Access = tuple[float | None, str, int]  # seconds, name, bytes (0: unknown)
Accesses = list[Access]
_SITE = re.compile("https?://[^/?]*", re.IGNORECASE)
_ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})")


def read_log(lines: Iterable[str]) -> Accesses:
    """GETs and HEADs of a log, with the time each came, in the order of their times. Lines that are none, or make no
    sense, are left out."""
    found: Accesses = []
    columns: Sequence[str] = ()
    for line in lines:
        if line.startswith("#"):
            columns = line.split()[1:] if line.lower().startswith("#fields:") else columns
            continue
        try:
            told = _read(line.rstrip("\r\n"), columns)
        except (ValueError, KeyError, TypeError):
            continue
        if told is not None:
            found.append(told)
    return sorted(found, key=lambda each: each[0] or 0.0)


def _read(line: str, columns: Sequence[str]) -> Access | None:
    if line.startswith("{"):
        told = jsontext.read(line)
        return _of_datastream(told) if "reqTimeSec" in told else _of_edge(told)
    return _of_w3c(dict(zip(columns, line.split("\t"), strict=True))) if columns else _of_combined(line)


def _of_edge(told: Any) -> Access | None:
    return _access(float(told["time"]), told["method"], str(told["uri"]), told["bytes"])


def _of_datastream(told: Any) -> Access | None:
    """Akamai's: a path without its slash, and `-` for what is not there (cdn-vendors §17)."""
    path, query = (_given(told[name]) for name in ("reqPath", "queryStr"))
    target = f"/{path}?{query}" if query else f"/{path}"
    return _access(float(told["reqTimeSec"]), told["reqMethod"], target, told["bytes"])


def _of_w3c(told: dict[str, str]) -> Access | None:
    """CloudFront's: what its `#Fields` line names, separated by tabs (cdn-vendors §8)."""
    at = datetime.fromisoformat(f"{told['date']} {told['time']}").replace(tzinfo=UTC).timestamp()
    query = _given(told["cs-uri-query"])
    target = f"{told['cs-uri-stem']}?{query}" if query else told["cs-uri-stem"]
    return _access(at, told["cs-method"], target, told["sc-bytes"])


def _of_combined(line: str) -> Access | None:
    match = COMBINED.match(line)
    if match is None:
        return None
    at = datetime.strptime(match[1], CLF_TIME).timestamp()
    return _access(at, match[2], match[3], _given(match[4]) or 0)


def _access(at: float, method: str, target: str, size: object) -> Access | None:
    found = _target_of(target)
    if (
        method not in ("GET", "HEAD")
        or found is None
        or not math.isfinite(at)
        or not 0 <= at <= LATEST_SECONDS
    ):
        return None
    return at, found, max(0, int(str(size)))


def _given(field: object) -> str:
    return "" if field == "-" else str(field)


def _target_of(written: str) -> str | None:
    """A request target as it is sent again: its host is ours, and what may not stand in one is escaped. None where it
    is no path."""
    site = _SITE.match(written)
    path = written[site.end() :] if site is not None else written
    if site is not None and not path.startswith("/"):
        path = f"/{path}"
    return quote(_ESCAPED.sub(r"%\1", path), safe=punctuation) if path.startswith("/") else None
