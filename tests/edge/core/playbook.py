"""A conversation with an exchange, written as a transcript: `>>` tells it an event, `<<` expects its next
command."""

from __future__ import annotations

from typing import Self

from edge.core.commands import Command, Done, Fetch, JoinFlight, LookUp, Respond
from edge.core.entry import Entry
from edge.core.events import Event, FlightJoined, Role, StoreAnswered
from edge.core.exchange import Exchange
from edge.core.outcome import Outcome
from edge.core.policy import Policy
from wire.http.fields import Fields, RequestHead, ResponseHead

KEY = "http://ex.com/a"


class Playbook:
    """Starts the exchange at once. A command class stands for any command of that class; it is kept in
    `last`."""

    def __init__(self, exchange: Exchange, now: float = 0.0) -> None:
        self.exchange = exchange
        self.pending: list[Command] = exchange.start(now)
        self.last: Command | None = None

    def __rshift__(self, event: Event) -> Self:
        assert self.pending == [], f"not expected: {self.pending}"
        self.pending = self.exchange.receive(event)
        return self

    def __lshift__(self, expected: Command | type) -> Self:
        assert self.pending, f"no more commands, expected {expected}"
        self.last = self.pending.pop(0)
        if isinstance(expected, type):
            assert isinstance(self.last, expected), self.last
        else:
            assert self.last == expected
        return self

    def head(self) -> ResponseHead:
        """The head that the last command carries."""
        head = getattr(self.last, "head", None)
        assert isinstance(head, ResponseHead), self.last
        return head

    def sent(self) -> RequestHead:
        """The request that the last command (a Fetch) carries."""
        head = getattr(self.last, "head", None)
        assert isinstance(head, RequestHead), self.last
        return head

    def end(self) -> None:
        """Nothing more was said."""
        assert self.pending == [], f"not expected: {self.pending}"


def get(target: str = "/a", /, method: str = "GET", **fields: str) -> RequestHead:
    """A request for http://ex.com/a, with fields as keywords (`If_None_Match='"v1"'`)."""
    return RequestHead(method, target, fields=Fields((("Host", "ex.com"), *Fields.of(**fields))))


def ok(status: int = 200, /, **fields: str) -> ResponseHead:
    """A response head."""
    return ResponseHead(status, Fields.of(**fields))


def playing(request: RequestHead, policy: Policy | None = None, now: float = 0.0) -> Playbook:
    """A playbook of a new exchange."""
    return Playbook(Exchange(request, policy or Policy()), now)


def stored(age: float = 0.0, /, lifetime: float = 60.0, vary: str | None = None, **fields: str) -> Entry:
    """An entry that is `age` seconds old at time 0."""
    return Entry(
        key=KEY,
        status=200,
        fields=Fields.of(**fields),
        request_time=-age,
        response_time=-age,
        date=-age,
        lifetime=lifetime,
        initial_age=0.0,
        size=10,
        etag=fields.get("ETag"),
        vary=(("x-shape", vary),) if vary is not None else (),
        body_id="b1",
    )


def looking(request: RequestHead, *entries: Entry, policy: Policy | None = None) -> Playbook:
    """It asked the store, and this is what is there."""
    return playing(request, policy) << LookUp(KEY) >> StoreAnswered(0.0, entries)


def leading(request: RequestHead, *entries: Entry, policy: Policy | None = None) -> Playbook:
    """Its fetch is under way, and others may share it."""
    book = looking(request, *entries, policy=policy) << JoinFlight
    return book >> FlightJoined(0.0, Role.LEADER) << Fetch


def waiting(request: RequestHead, *entries: Entry) -> Playbook:
    """It follows another's fetch."""
    return looking(request, *entries) << JoinFlight >> FlightJoined(0.0, Role.FOLLOWER)


def outcome(book: Playbook) -> Outcome:
    """What it came to: the last command is Done."""
    assert isinstance(book.last, Done)
    return book.last.outcome


def status_of(command: Command | None) -> int:
    """The status of an answer made whole."""
    assert isinstance(command, Respond)
    return command.head.status
