"""Whom to ask, and whom next when that fails. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from edge.settings import Balance
from edge.upstream.rendezvous import affinity

SPREAD, SLACK = 1.25, 4.0


def in_order(
    upstreams: Sequence[str],
    balance: Balance,
    *,
    key: str,
    turn: int,
    ejected_until: Callable[[str], float],
    now: float,
    crowded: Collection[str] = (),
) -> tuple[str, ...]:
    """Every upstream, in the order to try them.

    `first` keeps the given preference (a shield, then its bypass), `hash` is rendezvous hashing by `key` (a
    URL always goes to the same instance, and only the lost one's URLs move), `round-robin` rotates by `turn`.
    Those that are `crowded` come after those that are not. Ejected ones come last, the one that returns soonest
    first: when all are ejected, asking beats refusing.
    """
    ordered = BALANCES[balance](upstreams, key, turn)
    healthy = [upstream for upstream in ordered if ejected_until(upstream) <= now]
    healthy.sort(key=lambda upstream: upstream in crowded)
    ejected = sorted((upstream for upstream in ordered if ejected_until(upstream) > now), key=ejected_until)
    return (*healthy, *ejected)


def overloaded(running: Mapping[str, int]) -> frozenset[str]:
    """Of upstreams that share URLs by their hash, those that have far more questions than their share: what comes now
    is better asked of the next, who may have just joined (consistent hashing with bounded loads, Mirrokni et al. 2016).
    """
    most = SLACK + SPREAD * sum(running.values()) / max(1, len(running))
    return frozenset(upstream for upstream, count in running.items() if count >= most)


def _first(upstreams: Sequence[str], _key: str, _turn: int) -> Sequence[str]:
    return upstreams


def _hash(upstreams: Sequence[str], key: str, _turn: int) -> Sequence[str]:
    return sorted(upstreams, key=lambda upstream: affinity(upstream, key), reverse=True)


def _round_robin(upstreams: Sequence[str], _key: str, turn: int) -> Sequence[str]:
    first = turn % max(1, len(upstreams))
    return (*upstreams[first:], *upstreams[:first])


BALANCES: dict[Balance, Callable[[Sequence[str], str, int], Sequence[str]]] = {
    "first": _first,
    "hash": _hash,
    "round-robin": _round_robin,
}
