"""What a node counts, as plain integers; turned into Prometheus' shape only when somebody asks."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from attrs import define, field
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from twisted.logger import Logger

from edge.core.outcome import Outcome, Verdict

log = Logger()

HITS = frozenset({Verdict.HIT, Verdict.STALE, Verdict.REVALIDATED})
NOTED_HITS = 1024  # of the express lane, before they are written without being asked to
BUCKETS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@define
class Tally:
    """Requests by verdict and status class, bytes, and how long they took."""

    refused: Counter[int] = field(factory=Counter)
    """By status: connections and requests that were turned away unread, or half read."""
    sent_bytes: int = 0
    upstream_requests: int = 0
    cut: int = 0
    purges: int = 0
    _requests: Counter[tuple[Verdict, int]] = field(factory=Counter)
    _express_hits: int = 0
    _slots: list[int] = field(factory=lambda: [0] * (len(BUCKETS) + 1))
    _seconds: float = 0.0

    def answered(self, outcome: Outcome, sent_bytes: int, seconds: float) -> None:
        """One request has ended."""
        self._requests[outcome.verdict, outcome.status // 100] += 1
        self.sent_bytes += sent_bytes
        self.cut += not outcome.complete
        self._slots[bisect_left(BUCKETS, seconds)] += 1
        self._seconds += seconds

    def express(self, sent_bytes: int) -> None:
        """One hit was answered without a conversation: well below the first bucket's bound."""
        self._express_hits += 1
        self.sent_bytes += sent_bytes

    @property
    def requests(self) -> Counter[tuple[Verdict, int]]:
        """How many, by verdict and status class."""
        return self._requests + Counter({(Verdict.HIT, 2): self._express_hits})

    @property
    def total(self) -> int:
        """All requests answered."""
        return self._express_hits + sum(self._requests.values())

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

    def latency(self) -> tuple[list[tuple[str, float]], float]:
        """Cumulative buckets, and the sum of seconds."""
        buckets, below = [], self._express_hits
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), self._slots, strict=True):
            below += count
            buckets.append((bound, float(below)))
        return buckets, self._seconds


class NodeCollector(Collector):
    """Shows a tally, and gauges read at that moment, to Prometheus."""

    def __init__(self, node: str, tally: Tally, gauges: Callable[[], dict[str, float]]) -> None:
        self._node = node
        self._tally = tally
        self._gauges = gauges

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
        ):
            counter = CounterMetricFamily(name, text, labels=("node",))
            counter.add_metric((node,), value)
            yield counter
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


def registry_of(node: str, tally: Tally, gauges: Callable[[], dict[str, float]]) -> CollectorRegistry:
    """A registry of the node's own: two nodes may share a process."""
    registry = CollectorRegistry()
    registry.register(NodeCollector(node, tally, gauges))
    return registry


class AccessLog:
    """One JSON line per request, buffered. A disk that takes no more costs lines, never an answer."""

    def __init__(self, path: Path, node: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = path.open("a", encoding="utf-8", buffering=64 * 1024)
        self._node = node
        self._is_failing = False
        self._hits: list[tuple[bytes, str, float, int]] = []

    def note_hit(self, raw: bytes, viewer: str, now: float, sent_bytes: int) -> None:
        """Note a request that the express lane answered, by its bytes; it becomes a line with the next flush."""
        self._hits.append((raw, viewer, now, sent_bytes))
        if len(self._hits) >= NOTED_HITS:
            self._write_hits()

    def _write_hits(self) -> None:
        hits, self._hits = self._hits, []
        for raw, viewer, now, sent_bytes in hits:
            method, uri, _ = raw.decode("latin-1").split(" ", 2)
            outcome = Outcome(Verdict.HIT, 200, "", "", started_at=now, answered_at=now, ended_at=now)
            self._write(outcome, viewer=viewer, method=method, uri=uri, sent_bytes=sent_bytes, ended=now)

    def write(
        self, outcome: Outcome, *, viewer: str, method: str, uri: str, sent_bytes: int, ended: float
    ) -> None:
        """Note one answered request, behind those that were before it."""
        self._write_hits()
        self._write(outcome, viewer=viewer, method=method, uri=uri, sent_bytes=sent_bytes, ended=ended)

    def _write(
        self, outcome: Outcome, *, viewer: str, method: str, uri: str, sent_bytes: int, ended: float
    ) -> None:
        line = {
            "time": round(outcome.started_at, 3),
            "node": self._node,
            "viewer": viewer,
            "method": method,
            "uri": uri,
            "status": outcome.status,
            "cache": outcome.verdict.value,
            "bytes": sent_bytes,
            "seconds": round(ended - outcome.started_at, 6),
            "complete": outcome.complete,
        }
        self._try(lambda: self._file.write(json.dumps(line, ensure_ascii=False) + "\n"))

    def flush(self) -> None:
        """Let readers of the file see all of it."""
        self._write_hits()
        self._try(self._file.flush)

    def close(self) -> None:
        """No more lines."""
        self._write_hits()
        self._try(self._file.close)

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except OSError as error:
            if not self._is_failing:  # one line when it begins to fail
                log.warn("{node} loses lines of its access log: {error}", node=self._node, error=error)
            self._is_failing = True
        else:
            self._is_failing = False
