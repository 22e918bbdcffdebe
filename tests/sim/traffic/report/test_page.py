"""sim.traffic.report.page as people see it: in a browser, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scaling.load import Load
from sim.traffic.answers import Answered
from sim.traffic.record import Kind, Record
from sim.traffic.report.page import page
from sim.traffic.tally import Tally
from tests.support.browser import Browser

BEYOND = """[...document.querySelectorAll("svg text")].filter((each) => {
  const box = each.getBBox(), room = each.closest("svg").viewBox.baseVal;
  return box.x < -1 || box.x + box.width > room.width + 1 || box.y < -2 || box.y + box.height > room.height + 4;
}).map((each) => each.textContent)"""
PROMISES = (
    "Who answered, over time",
    "Time by region, part by part: p50, p95, p99",
    "origin offload: answers that no origin made",
    "Bytes on each link, a second",
)


def run() -> Tally:
    """A slow minute of two regions."""
    tally = Tally()
    for second in range(60):
        tally.saw("main", float(second), Load(2, 28.9, 1.0))
        for region, pop in (("south-asia", "mumbai-1"), ("eu-central", "frankfurt-a")):
            said = f"shield; fwd=uri-miss, {pop}; fwd=uri-miss"
            took = "transformation;dur=9000, origin;dur=28000, edge;dur=28900"
            answer = Answered(200, 29.9, 5_000_000, said, took, pop)
            tally.add(Record(second * 10**6, region, Kind.VIEW, second), float(second), answer)
            link = {f"{pop}--viewers.{region}": {"out": second * 9_000_000, "back": second * 300}}
            tally.links.note(pop, link, float(second))
    return tally


@pytest.mark.parametrize("width", [1280, 390])
def test_what_it_promises_is_there_and_fits(browser: Browser, tmp_path: Path, width: int) -> None:
    """No scrolling sideways but within a table, and no words of a plot beyond its edge."""
    file = tmp_path / "report.html"
    file.write_text(page("Traffic", {"workload": "photo, 25 requests/s for 40 s"}, run()), "utf-8")
    seen = browser.page(file.as_uri(), width=width)
    try:
        seen.until("document.readyState === 'complete' && document.querySelector('h2')")
        text = seen.text("body")
        assert [promise for promise in PROMISES if promise not in text] == []
        assert seen.run(BEYOND) == []
        assert seen.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert seen.run(
            "[...document.querySelectorAll('table.told')].every((each) => "
            "each.scrollWidth <= each.parentElement.clientWidth)"
        )
        assert seen.complaints == []
    finally:
        seen.close()
