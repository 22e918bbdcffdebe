"""sim.scaling.pools: which pools a machine drives, and of those on several which part."""

from typing import Any

from twisted.internet.task import Clock

from sim.scaling.pools import pools_of
from sim.topology.scaling import Instances
from sim.world import World
from tests.sim.topology.test_machines import TWO, spread
from tests.sim.topology.test_settle import settled

AGENT: Any = None  # nobody is asked


def driven(text: str, machine: str) -> dict[str, tuple[list[str], Instances]]:
    """By the pool's name: the instances that this machine starts and ends, and between which bounds."""
    pools = pools_of(World(settled(text), machine), {}, AGENT, Clock(), lambda said: None).pools
    return {pool.name: ([node.name for node in pool.nodes], pool.scaler.instances) for pool in pools}


def test_a_pool_is_driven_where_it_stands() -> None:
    text = spread("two", "{min: 1, max: 3}").replace(
        "tcp:9001, control: tcp:9101", "tcp:7001, control: tcp:7101", 1
    )
    assert driven(text, "one") == {}
    assert driven(text, "two") == {"main": (["main-1", "main-2", "main-3"], Instances(1, 3))}


def test_each_machine_drives_its_own_part_of_a_pool() -> None:
    """Between the bounds that it comes to there; where those are one, nothing comes or goes."""
    text = spread("one, two", "{min: 3, max: 4}")
    assert driven(text, "one") == {}
    assert driven(text, "two") == {"main on two": (["main-2", "main-4"], Instances(1, 2))}
    text = spread("one, two", "{min: 2, max: 6}")
    assert driven(text, "one") == {"main on one": (["main-1", "main-3", "main-5"], Instances(1, 3))}
    assert driven(text, "two") == {"main on two": (["main-2", "main-4", "main-6"], Instances(1, 3))}


def test_a_machine_looks_at_the_rest_of_its_pool() -> None:
    """All instances that there may be there; a pool on one machine has no rest."""
    (pool,) = pools_of(
        World(settled(spread("one, two", "{min: 2, max: 6}")), "two"), {}, AGENT, Clock(), lambda said: None
    ).pools
    assert pool.elsewhere is not None
    assert pool.elsewhere.order == ("one", "two")
    others = {name: [node.name for node in each.nodes] for name, each in pool.elsewhere.others.items()}
    assert others == {"one": ["main-1", "main-3", "main-5"]}
    (alone,) = pools_of(
        World(settled(spread("two", "{min: 1, max: 3}").replace("9001", "7001", 1).replace("9101", "7101", 1)), "two"),
        {}, AGENT, Clock(), lambda said: None,
    ).pools  # fmt: skip
    assert alone.elsewhere is None


def test_all_who_ask_a_pool_are_told_of_its_part() -> None:
    """On whichever machine they are."""
    world = World(settled(spread("one, two", "{min: 2, max: 4}")), "two")
    (pool,) = pools_of(world, {}, AGENT, Clock(), lambda said: None).pools
    assert {asker.name for asker in pool.telling.askers} == {"near", "far", "balancer"}


def test_a_pool_that_is_always_as_large_is_not_driven() -> None:
    assert driven(TWO, "one") == driven(TWO, "two") == {}
