"""How many instances: bounds, direction, patience, and an end to every change. Looks are half a second apart."""

from __future__ import annotations

import math

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from sim.scaling.decision import Scaler, enough, spared
from sim.scaling.load import Load
from sim.topology.quantities import Duration, Share
from sim.topology.scaling import Instances, Scaling

EVERY = 0.5
SCALING = Scaling(down_after=Duration(10.0))
BUSY = Load(1, queue_wait_seconds=2.0, utilisation=1.0, waiting=9)
CALM = Load(1)

loads = st.builds(
    Load,
    instances=st.just(0),
    queue_wait_seconds=st.floats(0, 30),
    utilisation=st.floats(0, 1),
    waiting=st.integers(0, 64),
)
bounds = st.tuples(st.integers(1, 8), st.integers(0, 8)).map(lambda each: Instances(each[0], sum(each)))
scalings = st.builds(
    Scaling,
    queue_wait=st.floats(0.01, 5).map(Duration),
    utilisation=st.floats(0.1, 1).map(Share),
    up_after=st.floats(0.1, 5).map(Duration),
    down_after=st.floats(0.1, 20).map(Duration),
)


def looked(scaler: Scaler, seen: list[Load], begin: float = 0.0) -> list[int]:
    """What was wanted after each look, when all that is wanted is there at once."""
    return [
        scaler.look(begin + number * EVERY, evolve(load, instances=scaler.wanted))
        for number, load in enumerate(seen)
    ]


def test_a_pool_grows_when_renders_have_waited_too_long_for_long_enough() -> None:
    """Two seconds of it, and then to the fourfold; a moment of it is nothing."""
    wanted = looked(Scaler(Instances(1, 9), SCALING), [BUSY] * 10)
    assert wanted == [1, 1, 1, 1, 4, 4, 4, 4, 4, 9]
    assert looked(Scaler(Instances(1, 4), SCALING), [BUSY] * 4 + [CALM] + [BUSY] * 4) == [1] * 9


def test_a_pool_grows_when_its_workers_are_too_busy_although_nobody_waits_yet() -> None:
    """Nine tenths of four are more than eight tenths of four, and less than of five."""
    scaler = Scaler(Instances(4, 8), SCALING)
    assert looked(scaler, [Load(4, utilisation=0.9)] * 5)[-1] == 5


def test_a_pool_shrinks_when_fewer_would_have_done_for_long_enough() -> None:
    """Ten seconds here, and at once to what is needed."""
    scaler = Scaler(Instances(1, 4), SCALING)
    scaler.adopt(4)
    wanted = looked(scaler, [Load(4, utilisation=0.2)] * 21)
    assert wanted == [4] * 20 + [2]


def test_a_pool_that_has_just_changed_is_watched_anew() -> None:
    """What was seen before is about another pool: no growth on top of growth, unless it is needed again."""
    scaler = Scaler(Instances(1, 8), SCALING)
    assert looked(scaler, [BUSY] * 5)[-1] == 4
    assert looked(scaler, [BUSY] * 4, begin=2.5) == [4] * 4


def test_while_instances_start_nothing_is_decided() -> None:
    """They are wanted because of that very load."""
    scaler = Scaler(Instances(1, 8), SCALING)
    looked(scaler, [BUSY] * 5)
    assert [scaler.look(9.0 + number, BUSY) for number in range(20)] == [4] * 20


def test_what_an_operator_started_stays_until_the_load_lets_it_go() -> None:
    """It was done on purpose."""
    scaler = Scaler(Instances(1, 4), SCALING)
    scaler.adopt(3)
    wanted = looked(scaler, [CALM] * 21)
    assert (wanted[0], wanted[-1]) == (3, 1)


def test_renders_that_wait_keep_a_pool_although_its_workers_look_idle() -> None:
    """Idle workers that take nothing are no sign of too many."""
    scaler = Scaler(Instances(1, 4), SCALING)
    scaler.adopt(4)
    assert set(looked(scaler, [Load(4, waiting=1)] * 60)) == {4}
    assert set(looked(scaler, [Load(4, queue_wait_seconds=0.15)] * 60, begin=99.0)) == {4}


@given(bounds, scalings, st.lists(loads, max_size=60))
def test_the_bounds_hold_whatever_comes(instances: Instances, scaling: Scaling, seen: list[Load]) -> None:
    """Always, from min to max."""
    for wanted in looked(Scaler(instances, scaling), seen):
        assert instances.min <= wanted <= instances.max


@given(bounds, scalings, st.lists(loads, max_size=60))
def test_nothing_is_ended_while_renders_wait(
    instances: Instances, scaling: Scaling, seen: list[Load]
) -> None:
    """At the very look that decides it."""
    scaler = Scaler(instances, scaling)
    scaler.adopt(instances.max)
    for number, load in enumerate(seen):
        before = scaler.wanted
        if scaler.look(number * EVERY, evolve(load, instances=before)) < before:
            assert not load.waiting
            assert load.queue_wait_seconds < scaling.queue_wait.seconds


@given(scalings, loads, loads, st.integers(1, 16))
def test_more_load_never_asks_for_fewer(scaling: Scaling, one: Load, other: Load, instances: int) -> None:
    """Neither of growing nor of shrinking."""
    light = Load(
        instances,
        min(one.queue_wait_seconds, other.queue_wait_seconds),
        min(one.utilisation, other.utilisation),
        min(one.waiting, other.waiting),
    )
    heavy = Load(
        instances,
        max(one.queue_wait_seconds, other.queue_wait_seconds),
        max(one.utilisation, other.utilisation),
        max(one.waiting, other.waiting),
    )
    assert enough(scaling, light) <= enough(scaling, heavy)
    assert spared(scaling, [light]) <= spared(scaling, [heavy])
    assert spared(scaling, [light]) <= instances <= enough(scaling, light)


@given(bounds, st.floats(0, 12), st.integers(0, 8), st.floats(0.3, 1.0))
def test_a_steady_load_comes_to_rest(instances: Instances, demand: float, more: int, target: float) -> None:
    """So many workers' worth of renders, whoever has them: the pool moves one way, and stops with enough if it may."""
    scaling = Scaling(utilisation=Share(target), down_after=Duration(10.0))
    scaler = Scaler(instances, scaling)
    scaler.adopt(min(instances.max, instances.min + more))
    wanted = [scaler.wanted]
    for number in range(400):
        there = scaler.wanted
        late = max(0.0, demand - there)  # a queue that grows, where there are too few
        load = Load(
            there,
            queue_wait_seconds=9.0 * late,
            utilisation=min(1.0, demand / there),
            waiting=math.ceil(late),
        )
        wanted.append(scaler.look(number * EVERY, load))
    assert wanted in (sorted(wanted), sorted(wanted, reverse=True))
    assert len(set(wanted[-300:])) == 1
    assert wanted[-1] >= min(instances.max, demand)


@pytest.mark.parametrize("count", [1, 3])
def test_a_pool_that_does_not_scale_does_not(count: int) -> None:
    """Whatever its load."""
    assert set(looked(Scaler(Instances(count, count), SCALING), [BUSY] * 30)) == {count}


def test_who_stands_in_for_others_has_theirs_besides_and_lets_the_load_take_them_back() -> None:
    """At once, up to `max`; never fewer meanwhile; afterwards as slowly as ever."""
    scaler = Scaler(Instances(2, 5), SCALING)
    scaler.stand_in(2)
    assert scaler.wanted == 4
    assert set(looked(scaler, [CALM] * 40)) == {4}
    scaler.stand_in(9)
    assert scaler.wanted == 5
    scaler.stand_in(0)
    assert scaler.wanted == 5
    shrinking = looked(scaler, [CALM] * 22, begin=100.0)
    assert (shrinking[0], shrinking[-1]) == (5, 2)
