"""sim.traffic.logs: access logs of every form, held to those who write them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from string import ascii_letters, digits

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.control.access_log import as_combined, as_json
from edge.control.lines import Asked, Line
from edge.core.outcome import Outcome, Verdict
from edge.personality.akamai.log import datastream
from edge.personality.akamai.settings import Property
from edge.personality.cloudfront.log import standard
from edge.personality.cloudfront.settings import Distribution
from edge.personality.geography import Geography
from sim.traffic.logs import read_log
from sim.traffic.recordings import Spread, replay
from sim.traffic.regions import Viewers
from sim.traffic.written import RecordingError

SPREAD = Spread(1, {"here": Viewers(1)})
AT = 1_790_000_000.0
CLOUDFRONT, AKAMAI = standard(Distribution(), "fra"), datastream(Property(), Geography.of({}))
FORMS: dict[str, Callable[[Line], str]] = {
    "json": lambda line: as_json(line, "n", "p"),
    "combined": lambda line: as_combined(line, "n", "p"),
    "cloudfront": lambda line: CLOUDFRONT.preamble + CLOUDFRONT.written(line, "n", "p"),
    "akamai": lambda line: AKAMAI.written(line, "n", "p"),
}
TARGETS = st.from_regex(r"/[a-zA-Z0-9,:_./-]{0,20}(\?[a-z]=[a-zA-Z0-9%*&=]{1,9})?", fullmatch=True)


def line(target: str, method: str = "GET", size: int = 321) -> Line:
    outcome = Outcome(Verdict.HIT, 200, "", "fra; hit", started_at=AT, answered_at=AT)
    return Line(Asked("127.3.0.1", method, target, "1.1", "host"), outcome, size, AT, answer_bytes=size)


@given(form=st.sampled_from(sorted(FORMS)), target=TARGETS, size=st.integers(0, 10**9))
def test_what_an_edge_wrote_is_read_again(form: str, target: str, size: int) -> None:
    """Target, second and bytes, whoever the edge plays; what is no GET or HEAD is left out."""
    written = FORMS[form](line(target, size=size)).splitlines()
    assert read_log([f"{each}\n" for each in written]) == [(AT, target, size)]
    assert len(read_log(FORMS[form](line(target, "HEAD")).splitlines())) == 1
    assert read_log(FORMS[form](line(target, "PURGE")).splitlines()) == []


@given(form=st.sampled_from(sorted(FORMS)), target=st.text(st.characters(max_codepoint=255), max_size=20))
def test_whatever_was_asked_for_may_be_asked_for_again(form: str, target: str) -> None:
    """What is read is a path that a request may name: printable, and beginning with a slash."""
    one = line("/x")
    lines = FORMS[form](evolve(one, asked=evolve(one.asked, uri=f"/{target}"))).split("\n")
    for _, found, _ in read_log(lines):
        assert found.startswith("/")
        assert set(found) <= set(ascii_letters + digits + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


@given(
    st.lists(st.text(max_size=60) | st.sampled_from(["#Fields: date time", "{}", "[1]", '{"reqTimeSec": 1}']))
)
def test_rubbish_is_no_access(lines: list[str]) -> None:
    assert read_log(lines) == []


def test_a_proxys_log_names_sites_and_what_is_no_path_is_left_out() -> None:
    def asked(target: str) -> str:
        return f'1.2.3.4 - - [29/Nov/2026:10:00:02 +0000] "GET {target} HTTP/1.1" 200 5'

    found = read_log(
        [asked("http://site/a?b"), asked("HTTPS://site"), asked("*"), asked("x"), asked("/a\\x22")]
    )
    assert [target for _, target, _ in found] == ["/a?b", "/", "/a%22"]


@pytest.mark.parametrize("at", ["1e400", "NaN", "-5", "1e20", '"soon"', "null"])
def test_a_time_that_is_none_is_left_out(at: str) -> None:
    assert read_log([f'{{"time": {at}, "method": "GET", "uri": "/x", "bytes": 3}}']) == []


def test_a_packed_log_is_read_and_one_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    """As edges put away the hours that are over."""
    packed = gzip.compress("\n".join(FORMS["json"](line(f"/{nth}")) for nth in range(200)).encode())
    whole, cut, broken = (tmp_path / name for name in ("whole.gz", "cut.gz", "broken"))
    whole.write_bytes(packed)
    cut.write_bytes(packed[: len(packed) // 2])
    broken.write_bytes(packed[:20] + b"rubbish" + packed[27:])
    assert [record.path for record in replay(str(whole), SPREAD)] == [f"/{nth}" for nth in range(200)]
    for file in (cut, broken):
        with pytest.raises(RecordingError, match="a gzip file that is cut short, or broken"):
            replay(str(file), SPREAD)
