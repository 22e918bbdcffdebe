"""Lines that people and tools read, whatever viewers send."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.control.access_log import AccessLog, Format, as_combined, as_json
from edge.control.lines import Asked, Line
from edge.core.outcome import Outcome, Verdict
from edge.personality.akamai.settings import Property, VerifyToken
from edge.personality.logged import manner_of
from edge.settings import Settings
from wire.http.fields import Fields
from wire.tokens.edgeauth import Lock

COMBINED = re.compile(
    r'(\S+) - - \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000)\] "([^"\n]*)" (\d{3}) (\d+|-) "([^"\n]*)" '
    r'"([^"\n]*)" ([A-Z]+) (\S+) (\d+\.\d{6})'
)
ANY = st.text(st.characters(max_codepoint=255), max_size=40)


def line(**asked: str) -> Line:
    told: dict[str, Any] = {
        "viewer": "127.0.0.9",
        "method": "GET",
        "uri": "/a.png?x=1",
        "version": "1.1",
    } | asked
    outcome = Outcome(Verdict.HIT, 200, "", "fra; hit; ttl=5", started_at=1.5, answered_at=1.625)
    return Line(Asked(**told), outcome, 1234, 2.0)


def test_the_combined_format_is_what_log_readers_expect() -> None:
    """And behind it what only a cache has to tell."""
    written = as_combined(line(referer="http://site/", user_agent="curl/8"), "fra-1", "fra")
    assert written == (
        '127.0.0.9 - - [01/Jan/1970:00:00:01 +0000] "GET /a.png?x=1 HTTP/1.1" 200 1234 "http://site/" "curl/8" '
        "HIT fra 0.500000"
    )


def test_json_tells_node_place_outcome_and_times() -> None:
    told = json.loads(as_json(line(host="site"), "fra-1", "fra"))
    assert (told["node"], told["pop"], told["cache"], told["host"]) == ("fra-1", "fra", "HIT", "site")
    assert (told["seconds"], told["first_byte_seconds"], told["bytes"]) == (0.5, 0.125, 1234)
    assert told["cache_status"] == "fra; hit; ttl=5"


def test_a_token_is_not_written_down() -> None:
    """Who reads it is let in as its holder, until it expires (cdn-vendors.md §8): of the URL, and of the page's that
    was left."""
    hush = "__cld_token__=exp=9~acl=%2f*~hmac=abc"
    one = line(uri=f"/a?x=1&{hush}&y=2", referer=f"http://site/?{hush}")
    told = json.loads(as_json(one, "n", "p"))
    shown = ("/a?x=1&__cld_token__=…&y=2", "http://site/?__cld_token__=…")
    assert (told["uri"], told["referer"]) == shown
    written = as_combined(one, "n", "p")
    assert f'"GET {shown[0]} HTTP/1.1"' in written
    assert f'"{shown[1]}"' in written
    last = line(uri=f"/a?{hush}")
    assert '"GET /a?__cld_token__=… HTTP/1.1"' in as_combined(last, "n", "p")
    assert "hush" not in as_json(line(uri="/a?Policy=hush"), "n", "p", {"Policy"})


@pytest.mark.parametrize("form", ["json", "combined"])
@pytest.mark.parametrize(
    ("played", "secret"), [("plain", "__cld_token__"), ("cloudfront", "Signature"), ("akamai", "hdnts")]
)
def test_whoever_is_played_his_tokens_are_secret_in_any_format(
    form: Format, played: Literal["plain", "cloudfront", "akamai"], secret: str
) -> None:
    told = Settings(
        name="n", upstreams=("http://h",), personality=played, access_log_format=form,
        akamai=Property(tokens=(VerifyToken(Lock("00112233" * 2), name="hdnts"),)),
    )  # fmt: skip
    written = manner_of(told).written(line(uri=f"/a?{secret}=hush&b=1"), "n", "p")
    assert f"/a?{secret}=…&b=1" in written
    assert "hush" not in written


@given(ANY, ANY, ANY)
def test_nothing_a_viewer_sends_breaks_a_line(uri: str, referer: str, agent: str) -> None:
    """No field is ended early, no line begun that nobody asked for."""
    one = line(uri=uri, referer=referer, user_agent=agent)
    assert COMBINED.fullmatch(as_combined(one, "n", "p"))
    written = as_json(one, "n", "p")
    assert "\n" not in written
    told = json.loads(written)
    assert (told["uri"], told["referer"], told["user_agent"]) == (uri, referer, agent)


def test_a_head_tells_the_same_parsed_and_as_bytes() -> None:
    """Whoever answered, the core or the express lane."""
    raw = b"GET /a HTTP/1.1\r\nHost: site\r\nUser-Agent: x y\r\nReferer:  http://r \r\n\r\n"
    fields = Fields([("Host", "site"), ("User-Agent", "x y"), ("Referer", "http://r")])
    assert Asked.of_bytes("::1", raw) == Asked.of("::1", "GET", "/a", "1.1", fields)


def test_a_log_that_is_moved_away_is_begun_anew(tmp_path: Path) -> None:
    """As logrotate does it: nothing is lost, nothing needs a signal."""
    path = tmp_path / "access.log"
    form: Format = "combined"
    log = AccessLog(path, "fra-1", "fra", form)
    log.write(line(uri="/one"))
    log.flush()
    path.rename(tmp_path / "access.log.1")
    log.write(line(uri="/two"))
    log.flush()
    log.write(line(uri="/three"))
    log.close()
    assert [text.split('"')[1] for text in (tmp_path / "access.log.1").read_text().splitlines()] == [
        "GET /one HTTP/1.1",
        "GET /two HTTP/1.1",
    ]
    assert path.read_text().count("/three") == 1


def test_a_log_whose_folder_is_gone_costs_no_request(tmp_path: Path) -> None:
    """Where no new file can be begun the old one takes the lines; with the folder back, a new one is."""
    folder, moved = tmp_path / "logs", tmp_path / "moved"
    log = AccessLog(folder / "access.log", "fra-1", "fra")
    folder.rename(moved)
    for name in ("/one", "/two"):
        log.write(line(uri=name))
        log.flush()
    folder.mkdir()
    log.flush()
    log.write(line(uri="/three"))
    log.close()
    assert [json.loads(text)["uri"] for text in (moved / "access.log").read_text().splitlines()] == [
        "/one",
        "/two",
    ]
    assert json.loads((folder / "access.log").read_text())["uri"] == "/three"
