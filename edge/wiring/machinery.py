"""What all conversations of a node share, made once its cache is open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any

import attrs
from attrs import evolve

from edge.cache.banfile import open_bans
from edge.cache.hot import LARGEST_SHARE
from edge.cache.tiered import TieredCache
from edge.control.access_log import AccessLog
from edge.control.hours import Hours
from edge.control.siblings import Siblings
from edge.control.tally import Tally
from edge.core.flights import Flights
from edge.core.policy import Policy
from edge.core.purges import PurgeLog
from edge.http.machinery import Machinery
from edge.personality.logged import manner_of
from edge.personality.played import played
from edge.personality.tagging import shapes_of, tagging_of
from edge.settings import Limits, Settings
from edge.upstream.group import MEMBERS, Group
from edge.upstream.health import Health
from edge.upstream.pool import Pool
from edge.upstream.retries import RetryBudget
from edge.upstream.tiers import Tiers
from edge.upstream.upstreams import Upstreams
from edge.wiring.routes import with_routes
from edge.workers.place import Place


def make_machinery(
    settings: Settings,
    place: Place,
    cache: TieredCache,
    pool: Pool,
    health: Health,
    tally: Tally,
    siblings: Siblings | None,
    *,
    reactor: Any,
    now: Callable[[], float],
) -> Machinery:
    """`CacheUnusable` where the purges beside the cache cannot be read, OSError where no access log can be begun."""
    held = int(settings.hot_bytes // place.seats * LARGEST_SHARE)
    limits = limits_of(settings, held, has_disk=cache.disk is not None)
    personality = played(settings)
    policy = policy_of(settings, limits)
    if personality is not None:
        policy = personality.policy(policy)
    policy = policy.with_tagging(tagging_of(policy.tagging, settings.tags))
    policy = policy.with_shapes(shapes_of(policy.shapes, settings.renditions))
    upstreams = Upstreams(
        urls=settings.asked,
        pool=pool,
        health=health,
        clock=reactor,
        now=now,
        limits=limits,
        balance=settings.balance,
        secondary_balance=settings.secondary.balance,
        hosts=settings.upstream_hosts,
        retry_statuses=frozenset(settings.retries.statuses),
        budget=RetryBudget(settings.retries.share),
        answers=tally.upstream_answers,
        group=group_of(settings),
        tiers=Tiers(frozenset(settings.parents)),
    )
    return Machinery(
        policy=policy,
        personality=personality,
        cache=cache,
        flights=Flights(settings.flights),
        purges=PurgeLog(),
        upstreams=with_routes(upstreams, settings),
        now=now,
        clock=reactor,
        tally=tally,
        ban_file=open_bans(reactor, cache.spool_directory and Path(settings.cache_dir), now()),
        access_log=access_log_of(settings, place, reactor, now),
        spool_folder=cache.spool_directory,
        spool_fallback_bytes=held,
        tell_siblings=siblings.forget if siblings is not None else None,
    )


def group_of(settings: Settings) -> Group | None:
    """The origin group that the one who is played has, where there are two to be in it."""
    statuses: tuple[int, ...] = ()
    if settings.personality == "cloudfront":
        statuses = settings.cloudfront.failover
    elif settings.personality == "akamai" and settings.akamai.site_failover is not None:
        told = settings.akamai.site_failover
        statuses = told.statuses if told.action == "upstream" else ()
    if not statuses or len(settings.asked) < MEMBERS:
        return None
    return Group(frozenset(statuses), frozenset(settings.secondary.upstreams))


def limits_of(settings: Settings, held: int, *, has_disk: bool) -> Limits:
    """Without a disk nothing larger than what memory holds of one body fits anywhere: do not gather it."""
    if has_disk:
        return settings.limits
    return evolve(settings.limits, object_bytes=min(settings.limits.object_bytes, held))


def policy_of(settings: Settings, limits: Limits) -> Policy:
    """What the core goes by."""
    return Policy(
        node=settings.name,
        key=settings.key,
        purges_any_host=settings.role == "shield" and not settings.key.site,
        upstream_host=settings.host,
        object_bytes=limits.object_bytes,
        accept_classes=settings.accept_classes,
        client_cc=settings.client_cc,
        compression=settings.compression,
        **attrs.asdict(settings.caching, recurse=False),
        range_fill=settings.range_fill,
        range_fill_bytes=settings.range_fill_bytes,
        head_fill=settings.head_fill,
        negative_ttl={int(status): seconds for status, seconds in settings.negative_ttl.items()},
    )


def access_log_of(
    settings: Settings, place: Place, reactor: Any, now: Callable[[], float]
) -> AccessLog | None:
    """Of several workers each has its own file: lines of one must not end up amid another's."""
    if not settings.access_log:
        return None
    path = settings.access_log if place.is_alone else f"{settings.access_log}.{place.seat}"
    hours = Hours(now, lambda: token_hex(4), reactor.callInThread) if settings.access_log_hourly else None
    return AccessLog(Path(path), settings.name, settings.pop, manner_of(settings), hours)
