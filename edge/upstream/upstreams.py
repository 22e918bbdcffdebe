"""Those a node asks, and what asking them needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count

from attrs import evolve, field, frozen
from twisted.internet.interfaces import IReactorTime

from edge.settings import Balance, Limits
from edge.upstream.choose import BALANCES, in_order, overloaded
from edge.upstream.group import MEMBERS, Group
from edge.upstream.health import Health
from edge.upstream.pool import Pool
from edge.upstream.retries import RetryBudget
from edge.upstream.routes import Routes
from edge.upstream.tiers import Tiers
from wire.http.fields import Fields, Pair, RequestHead


@frozen
class Upstreams:
    """Those a node asks, and what asking them needs."""

    urls: tuple[str, ...]
    pool: Pool
    health: Health
    clock: IReactorTime
    now: Callable[[], float]
    limits: Limits = field(factory=Limits)
    balance: Balance = "first"
    retry_statuses: frozenset[int] = frozenset()
    budget: RetryBudget = field(factory=RetryBudget)
    answers: Counter[tuple[str, str]] = field(factory=Counter)
    """(upstream, status class or reason of failure) → how often."""
    turns: Iterator[int] = field(factory=count)
    hosts: Mapping[str, str] = field(factory=dict)
    """Upstream → the Host it is asked by where the viewer's does not go on; its own where nothing is said."""
    besides: Mapping[str, Pair] = field(factory=dict)
    """Upstream → a field that it is told, and no other."""
    group: Group | None = None
    """None: each is as good as any other."""
    secondary_balance: Balance = "first"
    """Among those of a group's second member."""
    tiers: Tiers = field(factory=Tiers)
    routes: Routes | None = None
    """For what no cache keeps; None: there is one way."""

    @property
    def are_cut_off(self) -> bool:
        """Whether none of them is in reach, as checks have found, or questions that had no answer."""
        health = self.health
        return health.are_silent(self.urls) or health.breakers.are_open(health.here(self.urls))

    @property
    def for_nothing_kept(self) -> Upstreams:
        """The same for questions whose answers are not kept, whatever their method."""
        if not self.tiers.parents and self.routes is None:
            return self
        return evolve(self, tiers=evolve(self.tiers, keeps_nothing=True))

    def told(self, upstream: str, head: RequestHead) -> RequestHead:
        """A head as this one is to have it."""
        fields = head.fields
        if upstream in self.hosts and "host" not in fields:
            fields = Fields((("Host", self.hosts[upstream]), *fields))
        if upstream in self.besides:
            fields = fields.adding(*self.besides[upstream])
        return head if fields is head.fields else evolve(head, fields=fields)

    def answered(self, upstream: str, status: int) -> None:
        """A head came from it."""
        self.answers[upstream, f"{status // 100}xx"] += 1
        self.health.breakers.close(upstream)
        self.health.answered(upstream, status)

    def in_order(self, head: RequestHead) -> tuple[str, ...]:
        """Whom to try with this question, the best first; nobody, where all are out of reach, or gave no answer too
        often (sheet 19.3)."""
        way = self._way(head)
        return (*way, *self._in_order(head))

    def in_reach(self, urls: Iterable[str]) -> tuple[str, ...]:
        """Those of them that are not known to be out of it."""
        return tuple(url for url in urls if not self.health.is_out_of_reach(url))

    def _way(self, head: RequestHead) -> tuple[str, ...]:
        """The other edge to go through, if any: by who was asked first, and never for what a cache may keep."""
        is_asked_first = len(head.fields.members("cdn-loop")) <= 1
        if self.routes is None or self.tiers.may_keep(head.method) or not is_asked_first:
            return ()
        way = self.routes.way()
        return (way,) if way and not self.health.breakers.refuses(way) else ()

    def _in_order(self, head: RequestHead) -> tuple[str, ...]:
        key, here, group = head.authority + head.target, self.health.here(self.urls), self.group
        last = self.tiers.passed_by(head.method)
        if group is None:
            ordered = self._ordered(here, self.balance, key, last)
            return self.in_reach(url for url in ordered if not self.health.breakers.refuses(url))
        # whoever is there: what happened to a member before is not remembered
        if not group.secondary:
            members = BALANCES[self.balance](here, key, 0)
            return tuple(sorted(members, key=last.__contains__)[:MEMBERS])
        first = [url for url in here if url not in group.secondary]
        second = [url for url in here if url in group.secondary]
        balances = (first, self.balance), (second, self.secondary_balance)
        return tuple(url for urls, balance in balances for url in self._ordered(urls, balance, key, last))

    def _ordered(
        self, urls: Sequence[str], balance: Balance, key: str, last: frozenset[str]
    ) -> tuple[str, ...]:
        running = {url: self.pool.running(url) for url in urls} if balance == "hash" else {}
        return in_order(
            urls,
            balance,
            key=key,
            turn=next(self.turns) if balance == "round-robin" else 0,
            ejected_until=self.health.ejected_until,
            now=self.health.now(),
            crowded=overloaded(running) | last,
        )
