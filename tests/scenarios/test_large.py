"""A large body: it streams through with flat memory, is cached on disk, and its ranges are served as it arrives."""

from __future__ import annotations

from pathlib import Path

from bench.large import MIB, run


def test_a_large_body_costs_no_memory(tmp_path: Path) -> None:
    """64 MiB to two viewers, one of whom takes nothing until the end, and once more from the disk: a fraction of it
    in memory, one request upstream, and every byte right (sheet 11.6, 22.5)."""
    report = run(64 * MIB, tmp_path)
    assert report.ranges_while_arriving == 3
    assert report.stored
    assert report.upstream_requests == 1
    assert report.peak_bytes - report.idle_bytes < 24 * MIB
