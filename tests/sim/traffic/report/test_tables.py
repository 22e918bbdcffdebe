"""sim.traffic.report.tables: text is read from the left, figures are compared at the right."""

from __future__ import annotations

import re

from attrs import evolve

from sim.scenarios.report import page_of
from sim.scenarios.running import Outcome
from sim.scenarios.script import read, shipped
from sim.traffic.report.page import page
from sim.traffic.report.tables import table_of
from sim.traffic.tally import Tally

SAYING = "a sentence of more than a few words, <which> wraps"


def texts_of(html: str) -> list[str]:
    """The cells that are read from the left."""
    return re.findall(r'<t[hd] class="text">(.*?)</t[hd]>', html)


def test_the_first_column_is_text_unless_said_otherwise() -> None:
    """Its heading, too."""
    assert texts_of(table_of(["who", "how many"], [["fra", "3"], ["sin", "4"]])) == ["who", "fra", "sin"]
    assert texts_of(table_of(["at", "what"], [["5.0 s", "a<b"]], (1,))) == ["what", "a&lt;b"]


def test_what_reports_say_in_words_is_text_and_what_they_count_is_not() -> None:
    outcome = Outcome(timeline=[(1.5, SAYING)], trouble=SAYING)
    shown = page_of("name", evolve(read(shipped()["region-death"].read_text("utf-8")), about=SAYING), outcome)
    said = texts_of(shown)
    assert (
        said.count(SAYING.replace("<which>", "&lt;which&gt;")) == 2
    )  # what it is about, and of the timeline
    assert "1.5 s" not in said
    assert not any(re.fullmatch(r"[\d.,]+ (s|MB|%)", cell) for cell in said)
    tally = Tally()
    tally.changes["purge: purged"] = 12
    assert "12" not in texts_of(page("Traffic", {"asked": SAYING}, tally))
