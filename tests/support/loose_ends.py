"""Failures that nobody took: Twisted tells of them when the garbage is collected, far from their cause."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from twisted.logger import LogEvent, formatEvent, globalLogPublisher


@contextmanager
def no_loose_ends() -> Iterator[None]:
    """Nothing that begins in here ends as an unhandled error in a Deferred."""
    told: list[str] = []

    def hear(event: LogEvent) -> None:
        text = formatEvent(event)
        if "unhandled error in deferred" in text.lower():
            failure = event.get("log_failure")
            told.append(f"{text} {failure.getTraceback() if failure is not None else ''}")

    observer: Any = hear  # mypy knows no function that is an observer
    globalLogPublisher.addObserver(observer)
    try:
        yield
        gc.collect()
    finally:
        globalLogPublisher.removeObserver(observer)
    assert not told, "\n".join(told)
