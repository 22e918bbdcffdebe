"""What a probe makes of a node that does not answer."""

from typing import Any, cast

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectError, ConnectingCancelledError, ConnectionLost, DNSLookupError
from twisted.internet.task import Clock
from twisted.web.client import Agent

from sim.supervise.ready import PATIENCE_SECONDS, SILENT, Health, HttpProbe


class DeadAgent:
    """Every request comes to the same end; or to none, without one."""

    def __init__(self, end: Exception | None) -> None:
        self.end = end

    def request(self, method: bytes, url: bytes) -> Deferred[Any]:
        return Deferred() if self.end is None else fail(self.end)


def asked(end: Exception | None, clock: Clock) -> Deferred[Health]:
    return Deferred.fromCoroutine(
        HttpProbe(cast(Agent, DeadAgent(end)), clock).ask("http://127.0.0.1:1/readyz")
    )


@pytest.mark.parametrize(
    "end",
    [
        *(ConnectError(), ConnectionLost(), DNSLookupError("127.0.0.1")),
        ConnectingCancelledError(IPv4Address("TCP", "127.0.0.1", 1)),
    ],
)
def test_a_node_that_cannot_be_reached_is_silent(end: Exception) -> None:
    """On a busy machine the first attempt is cut short, and says so as a failed look-up: no reason to stop asking."""
    told: list[Health] = []
    asked(end, Clock()).addCallback(told.append)
    assert told == [SILENT]


def test_a_node_that_says_nothing_for_long_is_silent() -> None:
    told: list[Health] = []
    clock = Clock()
    asked(None, clock).addCallback(told.append)
    clock.advance(PATIENCE_SECONDS)
    assert told == [SILENT]
