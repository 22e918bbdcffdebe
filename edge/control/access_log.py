"""One line for each request: as JSON, or in the combined format that most tools read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal, TextIO

from twisted.logger import Logger

from edge.control.hours import Hours
from edge.control.lines import Asked, Line, Manner
from edge.core.outcome import Outcome, Verdict
from wire.tokens.masked import OF_ORIGINS, masked_url

log = Logger()

Format = Literal["json", "combined"]
NOTED_HITS = 1000
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def as_json(line: Line, node: str, pop: str, secret: Collection[str] = OF_ORIGINS) -> str:
    """An object; `seconds` to the last byte, `first_byte_seconds` until the head was ready. Parameters that are secret
    show no value."""
    asked, outcome = line.asked, line.outcome
    told = {
        "time": round(outcome.started_at, 3),
        "node": node,
        "pop": pop,
        "viewer": asked.viewer,
        "method": asked.method,
        "uri": masked_url(asked.uri, secret),
        "version": asked.version,
        "host": asked.host,
        "status": outcome.status,
        "cache": outcome.verdict.value,
        "cache_status": outcome.cache_status,
        "bytes": line.sent_bytes,
        "seconds": round(line.ended - outcome.started_at, 6),
        "first_byte_seconds": round(outcome.answered_at - outcome.started_at, 6),
        "collapsed": outcome.collapsed,
        "complete": outcome.complete,
        "referer": masked_url(asked.referer, secret),
        "user_agent": asked.user_agent,
    }
    return json.dumps(told, ensure_ascii=False)


def as_combined(line: Line, node: str, pop: str, secret: Collection[str] = OF_ORIGINS) -> str:
    """`%h - - [%t] "%r" %>s %b "Referer" "User-Agent"`, and then the cache's outcome, the PoP and the seconds."""
    asked, outcome = line.asked, line.outcome
    at = datetime.fromtimestamp(outcome.started_at, UTC)
    date = f"{at:%d}/{MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S} +0000"
    uri, referer = (masked_url(escaped(url), secret) for url in (asked.uri, asked.referer))
    request = f"{escaped(asked.method)} {uri} HTTP/{escaped(asked.version)}"
    return (
        f'{asked.viewer or "-"} - - [{date}] "{request}" {outcome.status} {line.sent_bytes or "-"} '
        f'"{referer or "-"}" "{escaped(asked.user_agent) or "-"}" '
        f"{outcome.verdict.value} {pop} {line.ended - outcome.started_at:.6f}"
    )


def escaped(text: str) -> str:
    """So that nothing a viewer sends ends a field in quotes, or the line."""
    if text.isprintable() and text.isascii() and '"' not in text and "\\" not in text:
        return text
    return "".join(one if _is_plain(one) else f"\\x{ord(one):02X}" for one in text)


def _is_plain(character: str) -> bool:
    return " " <= character <= "~" and character not in '"\\'


FORMATS = {"json": as_json, "combined": as_combined}


def manner_in(form: Format, secret: Collection[str] = OF_ORIGINS) -> Manner:
    """How lines of a format are written in which parameters of these names are secret."""
    return Manner(partial(FORMATS[form], secret=secret))


class AccessLog:
    """The file of lines, buffered; opened anew where it was moved away. A disk that takes no more costs lines,
    never an answer.
    """

    def __init__(
        self,
        path: Path,
        node: str,
        pop: str = "",
        form: Format | Manner = "json",
        hours: Hours | None = None,
    ) -> None:
        """`hours`: a whole hour's file is put away when it is over."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._node = node
        self._pop = pop or node
        self._manner = manner_in(form) if isinstance(form, str) else form
        self._hours = hours
        self._file = self._opened()
        self._is_failing = False
        self._hits: list[tuple[bytes, str, float, int, str]] = []

    def note_hit(self, raw: bytes, viewer: str, now: float, sent_bytes: int, cache_status: str) -> None:
        """Note a request that the express lane answered, by its bytes; it becomes a line with the next flush."""
        self._hits.append((raw, viewer, now, sent_bytes, cache_status))
        if len(self._hits) >= NOTED_HITS:
            self._write_hits()

    def _write_hits(self) -> None:
        hits, self._hits = self._hits, []
        known: dict[tuple[str, bytes], Asked] = {}  # hits repeat each other
        for raw, viewer, now, sent_bytes, cache_status in hits:
            asked = known.get((viewer, raw))
            if asked is None:
                asked = known[viewer, raw] = Asked.of_bytes(viewer, raw)
            outcome = Outcome(Verdict.HIT, 200, "", cache_status, started_at=now, answered_at=now)
            self._write(Line(asked, outcome, sent_bytes, now))

    def write(self, line: Line) -> None:
        """Note one answered request, behind those that were before it."""
        self._write_hits()
        self._write(line)

    def _write(self, line: Line) -> None:
        text = self._manner.written(line, self._node, self._pop) + "\n"
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        """Let readers of the file see all of it; begin a new one where it was moved away (log rotation)."""
        self._write_hits()
        self._try(self._file.flush)
        self._try(self._put_away)
        self._try(self._follow_path)

    def close(self) -> None:
        """No more lines."""
        self._write_hits()
        self._try(self._file.close)

    def _opened(self) -> TextIO:
        file = self._path.open("a", encoding="utf-8", errors="backslashreplace", buffering=64 * 1024)
        if not file.tell():
            file.write(self._manner.preamble)
        return file

    def _put_away(self) -> None:
        """The file of an hour that is over gets its own name; where the path led is a new one then."""
        if self._hours is not None:
            empty_bytes = len(self._manner.preamble.encode())
            self._hours.put_away(self._path, self._manner.title or self._path.stem, empty_bytes)

    def _follow_path(self) -> None:
        try:
            is_there = os.stat(self._path).st_ino == os.fstat(self._file.fileno()).st_ino
        except FileNotFoundError:
            is_there = False
        if not is_there:
            # Where no new one can be opened, the old one serves on.
            left, self._file = self._file, self._opened()
            left.close()

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except OSError as error:
            if not self._is_failing:  # one line when it begins to fail
                log.warn("{node} loses lines of its access log: {error}", node=self._node, error=error)
            self._is_failing = True
        else:
            self._is_failing = False
