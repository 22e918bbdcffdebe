"""`clocks` of a topology: whose are wrong, and how far."""

from __future__ import annotations

from sim import nodefile
from tests.sim.topology.test_read import SMALL, told
from tests.sim.topology.test_settle import SHIPPED, settled
from wire.clock import RIGHT, Clock


def test_each_node_is_told_how_far_its_clock_is_wrong() -> None:
    """By its own name, or an instance of an origin by its pool's; nobody else's clock is touched."""
    text = SHIPPED + "\nclocks: {main: 5min, main-2: -90s, shield: -10min, balancer: 1h}\n"
    clocks = {each.name: nodefile.read(each.document()).clock for each in settled(text).nodes()}
    assert clocks.pop("main-1") == Clock(300.0)
    assert clocks.pop("main-2") == Clock(-90.0)
    assert clocks.pop("shield") == Clock(-600.0)
    assert clocks.pop("balancer") == Clock(3600.0)
    assert set(clocks.values()) == {RIGHT}


def test_a_clock_is_that_of_a_node_there_is() -> None:
    assert told(SMALL + "clocks: {shild: 5min, edge: soon}\n") == [
        "line 7: clocks.edge: expected how far it is ahead, like 5min or -5min, got 'soon'",
        'line 7: clocks.shild: there is no node "shild" (did you mean "shield"?)',
    ]
