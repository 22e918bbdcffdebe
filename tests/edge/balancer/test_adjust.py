"""Weights and draining, changed while it runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor

from tests.support.balancer import Stage, says, stage
from tests.support.scripted import Seen, ask


async def post(world: Stage, told: Any) -> Seen:
    return await ask(
        world.reactor, world.control_port, "/adjust", "POST", json.dumps(told).encode(),
        Content_Type="application/json",
    )  # fmt: skip


@pytest_twisted.ensureDeferred
async def test_a_draining_pop_gets_no_new_viewers_and_gets_them_back() -> None:
    """From the next request on, and the status says so."""
    async with stage(reactor, {"eu": says("eu"), "na": says("na")}) as world:
        before = await world.ask("/a?region=eu")
        status = json.loads((await post(world, {"pop": "eu", "drain": True})).body)
        during = await world.ask("/a?region=eu")
        await post(world, {"pop": "eu", "drain": False})
        after = await world.ask("/a?region=eu")
    assert [seen.body for seen in (before, during, after)] == [b"eu /a", b"na /a", b"eu /a"]
    assert [pop["draining"] for pop in status["pops"]] == [True, False]


@pytest_twisted.ensureDeferred
async def test_one_vendor_takes_over_from_another_by_weight() -> None:
    """A vendor of weight 0 is a reserve, also the only one that is near."""
    vendors = {"eu": "akamai", "na": "cloudfront"}
    async with stage(reactor, {"eu": says("eu"), "na": says("na")}, vendors=vendors) as world:
        await post(world, {"cdn": "akamai", "weight": 0})
        without = [(await world.ask(f"/{n}?region=eu")).body[:2] for n in range(5)]
        await post(world, {"cdn": "cloudfront", "weight": 0})
        status = json.loads((await post(world, {"cdn": "akamai", "weight": 2.5})).body)
        back = [(await world.ask(f"/{n}?region=na")).body[:2] for n in range(5)]
    assert (set(without), set(back)) == ({b"na"}, {b"eu"})
    assert status["cdns"] == {"akamai": 2.5, "cloudfront": 0.0}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([], 'Expected {"pop": NAME}'),
        ({"pop": "eu", "cdn": "akamai", "weight": 1}, 'either a "pop" or a "cdn"'),
        ({"pop": "eu"}, 'Expected a "weight", or "drain"'),
        ({"pop": "eu1", "drain": True}, 'There is no PoP "eu1" (did you mean "eu"?)'),
        ({"pop": "eu", "weight": -1}, 'a "weight" (0 to'),
        ({"pop": "eu", "weight": "heavy"}, 'a "weight" (0 to'),
        ({"pop": "eu", "drain": "yes"}, '"drain"'),
        ({"cdn": "akamai", "drain": True}, 'A "cdn" takes a "weight"'),
        ({"cdn": "fastly", "weight": 1}, 'There is no cdn "fastly"'),
        ({"pop": "eu", "waight": 1}, 'Expected {"pop": NAME}'),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_wrong_change_is_told_what_is_wrong(told: Any, said: str) -> None:
    """400, and nothing is changed."""
    async with stage(reactor, {"eu": says("eu")}, vendors={"eu": "akamai"}) as world:
        refused = await post(world, told)
        (pop,) = json.loads((await world.control("/status")).body)["pops"]
    assert refused.status == 400
    assert said in json.loads(refused.body)["error"]["message"]
    assert (pop["weight"], pop["draining"]) == (1.0, False)
