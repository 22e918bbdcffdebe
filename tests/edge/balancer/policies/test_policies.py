"""What each policy prefers."""

from collections import Counter

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.balancer.policies import POLICIES, Candidate, Question, Route

ASH = Candidate("ash", "na", 92.0, answer_ms=1.0, place=0)
FRA_A = Candidate("fra-a", "eu", 2.0, answer_ms=1.0, place=1)
FRA_B = Candidate("fra-b", "eu", 2.0, answer_ms=1.0, place=2)
SIN = Candidate("sin", "sea", 158.0, answer_ms=1.0, place=3)
POPS = (ASH, FRA_A, FRA_B, SIN)
paths = st.text(min_size=1, max_size=30)


def best(route: Route, *pops: Candidate, key: str = "/cat.jpg", draw: int = 0) -> str:
    return min(pops, key=lambda pop: POLICIES[route](pop, Question(key, draw))).name


def shares(route: Route, *pops: Candidate, of: int = 4000, fixed: str = "") -> dict[str, float]:
    """The part of many questions that each PoP gets; `fixed` names what does not change between them."""
    questions = (("/" if fixed == "key" else f"/{n}", 0 if fixed == "draw" else n) for n in range(of))
    firsts = Counter(best(route, *pops, key=key, draw=draw) for key, draw in questions)
    return {pop.name: firsts[pop.name] / of for pop in pops}


@given(paths)
def test_nearest_takes_the_shortest_way_whatever_is_asked(path: str) -> None:
    assert best("nearest", *POPS, key=path) in ("fra-a", "fra-b")
    assert best("nearest", ASH, SIN, key=path) == "ash"


@pytest.mark.parametrize("route", ["nearest", "latency"])
def test_two_edges_of_a_region_share_its_objects(route: Route) -> None:
    """Each is first for about half of the paths, and always for the same ones."""
    parts = shares(route, FRA_A, FRA_B, fixed="draw")
    assert parts["fra-a"] == pytest.approx(0.5, abs=0.04)
    assert len({best(route, FRA_A, FRA_B, draw=n) for n in range(50)}) == 1


def test_latency_leaves_a_near_pop_that_is_slow() -> None:
    """What it was measured to take counts as much as the way; a few milliseconds do not."""
    slow = evolve(FRA_A, answer_ms=120.0)
    assert best("nearest", slow, ASH) == "fra-a"
    assert best("latency", slow, ASH) == "ash"
    assert best("latency", evolve(FRA_A, answer_ms=60.0), ASH) == "fra-a"
    jittering = [evolve(FRA_A, answer_ms=ms) for ms in (0.1, 0.3, 0.4)]
    assert len({best("latency", pop, FRA_B) for pop in jittering}) == 1


def test_weights_are_shares_of_viewers() -> None:
    """Drawn anew for each, also for the same object."""
    parts = shares("weighted", evolve(ASH, weight=3), FRA_A, evolve(SIN, weight=6), fixed="key")
    assert parts == pytest.approx({"ash": 0.3, "fra-a": 0.1, "sin": 0.6}, abs=0.03)


def test_hashing_weighs_objects_and_never_wanders() -> None:
    """An object's home does not depend on who asks, from where, or when."""
    parts = shares("hash", evolve(ASH, weight=3), FRA_A, evolve(SIN, weight=6), fixed="draw")
    assert parts == pytest.approx({"ash": 0.3, "fra-a": 0.1, "sin": 0.6}, abs=0.03)
    far = [evolve(pop, distance_ms=500 - pop.distance_ms) for pop in POPS]
    assert all(best("hash", *POPS, key=f"/{n}") == best("hash", *far, key=f"/{n}") for n in range(50))


@given(paths)
def test_a_heavier_pop_only_takes_and_never_gives(path: str) -> None:
    """A changed weight moves no more than the change."""
    before = best("hash", *POPS, key=path)
    after = best("hash", evolve(ASH, weight=2.0), *POPS[1:], key=path)
    assert after in (before, "ash")


def test_least_busy_counts_what_runs_for_each_weight() -> None:
    """With equal loads the nearest, among those by chance."""
    assert best("least-busy", evolve(FRA_A, running=3), evolve(SIN, running=2)) == "sin"
    assert best("least-busy", evolve(FRA_A, running=3), evolve(SIN, running=8, weight=4)) == "sin"
    assert best("least-busy", *POPS) in ("fra-a", "fra-b")
    assert shares("least-busy", FRA_A, FRA_B)["fra-a"] == pytest.approx(0.5, abs=0.04)


def test_least_busy_fills_evenly() -> None:
    """Thirty viewers who stay are ten for each of three, twenty and ten where one weighs twice as much."""
    for weight, expected in ((1.0, [10, 10, 10]), (2.0, [15, 8, 7])):
        pops = {pop.name: pop for pop in (evolve(ASH, weight=weight), FRA_A, SIN)}
        for n in range(30):
            name = best("least-busy", *pops.values(), draw=n)
            pops[name] = evolve(pops[name], running=pops[name].running + 1)
        assert sorted((pop.running for pop in pops.values()), reverse=True) == expected


def test_failover_follows_the_chain() -> None:
    """Wherever the viewer is."""
    assert best("failover", *POPS) == "ash"
    assert best("failover", FRA_B, SIN, FRA_A) == "fra-a"
