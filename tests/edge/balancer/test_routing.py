"""What is known of the PoPs, put to the policy."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from attrs import define, field
from hypothesis import example, given
from hypothesis import strategies as st

from edge.balancer.measures import Measures
from edge.balancer.policies import LASTING, POLICIES
from edge.balancer.routing import Routing
from edge.balancer.settings import Pop, Region, Settings
from edge.upstream.standings import Standings

REGIONS = {"eu": Region((50.1, 8.7)), "na": Region((39.0, -77.5))}
POPS = (
    Pop("fra", "eu", "http://fra", vendor="a"),
    Pop("ash", "na", "http://ash", vendor="b", secure_url="https://ash"),
)


def routing(running: dict[str, int] | None = None, **told: Any) -> Routing:
    settings = Settings(name="bal", listen="", control="", pops=POPS, regions=REGIONS, **told)
    standings = Standings(now=lambda: 0.0)
    standings.watch(pop.url for pop in POPS)
    counted = None if running is None else lambda url: running.get(url, 0)
    return Routing(settings, standings, Random(0), running=counted)


def names(pops: tuple[Pop, ...]) -> list[str]:
    return [pop.name for pop in pops]


def test_each_region_has_its_nearest() -> None:
    """With the vendors out of the way: they are drawn before the policy is asked."""
    told = routing(cdns={"a": 1.0, "b": 1.0})
    firsts = {names(told.pops_for("eu", f"/{n}"))[0] for n in range(50)}
    assert firsts == {"fra", "ash"}
    told.weigh_cdn("b", 0.0)
    assert {names(told.pops_for("na", f"/{n}"))[0] for n in range(50)} == {"fra"}


def test_who_is_down_is_not_even_the_last_resort() -> None:
    """A suspect is."""
    told = routing(cdns={"a": 1.0, "b": 0.0})
    told.standings.failed("http://fra")
    assert names(told.pops_for("eu", "/")) == ["ash", "fra"]
    told.standings.check_missed("http://fra", "refused")
    assert names(told.pops_for("eu", "/")) == ["ash"]
    told.standings.failed("http://ash")
    told.standings.check_missed("http://ash", "refused")
    assert told.pops_for("eu", "/") == ()


def test_a_sticky_viewer_returns_while_its_pop_is_up() -> None:
    """Draining or not the nearest, but never ejected or unknown."""
    told = routing(cdns={"a": 1.0, "b": 0.0})
    told.drain("ash")
    assert names(told.pops_for("eu", "/")) == ["fra", "ash"]
    assert names(told.pops_for("eu", "/", sticky="ash")) == ["ash", "fra"]
    assert names(told.pops_for("eu", "/", sticky="mars")) == ["fra", "ash"]
    told.standings.failed("http://ash")
    assert names(told.pops_for("eu", "/", sticky="ash")) == ["fra", "ash"]


def test_who_is_of_no_use_to_a_viewer_is_left_out() -> None:
    told = routing(cdns={"a": 1.0, "b": 0.0})
    assert names(told.pops_for("eu", "/", among=lambda pop: pop.secure_url)) == ["ash"]


def test_the_chain_of_failover_may_leave_names_out() -> None:
    """They come after it, as the document has them."""
    assert names(routing(route="failover", chain=("ash",), cdns={"a": 0.0, "b": 1.0}).pops_for("eu", "/"))[
        0
    ] == ("ash")


def test_loads_are_counted_here_or_told_from_there() -> None:
    """In between, every request is known; else what a PoP said last, and who was sent there since."""
    fra, ash = POPS
    between = routing({"http://fra": 4})
    assert (between.busy(fra), between.busy(ash)) == (4, 0)
    between.took(fra)
    assert between.busy(fra) == 4
    beside = routing()
    beside.measures.told("http://fra", 4)
    beside.took(fra)
    assert (beside.busy(fra), beside.chosen["fra"]) == (5, 1)


URLS = tuple(f"http://pop{number}" for number in range(3))
HEALTH: dict[str, tuple[Callable[[Standings, str], object], int]] = {
    "failed": (Standings.failed, 1),
    "succeeded": (Standings.succeeded, 1),
    "passed": (Standings.check_passed, 1),
    "returns": (Standings.check_passed, 2),
    "missed": (lambda standings, url: standings.check_missed(url, "refused"), 1),
    "dies": (lambda standings, url: standings.check_missed(url, "refused"), 2),
    "forget": (Standings.forget, 1),
}
ADJUSTMENTS: dict[str, Callable[[Routing, str], None]] = {
    "drain": lambda told, pop: told.drain(pop, drains=pop not in told.draining),
    "weigh": lambda told, pop: told.weigh(pop, 1.0 - told.weights[pop]),
    "prefer": lambda told, pop: told.weigh_cdn("a", 2.0 - told.vendors["a"]),
}
HAPPENINGS = st.one_of(
    st.tuples(st.sampled_from(sorted(HEALTH)), st.sampled_from(URLS)),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.5, 1.9, 2.0, 5.0, 10.0])),
    st.tuples(st.sampled_from([*ADJUSTMENTS, "load", "slow"]), st.integers(0, 2)),
)


@define
class World:
    """Three PoPs at a time of our own, as two balancers see them that draw alike."""

    route: Any
    probed: set[str]
    vendors: tuple[str, str] = ("", "")
    sticky: bool = False
    now: float = 0.0
    pops: tuple[Pop, ...] = ()
    standings: Standings = field(init=False)
    told: Routing = field(init=False)
    twin: Routing = field(init=False)
    running: dict[str, int] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.pops = tuple(
            Pop(
                f"p{at}",
                ("eu", "na")[at % 2],
                url,
                vendor=self.vendors[at // 2],
                secure_url=("", url, url)[at],
                addresses=(("127.0.1.1",), ("127.0.1.2", "2001:db8::2"), ("2001:db8::3",))[at],
            )
            for at, url in enumerate(URLS)
        )
        settings = Settings(
            name="bal", listen="", control="", pops=self.pops, regions=REGIONS, route=self.route,
            cdns={"a": 2.0, "b": 1.0},
        )  # fmt: skip
        self.standings = Standings(now=lambda: self.now, slow_return_seconds=10.0)
        for url in URLS:
            self.standings.watch([url], is_probed=url in self.probed)
            self.standings.check_passed(url)
        measures = Measures()
        self.told, self.twin = (
            Routing(
                settings, self.standings, Random(0), running=lambda url: self.running.get(url, 0), measures=measures
            )
            for _ in range(2)
        )  # fmt: skip

    def happen(self, what: str, which: Any) -> None:
        """One of `HAPPENINGS`."""
        if what == "wait":
            self.now += which
        elif isinstance(which, str):
            step, times = HEALTH[what]
            for _ in range(times):
                step(self.standings, which)
        elif what == "load":
            self.running[URLS[which]] = self.running.get(URLS[which], 0) + 1
        elif what == "slow":
            self.told.measures.answered(URLS[which], 0.3)
        else:
            for each in (self.told, self.twin):
                ADJUSTMENTS[what](each, f"p{which}")


@given(
    st.sampled_from(sorted(LASTING)),
    st.lists(HAPPENINGS, max_size=40),
    st.sets(st.sampled_from(URLS)),
)
@example("hash", [("dies", URLS[0]), ("returns", URLS[0]), ("wait", 5.0), ("wait", 10.0)], {URLS[0]})
@example("hash", [("dies", URLS[0]), ("forget", URLS[0])], {URLS[0]})
@example(
    "hash", [("failed", URLS[0]), ("wait", 1.9), ("failed", URLS[0]), ("wait", 1.9), ("wait", 0.5)], set()
)
def test_while_the_mark_is_the_same_so_is_the_choice(
    route: Any, happenings: list[tuple[str, Any]], probed: set[str]
) -> None:
    """Whatever happens to PoPs: who is up, who returns, who drains, what they weigh."""
    world = World(route, probed)
    known: dict[Any, list[tuple[Pop, ...]]] = {}
    for what, which in happenings:
        world.happen(what, which)
        told = world.told
        if told.mark is not None:
            chosen = [told.pops_for(region, f"/{n}") for region in REGIONS for n in range(12)]
            assert known.setdefault(told.mark, chosen) == chosen


@given(
    st.sampled_from(sorted(POLICIES)),
    st.lists(HAPPENINGS, max_size=40),
    st.sets(st.sampled_from(URLS)),
    st.sampled_from([("", ""), ("a", "b")]),
    st.sampled_from(["", "p1", "mars"]),
)
@example("weighted", [("dies", URLS[0]), ("forget", URLS[0])], set(URLS), ("", ""), "")
def test_the_cheap_choice_is_the_whole_one(
    route: Any, happenings: list[tuple[str, Any]], probed: set[str], vendors: tuple[str, str], sticky: str
) -> None:
    """By every policy, of one vendor or two, whatever happened, and with the others behind it in their order."""
    world = World(route, probed, vendors)
    for what, which in [("wait", 0.0), *happenings]:
        world.happen(what, which)
        for region in REGIONS:
            for n in range(6):
                whole = world.twin.pops_for(region, f"/{n}", sticky=sticky)
                cheap = world.told.choose(region, f"/{n}", sticky)
                assert (cheap.in_order() if cheap else ()) == whole


@define
class Watched(Standings):
    """Counts how often it is asked who may be asked."""

    looks: int = 0

    def may_serve(self, url: str) -> bool:
        self.looks += 1
        return super().may_serve(url)


@pytest.mark.parametrize("route", POLICIES)
def test_nobody_is_looked_at_twice_while_nothing_becomes_of_anybody(route: Any) -> None:
    """One look at each for viewers of a region: a hundred questions cost no more. Then what became of one is seen."""
    settings = Settings(name="bal", listen="", control="", pops=POPS, regions=REGIONS, route=route)
    standings = Watched(now=lambda: 0.0)
    standings.watch(pop.url for pop in POPS)
    told = Routing(settings, standings, Random(0), running=lambda url: 0)
    for n in range(100):
        told.choose("eu", f"/{n}")
    assert standings.looks == len(POPS)
    standings.failed("http://fra")
    assert {told.choose("eu", f"/{n}").first.name for n in range(20)} == {"ash"}  # type: ignore[union-attr]
    assert standings.looks == 2 * len(POPS)


@pytest.mark.parametrize("route", POLICIES)
def test_nor_while_one_returns(route: Any) -> None:
    """Its share grows, and each question is put to it or not yet; the line-up is the same. Another is made when it has
    everything, and that one lasts."""
    pops = (Pop("fra", "eu", "http://fra"), Pop("ash", "na", "http://ash"))
    settings = Settings(name="bal", listen="", control="", pops=pops, regions=REGIONS, route=route)
    now = [0.0]
    standings = Watched(now=lambda: now[0], slow_return_seconds=10.0)
    standings.watch(pop.url for pop in pops)
    for step, times in (("passed", 1), ("missed", 2), ("passed", 2)):
        for _ in range(times):
            HEALTH[step][0](standings, "http://fra")
    told = Routing(settings, standings, Random(0), running=lambda url: 0)
    for seconds in (0.0, 1.0, 5.0, 9.9):
        now[0] = seconds
        for n in range(20):
            told.choose("eu", f"/{n}")
    assert standings.looks == len(pops)
    now[0] = 10.0
    for n in range(20):
        told.choose("eu", f"/{n}")
    assert standings.looks == 2 * len(pops)


def test_there_is_no_mark_where_the_next_question_may_find_another() -> None:
    """Chance, load, and a draw among vendors."""
    assert routing(route="nearest").mark is None  # of two vendors
    one = (Pop("fra", "eu", "http://fra"), Pop("ash", "na", "http://ash"))
    standings = Standings(now=lambda: 0.0)
    standings.watch(pop.url for pop in one)
    for route in POLICIES:
        settings = Settings(name="bal", listen="", control="", pops=one, regions=REGIONS, route=route)
        assert (Routing(settings, standings, Random(0)).mark is not None) == (route in LASTING)
