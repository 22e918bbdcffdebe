"""Many workers' figures as one node's."""

from edge.workers.figures import merged_metrics, merged_status

ONE = """# HELP pixeledge_requests_total Requests answered
# TYPE pixeledge_requests_total counter
pixeledge_requests_total{node="fra",outcome="HIT",status="2xx"} 7.0
# HELP pixeledge_request_seconds Time
# TYPE pixeledge_request_seconds histogram
pixeledge_request_seconds_bucket{le="0.1",node="fra"} 5.0
pixeledge_request_seconds_bucket{le="+Inf",node="fra"} 7.0
pixeledge_request_seconds_count{node="fra"} 7.0
pixeledge_request_seconds_sum{node="fra"} 1.5
# HELP pixeledge_cache_disk_bytes cache disk bytes
# TYPE pixeledge_cache_disk_bytes gauge
pixeledge_cache_disk_bytes{node="fra"} 4000.0
"""
OTHER = ONE.replace("7.0", "3.0").replace('outcome="HIT"', 'outcome="MISS"').replace("4000.0", "4500.0")


def test_counts_add_up_and_what_is_shared_is_counted_once() -> None:
    """Two workers of one disk: its bytes are not twice as many; without a disk each has its own entries."""
    first = {
        "name": "fra",
        "requests": 3,
        "cache": {"hot_bytes": 5, "disk_bytes": 9, "disk_limit": 90, "entries": 4},
    }
    second = {
        "name": "fra",
        "requests": 4,
        "cache": {"hot_bytes": 6, "disk_bytes": 8, "disk_limit": 90, "entries": 3},
    }
    cache = {"hot_bytes": 11, "disk_bytes": 9, "disk_limit": 90, "entries": 4}
    assert merged_status([first, second]) == {"name": "fra", "requests": 7, "cache": cache}
    assert merged_status([{"entries": 4, "disk_limit": 0}, {"entries": 3, "disk_limit": 0}])["entries"] == 7
    assert merged_status([]) == {}


def test_histograms_add_up_slot_by_slot() -> None:
    """How long requests took is told of all workers; the bounds are the same for each."""
    first, second = (
        {"latency": {"bounds": [0.1, 1.0], "counts": counts}} for counts in ([1, 2, 0], [4, 0, 3])
    )
    assert merged_status([first, second]) == {"latency": {"bounds": [0.1, 1.0], "counts": [5, 2, 3]}}


def test_metrics_add_up_sample_by_sample() -> None:
    """Labels that only one of them has, and histograms, included; the text is Prometheus' own."""
    text = merged_metrics([ONE, OTHER], has_disk=True).decode()
    lines = text.splitlines()
    assert 'pixeledge_requests_total{node="fra",outcome="HIT",status="2xx"} 7.0' in lines
    assert 'pixeledge_requests_total{node="fra",outcome="MISS",status="2xx"} 3.0' in lines
    assert 'pixeledge_request_seconds_bucket{le="0.1",node="fra"} 10.0' in lines
    assert 'pixeledge_request_seconds_count{node="fra"} 10.0' in lines
    assert 'pixeledge_request_seconds_sum{node="fra"} 3.0' in lines
    assert 'pixeledge_cache_disk_bytes{node="fra"} 4500.0' in lines
    assert lines.count("# TYPE pixeledge_requests_total counter") == 1
    assert (
        'pixeledge_cache_disk_bytes{node="fra"} 8500.0'
        in merged_metrics([ONE, OTHER], has_disk=False).decode()
    )
