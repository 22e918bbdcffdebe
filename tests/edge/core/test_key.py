"""The cache key (sheet 2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.key import BadRequest, address_of, authority_of, key_of_url, normal_target, policy_for
from edge.core.policy import KeyPolicy, PathPolicy, Policy, QueryRule
from tests.edge.core.playbook import get
from wire.http.fields import Fields, RequestHead
from wire.tokens.glob import parts_of

PLAIN = KeyPolicy()


def key(target: str, policy: KeyPolicy = PLAIN, **fields: str) -> str:
    return address_of(get(target, **fields), policy).key


def hosted(host: str, scheme: str = "http") -> str:
    return address_of(RequestHead("GET", "/a", scheme, fields=Fields.of(Host=host)), PLAIN).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/%7euser", "/~user"),
        ("/a/../b", "/b"),
        ("/a/./b/", "/a/b/"),
        ("/a/%2e%2e/b", "/b"),
        ("/a/..", "/"),
        ("/%c3%a9", "/%C3%A9"),
    ],
)
def test_one_resource_one_key(one: str, other: str) -> None:
    """2.2: what RFC 3986 §6.2.2 makes equal."""
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/%2f", "//"),
        ("/a%20b", "/a+b"),
        ("/A", "/a"),
        ("/a", "/a?"),
        ("/a?x=1&y=2", "/a?y=2&x=1"),
        ("/a?x=1", "/a?x=2"),
        ("/account%2fx.css", "/account"),
        ("/account;x.css", "/account"),
        ("/account%3bx.css", "/account;x.css"),
        ("/a?b=/../c", "/a?b=/c"),
    ],
)
def test_other_resources_have_other_keys(one: str, other: str) -> None:
    """2.2, 22.3: nothing that an origin may tell apart is made equal."""
    assert key(one) != key(other)


def test_hosts() -> None:
    """2.1, 2.2: case and the default port do not count; the scheme does."""
    assert hosted("EX.com:80") == hosted("ex.com") == hosted("ex.com:")
    assert hosted("ex.com:8080") != hosted("ex.com")
    assert hosted("ex.com", "https") != hosted("ex.com")
    assert hosted("[::1]:80") == hosted("[::1]")


def test_an_absolute_target_wins_over_host() -> None:
    """2.4: RFC 9112 §3.2."""
    request = RequestHead("GET", "http://EX.com/a", fields=Fields.of(Host="other"))
    assert address_of(request, PLAIN).key == hosted("ex.com")
    assert address_of(RequestHead("GET", "http://ex.com", fields=Fields.of(Host="x")), PLAIN).target == "/"


@pytest.mark.parametrize(
    "request_head",
    [
        RequestHead("GET", "/a", fields=Fields([("Host", "a"), ("Host", "a")])),
        RequestHead("GET", "/a"),
        RequestHead("GET", "/a", fields=Fields.of(Host="a b")),
        RequestHead("GET", "/a", fields=Fields.of(Host="a/b")),
        RequestHead("GET", "/a", fields=Fields.of(Host="a,b c")),
        RequestHead("GET", "a", fields=Fields.of(Host="a")),
        RequestHead("GET", "/a#b", fields=Fields.of(Host="a")),
        RequestHead("GET", "/a b", fields=Fields.of(Host="a")),
        RequestHead("GET", "/a\r\nX: 1", fields=Fields.of(Host="a")),
        RequestHead("GET", "ftp://a/b", fields=Fields.of(Host="a")),
    ],
)
def test_ambiguous_targets_are_refused(request_head: RequestHead) -> None:
    """2.4, 22.1: 400, never a look-up."""
    with pytest.raises(BadRequest):
        address_of(request_head, PLAIN)


def test_the_raw_spelling_goes_upstream() -> None:
    """Signatures cover the raw text; only dot segments may not reach the origin when the key has none
    (2.2)."""
    assert address_of(get("/%7euser"), PLAIN).target == "/%7euser"
    assert address_of(get("/a/../%7euser"), PLAIN).target == "/~user"


@pytest.mark.parametrize(
    ("policy", "one", "other", "forwarded"),
    [
        (KeyPolicy(query="none"), "/a?x=1", "/a", "/a"),
        (KeyPolicy(query="only", parameters=("x",)), "/a?y=2&x=1", "/a?x=1", "/a?x=1"),
        (KeyPolicy(query="except", parameters=("utm_*",)), "/a?utm_source=m&x=1", "/a?x=1", "/a?x=1"),
        (KeyPolicy(query="except", parameters=("x",)), "/a?x=1", "/a", "/a"),
        (KeyPolicy(sort=True), "/a?y=2&x=1", "/a?x=1&y=2", "/a?y=2&x=1"),
    ],
)
def test_what_the_key_leaves_out_is_not_forwarded(
    policy: KeyPolicy, one: str, other: str, forwarded: str
) -> None:
    """2.3: or it would be an unkeyed input. Sorting leaves nothing out."""
    assert key(one, policy) == key(other, policy)
    assert address_of(get(one), policy).target == forwarded


@pytest.mark.parametrize(
    ("policy", "asked", "name", "forwarded"),
    [
        (
            KeyPolicy("only", ("x",), passed="only", passed_parameters=("y",)),
            "/a?z=1&y=2&x=3",
            "/a?x=3",
            "/a?y=2&x=3",
        ),
        (KeyPolicy("none", passed="all"), "/a?z=1&y=2", "/a", "/a?z=1&y=2"),
        (KeyPolicy("none", passed="except", passed_parameters=("utm_*",)), "/a?utm_x=1", "/a", "/a"),
        (KeyPolicy("all", passed="only"), "/%61?z=1", "/a?z=1", "/%61?z=1"),
        (KeyPolicy("none", passed="all"), "/b/../a?z=1", "/a", "/a?z=1"),
    ],
)
def test_what_is_passed_besides_is_in_no_key(
    policy: KeyPolicy, asked: str, name: str, forwarded: str
) -> None:
    """CloudFront's origin request policies (cdn-vendors 4.2)."""
    address = address_of(get(asked), policy)
    assert (address.key, address.target) == (f"http://ex.com{name}", forwarded)


@pytest.mark.parametrize(
    ("rule", "listed", "names"),
    [
        *(("all", (), "abc"), ("none", ("a",), ""), ("only", ("a", "z"), "a"), ("except", ("a",), "bc")),
        *(("only", ("*",), "abc"), ("except", ("*",), "")),
    ],
)
def test_a_rule_says_which_cookies_count(rule: QueryRule, listed: tuple[str, ...], names: str) -> None:
    """In any order; a cookie that is not there is none."""
    policy = KeyPolicy(cookies=listed, cookie_rule=rule)
    wanted = "http://ex.com/a" + "".join(f"\n={name}:1" for name in names)
    for cookies in ("a=1; b=1; c=1", "c=1;b=1;;a=1"):
        assert key("/a", policy, Cookie=cookies) == wanted
    assert key("/a", policy) == "http://ex.com/a"


@pytest.mark.parametrize(
    ("target", "decides"),
    [
        *(("/a/x", "a"), ("/a/x?y=/b/", "a"), ("/%61/x", "a"), ("/c/../a/x", "a"), ("http://h/a/x", "a")),
        *(("/a", ""), ("/b/a/x", "b"), ("http://h", ""), ("/", ""), ("http://h?/a/x", "")),
    ],
)
def test_a_path_may_have_a_policy_of_its_own(target: str, decides: str) -> None:
    """The first that fits its normal spelling, without the query; else the one for all."""
    paths = (PathPolicy(parts_of(f"/{name}/*"), Policy(node=name)) for name in ("a", "b"))
    assert policy_for(target, Policy(node="", paths=tuple(paths))).node == decides


def test_headers_and_cookies_join_the_key() -> None:
    """2.3, 2.5: only when the site says so."""
    policy = KeyPolicy(headers=("X-Tier",), cookies=("ab",))
    assert key("/a", X_Tier="1", Cookie="ab=x") != key("/a", policy, X_Tier="1", Cookie="ab=x")
    assert key("/a", policy, Cookie="z=1; ab=x") == key("/a", policy, Cookie="ab=x")
    assert key("/a", policy, X_Tier="1") != key("/a", policy, X_Tier="2")
    assert key("/a", Cookie="ab=x") == key("/a")


def test_keys_and_targets_to_the_letter() -> None:
    """2.1 to 2.3: nodes that share a policy agree on keys, and each parameter stays what it was."""
    policy = KeyPolicy(headers=("X-Tier", "X-None"), cookies=("ab", "none"))
    request = get("/a", X_Tier="1", Cookie="z=1; ab=x=y")
    address = address_of(request, policy)
    assert address.key == "http://ex.com/a\nx-tier:1\n=ab:x=y"
    assert address.base == "http://ex.com/a"
    assert key("/a", KeyPolicy(headers=("X-Tier",)), X_Tier="1") == "http://ex.com/a\nx-tier:1"
    assert key("/a?b=2&c&a=1", KeyPolicy(sort=True)) == "http://ex.com/a?a=1&b=2&c"
    assert key("/a", KeyPolicy(sort=True)) == "http://ex.com/a"
    assert key("/a?", KeyPolicy(sort=True)) == "http://ex.com/a?"
    only = KeyPolicy(query="only", parameters=("x", "utm_*"))
    assert key("/a?x=1&u=2&utm=3&utm_a=4&x=5&xx=6", only) == "http://ex.com/a?x=1&utm_a=4&x=5"
    assert key("/a", KeyPolicy(site="media")) == "media/a"


@pytest.mark.parametrize(
    ("path", "normal"),
    [("/a/./b", "/a/b"), ("/./a", "/a"), ("/../a", "/a"), ("/a/b/..", "/a/"), ("/a/.", "/a/")],
)
def test_dot_segments(path: str, normal: str) -> None:
    """2.2 (RFC 3986 §5.2.4)."""
    assert normal_target(path) == normal


def test_a_host_by_itself_is_spelled_as_keys_spell_it() -> None:
    """2.2, 20.1, 20.4: whatever the scheme, a default port is none."""
    for host in ("EX.com", "ex.com:80", "ex.com:443", "ex.com:"):
        assert authority_of(host) == "ex.com"
    assert authority_of("ex.com:8080") == "ex.com:8080"
    for wrong in ("", "a b", "a/b", "ex.com:x"):
        with pytest.raises(BadRequest):
            authority_of(wrong)


def test_a_site_is_one_whatever_the_host() -> None:
    """2.1: hosts that are aliases share their entries."""
    policy = KeyPolicy(site="media")
    request = RequestHead("GET", "/a", "https", fields=Fields.of(Host="other"))
    assert key("/a", policy) == address_of(request, policy).key == key_of_url("http://any/a", policy)


def test_purges_use_the_same_spelling() -> None:
    """20.1: the same normalisation as look-ups."""
    assert normal_target("/x/../%7ea?b") == address_of(get("/~a?b"), PLAIN).normal
    assert key_of_url("http://EX.com:80/%7ea", PLAIN) == key("/~a")


@given(st.text("/.%2eEfF~aA?=&", min_size=1, max_size=24))
def test_normalising_twice_is_normalising_once(path: str) -> None:
    """Else a purge could miss what a look-up finds."""
    once = address_of(get("/" + path), PLAIN)
    again = address_of(get(once.normal), PLAIN)
    assert again.key == once.key
    assert "/../" not in once.normal.partition("?")[0]


SITE = KeyPolicy(
    site="main", query="none", hosts={"demo-res.ex.com": "demo", "img.ex.com": "demo", "x.com": "x"}
)


def on(host: str) -> str:
    return address_of(RequestHead("GET", "/image/upload/a.jpg", fields=Fields.of(Host=host)), SITE).key


def test_hosts_of_one_cloud_and_their_shards_share_what_is_stored() -> None:
    """One path on hosts of two clouds is two pictures; on two hosts or shards of one cloud it is one."""
    assert on("res.ex.com") == on("res-2.ex.com") == on("127.0.0.1:8000")
    assert on("demo-res.ex.com") == on("Demo-Res-3.ex.com:80") == on("a4.img.ex.com") == on("img.ex.com")
    assert len({on("res.ex.com"), on("img.ex.com"), on("x.com")}) == 3
    assert key_of_url("http://a1.img.ex.com/image/upload/a.jpg", SITE) == on("img.ex.com")
