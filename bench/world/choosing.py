"""The balancer's choice of a PoP for a question, by every policy: the whole order, and the first of it."""

import time
from collections.abc import Callable
from functools import partial
from random import Random

from bench.measure import table
from edge.balancer.policies import POLICIES, Route
from edge.balancer.routing import Routing
from edge.balancer.settings import Pop, Region, Settings
from edge.upstream.standings import Standings

REGIONS = {f"r{at}": Region((10.0 * at, 20.0 * at)) for at in range(4)}
PATHS = [f"/demo/image/upload/c_limit,f_auto,w_320/v1/asset-{nth}.jpg" for nth in range(512)]
WORLDS = ((1, 1), (4, 1), (4, 2), (12, 1), (12, 3))
"""PoPs, and the CDNs that they belong to."""
COLUMNS = ["policy", *(f"{pops} of {cdns}" for pops, cdns in WORLDS)]


def compare(rounds: int) -> None:
    """CPU µs for each choice, the best of some rounds: "whole, first, first while one returns"."""
    rows = []
    for route in POLICIES:
        cells = []
        for pops, cdns in WORLDS:
            routing = routing_of(route, pops, cdns)
            whole = microseconds(partial(routing.pops_for, "r0"), rounds)
            first = microseconds(partial(routing.choose, "r0"), rounds)
            return_of(routing, told_url(0))
            returning = microseconds(partial(routing.choose, "r0"), rounds)
            cells.append(f"{whole:.1f}, {first:.1f}, {returning:.1f}")
        rows.append([route, *cells])
    table(
        "µs for the order of all PoPs, for the first, and for that while one returns; PoPs of so many CDNs",
        COLUMNS,
        rows,
    )


def return_of(routing: Routing, url: str) -> None:
    """It was down, and has a twentieth of its viewers back."""
    standings = routing.standings
    standings.check_passed(url)
    for happens in (partial(standings.check_missed, reason="refused"), standings.check_passed):
        for _ in range(2):
            happens(url)


def told_url(at: int) -> str:
    """Of a PoP."""
    return f"http://127.0.0.1:{9000 + at}"


def routing_of(route: Route, pops: int, cdns: int) -> Routing:
    """All is well, every PoP busy and measured, three in a region."""
    names = [f"pop-{at}" for at in range(pops)]
    told = tuple(
        Pop(name, f"r{at // 3}", told_url(at), weight=1 + at % 3, vendor=f"cdn-{at % cdns}")
        for at, name in enumerate(names)
    )
    shares = {f"cdn-{at}": 1.0 + at for at in range(cdns)}
    settings = Settings(
        name="bal", listen="", control="", pops=told, regions=REGIONS, route=route, cdns=shares
    )
    standings = Standings(now=time.monotonic, slow_return_seconds=3600.0)
    standings.watch(pop.url for pop in told)
    running = {pop.url: at % 4 for at, pop in enumerate(told)}
    routing = Routing(settings, standings, Random(1), running=running.__getitem__)
    for at, pop in enumerate(told):
        routing.measures.answered(pop.url, 0.001 * at)
    return routing


def microseconds(choose: Callable[[str], object], rounds: int) -> float:
    """Of one choice."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for path in PATHS:
            choose(path)
        best = min(best, time.process_time() - started)
    return best / len(PATHS) * 1e6
