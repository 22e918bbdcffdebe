"""What may be asked of Fast Purge, whose it is, and how fast (cdn-vendors §12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edge.control.purge import Purge
from edge.core.policy import Policy
from edge.vendors.akamai.problems import Problem
from edge.vendors.akamai.rates import Meter, Rate, Rates
from edge.vendors.akamai.wanted import Owned, Wanted

OURS = (Owned(12345, ("ours.test", "edge.test:8080")), Owned(777, ("more.test",)))


def wanted(path: str, told: Any, method: str = "POST", kind: str = "application/json") -> Wanted:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return Wanted.parse(method, f"/ccu/v3/{path}", kind, body)


def refusal(path: str, told: Any, **how: str) -> tuple[int, str]:
    with pytest.raises(Problem) as refused:
        wanted(path, told, **how).check(OURS)
    return refused.value.http_status, refused.value.title


def test_by_url() -> None:
    both = wanted("delete/url", {"hostname": "ours.test", "objects": ["/a.jpg?w=1"]})
    both.check(OURS)
    assert both.network == "production"
    assert both.purge() == Purge(urls=("http://ours.test/a.jpg?w=1", "https://ours.test/a.jpg?w=1"))
    one = wanted("invalidate/url/staging", {"objects": ["https://edge.test:8080/a"]})
    one.check(OURS)
    assert (one.network, one.purge()) == ("staging", Purge(urls=("https://edge.test:8080/a",), soft=True))
    assert [one.concerns(each) for each in OURS] == [True, False]


@pytest.mark.parametrize(
    "url",
    [
        *("http://[x/a", "http://ours.test:x@theirs.test/a", "http://ours.test@theirs.test/a"),
        *("http://ours.test\u2100/a", "http:///a", "http://ours.test/a#b", "ftp://ours.test/a"),
        *("http://ours.test:0/a", "http://ours.test:99999/a", "http://ours.test:65536/a"),
        *("http://ours.test/a\n", "http://ours.test/a\nb", "http://ours.test/a b", "http://ours.test/\u00e4"),
    ],
)
def test_what_is_no_url_of_a_host(url: str) -> None:
    """Nobody's name before an `@` makes a URL one's own, and no edge knows what is not written as URLs are."""
    assert refusal("invalidate/url", {"objects": [url]}) == (400, "bad URL")


@pytest.mark.parametrize("hostname", ["ours.test:0", "ours.test:99999", "ours.test\n", ""])
def test_what_is_no_host(hostname: str) -> None:
    told = {"hostname": hostname, "objects": ["/a"]}
    assert refusal("invalidate/url", told) == (400, "bad URL hostname")


@pytest.mark.parametrize("path", ["a", "/a\n", "/a b", "/a#b", ".theirs.test/a", "@theirs.test/a"])
def test_what_is_no_path_of_a_host(path: str) -> None:
    told = {"hostname": "ours.test", "objects": [path]}
    assert refusal("invalidate/url", told) == (400, "bad URL")


def test_a_host_and_a_scheme_are_the_same_in_any_letters() -> None:
    told = wanted("delete/url", {"objects": ["HTTPS://CDN.ours.test/a"]})
    told.check((Owned(1, ("cdn.Ours.test",)),))
    assert told.purge().names(Policy()) == (("https://cdn.ours.test/a",), ())


def test_by_tag_and_by_cp_code() -> None:
    assert wanted("invalidate/tag", {"objects": ["album-7"]}).purge() == Purge(keys=("album-7",), soft=True)
    code = wanted("delete/cpcode", {"objects": [777]})
    code.check(OURS)
    assert code.purge() == Purge(everything=True)
    assert [code.concerns(each) for each in OURS] == [False, True]


@pytest.mark.parametrize(
    ("path", "told", "refused"),
    [
        ("forget/url", {}, (404, "Not Found")),
        ("delete/url/moon", {}, (404, "Not Found")),
        ("delete/url/", {}, (404, "Not Found")),
        ("delete/url", b"{", (400, "bad request")),
        ("delete/url", [], (400, "bad request")),
        ("delete/url", {"objects": []}, (400, "bad request")),
        ("delete/url", {"objects": ["http://ours.test/a"], "more": 1}, (400, "bad request")),
        ("delete/url", {"objects": ["/a"]}, (400, "bad URL")),
        ("delete/url", {"objects": [7]}, (400, "bad URL")),
        ("delete/url", {"objects": ["http://ours.test/\ud800"]}, (400, "bad URL")),
        ("delete/url", {"hostname": "ours.test", "objects": ["/\ud800"]}, (400, "bad URL")),
        ("delete/url", {"hostname": "http://x", "objects": ["/a"]}, (400, "bad URL hostname")),
        (
            "delete/url",
            {"objects": ["http://ours.test/a", "http://theirs.test/a"]},
            (403, "unauthorized arl"),
        ),
        ("delete/cpcode", {"objects": ["12345"]}, (400, "bad request")),
        ("delete/cpcode", {"objects": [True]}, (400, "bad request")),
        ("delete/cpcode", {"objects": [1]}, (403, "unauthorized cpcode")),
        ("delete/tag", {"objects": ["album:7"]}, (400, "bad request")),
        ("delete/tag", {"objects": ["a"], "hostname": "h"}, (400, "bad request")),
        ("delete/url", b'{"objects":["' + b"x" * 50_000 + b'"]}', (413, "Request Entity Too Large")),
    ],
)
def test_refusals(path: str, told: Any, refused: tuple[int, str]) -> None:
    assert refusal(path, told) == refused


def test_a_purge_is_posted_as_json() -> None:
    assert refusal("delete/url", {"objects": ["x"]}, method="GET")[0] == 405
    assert refusal("delete/url", {"objects": ["x"]}, kind="text/plain")[0] == 415


def test_a_denied_request_takes_nothing() -> None:
    meter = Meter(Rates(requests=Rate(2, 1), tag=Rate(5, 1)))
    meter.take("tag", 3, 0.0)
    with pytest.raises(Problem) as refused:
        meter.take("tag", 3, 0.0)
    assert (refused.value.http_status, refused.value.title) == (429, "TAG Rate Limit exceeded")
    assert refused.value.more == {
        "rateLimit": 5,
        "rateLimitCurrentRequestSize": 3,
        "rateLimitRemaining": 2,
    }
    meter.take("tag", 2, 0.0)
    with pytest.raises(Problem, match="later"):
        meter.take("url", 1, 0.0)
    meter.take("url", 1, 1.0)
    assert dict(meter.headers("url", 1.0)) == {
        "X-RateLimit-Limit": "2",
        "X-RateLimit-Limit-Per-Second": "1",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Limit-Objects": "10000",
        "X-RateLimit-Limit-Per-Second-Objects": "200",
        "X-RateLimit-Remaining-Objects": "9999",
    }
