"""What a node counts, as plain integers; turned into Prometheus' shape only when somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable

from attrs import define, field
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from edge.core.outcome import Outcome, Verdict

HITS = frozenset({Verdict.HIT, Verdict.STALE, Verdict.REVALIDATED})
Reading = Callable[[], dict[str, float]]
BUCKETS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@define
class Tally:
    """Requests by verdict and status class, bytes, and how long they took."""

    refused: Counter[int] = field(factory=Counter)
    """By status: connections and requests that were turned away unread, or half read."""
    sent_bytes: int = 0
    express_hits: int = 0
    """Answered without a conversation, well below the first bucket's bound."""
    upstream_requests: int = 0
    upstream_answers: Counter[tuple[str, str]] = field(factory=Counter)
    """By upstream, and by status class or why none came."""
    collapsed: int = 0
    cut: int = 0
    purges: int = 0
    _requests: Counter[tuple[Verdict, int]] = field(factory=Counter)
    _slots: list[int] = field(factory=lambda: [0] * (len(BUCKETS) + 1))
    _seconds: float = 0.0

    def answered(self, outcome: Outcome, sent_bytes: int, seconds: float) -> None:
        """One request has ended."""
        self._requests[outcome.verdict, outcome.status // 100] += 1
        self.sent_bytes += sent_bytes
        self.cut += not outcome.complete
        self.collapsed += outcome.collapsed
        self._slots[bisect_left(BUCKETS, seconds)] += 1
        self._seconds += seconds

    @property
    def requests(self) -> Counter[tuple[Verdict, int]]:
        """How many, by verdict and status class."""
        return self._requests + Counter({(Verdict.HIT, 2): self.express_hits})

    @property
    def total(self) -> int:
        """All requests answered."""
        return self.express_hits + sum(self._requests.values())

    @property
    def hits(self) -> int:
        """Answered from the store, fresh, stale or confirmed."""
        return sum(count for (verdict, _), count in self.requests.items() if verdict in HITS)

    @property
    def misses(self) -> int:
        """Answered with an upstream's bytes."""
        return sum(n for (verdict, _), n in self.requests.items() if verdict in (Verdict.MISS, Verdict.PASS))

    @property
    def errors(self) -> int:
        """Answered 5xx, by whomever."""
        return sum(count for (_, status), count in self.requests.items() if status == 5)

    @property
    def slots(self) -> tuple[int, ...]:
        """How many took up to each bound of `BUCKETS`, and how many longer than the last."""
        return (self._slots[0] + self.express_hits, *self._slots[1:])

    def latency(self) -> tuple[list[tuple[str, float]], float]:
        """Cumulative buckets, and the sum of seconds."""
        buckets, below = [], 0
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), self.slots, strict=True):
            below += count
            buckets.append((bound, float(below)))
        return buckets, self._seconds


class NodeCollector(Collector):
    """Shows a tally, and what is read at that moment, to Prometheus. Every label has few values: the node, its
    upstreams, and words of ours; nothing that a viewer sends.
    """

    def __init__(self, node: str, tally: Tally, gauges: Reading, counts: Reading) -> None:
        self._node = node
        self._tally = tally
        self._gauges = gauges
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        """The metrics of this moment."""
        tally, node = self._tally, self._node
        requests = CounterMetricFamily(
            "pixeledge_requests", "Requests answered", labels=("node", "outcome", "status")
        )
        for (verdict, status), count in tally.requests.items():
            requests.add_metric((node, verdict.value, f"{status}xx"), count)
        yield requests
        refused = CounterMetricFamily(
            "pixeledge_refused", "Connections and malformed requests turned away", labels=("node", "status")
        )
        for status, count in tally.refused.items():
            refused.add_metric((node, str(status)), count)
        yield refused
        for name, text, value in (
            ("pixeledge_sent_bytes", "Body bytes sent to viewers", tally.sent_bytes),
            ("pixeledge_upstream_requests", "Requests sent upstream", tally.upstream_requests),
            ("pixeledge_cut_answers", "Answers that could not be brought to their end", tally.cut),
            ("pixeledge_purges", "Purges carried out", tally.purges),
            ("pixeledge_collapsed", "Requests answered by another's fetch", tally.collapsed),
            *((f"pixeledge_{name}", name.replace("_", " "), count) for name, count in self._counts().items()),
        ):
            counter = CounterMetricFamily(name, text, labels=("node",))
            counter.add_metric((node,), value)
            yield counter
        answers = CounterMetricFamily(
            "pixeledge_upstream_answers",
            "Answers by upstream, and by status class or why none came",
            labels=("node", "upstream", "answer"),
        )
        for (upstream, answer), count in tally.upstream_answers.items():
            answers.add_metric((node, upstream, answer), count)
        yield answers
        buckets, seconds = tally.latency()
        histogram = HistogramMetricFamily(
            "pixeledge_request_seconds", "From the head of a request to the last byte", labels=("node",)
        )
        histogram.add_metric((node,), buckets, seconds)
        yield histogram
        for name, level in self._gauges().items():
            gauge = GaugeMetricFamily(f"pixeledge_{name}", name.replace("_", " "), labels=("node",))
            gauge.add_metric((node,), level)
            yield gauge


def registry_of(node: str, tally: Tally, gauges: Reading, counts: Reading = dict) -> CollectorRegistry:
    """A registry of the node's own: two nodes may share a process. `gauges` may fall, `counts` only grow."""
    registry = CollectorRegistry()
    registry.register(NodeCollector(node, tally, gauges, counts))
    return registry
