"""Where the assets of an expression are read from: the rarest of what they must have, or all rows in order.

No database has statistics of single words, and SQLite has none at all: so we look, at a bounded cost, how many
assets each required part could leave, and start from the least.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, select, union_all

from origin.catalogue.listing import FEW
from origin.catalogue.schema import assets, search_numbers, search_rows, search_terms
from origin.catalogue.search.conditions import (
    OfAssets,
    alike,
    exactly,
    in_field,
    inside,
    is_tokenised,
    numbered,
    spelled,
)
from origin.search.tree import All, Has, Is, Some, Tree, Within, Word
from origin.search.words import words_of

_MOST_PARTS = 20
_MOST_LOOKS = 12
_INDEXED_TEXTS = frozenset({"public_id", "asset_folder"})
_INDEXED_NUMBERS = frozenset({"created_at", "uploaded_at"})
_INDEXED = search_rows.alias("indexed")  # inside a statement over `search_rows`


@frozen
class Source:
    """Numbers of assets, perhaps repeated, out of an index: all that a part of the expression means, or more."""

    numbers: Select[Any]
    part: Tree
    is_exact: bool  # no more


@frozen
class Reading:
    """How to read what an expression means: from a source, or along all rows of the cloud."""

    conditions: OfAssets
    parts: tuple[Tree, ...]
    source: Source | None = None
    is_small: bool = False  # the source has few assets

    def matching(self, *columns: ColumnElement[Any], in_order: bool = False) -> Select[Any]:
        """Columns of all that match. `in_order`: a few of them will be taken, in an order an index may have."""
        own = search_rows.c.cloud == self.conditions.cloud
        source = self.source
        if source is None or (in_order and not self.is_small):
            return select(*columns).where(own, *map(self.conditions.of, self.parts))
        # The sum keeps databases from reading by cloud, which nearly every row may be of.
        confined = search_rows.c.cloud + literal("", search_rows.c.cloud.type) == self.conditions.cloud
        chosen = search_rows.c.asset.in_(source.numbers)
        return select(*columns).where(chosen, confined, *map(self.conditions.of, self._left(source)))

    def count(self) -> Select[Any]:
        """How many match."""
        source = self.source
        if source is not None and not self._left(source):
            return select(func.count()).select_from(source.numbers.distinct().subquery())
        return self.matching(func.count())

    def _left(self, source: Source) -> list[Tree]:
        return [part for part in self.parts if part is not source.part or not source.is_exact]


def reading(connection: Connection, conditions: OfAssets, tree: Tree) -> Reading:
    """The cheapest way that a few looks show."""
    parts = tree.parts if isinstance(tree, All) else (tree,)
    best, fewest = None, FEW + 1
    sources = (each for part in parts for each in _sources(conditions, part))
    for source in islice(sources, _MOST_LOOKS):
        found = _count_up_to(connection, source, fewest)
        if best is None or found < fewest:
            best, fewest = source, found
        if fewest == 0:
            break
    return Reading(conditions, parts, best, is_small=fewest <= FEW)


def _count_up_to(connection: Connection, source: Source, most: int) -> int:
    some = source.numbers.limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _sources(conditions: OfAssets, part: Tree) -> Iterator[Source]:
    match part:
        case Word(text, is_prefix):
            yield from _spelled(conditions, part, spelled(text, is_prefix))
        case Has(name, text, is_prefix) if is_tokenised(name) and words_of(text):
            yield from _spelled(conditions, part, spelled(text, is_prefix), in_field(name))
        case Has(name, text, is_prefix) | Is(name, text, is_prefix):
            yield from _whole(conditions, part, name, text, is_prefix)
        case Within(name):
            yield from _numbers(conditions, part, name)
        case Some(parts) if len(parts) <= _MOST_PARTS:
            yield from _union(conditions, part, parts)


def _spelled(
    conditions: OfAssets, part: Tree, words: list[ColumnElement[bool]], *field: ColumnElement[bool]
) -> Iterator[Source]:
    for word in words:
        yield Source(_terms(conditions, word, *field), part, len(words) == 1)


def _terms(conditions: OfAssets, *wanted: ColumnElement[bool]) -> Select[Any]:
    return select(search_terms.c.asset).where(search_terms.c.cloud == conditions.cloud, *wanted)


def _whole(conditions: OfAssets, part: Tree, name: str, text: str, is_prefix: bool) -> Iterator[Source]:
    cloud = conditions.cloud
    if name == "asset_id":
        named = and_(assets.c.cloud == cloud, alike(assets.c.asset_id, text, is_prefix))
        yield Source(select(assets.c.id).where(named), part, True)
    elif name in _INDEXED_TEXTS:
        yield Source(_rows(cloud, alike(_INDEXED.c[name], text, is_prefix)), part, True)
    elif name in search_rows.c and is_tokenised(name):
        for word in spelled(text, is_prefix):
            yield Source(_terms(conditions, word, in_field(name)), part, False)
    elif name not in search_rows.c and name != "status":
        yield Source(_terms(conditions, exactly(name, text, is_prefix)), part, True)


def _numbers(conditions: OfAssets, part: Within, name: str) -> Iterator[Source]:
    interval = part.interval(conditions.now)
    if name in _INDEXED_NUMBERS:
        yield Source(_rows(conditions.cloud, inside(_INDEXED.c[name], interval)), part, True)
    elif name not in search_rows.c:
        own = search_numbers.c.cloud == conditions.cloud
        yield Source(select(search_numbers.c.asset).where(own, numbered(name, interval)), part, True)


def _union(conditions: OfAssets, part: Tree, parts: tuple[Tree, ...]) -> Iterator[Source]:
    sources = [next(_sources(conditions, each), None) for each in parts]
    found = [each for each in sources if each is not None]
    if len(found) == len(parts):
        numbers = union_all(*(each.numbers for each in found)).subquery()
        yield Source(select(numbers.c[0]), part, all(each.is_exact for each in found))


def _rows(cloud: str, wanted: ColumnElement[bool]) -> Select[Any]:
    return select(_INDEXED.c.asset).where(_INDEXED.c.cloud == cloud, wanted)
