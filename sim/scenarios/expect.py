"""What is expected of a phase, and whether it came so. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from sim.scaling.load import Load
from sim.scenarios.bounds import check_bounds
from sim.traffic.answers import Tier
from sim.traffic.tally import Tally

Figures = Mapping[str, Mapping[str, Any]]  # node → its /status


@frozen
class Phase:
    """One named stretch of a run: what was answered in it, and the nodes' figures at both ends."""

    tally: Tally
    begun_at: float  # seconds after the start of the traffic
    before: Figures
    after: Figures

    def troubled_seconds(self) -> float:
        """From the phase's start to the end of the last failed request; 0 without one."""
        last = self.tally.last_failure_at
        return 0.0 if last is None else max(0.0, last - self.begun_at)

    def most(self, figure: Callable[[Load], float]) -> float:
        """The highest figure of any origin pool at any look."""
        looks = (load for loads in self.tally.pools.values() for load in loads.values())
        return max(map(figure, looks), default=0.0)

    def grown(self, nodes: str, path: str) -> float | None:
        """What the figure at a dotted `path` grew by at all nodes whose names begin with `nodes`; None if none of them
        counts it at the phase's end. A node that was run again in the phase began from 0."""
        grown = [
            at_end
            - (0.0 if _is_another(self.before.get(name), status) else figure(self.before[name], path) or 0.0)
            for name, status in self.after.items()
            if name.startswith(nodes) and (at_end := figure(status, path)) is not None
        ]
        return sum(grown) if grown else None


def _is_another(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    return before is None or before.get("pid") != after.get("pid")


def figure(status: Any, path: str) -> float | None:
    """The number at a dotted path of a node's /status; None for what it does not count."""
    for part in path.split("."):
        status = status.get(part) if isinstance(status, Mapping) else None
    return float(status) if isinstance(status, int | float) else None


def _share(phase: Phase, tier: Tier) -> float:
    return phase.tally.all.share(tier) or 0.0


MEASURES: Mapping[str, Callable[[Phase], float]] = {
    "answers": lambda phase: phase.tally.all.requests,
    "failures": lambda phase: phase.tally.all.failures,
    "failed_share": lambda phase: phase.tally.all.failures / max(1, phase.tally.all.requests),
    "wrong": lambda phase: phase.tally.all.wrong,
    "stale": lambda phase: phase.tally.all.stale,
    "edge_share": lambda phase: _share(phase, Tier.EDGE),
    "shield_share": lambda phase: _share(phase, Tier.SHIELD),
    "origin_share": lambda phase: _share(phase, Tier.ORIGIN),
    "p50": lambda phase: phase.tally.all.took.quantile(0.5),
    "p95": lambda phase: phase.tally.all.took.quantile(0.95),
    "p99": lambda phase: phase.tally.all.took.quantile(0.99),
    "longest": lambda phase: phase.tally.all.took.longest_seconds,
    "troubled": lambda phase: phase.troubled_seconds(),
    "instances": lambda phase: phase.most(lambda load: load.instances),
    "queue_wait": lambda phase: phase.most(lambda load: load.queue_wait_seconds),
}
IN_SECONDS = frozenset({"p50", "p95", "p99", "longest", "troubled", "queue_wait"})
IN_PARTS = frozenset({"failed_share", "edge_share", "shield_share", "origin_share"})
SAID_AS = (
    "{phase: death, failures: 0}, {phase: death, p95: {at_most: 2s}} "
    "or {phase: crowd, grows: main renders, at_most: 1}"
)


@frozen
class Expectation:
    """Of one phase, one figure and its bounds."""

    phase: str
    measure: str  # one of `MEASURES`, or "nodes path" of what grows
    at_least: float = float("-inf")
    at_most: float = float("inf")

    def __attrs_post_init__(self) -> None:
        check_bounds(self.at_least, self.at_most)

    @classmethod
    def reading(cls, bound: Callable[[str, object], float]) -> Callable[[object], Expectation]:
        """How it is read; `bound` reads what a measure is held against."""

        def read(plain: object) -> Expectation:
            if not isinstance(plain, dict) or not isinstance(plain.get("phase"), str):
                raise ValueError(f"expected a phase and a figure, like {SAID_AS}")
            rest = {name: value for name, value in plain.items() if name != "phase"}
            if "grows" in rest:
                measure, bounds = str(rest.pop("grows")), rest
                if len(measure.split()) != 2:
                    raise ValueError("grows: expected the nodes and a figure of their /status: main renders")
            else:
                if len(rest) > 1:
                    raise ValueError(f"expected one figure, got {', '.join(rest)}: each is a line of its own")
                if not rest or (measure := next(iter(rest))) not in MEASURES:
                    raise ValueError(f"expected one of {', '.join(MEASURES)}, grows; like {SAID_AS}")
                value = rest[measure]
                bounds = value if isinstance(value, dict) else {"at_least": value, "at_most": value}
            if not bounds or not bounds.keys() <= {"at_least", "at_most"}:
                raise ValueError("expected at_least, at_most, or both")
            told = {name: bound(measure, value) for name, value in bounds.items()}
            return cls(plain["phase"], measure, **told)

        return read

    def judge(self, phases: Mapping[str, Phase]) -> Verdict:
        """A phase that never began meets nothing, nor do answers that never came and figures that nobody counts."""
        phase = phases.get(self.phase)
        if phase is None:
            return Verdict(self, None, "the phase never began")
        if self.measure not in MEASURES:
            nodes, path = self.measure.split()
            return Verdict(self, phase.grown(nodes, path), "no such node counts that")
        if not phase.tally.all.requests and self.measure != "answers":
            return Verdict(self, None, "nothing was answered")
        return Verdict(self, float(MEASURES[self.measure](phase)))

    def __str__(self) -> str:
        if self.at_least == self.at_most:
            bounds = f"is {self._told(self.at_most)}"
        else:
            least = f"at least {self._told(self.at_least)}" if self.at_least != float("-inf") else ""
            most = f"at most {self._told(self.at_most)}" if self.at_most != float("inf") else ""
            bounds = " and ".join(filter(None, (least, most)))
        return f"{self.phase}: {self.measure} {bounds}"

    def _told(self, value: float) -> str:
        if self.measure in IN_SECONDS:
            return f"{value:.3g} s"
        return f"{value * 100:.3g} %" if self.measure in IN_PARTS else f"{value:g}"


@frozen
class Verdict:
    """An expectation, and what came instead."""

    expectation: Expectation
    value: float | None
    without: str = ""
    """Why there is no value."""

    @property
    def is_met(self) -> bool:
        """Whether it came as expected."""
        return self.value is not None and self.expectation.at_least <= self.value <= self.expectation.at_most

    @property
    def came(self) -> str:
        """The value in words, or why there is none."""
        return self.without if self.value is None else self.expectation._told(self.value)

    def __str__(self) -> str:
        return f"{self.expectation}: {self.came}"
