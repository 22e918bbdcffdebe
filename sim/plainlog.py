"""What a process of a world says of its work: plain lines, by the machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import IO

from twisted.logger import (
    FileLogObserver,
    FilteringLogObserver,
    LogEvent,
    LogLevel,
    LogLevelFilterPredicate,
    formatEvent,
    globalLogBeginner,
)

from wire.tokens.masked import masked_text

CHATTY = ("twisted", "log_legacy", "wire.web.site")


def line_of(event: LogEvent) -> str | None:
    """`2026-01-02T03:04:05.678Z info edge.service: frankfurt-a listens`, and a failure's traceback below. Viewers'
    tokens show no value, whoever speaks of a URL."""
    text = formatEvent(event)
    failure = event.get("log_failure")
    if failure is not None:
        text = f"{text}\n{failure.getTraceback()}".strip()
    if not text:
        return None
    moment = datetime.fromtimestamp(event["log_time"], UTC).isoformat(timespec="milliseconds")[:-6]
    level = getattr(event.get("log_level"), "name", "info")
    return f"{moment}Z {level} {event.get('log_namespace', '-')}: {masked_text(text)}\n"


def begin_logging(stream: IO[str]) -> None:
    """Plain lines from info up; of Twisted's own chatter about factories and ports only the warnings."""
    levels = LogLevelFilterPredicate(defaultLogLevel=LogLevel.info)
    for chatty in CHATTY:
        levels.setLogLevelForNamespace(chatty, LogLevel.warn)
    observer = FilteringLogObserver(FileLogObserver(stream, line_of), [levels])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)
