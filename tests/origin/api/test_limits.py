"""How many calls an hour allows, counted over every process (admin-api.md §1)."""

from pathlib import Path

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted
from hypothesis import given
from hypothesis.strategies import integers, lists
from twisted.internet.defer import Deferred, gatherResults

from origin.api.limits import RateLimits
from origin.catalogue import CatalogueUnavailable, Tallies, Tally
from origin.settings import Cloud
from tests.support.origins import CLOUD, KEY, SECRET, RunningOrigin, running_origin

AT_NOON = 1_754_654_399.9  # 2025-08-08 11:59:59.9 UTC


@pytest_twisted.ensureDeferred
async def test_calls_run_out_and_the_sdk_is_told_until_when(tmp_path: Path) -> None:
    """Two nodes on one catalogue count together; refused credentials are not counted, uploads neither."""
    clouds = {CLOUD: Cloud(KEY, SECRET, rate_limit=4)}
    async with (
        running_origin(tmp_path, clouds=clouds) as one,
        running_origin(tmp_path, clouds=clouds, name="origin-2") as other,
    ):
        left = [(await node.called(cloudinary.api.ping)).rate_limit_remaining for node in (one, other, one)]
        assert left == [3, 2, 1]
        refused = await one.ask("GET", f"{one.url}/v1_1/{CLOUD}/ping", auth=(KEY, "wrong"))
        assert (refused.status, refused.headers["x-featureratelimit-remaining"]) == (401, "4")
        missing = await one.ask(
            "GET", f"{one.url}/v1_1/{CLOUD}/resources/image/upload/none", auth=(KEY, SECRET)
        )
        assert (missing.status, missing.headers["x-featureratelimit-remaining"]) == (404, "0")
        for node in (one, other):
            with pytest.raises(
                cloudinary.exceptions.RateLimited,
                match=r"Rate Limit Exceeded. Limit of 4 api operations reached. Try again on \S+ \S+ UTC",
            ):
                await node.called(cloudinary.api.ping)
        assert (await one.post(f"/v1_1/{CLOUD}/image/destroy", {"public_id": "none"})).status == 200


class Counting(Tallies):
    """Sums in memory."""

    def __init__(self) -> None:
        self.sums: dict[Tally, int] = {}
        self.writes = 0
        self.is_away = False

    async def add(self, tally: Tally, amount: int = 1) -> int:
        if self.is_away:
            raise CatalogueUnavailable("away")
        self.writes += 1
        self.sums[tally] = self.sums.get(tally, 0) + amount
        return self.sums[tally]


@pytest_twisted.ensureDeferred
async def test_an_hour_begins_at_its_top() -> None:
    now = [AT_NOON]
    limits = RateLimits(Counting(), {"demo": Cloud(rate_limit=2)}, lambda: now[0])
    first, second = [await limits.made("demo") for _ in range(2)]
    assert (first.made, second.made) == (1, 2)
    assert dict(first.fields)["X-FeatureRateLimit-Reset"] == "Fri, 08 Aug 2025 12:00:00 GMT"
    now[0] += 0.2
    assert (await limits.made("demo")).made == 1
    assert (await limits.made("other")).limit == 500


@pytest_twisted.ensureDeferred
async def test_a_catalogue_out_of_reach_forbids_no_call() -> None:
    tallies = Counting()
    tallies.is_away = True
    limits = RateLimits(tallies, {"demo": Cloud(rate_limit=1)}, lambda: AT_NOON)
    for _ in range(3):
        (await limits.made("demo")).check()


@pytest_twisted.ensureDeferred
async def test_no_call_is_lost_however_many_come_at_once(origin: RunningOrigin) -> None:
    async def made() -> int:
        url = f"{origin.url}/v1_1/{CLOUD}/ping"
        answer = await origin.ask("GET", url, auth=(KEY, SECRET))
        return int(answer.headers["x-featureratelimit-remaining"])

    left = await gatherResults([Deferred.fromCoroutine(made()) for _ in range(10)])
    assert len(set(left)) == 10
    assert max(left) - min(left) == 9


@given(limit=integers(0, 300), who=lists(integers(0, 2), max_size=400))
def test_processes_share_an_hour_and_none_of_its_calls_is_made_twice_or_lost(
    limit: int, who: list[int]
) -> None:
    """However they take turns: whoever goes on until he is refused leaves nothing of his share."""
    tallies = Counting()
    clouds = {"demo": Cloud(rate_limit=limit)}
    processes = [RateLimits(tallies, clouds, lambda: AT_NOON) for _ in range(3)]

    async def until_refused() -> list[int]:
        passed = [(await processes[each].made("demo")).made for each in who]
        for each in processes:
            while (made := (await each.made("demo")).made) <= limit:
                passed.append(made)
        return [made for made in passed if made <= limit]

    passed: list[int] = []
    Deferred.fromCoroutine(until_refused()).addCallback(passed.extend)  # nothing in it waits
    assert sorted(passed) == list(range(1, limit + 1))
    assert tallies.writes <= limit + 3


@pytest_twisted.ensureDeferred
async def test_few_calls_cost_a_write() -> None:
    """Neither those that pass nor, once nothing is left, those that are refused."""
    tallies = Counting()
    limits = RateLimits(tallies, {"demo": Cloud(rate_limit=10_000)}, lambda: AT_NOON)
    for number in range(1, 501):
        assert (await limits.made("demo")).made == number
    assert tallies.writes == 1
    spent = RateLimits(tallies, {"demo": Cloud(rate_limit=100)}, lambda: AT_NOON)
    assert [(await spent.made("demo")).made for _ in range(10)] == [101] * 10
    assert tallies.writes == 2
