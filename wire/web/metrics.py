"""What a caching node counts. Each node has a registry of its own: two may share a process."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class RequestMetrics:
    """Requests of one node by bounded labels: outcome, method class, status class."""

    def __init__(self, registry: CollectorRegistry, node: str) -> None:
        self.registry = registry
        self._requests = Counter(
            "pixeledge_requests_total", "Requests answered", ("node", "outcome", "status"), registry=registry
        )
        self._bytes = Counter("pixeledge_sent_bytes_total", "Body bytes sent", ("node",), registry=registry)
        self._seconds = Histogram(
            "pixeledge_request_seconds",
            "Time from head to last byte",
            ("node", "outcome"),
            buckets=SECONDS,
            registry=registry,
        )
        self._in_flight = Gauge("pixeledge_in_flight", "Requests running", ("node",), registry=registry)
        self._node = node
        self._sent = self._bytes.labels(node)
        self._known: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def answered(self, outcome: str, status: int, sent_bytes: int, seconds: float) -> None:
        """One request has ended."""
        known = self._known.get((outcome, status // 100))
        if known is None:
            requests = self._requests.labels(self._node, outcome, f"{status // 100}xx")
            known = requests, self._seconds.labels(self._node, outcome)
            self._known[outcome, status // 100] = known
        known[0].inc()
        self._sent.inc(sent_bytes)
        known[1].observe(seconds)

    def running(self, count: int) -> None:
        """How many run now."""
        self._in_flight.labels(self._node).set(count)
