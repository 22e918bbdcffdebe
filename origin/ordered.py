"""Asynchronous listings that are in key order, put together without reading them whole."""

from collections.abc import AsyncIterator, Callable, Iterable
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


async def merged(listings: Iterable[AsyncIterator[A]], key: Callable[[A], str]) -> AsyncIterator[A]:
    """All of them as one, in order."""
    heads: list[tuple[A, AsyncIterator[A]]] = []
    for listing in listings:
        if (head := await _following(listing)) is not None:
            heads.append((head, listing))
    while heads:
        least = min(range(len(heads)), key=lambda index: key(heads[index][0]))
        head, listing = heads.pop(least)
        yield head
        if (following := await _following(listing)) is not None:
            heads.append((following, listing))


async def paired(
    ones: AsyncIterator[A], others: AsyncIterator[B], key: Callable[[A | B], str]
) -> AsyncIterator[tuple[A | None, B | None]]:
    """Both side by side where their keys are the same, else each alone."""
    one, other = await _following(ones), await _following(others)
    while one is not None or other is not None:
        if other is None or (one is not None and key(one) < key(other)):
            yield one, None
            one = await _following(ones)
        elif one is None or key(other) < key(one):
            yield None, other
            other = await _following(others)
        else:
            yield one, other
            one, other = await _following(ones), await _following(others)


async def _following(listing: AsyncIterator[A]) -> A | None:
    """The next one, None at the end. (`anext` with a default cannot wait for a Deferred in Python 3.11.)"""
    try:
        return await anext(listing)
    except StopAsyncIteration:
        return None
