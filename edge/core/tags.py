"""Surrogate keys of a response, and the tag by which a bare path finds its entries whatever the host."""

from __future__ import annotations

from wire.http.fields import Fields

TAG_LIMIT = 1024
TAGS_LIMIT = 16_384


def path_tag(target: str) -> str:
    """The tag every entry carries for its path and query. The leading space keeps it apart from origins'
    keys.

    Purging a bare path is `purge_tags([path_tag(normal_target(path))])`.
    """
    return " " + target


def tags_of(fields: Fields) -> tuple[str, ...]:
    """The keys that Surrogate-Key (space-separated) and Cache-Tag (comma-separated) name, within limits
    (sheet 20.2)."""
    named = [tag for line in fields.all("surrogate-key") for tag in line.split()]
    named += fields.members("cache-tag")
    kept: dict[str, None] = {}
    room = TAGS_LIMIT
    for tag in named:
        if len(tag) <= TAG_LIMIT and len(tag) <= room and tag not in kept:
            kept[tag] = None
            room -= len(tag)
    return tuple(kept)
