"""Purging: forget what is stored, here first, then at every peer; nothing under way may bring it back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

from attrs import fields, frozen

from edge.core.bans import Ban, ban_of_host, ban_of_prefix
from edge.core.entry import Entry
from edge.core.key import BadRequest, key_of_url, normal_target, policy_for
from edge.core.policy import KeyPolicy, Policy
from edge.core.tags import path_tag
from wire.errors import InvalidRequest

if TYPE_CHECKING:
    from edge.http.machinery import Machinery

T = TypeVar("T")

_ABSOLUTE = re.compile("(https?://[^/?#]*)([^#]*)", re.IGNORECASE)

LISTS = ("urls", "keys", "prefixes", "hosts")
SWITCHES = ("everything", "soft", "fanout")
IN_QUERIES = {"url": "urls", "key": "keys", "prefix": "prefixes", "host": "hosts"}


@frozen
class Purge:
    """What is to be forgotten. A URL or prefix that is a bare path means that path whatever the host."""

    urls: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """Surrogate keys."""
    prefixes: tuple[str, ...] = ()
    """Everything whose URL begins so: `/img/`, `http://ex.com/img/`."""
    hosts: tuple[str, ...] = ()
    """Everything of a host, on all ports unless one is named."""
    everything: bool = False
    soft: bool = False
    """Declare it stale instead: it may still be validated, or served under stale-* rules."""
    fanout: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether nothing is meant."""
        return not (self.everything or any(getattr(self, name) for name in LISTS))

    @classmethod
    def from_json(cls, told: Any) -> Purge:
        """The purge a client's JSON asks for."""
        if not isinstance(told, Mapping):
            raise InvalidRequest("A JSON object is wanted")
        unknown = set(told) - {*LISTS, *SWITCHES}
        if unknown:
            raise InvalidRequest(f"Unknown: {', '.join(sorted(map(str, unknown)))}")
        for name in SWITCHES:
            if not isinstance(told.get(name, True), bool):
                raise InvalidRequest(f"{name} must be true or false")
        wanted: dict[str, Any] = {name: _texts(told, name) for name in LISTS}
        return cls(**wanted, **{name: told[name] for name in SWITCHES if name in told})

    @classmethod
    def from_query(cls, query: str) -> Purge:
        """The purge of `?url=…&key=…&prefix=…&host=…&everything=1&soft=1&fanout=0`."""
        told: dict[str, Any] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            if name in IN_QUERIES:
                told.setdefault(IN_QUERIES[name], []).append(value)
            elif name in SWITCHES and value in ("1", "true", "0", "false"):
                told[name] = value in ("1", "true")
            else:
                raise InvalidRequest(f"Not part of a purge: {name}={value}")
        return cls.from_json(told)

    def to_json(self) -> dict[str, Any]:
        """As a peer is told."""
        values = {each.name: getattr(self, each.name) for each in fields(Purge)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def names(self, every: Policy) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The cache keys and the tags of its URLs and keys."""
        keys, tags = dict[str, None](), dict.fromkeys(self.keys)
        for url in self.urls:
            decides = policy_for(url, every)
            for meant in _meant_by(url, decides):
                sentence = f"Not a URL to purge, nor a path that begins with /: {url}"
                if meant.startswith("/"):
                    tags[path_tag(_sound(normal_target, meant, decides.key, sentence))] = None
                else:
                    key = _sound(key_of_url, meant, decides.key, sentence)
                    keys[key] = None
                    tags |= {path_tag(key): None} if decides.finds_by_url else {}
        return tuple(keys), tuple(tags)

    def bans(self, policy: Policy) -> tuple[Ban, ...]:
        """What of it goes by generation."""
        hosts = (_sound(ban_of_host, host, policy.key, f"Not a host: {host}") for host in self.hosts)
        prefixes = (
            _sound(ban_of_prefix, each, policy.key, f"Not a prefix to purge: {prefix}")
            for prefix in self.prefixes
            for each in _whatever_host(prefix, policy)
        )
        return (*((Ban("everything"),) if self.everything else ()), *hosts, *prefixes)


def _meant_by(url: str, policy: Policy) -> Iterator[str]:
    """The URL, and what else a purge of it means here."""
    yield from _whatever_host(url, policy)
    if policy.shapes is not None:
        place, target = _parted(url)
        yield from _whatever_host(place + policy.shapes.without_choice(target), policy)


def _whatever_host(url: str, policy: Policy) -> Iterator[str]:
    """A URL, and its bare path where the host is not the viewers'."""
    yield url
    place, target = _parted(url)
    if policy.purges_any_host and place:
        yield target


def _parted(url: str) -> tuple[str, str]:
    """Scheme and host, and path and query as they are written."""
    found = _ABSOLUTE.fullmatch(url)
    return (
        ("", url) if found is None else (found[1], found[2] if found[2].startswith("/") else f"/{found[2]}")
    )


async def carry_out(purge: Purge, machinery: Machinery, at: float | None = None) -> int:
    """Purge here, as of now or of a told moment; how many stored responses it was. What goes by generation is not
    counted, for it is not looked for. Raises `CacheUnavailable` if that cannot be promised.

    What is under way is told first: no later request here gets the old object as fresh (sheet 20.5, 20.6).
    """
    policy, cache = machinery.policy, machinery.cache
    (keys, tags), bans = purge.names(policy), purge.bans(policy)
    machinery.purges.purge(keys, tags, stale_at=machinery.now() if purge.soft else None)
    machinery.flights.purge(keys, tags)
    machinery.tally.purges += 1
    if bans:
        await machinery.ban(bans, soft=purge.soft, at=at)
    if purge.soft:
        return await _expire(machinery, keys, tags)
    removed = 0
    for key in keys:
        removed += await cache.remove(key)
    if tags:
        removed += await cache.purge_tags(tags)
    return removed


async def _expire(machinery: Machinery, keys: Sequence[str], tags: Sequence[str]) -> int:
    found: dict[str, Entry] = {}
    for key in keys:
        found |= {entry.body_id: entry for entry in await machinery.cache.variants(key)}
    if tags:
        found |= {entry.body_id: entry for entry in await machinery.cache.tagged(tuple(tags))}
    for entry in found.values():
        await machinery.cache.update(entry.key, entry.expired(machinery.now()))
    return len(found)


def _sound(read: Callable[[str, KeyPolicy], T], text: str, policy: KeyPolicy, sentence: str) -> T:
    try:
        return read(text, policy)
    except BadRequest as refusal:
        raise InvalidRequest(f"{sentence} ({refusal})") from refusal


def _texts(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = told.get(name, ())
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) and value for value in values):
        raise InvalidRequest(f"{name} must be a list of strings")
    if not all(map(is_text, values)):
        raise InvalidRequest(f"{name} has half a character: a surrogate without its other half")
    return tuple(values)


def is_text(written: str) -> bool:
    """Whether it is text that anything can be named by: JSON's `"\\ud800"` is half a character."""
    return not any("\ud800" <= each <= "\udfff" for each in written)
