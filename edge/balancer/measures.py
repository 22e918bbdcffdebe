"""What was measured of the PoPs: how fast they answer checks, and how busy they say they are. Pure."""

from __future__ import annotations

from attrs import define, field

NEWEST = 0.3  # the weight of the last answer in the mean of all: half is forgotten after two checks


@define
class Measured:
    """One PoP's."""

    answer_seconds: float | None = None
    running: int = 0
    """Requests it said it had, and those sent there since."""


@define
class Measures:
    """By base URL."""

    of: dict[str, Measured] = field(factory=dict)

    def at(self, url: str) -> Measured:
        """What is known of it; nothing yet is zeroes."""
        measured = self.of.get(url)
        if measured is None:
            measured = self.of[url] = Measured()
        return measured

    def answered(self, url: str, seconds: float) -> None:
        """It answered a check."""
        measured = self.at(url)
        before = seconds if measured.answer_seconds is None else measured.answer_seconds
        measured.answer_seconds = before + NEWEST * (seconds - before)

    def told(self, url: str, running: int) -> None:
        """It said how many requests it has."""
        self.at(url).running = running

    def sent(self, url: str) -> None:
        """A viewer was sent there: until it is heard of again, that is one request more."""
        self.at(url).running += 1
