"""What goes upstream (sheet 9.1, 16, 22.2)."""

from __future__ import annotations

import pytest
from attrs import evolve

from edge.core.asking import Ask, has_validator, reduced, refresh_request, upstream_request
from edge.core.entry import Entry
from edge.core.key import address_of
from edge.core.parts import view_of
from edge.core.policy import Compression, KeyPolicy, Policy
from tests.edge.core.playbook import get, stored
from wire.http.fields import Fields, RequestHead


def sent(request: RequestHead, ask: Ask = Ask.FILL, policy: Policy | None = None) -> RequestHead:
    rules = policy or Policy()
    return upstream_request(request, address_of(request, rules.key), rules, ask, stored(ETag='"v1"'))


def test_hop_by_hop_fields_stay_behind() -> None:
    """16.1."""
    fields = sent(get(Connection="close, X-Trace", X_Trace="1", TE="trailers", X="1")).fields
    assert fields.names() == {"host", "x", "x-forwarded-proto", "via", "cdn-loop"}


def test_this_node_marks_the_request() -> None:
    """16.2: Via with the version received; CDN-Loop is appended to, never removed."""
    fields = sent(evolve(get(CDN_Loop="otherCDN", Via="1.0 a"), version="1.0")).fields
    assert fields.get("via") == "1.0 a, 1.0 edge"
    assert fields.get("cdn-loop") == "otherCDN, pixeledge; node=edge"


def test_host_is_the_keys_host_and_comes_once() -> None:
    """2.4: the absolute target wins; a site may set its own."""
    request = RequestHead("GET", "http://ex.com/a", fields=Fields.of(Host="other"))
    assert sent(request).fields.all("host") == ("ex.com",)
    assert sent(request, policy=Policy(upstream_host="origin")).fields.all("host") == ("origin",)


def test_unkeyed_input_does_not_shape_the_answer() -> None:
    """22.2: unless it is keyed."""
    request = get(X_Forwarded_Host="evil", X_HTTP_Method_Override="DELETE", X_Original_URL="/admin")
    assert sent(request).fields.names() == {"host", "x-forwarded-proto", "via", "cdn-loop"}
    keyed = Policy(key=KeyPolicy(headers=("X-Forwarded-Host",)))
    assert "x-forwarded-host" in sent(request, policy=keyed).fields


@pytest.mark.parametrize(
    "name",
    [
        *(
            "X-Forwarded-Host",
            "X-Forwarded-Scheme",
            "X-Forwarded-Port",
            "X-Forwarded-Prefix",
            "X-Forwarded-Server",
        ),
        *("Forwarded", "X-Forwarded-SSL", "X-Host", "X-Original-Host", "X-Original-URL", "X-Rewrite-URL"),
        *("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"),
    ],
)
def test_what_origins_are_known_to_obey_stays_here(name: str) -> None:
    """22.2: X-Forwarded-Proto is written anew, or not at all."""
    request = evolve(get(), fields=Fields([("Host", "ex.com"), (name, "evil")]))
    assert name not in sent(request, Ask.AS_IS).fields
    told = get(X_Forwarded_Proto="gopher")
    assert sent(told).fields.all("x-forwarded-proto") == ("http",)
    for quiet in (Policy(tells_scheme=False), Policy(key=KeyPolicy(site="shop"))):
        assert "x-forwarded-proto" not in sent(told, policy=quiet).fields


def test_a_fill_asks_for_the_whole_under_the_viewers_conditions() -> None:
    """10.1, 11.6."""
    request = get(Range="bytes=0-1", If_Range="x", If_None_Match='"v0"', Content_Length="0")
    names = {"host", "x-forwarded-proto", "via", "cdn-loop", "if-none-match"}
    assert sent(request, Ask.FILL).fields.names() == names
    assert "range" in sent(request, Ask.AS_IS).fields
    assert "if-none-match" not in sent(request, Ask.PLAIN).fields
    assert sent(request, Ask.VALIDATE).fields.all("if-none-match") == ('"v1"',)


def test_whose_body_is_awaited_is_between_two_neighbours() -> None:
    """16.4: 100 is said here (RFC 9110 §10.1.1); how a body is framed is written anew (4.6)."""
    request = get(method="POST", Expect="100-continue", Content_Length="3")
    fields = sent(request, Ask.AS_IS).fields
    assert "expect" not in fields
    assert fields.get("content-length") == "3"


def test_credentials_and_cookies_go_along() -> None:
    """3.3, 21.1: forwarded with them."""
    assert {"authorization", "cookie"} <= sent(get(Authorization="x", Cookie="a=b")).fields.names()
    assert "proxy-authorization" not in sent(get(Proxy_Authorization="x")).fields


def test_negotiation_is_reduced_for_key_and_origin_alike() -> None:
    """8.6: so that the origin's choice fits the key."""
    policy = Policy(compression=Compression(codings=("gzip",)), accept_classes=("image/webp",))
    request = reduced(get(Accept_Encoding="gzip, deflate, br", Accept="image/webp,image/*"), policy)
    assert request.fields.get("accept-encoding") == "gzip"
    assert request.fields.get("accept") == "image/webp, */*"
    plain = get(Accept="a/b")
    assert reduced(plain, Policy()) is plain
    refusing = reduced(get(Accept_Encoding="gzip;q=0"), policy)
    assert refusing.fields.get("accept-encoding") == "identity"  # left out, it would allow any (§12.5.3)


def test_a_refresh_asks_with_what_chose_the_variant() -> None:
    """9.1: GET, the target, and the headers that Vary names; no cookie of whoever came by."""
    request = get(method="HEAD", X_Shape="1", Cookie="s=1", Authorization="x", CDN_Loop="other")
    asked = refresh_request(request, stored(vary="1"), KeyPolicy())
    assert asked.method == "GET"
    assert asked.fields.names() == {"host", "x-shape", "cdn-loop"}


@pytest.mark.parametrize(
    "key",
    [
        KeyPolicy(headers=("X-Shape", "Origin"), options=True),
        KeyPolicy(cookies=("s", "t*"), headers=("X-Shape",)),
        KeyPolicy(cookie_rule="all", query="only", parameters=("w",), options=True),
        KeyPolicy(headers=("Cookie",)),
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_a_refresh_asks_under_the_key_of_what_it_renews(key: KeyPolicy, method: str) -> None:
    """9.1, 2.3: else it would be stored beside it; what does not count stays away all the same."""
    request = get("/a?w=1&v=2", method=method, X_Shape="1", Cookie="z=3; s=1; tt=2", X_Other="x")
    asked = refresh_request(request, stored(), key)
    assert address_of(asked, key) == address_of(request, key)
    assert "x-other" not in asked.fields
    assert ("z=3" in (asked.fields.get("cookie") or "")) == ("z" in str(address_of(request, key).key))


def test_validators() -> None:
    """9.1: either will do."""
    assert has_validator(stored(ETag='"v"'))
    assert has_validator(stored(Last_Modified="D"))
    assert not has_validator(stored())


def test_both_validators_are_sent_and_none_that_is_not_there() -> None:
    """9.1 (RFC 9111 §4.3.1), 8.9."""

    def asked(entry: Entry) -> tuple[tuple[str, ...], tuple[str, ...]]:
        head = upstream_request(get(), address_of(get(), KeyPolicy()), Policy(), Ask.VALIDATE, entry)
        return head.fields.all("if-none-match"), head.fields.all("if-modified-since")

    assert asked(stored(ETag='"v1"', Last_Modified="D")) == (('"v1"',), ("D",))
    assert asked(stored(Last_Modified="D")) == ((), ("D",))
    assert asked(stored(ETag='"v1"')) == (('"v1"',), ())


def test_a_refresh_of_a_whole_asks_for_the_whole() -> None:
    """9.1, 11.11: as the viewer's own program, and for a range only where parts are held."""
    request = get(Range="bytes=0-1", If_Range='"v1"', User_Agent="x", Cookie="a=b")
    assert refresh_request(request, stored(), KeyPolicy()).fields.names() == {"host", "user-agent"}
    held = view_of([evolve(stored(), part_of=20)])
    assert "range" in refresh_request(request, held, KeyPolicy()).fields
