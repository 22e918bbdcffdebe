"""sim.traffic.recordings: logs and traces as records."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from sim.traffic.generate import generate
from sim.traffic.logs import read_log
from sim.traffic.record import Kind
from sim.traffic.recordings import Spread, replay, shipped
from sim.traffic.regions import Viewers
from sim.traffic.workload import Workload
from sim.traffic.written import RecordingError, write

SPREAD = Spread(1, {"here": Viewers(3), "there": Viewers(1)})
COMBINED = [
    '10.0.0.1 - - [29/Nov/2026:10:00:02 +0000] "GET /b.jpg?w=1 HTTP/1.1" 200 512 "-" "curl/8" HIT fra 0.001',
    '10.0.0.1 - - [29/Nov/2026:10:00:00 +0000] "GET /a.jpg HTTP/1.1" 304 - "-" "curl/8"',
    '10.0.0.1 - - [29/Nov/2026:10:00:01 +0000] "POST /upload HTTP/1.1" 200 5 "-" "curl/8"',
    "what is this",
    '10.0.0.1 - - [99/Nov/2026:10:00:01 +0000] "GET /never HTTP/1.1" 200 5 "-" "-"',
]


@pytest.mark.parametrize(
    ("name", "requests", "objects"),
    [
        ("web07", 76_118, 20_484),
        ("web12", 95_607, 13_756),
        ("web-objects", 66_987, 36_815),
        ("blocks", 113_872, 48_974),
    ],
)
def test_the_traces_of_the_package_are_whole(name: str, requests: int, objects: int) -> None:
    accesses = shipped(name)
    assert len(accesses) == requests
    assert len({wanted for _, wanted, _ in accesses}) == objects


def test_a_combined_log_keeps_its_times_and_targets() -> None:
    first, second = read_log(COMBINED)
    assert (first[1], second[1]) == ("/a.jpg", "/b.jpg?w=1")
    assert second[0] is not None
    assert first[0] is not None
    assert second[0] - first[0] == 2.0
    assert (first[2], second[2]) == (0, 512)


def test_json_lines_of_an_edge_are_read(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    lines = [
        {"time": 100.5, "method": "GET", "uri": "/demo/x.jpg", "bytes": 9},
        {"time": 100.0, "method": "HEAD", "uri": "/demo/y.jpg", "bytes": 0},
        {"time": 100.2, "method": "PURGE", "uri": "/demo/y.jpg", "bytes": 0},
    ]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines) + "{broken\n")
    records = list(replay(str(log), SPREAD))
    assert [(record.path, record.time_us) for record in records] == [
        ("/demo/y.jpg", 0),
        ("/demo/x.jpg", 500_000),
    ]


def test_a_recording_is_stretched_to_the_length_asked_for() -> None:
    records = list(replay("web07", Spread(1, SPREAD.regions, 60.0, most=500)))
    assert len(records) == 500
    assert records[-1].time_us == pytest.approx(60e6, rel=0.01)
    assert all(one.time_us <= other.time_us for one, other in pairwise(records))
    shares = Counter(record.region for record in records)
    assert shares["here"] == pytest.approx(375, abs=40)
    keys = {record.key for record in records}
    assert len(keys) == len({wanted for _, wanted, _ in shipped("web07")[:500]})


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    records = [record for record, _ in zip(generate(Workload()), range(50), strict=False)]
    path = tmp_path / "trace.jsonl"
    path.write_text("".join(write(records)))
    assert list(replay(str(path), SPREAD)) == records
    some = list(replay(str(path), Spread(1, SPREAD.regions, 10.0, most=20)))
    assert [record.key for record in some] == [record.key for record in records[:20]]
    assert some[-1].time_us == pytest.approx(10e6, abs=10)
    assert any(record.kind is Kind.VIEW for record in records)


def told(**changes: object) -> str:
    return json.dumps({"time_us": 1, "region": "here", "kind": "view", "asset": 1, **changes}) + "\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no GET or HEAD in it"),
        ("hello\n", "no GET or HEAD in it"),
        ('{"time_us": 1, "colour": "red"}\n', "trace:1: not a record of a trace"),
        (told(time_us=-1), "trace:1: not a record of a trace: time_us and width are not below 0"),
        (told(asset="x"), "asset must be a whole number, not 'x'"),
        (told(width=1.5), "width must be a whole number, not 1.5"),
        (told(region="a\r\nb"), "region must be printable ASCII"),
        (told(path="http://else/"), "path must begin with a slash"),
        (told(query="?a b"), "query must be printable ASCII"),
    ],
)
def test_what_cannot_be_replayed_says_why(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "trace"
    path.write_text(content)
    with pytest.raises(RecordingError, match=said):
        list(replay(str(path), SPREAD))


def test_an_unknown_name_tells_those_there_are() -> None:
    with pytest.raises(RecordingError, match=r"mars: no such file, and none of web07"):
        replay("mars", SPREAD)
