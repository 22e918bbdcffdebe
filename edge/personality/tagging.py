"""Tags of vendors whose edges ask a node, whomever that plays: a purge by tag clears all tiers (§5.1, §15.1); and so
does that of a picture by its URL, where they make others of it (§16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from edge.core.policy import Shapes
from edge.settings import TagGrammar
from wire.http.fields import Fields

Tagging = Callable[[Fields], tuple[str, ...]]


def tagging_of(own: Tagging | None, others: Mapping[str, TagGrammar]) -> Tagging | None:
    """All tags of a response: those of the one who is played, and those in others' headers."""
    readings = [
        *((own,) if own is not None else ()),
        *(_reading(name, told) for name, told in others.items()),
    ]
    if not readings:
        return None

    def all_of(fields: Fields) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tag for reading in readings for tag in reading(fields)))

    return all_of


def shapes_of(own: Shapes | None, renditions: bool) -> Shapes | None:
    """What a URL's picture was made of: as the one who is played has it, or edges that ask this node."""
    if own is not None or not renditions:
        return own
    from edge.personality.akamai.images import SHAPES

    return SHAPES


def _reading(name: str, grammar: TagGrammar) -> Tagging:
    if grammar == "cloudfront":
        from edge.personality.cloudfront.caching import tags_of  # an edge loads what it reads

        return partial(tags_of, name)
    from edge.personality.akamai.caching import tags_of as akamais

    return akamais
