"""A conversation with an exchange, written as a transcript: `>>` tells it an event, `<<` expects its next
command."""

from __future__ import annotations

from typing import Self

from edge.core.commands import Command, Respond
from edge.core.events import Event
from edge.core.exchange import Exchange
from edge.core.policy import Policy
from wire.http.fields import Fields, RequestHead, ResponseHead


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


def status_of(command: Command | None) -> int:
    """The status of an answer made whole."""
    assert isinstance(command, Respond)
    return command.head.status
