"""sim.report.audience: what its command takes."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from sim.demo.seed import CloudAccess
from sim.report.audience import HIGHEST_RATE, Audience
from wire.errors import InvalidRequest

FRONT = "http://127.0.0.1:1"


def told(what: Any) -> Any:
    """The answer; raises what the command raises."""
    audience = Audience(Clock(), FRONT, CloudAccess(FRONT, "demo", "key", "secret"), {})
    came: list[Any] = []
    Deferred.fromCoroutine(audience.traffic(what)).addBoth(came.append)
    if hasattr(came[0], "raiseException"):
        came[0].raiseException()
    return came[0]


@pytest.mark.parametrize(
    "what", [None, [], {}, {"rate": "20"}, {"rate": True}, {"rate": -1}, {"rate": HIGHEST_RATE + 1}]
)
def test_a_rate_is_a_number_that_one_process_can_send(what: Any) -> None:
    with pytest.raises(InvalidRequest, match="of 0 to 200"):
        told(what)


def test_where_nobody_is_nobody_is_sent_away() -> None:
    assert told({"rate": 0}) == {"rate": 0.0, "requests": 0, "failures": 0, "by_edges": None, "p95_ms": None}
