"""The figures of several workers as those of one node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

SHARED = frozenset({"disk_bytes", "disk_limit", "entries", "uptime_seconds"})
"""What is of the one disk tier, or the same for all: the largest is the latest that is known."""
HISTOGRAMS = frozenset({"counts"})
"""Lists of numbers that are added up one by one."""
SHARED_METRICS = frozenset({"pixeledge_cache_disk_bytes", "pixeledge_cache_entries"})


def merged_status(statuses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One `/status` of many: numbers added up, what is not a number as the first says it."""
    told: dict[str, Any] = {}
    for name in dict.fromkeys(name for status in statuses for name in status):
        values = [status[name] for status in statuses if name in status]
        first = values[0]
        if isinstance(first, Mapping):
            told[name] = merged_status(values)
        elif name in HISTOGRAMS:
            told[name] = [sum(counts) for counts in zip(*values, strict=True)]
        elif isinstance(first, bool) or not isinstance(first, int | float):
            told[name] = first
        else:
            told[name] = max(values) if name in SHARED and _have_disk(statuses) else sum(values)
    return told


def _have_disk(statuses: Sequence[Mapping[str, Any]]) -> bool:
    """Without a disk tier each worker's entries are its own."""
    return all(status.get("disk_limit", 1) for status in statuses)


def merged_metrics(texts: Iterable[str], *, has_disk: bool) -> bytes:
    """One `/metrics` of many, sample by sample."""
    families: dict[str, Metric] = {}
    sums: dict[tuple[str, str, tuple[tuple[str, str], ...]], float] = {}
    for text in texts:
        for family in text_string_to_metric_families(text):
            families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                place = (family.name, sample.name, tuple(sample.labels.items()))
                known = sums.get(place, 0.0)
                is_shared = has_disk and sample.name in SHARED_METRICS
                sums[place] = max(known, sample.value) if is_shared else known + sample.value
    for (name, sample_name, labels), value in sums.items():
        families[name].add_sample(sample_name, dict(labels), value)
    registry = CollectorRegistry()
    registry.register(_Ready(families.values()))
    return generate_latest(registry)


class _Ready(Collector):
    """Metrics that are there already."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = tuple(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics
