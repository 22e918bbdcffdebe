"""Whose word counts: a targeted field (RFC 9213), Surrogate-Control, or plain Cache-Control (sheet 15)."""

from __future__ import annotations

from edge.core.policy import Policy
from edge.core.ruling import Ruling
from wire.http.cache_control import CacheControl, parse_cache_control
from wire.http.fields import Fields
from wire.http.structured import Item, StructuredError, Token, parse_dictionary

_LIFETIMES = ("max-age", "s-maxage")
_SECONDS = (*_LIFETIMES, "stale-while-revalidate", "stale-if-error")
_NAMED = ("no-cache", "private")


def ruling_of(fields: Fields, policy: Policy) -> Ruling:
    """The first targeted field that is present, valid and not empty; else Cache-Control (RFC 9213 §2.2)."""
    for name in policy.targeted_fields:
        text = fields.joined(name)
        if text is None:
            continue
        control = _from_dictionary(text)
        if control is not None:
            return Ruling(control, name.lower())
    if policy.surrogate_control:
        control = _from_surrogate(fields.joined("surrogate-control"), policy.node)
        if control is not None:
            return Ruling(control, "surrogate-control")
    return Ruling(parse_cache_control(fields.joined("cache-control")))


def _from_dictionary(text: str) -> CacheControl | None:
    try:
        members = parse_dictionary(text)
    except StructuredError:
        return None
    if not members:
        return None
    directives = [known for name, item in members.items() if (known := _directive(name, item)) is not None]
    return CacheControl(tuple(directives))


def _directive(name: str, item: Item) -> tuple[str, str | None] | None:
    """A directive of the right type; None for one to be skipped (RFC 9213 §2.1)."""
    if name in _SECONDS:
        if isinstance(item, int) and not isinstance(item, bool):
            return name, str(item)
        return (name, None) if name in _LIFETIMES else None  # an unreadable lifetime means stale (sheet 15.3)
    if name in _NAMED and isinstance(item, str) and not isinstance(item, Token):
        return name, item
    return (name, None) if item is True else None


def _from_surrogate(text: str | None, node: str) -> CacheControl | None:
    """Surrogate-Control (W3C edge-arch): `max-age=600+60`, `;target` limits a directive to the named
    surrogate."""
    parsed = parse_cache_control(text)
    if not parsed.directives:
        return None
    directives: list[tuple[str, str | None]] = []
    for name, argument in parsed.directives:
        plain, _, target = name.partition(";")
        value = argument
        if argument is not None and not target:
            value, _, target = argument.partition(";")
        if target.strip(" \t") not in ("", "pixeledge", node.lower(), node):
            continue
        if plain == "max-age" and value is not None and "+" in value:
            value, _, grace = value.partition("+")
            directives.append(("stale-if-error", grace))
        directives.append((plain.strip(" \t"), value))
    return CacheControl(tuple(directives), parsed.broken)
