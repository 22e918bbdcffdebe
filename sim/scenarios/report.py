"""What a run of a scenario came to, as JSON and as one HTML page. Pure."""

from __future__ import annotations

from typing import Any

from sim.scenarios.running import Outcome
from sim.scenarios.script import Scenario
from sim.traffic.report.page import page
from sim.traffic.report.tables import table_of


def document_of_outcome(name: str, outcome: Outcome) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "scenario": name,
        "passed": outcome.is_passed,
        "trouble": outcome.trouble,
        "expectations": [
            {"expected": str(verdict.expectation), "value": verdict.value, "met": verdict.is_met}
            for verdict in outcome.verdicts
        ],
        "timeline": [{"at": round(at, 2), "what": what} for at, what in outcome.timeline],
        "traffic": outcome.tally.as_plain(),
    }


def page_of(name: str, scenario: Scenario, outcome: Outcome) -> str:
    """The traffic's page, and before it the timeline and the judgement."""
    told = {
        "scenario": name,
        "about": scenario.about,
        "safeguard": scenario.safeguard,
        "result": "passed" if outcome.is_passed else f"failed {outcome.trouble}".strip(),
    }
    judged = [[str(verdict), "ok" if verdict.is_met else "failed"] for verdict in outcome.verdicts]
    timeline = [[f"{at:.1f} s", what] for at, what in outcome.timeline]
    before = [
        "<h2>Expectations</h2>", table_of(["what", "came so"], judged, (0, 1)),
        "<h2>Timeline</h2>", table_of(["at", "what"], timeline, (1,)),
    ]  # fmt: skip
    return page(
        f"Scenario {name}", {key: value for key, value in told.items() if value}, outcome.tally, before
    )
