"""Surrogate keys of a response, and the tag by which a bare path finds its entries whatever the host."""

from __future__ import annotations

from edge.core.key import Address, split_key
from edge.core.policy import Shapes
from wire.http.fields import Fields
from wire.http.structured import StructuredError, Token, parse_list

TAG_LIMIT = 1024
TAGS_LIMIT = 16_384
GROUPS_LIMIT = 128


def path_tag(target: str) -> str:
    """The tag every entry carries for its path and query. The leading space keeps it apart from origins'
    keys.

    Purging a bare path is `purge_tags([path_tag(normal_target(path))])`.
    """
    return " " + target


def url_tags(address: Address) -> tuple[str, ...]:
    """The tag by which a URL finds all its keys, where headers or cookies add to them."""
    return () if address.base == address.key else (path_tag(address.base),)


def source_tags(address: Address, shapes: Shapes | None) -> tuple[str, ...]:
    """The tags by which what a response was made of finds it: the bare path's, and the URL's."""
    if shapes is None:
        return ()
    place, target = split_key(address.base)
    path, own = shapes.source_of(address.normal), shapes.source_of(target)
    return () if path is None or own is None else (path_tag(path), path_tag(place + own))


def group_tags(fields: Fields, name: str, place: str) -> tuple[str, ...]:
    """The tags of the cache groups that Cache-Groups or Cache-Group-Invalidation names: Strings, each a group of
    its own origin alone (RFC 9875 §2). A field with an error anywhere names none."""
    joined = fields.joined(name)
    if joined is None:
        return ()
    try:
        members = parse_list(joined)
    except StructuredError:
        return ()
    groups = (member for member in members if isinstance(member, str) and not isinstance(member, Token))
    return tuple(dict.fromkeys(f" {place} {group}" for group in groups if len(group) <= TAG_LIMIT))[
        :GROUPS_LIMIT
    ]


def tags_of(fields: Fields) -> tuple[str, ...]:
    """The keys that Surrogate-Key (space-separated) and Cache-Tag (comma-separated) name, within limits
    (sheet 20.2)."""
    kept: dict[str, None] = {}
    room = TAGS_LIMIT
    for tag in _named(fields):
        if len(tag) <= min(TAG_LIMIT, room):
            kept[tag] = None
            room -= len(tag)
    return tuple(kept)


def tags_left_out(fields: Fields) -> int:
    """How many of them are over the limits."""
    return len(_named(fields)) - len(tags_of(fields))


def _named(fields: Fields) -> dict[str, None]:
    """Each once, in order."""
    named = [tag for line in fields.all("surrogate-key") for tag in line.split()]
    return dict.fromkeys((*named, *fields.members("cache-tag")))
