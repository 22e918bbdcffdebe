"""Cache behaviours by path, and what of a request goes into the key and to the origin (cdn-vendors §4.2, §6, §9)."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.control.purge import Purge, carry_out
from edge.core.policy import KeyPolicy
from edge.personality.cloudfront.behavior import CacheBehavior, OriginRequest, PathBehavior, Ttl
from edge.personality.cloudfront.settings import Distribution, ErrorPage
from edge.personality.cloudfront.treatments import Treatments
from edge.settings import Settings
from tests.edge.personality.cloudfront.test_access import an_edge
from tests.support.edge_node import get, running_edge
from tests.support.scripted_origin import reply
from tests.support.viewer import answer_of, ask, connect
from wire.document import Document, structure

PATTERNS = ("/media/*.jpg", "media/*", "/a?c", "*.css")


def told(*behaviors: PathBehavior, **more: Any) -> Distribution:
    return Distribution(behaviors=behaviors, **more)


def at(pattern: str, **more: Any) -> PathBehavior:
    return PathBehavior(path_pattern=pattern, **more)


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/media/x.jpg", "/media/*.jpg"),
        ("/media/d/x.jpg", "/media/*.jpg"),
        ("/media/x.png", "media/*"),
        ("/Media/x.jpg", None),
        ("/abc", "/a?c"),
        ("/a/c", "/a?c"),
        ("/ac", None),
        ("/x/y.css", "*.css"),
        ("/media/y.css", "media/*"),
    ],
)
def test_the_first_pattern_that_fits_decides(path: str, pattern: str | None) -> None:
    """In the order that is written; with case; a slash in front or none."""
    distribution = told(*map(at, PATTERNS))
    found = Treatments.of(distribution).at(path).behavior
    assert found == (distribution if pattern is None else at(pattern))


@given(st.permutations(PATTERNS), st.text("/amedi.jpgcsx", max_size=12))
def test_no_behavior_behind_the_one_that_decides_matters(patterns: list[str], rest: str) -> None:
    """Whatever stands behind the first that fits, it is the one."""
    path = f"/{rest}"
    whole = Treatments.of(told(*map(at, patterns))).at(path).behavior
    if isinstance(whole, PathBehavior):
        upto = patterns[: patterns.index(whole.path_pattern) + 1]
        assert Treatments.of(told(*map(at, upto))).at(path).behavior == whole
        assert isinstance(Treatments.of(told(*map(at, upto[:-1]))).at(path).behavior, Distribution)


@pytest.mark.parametrize(
    ("distribution", "sentence"),
    [
        ({"behaviors": [{"path_pattern": "/a"}, {"path_pattern": "/a"}]}, 'the path pattern "/a"'),
        ({"behaviors": [{"path_pattern": "/*"}]}, "the distribution's own"),
        ({"behaviors": [{"path_pattern": "/a b"}]}, "1 to 255 letters"),
        ({"behaviors": [{}]}, "path_pattern"),
        ({"behaviors": [{"path_pattern": f"/{n}"} for n in range(76)]}, "75"),
        ({"behaviors": [{"path_pattern": "/a", "trusted_key_groups": ["g"]}]}, "unknown key groups: g"),
        ({"trusted_key_groups": ["g"]}, "unknown key groups: g"),
        ({"trusted_key_groups": list("abcde")}, "4"),
        ({"key_groups": {str(n): [] for n in range(11)}}, "10"),
        ({"key_groups": {"g": list("abcdef")}}, "5"),
        ({"headers": [f"H{n}" for n in range(11)]}, "10 at most"),
        ({"behaviors": [{"path_pattern": "/a", "cookies": ["c" * 1025]}]}, "1025 letters"),
        ({"behaviors": [{"path_pattern": "/a", "cookie_rule": "some"}]}, "cookie_rule"),
        ({"origin_request": {"query": "some"}}, "query"),
        ({"methods": "read", "cached_methods": "read-options"}, "'cached_methods' are among 'methods'"),
        ({"cached_methods": "all"}, "cached_methods"),
    ],
)
def test_what_makes_no_sense_is_said(distribution: dict[str, Any], sentence: str) -> None:
    """§2.4, §4.2, §9: at start, and by `pixeledge check`."""
    plain = {"upstreams": ["http://127.0.0.1:1"], "cloudfront": distribution}
    _, problems = structure(Document(plain, {}), Settings)
    assert sentence in "\n".join(f"{each.where}: {each.message}" for each in problems)


@pytest_twisted.ensureDeferred
async def test_lifetimes_and_queries_go_by_path() -> None:
    distribution = told(
        at("/fixed/*", ttl=Ttl(100, 200, 300), query="only", parameters=("v",)),
        at("/live/*", cache_policy="CachingDisabled", query="all"),
    )
    async with an_edge(distribution) as (edge, origin):
        for path in ("/fixed/x", "/live/x", "/x"):
            origin.on(path, reply(b"x", Cache_Control="no-store"))
        caches = {
            path: [(await get(edge, f"{path}?v=1&w={n}")).cache.partition(" ")[0] for n in range(2)]
            for path in ("/fixed/x", "/live/x", "/x")
        }
        assert caches == {"/fixed/x": ["Miss", "Hit"], "/live/x": ["Miss"] * 2, "/x": ["Miss"] * 2}
        assert [asked.target for asked in origin.requests] == [
            *("/fixed/x?v=1", "/live/x?v=1&w=0", "/live/x?v=1&w=1", "/x", "/x")
        ]
        assert edge.machinery is not None
        for url in ("/fixed/x?v=1&w=9", "http://a.test/fixed/x?w=2&v=1"):
            await get(edge, "/fixed/x?v=1", Host="a.test")
            await carry_out(Purge(urls=(url,)), edge.machinery)
            assert (await get(edge, "/fixed/x?v=1", Host="a.test")).cache == "Miss from cloudfront"


@pytest_twisted.ensureDeferred
async def test_methods_protocol_and_compression_go_by_path() -> None:
    distribution = told(
        at("/read/*", methods="read"),
        at("/tls/*", protocol="redirect-to-https"),
        at("/small/*", compress=True),
        at("/as-it-is/*", compress=True, cache_policy="CachingOptimizedForUncompressedObjects"),
    )
    text = b"long enough to be worth it " * 100
    async with an_edge(distribution) as (edge, origin):
        for path in ("/read/x", "/small/x", "/as-it-is/x", "/x"):
            origin.on(path, reply(text, Cache_Control="max-age=60", Content_Type="text/plain"))
        assert (await ask(edge.port, "/read/x", "DELETE")).status == 403
        assert (await ask(edge.port, "/x", "DELETE")).status == 200
        moved = await get(edge, "/tls/x", Host="a.test")
        assert (moved.status, moved.get("Location")) == (301, "https://a.test/tls/x")
        coded = await get(edge, "/small/x", Accept_Encoding="gzip")
        assert gzip.decompress(coded.body) == text
        old = await connect(edge.port)  # §6.3
        old.send(b"GET /small/x HTTP/1.0\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
        await old.ended
        assert answer_of(bytes(old.received)).body == text
        for path in ("/as-it-is/x", "/x"):
            assert (await get(edge, path, Accept_Encoding="gzip")).body == text


@pytest_twisted.ensureDeferred
async def test_answers_to_options_are_kept_where_that_is_switched_on() -> None:
    """§6.2, §3.3: by method and by what is in the key, without the viewer's credentials; a purge of the URL reaches
    them."""
    kept = at("/kept/*", cached_methods="read-options", headers=("Origin",))
    async with an_edge(told(kept, at("/read/*", methods="read-options"))) as (edge, origin):
        for path in ("/kept/x", "/read/x"):
            origin.on(path, reply(b"x", Allow="GET"))

        async def options(path: str, whose: str) -> tuple[str, str]:
            answer = await ask(edge.port, path, "OPTIONS", Origin=whose, Authorization="Basic eDp5")
            return answer.cache.partition(" ")[0], answer.get("Allow")

        answers = [await options("/kept/x", whose) for whose in "aab"]
        assert answers == [("Miss", "GET"), ("Hit", "GET"), ("Miss", "GET")]
        assert [await options("/read/x", "a") for _ in range(2)] == [("Miss", "GET")] * 2
        assert (await get(edge, "/kept/x", Origin="a")).cache == "Miss from cloudfront"
        told_of = [asked.get("Authorization") for asked in origin.requests]
        assert told_of == [None, None, "Basic eDp5", "Basic eDp5", None]
        assert edge.machinery is not None
        await carry_out(Purge(urls=("/kept/x",)), edge.machinery)
        assert await options("/kept/x", "a") == ("Miss", "GET")


@pytest_twisted.ensureDeferred
async def test_a_failure_is_held_where_errors_are() -> None:
    """§4.5: not under CachingDisabled, of whichever path."""
    async with an_edge(told(at("/live/*", cache_policy="CachingDisabled"))) as (edge, origin):
        for path in ("/live/x", "/x"):
            origin.on(path, reply(b"", status=503))
            for _ in range(2):
                assert (await get(edge, path)).status == 503
        assert (origin.count("/live/x"), origin.count("/x")) == (2, 1)


@pytest_twisted.ensureDeferred
async def test_an_error_page_is_fetched_as_its_own_path_is() -> None:
    """§4.5: pages are the distribution's; how one is kept is the business of its path."""
    distribution = told(
        at("/pages/*", ttl=Ttl(300, 300, 300)),
        at("/live/*", cache_policy="CachingDisabled"),
        error_pages={"404": ErrorPage("/pages/gone.html", 200)},
    )
    async with an_edge(distribution) as (edge, origin):
        origin.on("/pages/gone.html", reply(b"gone", Cache_Control="no-store"))
        for n in range(2):
            answer = await get(edge, f"/live/{n}")
            assert (answer.status, answer.body) == (200, b"gone")
        assert origin.count("/pages/gone.html") == 1


@pytest.mark.parametrize(
    ("rule", "names", "sent", "cache"),
    [
        ("all", (), "a=1; b=2; c=3", "Miss"),
        ("except", ("c",), "a=1; b=2", "Hit"),
        ("only", ("a", "c*"), "a=1; c=3", "Miss"),
        ("none", ("a",), None, "Hit"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_cookies_of_the_key(rule: Any, names: tuple[str, ...], sent: str | None, cache: str) -> None:
    """§4.2: none, those that are named, all but those, all; sorted, whatever their order. `c` makes no difference
    where it is not in the key."""
    async with an_edge(Distribution(cookies=names, cookie_rule=rule)) as (edge, origin):
        origin.on("/x", reply(b"x", Cache_Control="max-age=60", Set_Cookie="s=1"))
        first = await get(edge, "/x", Cookie="c=3; a=1; b=2; CloudFront-Policy=x")
        assert (first.get("Set-Cookie") == "s=1") is (rule != "none")
        assert origin.requests[0].get("cookie") == sent
        assert (await get(edge, "/x", Cookie="b=2; a=1; c=3")).cache == "Hit from cloudfront"
        assert (await get(edge, "/x", Cookie="a=1; b=2; c=4")).cache == f"{cache} from cloudfront"


@pytest_twisted.ensureDeferred
async def test_an_origin_request_policy_passes_more_than_the_key_has() -> None:
    """§4.2: to the origin, which is asked once all the same."""
    besides = OriginRequest(
        query="except",
        parameters=("utm_*",),
        header_rule="all",
        headers=("CloudFront-Viewer-Address",),
        cookie_rule="except",
        cookies=("secret",),
    )
    distribution = Distribution(query="only", parameters=("w",), cookies=("a",), origin_request=besides)
    async with an_edge(distribution) as (edge, origin):
        origin.on("/x", reply(b"x", Cache_Control="max-age=60"))
        answers = [
            await get(
                edge,
                f"/x?w=1&utm_a=2&h={n}",
                Cookie=f"secret=1; b={n}; a=1",
                Accept_Language="de",
                Referer="r",
            )
            for n in range(2)
        ]
        assert [each.cache.partition(" ")[0] for each in answers] == ["Miss", "Hit"]
        (asked,) = origin.requests
        assert asked.target == "/x?w=1&h=0"
        names = ("cookie", "accept-language", "referer", "user-agent")
        assert [asked.get(name) for name in names[:3]] == ["a=1; b=0", "de", "r"]
        address = asked.get("cloudfront-viewer-address") or ""
        assert address.startswith("127.0.0.1:")


@pytest_twisted.ensureDeferred
async def test_an_origin_request_policy_may_keep_headers_back() -> None:
    """All but those that are named; one that is in the key goes all the same."""
    besides = OriginRequest(header_rule="except", headers=("X-Own", "Accept", "Host"))
    async with an_edge(Distribution(headers=("Accept",), origin_request=besides)) as (edge, origin):
        origin.on("/x", reply(b"x"))
        await get(edge, "/x", Host="a.test", X_Own="1", X_Other="2", Accept="image/png", Referer="r")
        (asked,) = origin.requests
        names = ("host", "x-own", "x-other", "accept", "referer")
        own = origin.url.removeprefix("http://")
        assert [asked.get(name) for name in names] == [own, None, "2", "image/png", "r"]


@pytest.mark.parametrize(
    ("policy", "is_viewers"),
    [
        ({}, False),
        ({"origin_request": OriginRequest(headers=("host",))}, True),
        ({"headers": ("Host",)}, True),
        ({"origin_request": OriginRequest(header_rule="all")}, True),
        ({"origin_request": OriginRequest(header_rule="except", headers=("X-Own",))}, True),
        ({"origin_request": OriginRequest(header_rule="except", headers=("Host",))}, False),
    ],
)
@pytest.mark.parametrize("named", ["", "origin.example"])
@pytest_twisted.ensureDeferred
async def test_the_origin_is_asked_by_its_own_name(
    policy: dict[str, Any], is_viewers: bool, named: str
) -> None:
    """§3.3: unless a policy lets the viewer's Host through; what is `host` of an edge is the origin's domain."""
    async with an_edge(told(**policy), host=named) as (edge, origin):
        for method in ("GET", "POST"):
            await ask(edge.port, "/open.jpg", method, Host="a.test")
        own = named or origin.url.removeprefix("http://")
        assert [asked.get("host") for asked in origin.requests] == ["a.test" if is_viewers else own] * 2


@pytest_twisted.ensureDeferred
async def test_a_host_that_says_which_site_is_meant_goes_on() -> None:
    """It is in the key, and what is in the key is forwarded (§4.2); a parent is asked by its origin's name."""
    key = KeyPolicy(site="main", hosts={"own.test": "acme"})
    async with an_edge(told(), key=key) as (edge, origin):
        names = {origin.url: "origin.example"}
        async with running_edge(origin.url, personality="cloudfront", key=key, upstream_hosts=names) as below:
            for node in (edge, below):
                for host in ("own.test", "a.test"):
                    await get(node, "/open.jpg", Host=host)
        own = origin.url.removeprefix("http://")
        assert [asked.get("host") for asked in origin.requests] == [
            "own.test",
            own,
            "own.test",
            "origin.example",
        ]


def test_a_shield_asks_nobody_for_a_signature_and_has_the_same_paths() -> None:
    signed = told(at("/a/*", trusted_key_groups=("g",), query="all"), key_groups={"g": ()})
    assert signed.is_signed
    assert not signed.unsigned.is_signed
    assert signed.unsigned.behaviors == (at("/a/*", query="all"),)
    assert evolve(signed, behaviors=()) == evolve(signed.unsigned, behaviors=())
    assert isinstance(signed, CacheBehavior)
