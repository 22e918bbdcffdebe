"""Listings in order, merged and joined."""

from collections.abc import AsyncIterator, Sequence

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from origin.ordered import merged, paired

keys = st.lists(st.text("abc", min_size=1, max_size=3), unique=True).map(sorted)


async def listed(items: Sequence[str]) -> AsyncIterator[str]:
    for each in items:
        waiting: Deferred[None] = Deferred()
        waiting.callback(None)
        await waiting
        yield each


async def collected(listing: AsyncIterator[object]) -> list[object]:
    return [each async for each in listing]


def all_of(listing: AsyncIterator[object]) -> list[object]:
    found: list[object] = []
    Deferred.fromCoroutine(collected(listing)).addCallback(found.extend)
    return found


@given(st.lists(keys, max_size=4))
def test_merged_listings_are_in_order_and_lose_nothing(parts: list[list[str]]) -> None:
    assert all_of(merged(map(listed, parts), str)) == sorted(each for part in parts for each in part)


@given(keys, keys)
def test_pairs_are_the_join_of_both_sides(ones: list[str], others: list[str]) -> None:
    wanted = [
        (key if key in ones else None, key if key in others else None) for key in sorted({*ones, *others})
    ]
    assert all_of(paired(listed(ones), listed(others), str)) == wanted
