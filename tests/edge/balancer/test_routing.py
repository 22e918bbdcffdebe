"""What is known of the PoPs, put to the policy."""

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

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
    told.vendors["b"] = 0.0
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
    told.draining.add("ash")
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
HEALTH = ["failed", "succeeded", "passed", "missed", "dies", "returns", "forget"]
HAPPENINGS = st.one_of(
    st.tuples(st.sampled_from(HEALTH), st.sampled_from(URLS)),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.5, 1.9, 2.0, 5.0, 10.0])),
    st.tuples(st.just("drain"), st.integers(0, 2)),
    st.tuples(st.just("weigh"), st.integers(0, 2)),
)


@given(
    st.sampled_from(sorted(LASTING)),
    st.lists(HAPPENINGS, max_size=40),
    st.sets(st.sampled_from(URLS)),
)
@example("hash", [("dies", URLS[0]), ("returns", URLS[0]), ("wait", 5.0), ("wait", 10.0)], {URLS[0]})
@example(
    "hash", [("failed", URLS[0]), ("wait", 1.9), ("failed", URLS[0]), ("wait", 1.9), ("wait", 0.5)], set()
)
def test_while_the_mark_is_the_same_so_is_the_choice(
    route: Any, happenings: list[tuple[str, Any]], probed: set[str]
) -> None:
    """Whatever happens to PoPs: who is up, who returns, who drains, what they weigh."""
    now = 0.0
    pops = tuple(Pop(f"p{at}", ("eu", "na")[at % 2], url) for at, url in enumerate(URLS))
    settings = Settings(name="bal", listen="", control="", pops=pops, regions=REGIONS, route=route)
    standings = Standings(now=lambda: now, slow_return_seconds=10.0)
    for url in URLS:
        standings.watch([url], is_probed=url in probed)
        standings.check_passed(url)
    told = Routing(settings, standings, Random(0), running=lambda url: 0)
    known: dict[Any, list[tuple[Pop, ...]]] = {}

    def twice(step: Callable[..., None], *told: str) -> None:
        step(*told)
        step(*told)

    steps: dict[str, Any] = {
        "failed": standings.failed,
        "succeeded": standings.succeeded,
        "passed": standings.check_passed,
        "missed": lambda url: standings.check_missed(url, "refused"),
        "dies": lambda url: twice(standings.check_missed, url, "refused"),
        "returns": lambda url: twice(standings.check_passed, url),
        "forget": standings.forget,
        "drain": lambda at: told.draining.symmetric_difference_update({pops[at].name}),
        "weigh": lambda at: told.weights.update({pops[at].name: 1.0 - told.weights[pops[at].name]}),
    }
    for what, which in happenings:
        if what == "wait":
            now += which
        else:
            steps[what](which)
        if told.mark is not None:
            chosen = [told.pops_for(region, f"/{n}") for region in REGIONS for n in range(12)]
            assert known.setdefault(told.mark, chosen) == chosen


def test_there_is_no_mark_where_the_next_question_may_find_another() -> None:
    """Chance, load, and a draw among vendors."""
    assert routing(route="nearest").mark is None  # of two vendors
    one = (Pop("fra", "eu", "http://fra"), Pop("ash", "na", "http://ash"))
    standings = Standings(now=lambda: 0.0)
    standings.watch(pop.url for pop in one)
    for route in POLICIES:
        settings = Settings(name="bal", listen="", control="", pops=one, regions=REGIONS, route=route)
        assert (Routing(settings, standings, Random(0)).mark is not None) == (route in LASTING)
