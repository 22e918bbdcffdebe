"""The scenarios that come with the package: what each promises, as far as its file can tell."""

import pytest
import yaml

from sim.scenarios.running import document_of
from sim.scenarios.script import Scenario, read, shipped
from sim.scenarios.steps.asking import Phase
from sim.scenarios.steps.commands import Do
from sim.topology.quantities import Duration
from sim.topology.read import AT_HOME

SWITCHED_OFF = (
    "cache-wipe",
    "clock-skew",
    "corrupted-cache",
    "edge-crashes",
    "flash-crowd",
    "origin-brown-out",
    "partition",
    "purge-under-load",
    "region-death",
    "rolling-restart",
    "second-vendor",
    "shield-cut-off",
    "slow-viewers",
    "store-outage",
    "surge",
)


def scenario(name: str) -> Scenario:
    return read(shipped()[name].read_text("utf-8"))


@pytest.mark.parametrize("name", shipped())
def test_every_phase_is_judged(name: str) -> None:
    """A phase that nobody looks at is no rehearsal."""
    told = scenario(name)
    begun = {step.name for step in told.steps if isinstance(step, Phase)}
    assert begun == {each.phase for each in told.expect}
    assert told.safeguard


MAY_BE_STALE = {  # while nobody is in reach, and for as long as that takes to be found out
    "partition": {"parted", "apart", "joining"},
    "shield-cut-off": {"cut", "apart", "healing"},
    "clock-skew": {"aged"},
}
MAY_TAKE_LONG = {"clock-skew": {"cold"}, "surge": {"usual"}}  # its pictures are made for the first time


@pytest.mark.parametrize("name", shipped())
def test_it_says_of_failures_and_of_time_what_viewers_may_notice(name: str) -> None:
    """In every phase no failure, no wrong byte, nothing stale unless that is the safeguard, and a bound of how long an
    answer may take; at worst, somewhere; and that it is over by the last phase."""
    expected = scenario(name).expect
    phases = {each.phase for each in expected}

    def without(measure: str) -> set[str]:
        return {each.phase for each in expected if each.measure == measure and each.at_most == 0}

    assert without("failures") == without("wrong") == phases
    assert without("stale") == phases - MAY_BE_STALE.get(name, set())
    timed = {each.phase for each in expected if each.measure in ("p95", "longest")}
    assert timed == phases - MAY_TAKE_LONG.get(name, set())
    assert "longest" in {each.measure for each in expected}
    assert "p95" in {each.measure for each in expected if each.phase == expected[-1].phase}


@pytest.mark.parametrize("name", SWITCHED_OFF)
def test_its_safeguard_can_be_switched_off(name: str) -> None:
    """In a world that is another one then."""
    told = scenario(name)
    base = yaml.safe_load(AT_HOME.read_text("utf-8"))
    assert told.without
    assert document_of(base, told, without_safeguard=True) != document_of(base, told, without_safeguard=False)


@pytest.mark.parametrize("name", shipped())
def test_a_purge_is_waited_for_within_the_time_of_its_step(name: str) -> None:
    """Every peer is told twice (edge.control.purging)."""
    told = scenario(name)
    base = yaml.safe_load(AT_HOME.read_text("utf-8"))
    purge = document_of(base, told, without_safeguard=False)["edge"]["limits"]["purge_seconds"]
    patience = [step.within.seconds for step in told.steps if isinstance(step, Do)]
    assert all(2 * Duration.parse(purge).seconds < seconds for seconds in patience)
    assert Duration.parse(purge).seconds >= 10
