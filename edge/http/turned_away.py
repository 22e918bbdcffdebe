"""A request that never reaches the core: its answer was made at the door."""

from __future__ import annotations

from attrs import frozen

from edge.core.account import Account
from edge.core.commands import Command, Done, Respond
from edge.core.errand import UnexpectedEvent
from edge.core.events import Event
from edge.core.outcome import Outcome, Verdict
from edge.personality.interface import Page


@frozen
class TurnedAway:
    """Takes an exchange's place in a conversation: one answer, and no look-up."""

    page: Page

    @property
    def account(self) -> Account:
        """Of an answer that is nobody else's."""
        return Account(Verdict.ERROR)

    def start(self, now: float) -> list[Command]:
        """All there is to say."""
        outcome = Outcome(Verdict.ERROR, self.page.head.status, "", "", now, now)
        return [Respond(self.page.head, self.page.body), Done(outcome)]

    def receive(self, event: Event) -> list[Command]:
        """Nothing is due."""
        raise UnexpectedEvent("turned away", event)

    def anew(self) -> TurnedAway:
        """The same again."""
        return self
