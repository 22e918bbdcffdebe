"""Access logs by the hour (cdn-vendors §8)."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

from attrs import define, field

from edge.control.access_log import AccessLog
from edge.control.hours import HOUR, Hours
from edge.control.lines import Asked, Line, Manner
from edge.core.outcome import Outcome, Verdict

NINE = 1_800_003_600.0 // HOUR * HOUR  # 2027-01-15, 09:00 UTC
MANNER = Manner(lambda line, *_: line.asked.uri, "#head\n", "EDIST")


@define
class Day:
    """A clock, and an access log of `MANNER` that goes by it."""

    path: Path
    now: float = NINE
    waiting: list[Callable[[], None]] = field(factory=list)
    numbers: count[int] = field(factory=count)

    def opened(self) -> AccessLog:
        """The log, from the start of a process."""
        hours = Hours(lambda: self.now, lambda: f"u{next(self.numbers)}", self.waiting.append)
        return AccessLog(self.path, "fra", "fra", MANNER, hours)

    def done(self) -> dict[str, str]:
        """What is in the folder once all is packed: name → text."""
        for step in self.waiting:
            step()
        self.waiting.clear()
        return {
            each.name: gzip.decompress(each.read_bytes()).decode()
            if each.suffix == ".gz"
            else each.read_text()
            for each in self.path.parent.iterdir()
        }


def line(uri: str, at: float) -> Line:
    return Line(Asked("127.0.0.1", "GET", uri, "1.1"), Outcome(Verdict.HIT, 200, "", "", at, at), 1, at)


def test_what_an_hour_wrote_is_put_away_packed_and_the_next_begins_anew(tmp_path: Path) -> None:
    day = Day(tmp_path / "fra.access.log")
    log = day.opened()
    for uri, now in (("/a", NINE), ("/b", NINE + HOUR - 1), ("/c", NINE + HOUR + 1)):
        log.flush()  # as each second does
        day.now = now
        log.flush()
        log.write(line(uri, now))
        log.flush()
    log.close()
    assert day.done() == {
        "EDIST.2027-01-15-09.u0.gz": "#head\n/a\n/b\n",
        "fra.access.log": "#head\n/c\n",
    }


def test_an_hour_without_a_line_has_no_file(tmp_path: Path) -> None:
    day = Day(tmp_path / "fra.access.log")
    log = day.opened()
    for hour in range(3):
        day.now = NINE + hour * HOUR
        log.flush()
    log.close()
    assert day.done() == {"fra.access.log": "#head\n"}


def test_what_an_earlier_process_left_belongs_to_its_own_hour(tmp_path: Path) -> None:
    """By when it was last written to; what of this hour is there goes on."""
    day = Day(tmp_path / "fra.access.log")
    day.path.write_text("#head\n/old\n")
    os.utime(day.path, (NINE - HOUR, NINE - HOUR))
    log = day.opened()
    log.flush()
    log.write(line("/new", NINE))
    log.close()
    os.utime(day.path, (NINE + 60, NINE + 60))
    again = day.opened()
    again.flush()
    again.write(line("/newer", NINE + 120))
    again.close()
    assert day.done() == {
        "EDIST.2027-01-15-08.u0.gz": "#head\n/old\n",
        "fra.access.log": "#head\n/new\n/newer\n",
    }


def test_who_has_no_title_is_named_by_the_file(tmp_path: Path) -> None:
    day = Day(tmp_path / "fra.access.log")
    day.path.write_text("{}\n")
    os.utime(day.path, (NINE - HOUR, NINE - HOUR))
    hours = Hours(lambda: day.now, lambda: "u", day.waiting.append)
    log = AccessLog(day.path, "fra", hours=hours)
    log.flush()
    log.close()
    assert day.done() == {"fra.access.2027-01-15-08.u.gz": "{}\n", "fra.access.log": ""}
