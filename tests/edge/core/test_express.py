"""Leave to repeat a hit: who gets it, and that what is repeated is what the core would say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.commands import Deliver, Respond
from edge.core.entry import Entry
from edge.core.events import StoreAnswered
from edge.core.exchange import Exchange
from edge.core.express import Leave
from edge.core.policy import KeyPolicy, Policy
from edge.http.express import Template
from tests.edge.core.playbook import get
from wire.http.fields import Fields, RequestHead, ResponseHead

NOW = 1000.0
ODD = (
    ("Age", "7"),
    ("age", "9"),
    ("Cache-Status", "origin; hit; ttl=5"),
    ("X-Note", "; ttl=59"),
    ("X-Note", "Age: 0"),
    ("Via", "1.1 origin; ttl=4"),
    ("Server-Timing", "db;dur=3"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "X-Note"),
    ("ETag", '"v1"'),
)
PLAIN = Policy(pop_fields=False)


def an_entry(
    lifetime: float = 60.0, initial_age: float = 0.0, fields: Fields | None = None, **more: object
) -> Entry:
    """Stored at NOW."""
    kept = Fields() if fields is None else fields
    given = {"request_time": NOW, "response_time": NOW, "date": NOW, "size": 5} | more
    return Entry(key="k", status=200, fields=kept, lifetime=lifetime, initial_age=initial_age, **given)  # type: ignore[arg-type]


def said(
    entry: Entry, now: float, request: RequestHead | None = None, policy: Policy | None = None
) -> object:
    """The core's first word to the viewer when this alone is stored."""
    exchange = Exchange(request or get(), policy or Policy())
    exchange.start(now)
    commands = exchange.receive(StoreAnswered(now, (entry,)))
    return next((each for each in commands if isinstance(each, Deliver | Respond)), None)


def leave_of(command: object) -> Leave | None:
    """The leave that came with it."""
    assert isinstance(command, Deliver | Respond), command
    return command.leave


def text_of(head: ResponseHead) -> bytes:
    """As it goes out."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.fields)
    return f"HTTP/1.1 {head.status} {head.reason or 'OK'}\r\n{lines}\r\n".encode("latin-1")


@given(
    lifetime=st.floats(0.5, 5000),
    initial_age=st.floats(0, 300),
    first=st.floats(0, 400),
    later=st.floats(0, 400),
    fields=st.lists(st.sampled_from(ODD), max_size=6),
    policy=st.sampled_from((Policy(), PLAIN)),
    method=st.sampled_from(("GET", "HEAD")),
)
def test_an_answer_grown_older_is_the_answer_the_core_gives_then(
    lifetime: float,
    initial_age: float,
    first: float,
    later: float,
    fields: list[tuple[str, str]],
    policy: Policy,
    method: str,
) -> None:
    """Byte for byte, as long as there is leave; and there is leave as long as it is a hit (sheet 5.5, 6.4)."""
    entry = an_entry(lifetime, initial_age, Fields(fields))
    before, after = (said(entry, NOW + at, get(method=method), policy) for at in sorted((first, later)))
    if before is None:
        return
    leave = leave_of(before)
    if leave is None:
        return
    seconds = [leave.second_at(NOW + at) for at in sorted((first, later))]
    assert seconds[0] is not None
    template = Template.of(text_of(before.head), seconds[0].age, seconds[0].ttl)  # type: ignore[attr-defined]
    assert template is not None
    if seconds[1] is None:
        assert after is None or leave_of(after) is None
    else:
        assert isinstance(after, Deliver | Respond)
        assert after.leave is not None
        assert template.head_at(seconds[1].age, seconds[1].ttl) == text_of(after.head)


@given(
    lifetime=st.floats(1, 100), initial_age=st.floats(0, 10), at=st.floats(0, 50), share=st.floats(0, 0.999)
)
def test_a_second_lasts_until_it_ends(lifetime: float, initial_age: float, at: float, share: float) -> None:
    """No sooner is there another Age or ttl to show, and then there is."""
    leave = Leave(an_entry(lifetime, initial_age), ())
    second = leave.second_at(NOW + at)
    if second is None:
        return
    assert NOW + at <= second.ends <= NOW + at + 1
    within = leave.second_at(NOW + at + share * (second.ends - NOW - at))
    assert within is not None
    assert (within.age, within.ttl) == (second.age, second.ttl) or second.ends - NOW - at < 1e-6
    after = leave.second_at(second.ends + 1e-6)
    assert after is None or (after.age, after.ttl) != (second.age, second.ttl)


@pytest.mark.parametrize(
    "demand",
    [
        {"Cache_Control": "max-age=5"},
        {"Cache_Control": "min-fresh=5"},
        {"Cache_Control": "max-stale"},
        {"Cache_Control": "only-if-cached"},
        {"Range": "bytes=0-1"},
        {"If_Range": '"v1"'},
        {"If_None_Match": '"v1"'},
        {"If_None_Match": '"other"'},
        {"If_Modified_Since": "Sun, 06 Nov 1994 08:49:37 GMT"},
        {"X_Forwarded_Proto": "https"},
        {"Forwarded": "for=192.0.2.1;proto=https"},
    ],
)
def test_who_has_demands_of_his_own_is_to_ask(demand: dict[str, str]) -> None:
    """Their answer depends on more than what is stored, or is not all of it (sheet 7, 10, 11)."""
    command = said(an_entry(fields=Fields.of(ETag='"v1"')), NOW, get(**demand))
    assert leave_of(command) is None


def test_directives_that_the_site_ignores_are_no_demands() -> None:
    """A browser's reload, where viewers cannot force origin traffic (sheet 7.2)."""
    policy = Policy(client_cc="ignore")
    assert leave_of(said(an_entry(), NOW, get(Cache_Control="max-age=0"), policy)) is not None


def test_an_answer_that_depends_on_the_senders_address_is_never_repeated() -> None:
    """The bytes do not tell who sent them (sheet 22.2)."""
    address = {"X_Forwarded_For": "10.0.0.1"}
    varied = an_entry(vary=(("x-forwarded-for", "10.0.0.1"),))
    assert leave_of(said(varied, NOW, get(**address))) is None
    keyed = Policy(key=KeyPolicy(headers=("X-Forwarded-For",)))
    assert leave_of(said(an_entry(), NOW, get(**address), keyed)) is None
    assert leave_of(said(an_entry(), NOW, get(**address))) is not None


def test_only_a_fresh_200_is_repeated() -> None:
    """Stale ones are being refreshed meanwhile, and errors are few."""
    stale = an_entry(lifetime=1.0, stale_while_revalidate=60.0)
    assert leave_of(said(stale, NOW + 2.0)) is None
    missing = Entry(
        key="k", status=404, fields=Fields(), request_time=NOW, response_time=NOW, date=NOW, lifetime=60.0,
        initial_age=0.0, size=5,
    )  # fmt: skip
    assert leave_of(said(missing, NOW)) is None


def test_there_is_no_leave_before_it_was_stored() -> None:
    """A clock that went back makes nothing fresh (sheet 22.6)."""
    leave = Leave(an_entry(), ())
    assert leave.second_at(NOW - 1.0) is None
    assert leave.second_at(NOW) is not None
    assert leave.second_at(NOW + 60.0) is None
    assert Leave(an_entry(expired_at=NOW), ()).second_at(NOW) is None
