"""May it be stored, and what of it (sheet 3, 4, 15, 19, 21)."""

from __future__ import annotations

import pytest

from edge.core.entry import Entry
from edge.core.key import address_of
from edge.core.policy import KeyPolicy, Policy, TtlRule
from edge.core.storing import Filling, Refusal, promised_length, prospect_of, received
from tests.edge.core.playbook import get
from wire.http.dates import format_date
from wire.http.fields import Fields, RequestHead, ResponseHead

NOW = 1_800_000_000.0
DAY = 86_400.0
YESTERDAY = format_date(NOW - DAY)
SOON = format_date(NOW + 3600)


def judge(
    head: ResponseHead, request: RequestHead | None = None, policy: Policy | None = None, **more: bool
) -> Entry | Refusal:
    asked = request or get()
    rules = policy or Policy()
    filling = Filling(address_of(asked, rules.key), asked.fields, NOW, NOW, **more)
    return prospect_of(head, filling, rules)


def said(status: int = 200, /, **fields: str) -> ResponseHead:
    return ResponseHead(status, Fields.of(**fields))


@pytest.mark.parametrize(
    ("head", "is_stored"),
    [
        (said(), False),
        (said(ETag='"a"'), True),
        (said(277, Cache_Control="max-age=60"), True),
        (said(477, Cache_Control="max-age=60"), True),
        (said(577, Cache_Control="max-age=60"), True),
        (said(500, Cache_Control="max-age=60"), True),
        (said(302), False),
        (said(302, ETag='"a"', Last_Modified=YESTERDAY), False),
        *((said(code, Last_Modified=YESTERDAY), False) for code in (201, 202, 403, 500, 502, 503, 504)),
        (said(302, Expires=SOON), True),
        (said(577, Cache_Control="public", Last_Modified=YESTERDAY), True),
        (said(Cache_Control="private, max-age=60"), False),
        (said(Cache_Control="No-StOrE, max-age=60"), False),
        (said(Cache_Control="public, max-age=60, no-store"), False),
        (said(Cache_Control="public, max-age=60, private"), False),
        (said(Cache_Control="max-age=60, no-cache"), False),
        (said(Cache_Control="max-age=60, no-cache", ETag='"a"'), True),
        (said(Cache_Control="max-age=60", Pragma="no-cache"), True),
        (said(Cache_Control="max-age=60", Warning='110 - "x"', Content_Disposition="attachment"), True),
        (said(199, Cache_Control="max-age=60"), False),
        (said(206, Cache_Control="max-age=60", Content_Range="bytes 0-4/10"), False),
        (said(304, Cache_Control="max-age=60"), False),
        (said(416, Cache_Control="max-age=60"), False),
        (said(Cache_Control="max-age=0"), False),
        (said(Cache_Control="max-age=0", ETag='"a"'), True),
        (said(Cache_Control="max-age=0, stale-if-error=60"), True),
        (said(Cache_Control="max-age=0, stale-while-revalidate=60"), True),
        (said(Cache_Control="max-age=0, stale-while-revalidate=60, must-revalidate"), False),
        (said(Cache_Control="max-age=0, stale-while-revalidate=60", Age="60"), False),
        (said(404), False),
        (said(404, Cache_Control="max-age=60"), True),
        (said(404, Last_Modified=YESTERDAY), True),
        (said(503, Retry_After="5"), False),
        (said(204, Cache_Control="max-age=60"), True),
        (said(Cache_Control="max-age=60", Content_Length="5", Transfer_Encoding="chunked"), False),
        (said(Cache_Control="max-age=60", Transfer_Encoding="chunked"), True),
        (said(Cache_Control="stale-while-revalidate=60"), False),
        (said(Last_Modified="yesterday"), False),
        (said(Cache_Control="stale-while-revalidate=60", ETag='"a"'), True),
    ],
    ids=str,
)
def test_what_may_be_stored(head: ResponseHead, is_stored: bool) -> None:
    """3.1, 3.5, 3.6, 12.3, 19.1, example by example."""
    assert isinstance(judge(head), Entry) is is_stored


@pytest.mark.parametrize(
    ("name", "first", "second", "lifetime"),
    [
        ("Cache-Control", "max-age=900", "s-maxage=5", 5),
        ("Cache-Control", "max-age=900", "max-age=5", 900),
        ("Cache-Control", "max-age=60", "no-store", None),
        ("CDN-Cache-Control", "max-age=60", "max-age=5", 5),
        ("CDN-Cache-Control", "max-age=60", "private", None),
        ("Surrogate-Control", "max-age=60", "no-store", None),
    ],
)
def test_lines_of_one_name_say_one_thing(name: str, first: str, second: str, lifetime: float | None) -> None:
    """1.1, 1.6, 15.2: what the second says counts as if it stood behind the first."""
    judged = judge(ResponseHead(200, Fields([(name, first), (name, second)])))
    assert (judged.lifetime if isinstance(judged, Entry) else None) == lifetime


@pytest.mark.parametrize(
    ("directives", "is_stored"),
    [
        ("max-age=60", False),
        ("max-age=60, public", True),
        ("s-maxage=60", True),
        ("max-age=60, must-revalidate", True),
        ("max-age=60, proxy-revalidate", False),
    ],
)
def test_answers_to_credentials(directives: str, is_stored: bool) -> None:
    """3.3."""
    judged = judge(said(Cache_Control=directives), get(Authorization="x"))
    assert isinstance(judged, Entry) is is_stored


@pytest.mark.parametrize(
    ("status", "directives", "is_stored"),
    [
        (200, "no-store, must-understand, max-age=60", True),
        (577, "no-store, must-understand, max-age=60", False),
        (577, "must-understand, max-age=60", False),
    ],
)
def test_must_understand(status: int, directives: str, is_stored: bool) -> None:
    """3.4."""
    assert isinstance(judge(said(status, Cache_Control=directives)), Entry) is is_stored


def test_statuses_that_are_understood() -> None:
    """3.4."""
    understood = {200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 410, 414}
    understood |= {500, 501, 502, 503, 504}  # and 206, 304, 416, which are never stored as they are
    control = "no-store, must-understand, max-age=60"
    stored = {code for code in range(200, 600) if isinstance(judge(said(code, Cache_Control=control)), Entry)}
    assert stored == understood


def test_the_request_may_forbid_it() -> None:
    """7.7."""
    assert judge(said(Cache_Control="max-age=60"), no_store=True) == Refusal("request no-store")


@pytest.mark.parametrize("vary", ["*", "X-Shape, *", "*, Accept", ",*,*"])
def test_a_star_anywhere_in_vary_is_never_stored(vary: str) -> None:
    """8.3."""
    assert judge(said(Cache_Control="max-age=60", Vary=vary)) == Refusal("vary *")


def test_a_star_on_a_second_line_counts() -> None:
    """8.3, 1.1."""
    head = ResponseHead(200, Fields([("Cache-Control", "max-age=60"), ("Vary", ""), ("Vary", "*")]))
    assert judge(head) == Refusal("vary *")


def test_all_fields_are_stored_in_order_but_those_of_the_hop() -> None:
    """4.1 to 4.3, 4.6: also unknown ones, and every Set-Cookie its own line."""
    lines = [
        ("Date", format_date(NOW)),
        ("Cache-Control", "max-age=60"),
        ("Connection", "x-hop"),
        ("X-Hop", "1"),
        ("Proxy-Authenticate", "Basic"),
        ("Content-Length", "5"),
        ("Set-Cookie", "a=b"),
        ("Set-Cookie", "c=d"),
        ("X-End", "3"),
    ]
    entry = judge(ResponseHead(200, Fields(lines)))
    assert isinstance(entry, Entry)
    assert list(entry.fields) == [lines[0], lines[1], *lines[6:]]
    assert entry.size == 5


@pytest.mark.parametrize(
    "name",
    [
        "Proxy-Authenticate",
        "Proxy-Authentication-Info",
        "Proxy-Authorization",
        "Proxy-Connection",
        "Keep-Alive",
    ],
)
def test_what_is_between_two_proxies_is_not_stored(name: str) -> None:
    """4.2, 4.3."""
    entry = judge(ResponseHead(200, Fields([("Cache-Control", "max-age=60"), (name, "x")])))
    assert isinstance(entry, Entry)
    assert name not in entry.fields


def test_a_prohibition_hidden_by_connection_still_prohibits() -> None:
    """4.2: remove what is listed, then decide on the original value."""
    head = said(Connection="Cache-Control", Cache_Control="no-store", Expires=SOON)
    assert judge(head) == Refusal("no-store")
    assert "cache-control" not in received(head, NOW).fields


@pytest.mark.parametrize("directive", ["private", "no-cache"])
def test_fields_the_origin_excludes_are_not_stored(directive: str) -> None:
    """4.4: the rest is, and is reused without validation."""
    entry = judge(said(Cache_Control=f'max-age=60, {directive}="X-Id"', X_Id="7", X="1"))
    assert isinstance(entry, Entry)
    assert "x-id" not in entry.fields
    assert "x" in entry.fields
    assert not entry.no_cache


def test_what_was_old_when_it_came_is_stale_by_any_clock() -> None:
    """6.1, 5.3: by its own clock it is good for 30 s, and it has been under way for 45."""
    told = {"Date": format_date(NOW + 60), "Expires": format_date(NOW + 90), "Age": "45", "ETag": '"a"'}
    entry = judge(said(**told))
    assert isinstance(entry, Entry)
    assert (entry.lifetime, entry.age_at(NOW), entry.is_fresh(NOW)) == (30.0, 45.0, False)


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_a_missing_or_broken_date_is_the_time_of_receipt(date: str | None) -> None:
    """4.7: in what is stored and in what is forwarded; a valid one is never touched."""
    head = said(Cache_Control="max-age=60") if date is None else said(Cache_Control="max-age=60", Date=date)
    entry = judge(head)
    assert isinstance(entry, Entry)
    assert entry.fields.all("date") == (format_date(NOW),) == received(head, NOW).fields.all("date")
    kept = received(said(Date=YESTERDAY), NOW)
    assert kept.fields.get("date") == YESTERDAY


@pytest.mark.parametrize(
    ("rule", "directives", "is_stored", "replays"),
    [
        ("replay", "max-age=60", True, True),
        ("strip", "max-age=60", True, False),
        ("bypass", "max-age=60", False, False),
        ("bypass", None, False, False),
        ("replay", None, False, False),
        ("strip", None, True, False),
    ],
)
def test_cookies(rule: str, directives: str | None, is_stored: bool, replays: bool) -> None:
    """21.2: a guess is no permission to replay a cookie."""
    lines = [("Set-Cookie", "a=b"), ("Last-Modified", YESTERDAY)]
    lines += [("Cache-Control", directives)] if directives else []
    entry = judge(ResponseHead(200, Fields(lines)), policy=Policy(set_cookie=rule))  # type: ignore[arg-type]
    assert isinstance(entry, Entry) is is_stored
    assert (isinstance(entry, Entry) and "set-cookie" in entry.fields) is replays
    plain = judge(said(Cache_Control="max-age=60"), policy=Policy(set_cookie=rule))  # type: ignore[arg-type]
    assert isinstance(plain, Entry)


def test_bodies_known_to_be_too_large_are_not_stored() -> None:
    """12.7."""
    head = said(Cache_Control="max-age=60", Content_Length="11")
    assert judge(head, policy=Policy(object_bytes=10)) == Refusal("too large")
    assert isinstance(judge(head, policy=Policy(object_bytes=11)), Entry)


def test_a_sites_own_lifetime_is_no_guess() -> None:
    """5.8, 21.2: it needs no status of the list, and no leave for cookies."""
    policy = Policy(ttl_rules=(TtlRule(60.0, statuses=(302,)),))
    entry = judge(said(302, Set_Cookie="a=b"), policy=policy)
    assert isinstance(entry, Entry)
    assert (entry.lifetime, entry.ruled, entry.heuristic) == (60.0, True, False)
    other = judge(said(Last_Modified=YESTERDAY), policy=policy)
    assert isinstance(other, Entry)
    assert (other.ruled, other.heuristic) == (False, True)


def test_an_age_that_is_none_makes_stale_where_the_should_is_followed() -> None:
    """6.2 (`strict_age`): kept for its validator alone."""
    head = said(Cache_Control="max-age=60", Age="soon", ETag='"a"')
    for strict, lifetime in ((True, 0.0), (False, 60.0)):
        entry = judge(head, policy=Policy(strict_age=strict))
        assert isinstance(entry, Entry)
        assert (entry.lifetime, entry.initial_age) == (lifetime, 0.0)


def test_what_is_known_of_a_stored_response() -> None:
    """4.1, 1.5: the reason as it was told; a grace that cannot be read is none."""
    lines = Fields.of(Cache_Control="max-age=60, stale-while-revalidate=soon, stale-if-error=-1")
    entry = judge(ResponseHead(200, lines, "Fine"))
    assert isinstance(entry, Entry)
    assert (entry.reason, entry.stale_while_revalidate, entry.stale_if_error) == ("Fine", 0.0, 0.0)
    graces = judge(said(Cache_Control="max-age=60, stale-while-revalidate=7, stale-if-error=9"))
    assert isinstance(graces, Entry)
    assert (graces.stale_while_revalidate, graces.stale_if_error) == (7.0, 9.0)


def test_negative_ttl_applies_only_where_the_origin_said_nothing() -> None:
    """19.2."""
    policy = Policy(negative_ttl={404: 10.0})
    entry = judge(said(404), policy=policy)
    assert isinstance(entry, Entry)
    assert entry.lifetime == 10
    assert isinstance(judge(said(404, Cache_Control="no-store"), policy=policy), Refusal)
    explicit = judge(said(404, Cache_Control="max-age=1"), policy=policy)
    assert isinstance(explicit, Entry)
    assert explicit.lifetime == 1


@pytest.mark.parametrize(
    ("directives", "is_forbidden"),
    [
        ("max-age=2", False),
        ("max-age=2, must-revalidate", True),
        ("max-age=2, proxy-revalidate", True),
        ("s-maxage=2", True),
        ("s-maxage=2, stale-while-revalidate=30", False),
        ("s-maxage=2, stale-if-error=30", False),
        ("s-maxage=2, stale-while-revalidate=30, must-revalidate", True),
        ("max-age=2, no-cache", True),
    ],
)
def test_who_forbids_stale_service(directives: str, is_forbidden: bool) -> None:
    """14.2: an explicit grace lifts only what s-maxage implies."""
    entry = judge(said(Cache_Control=directives, ETag='"a"'))
    assert isinstance(entry, Entry)
    assert entry.stale_forbidden is is_forbidden


def test_surrogate_keys_are_read_with_the_path() -> None:
    """20.2; the path tag lets a bare path be purged whatever the host."""
    entry = judge(said(Cache_Control="max-age=60", Surrogate_Key="p1 shoes", Cache_Tag="a,b"))
    assert isinstance(entry, Entry)
    assert entry.surrogate_keys == ("p1", "shoes", "a", "b", " /a")
    by_language = Policy(key=KeyPolicy(headers=("Accept-Language",)))
    keyed = judge(said(Cache_Control="max-age=60"), get(Accept_Language="de"), by_language)
    assert isinstance(keyed, Entry)
    assert keyed.surrogate_keys == (" /a", " http://ex.com/a"), "the URL finds all its keys"


@pytest.mark.parametrize(
    ("head", "length"),
    [
        (said(Content_Length="5"), 5),
        (said(Content_Length="5 , 5"), 5),
        (said(Content_Length="5", Transfer_Encoding="chunked"), -1),
        (said(), -1),
        (said(Content_Length="+5"), -1),
        (said(Content_Length="\u00b2"), -1),
        (said(204, Content_Length="5"), 0),
        (said(304, Content_Length="5"), 0),
        (said(203, Content_Length="5"), 5),
        (said(205, Content_Length="5"), 5),
        (said(303, Content_Length="5"), 5),
        (said(305, Content_Length="5"), 5),
    ],
    ids=str,
)
def test_what_a_head_promises(head: ResponseHead, length: int) -> None:
    """4.6, 12.4: nothing where there is no body, and nothing believed that chunks would contradict."""
    assert promised_length(head) == length
