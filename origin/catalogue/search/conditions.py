"""A tree as a condition on rows: of any table with columns for the fields, and of the index of assets."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Table, and_, exists, false, func, literal, not_, or_, select, true

from origin.catalogue.prefixes import successor
from origin.catalogue.schema import assets, search_numbers, search_rows, search_terms
from origin.catalogue.values import is_storable
from origin.search.entries import EXACT
from origin.search.fields import ASSET_FIELDS, Kind, field_of
from origin.search.tree import All, Everything, Has, Interval, Is, Not, Some, Test, Tree, Within, Word, leaves
from origin.search.words import ends_a_word, whole, words_of

Condition = ColumnElement[bool]
_ANY_CONTEXT = "context"
MOST_JOINED = 8
STATUS = "active"  # of whatever has a row


class Reading(ABC):
    """What all readings of a tree have in common: everything, and, or, not. Tests are for each to say."""

    def of(self, tree: Tree) -> Condition:
        """The rows that the tree means. Never NULL, so that NOT gives the rest."""
        match tree:
            case Everything():
                return true()
            case All(parts):
                return and_(*map(self.of, parts))
            case Some(parts):
                return or_(*map(self.of, parts))
            case Not(part):
                return not_(self.of(part))
            case test:
                return self.test(test)

    @abstractmethod
    def test(self, test: Test) -> Condition:
        """The rows that pass a test."""


@frozen
class Columns(Reading):
    """Conditions on a table whose columns are the fields: folders, for one."""

    columns: Mapping[str, ColumnElement[Any]]
    word_columns: tuple[str, ...]  # where bare terms are looked for
    now: float

    def test(self, test: Test) -> Condition:
        match test:
            case Word(text, _):
                return self.word(text)
            case Has(name, text, is_prefix) | Is(name, text, is_prefix):
                return alike(self.columns[name], text, is_prefix)
            case Within(name):
                return inside(self.columns[name], test.interval(self.now))

    def word(self, text: str) -> Condition:
        """Somewhere in a column stands that text, in whatever case of ASCII letters."""
        if not is_storable(text):
            return false()
        found = (
            func.lower(self.columns[name]).contains(text.lower(), autoescape=True)
            for name in self.word_columns
        )
        return or_(*found)


@frozen
class OfAssets(Reading):
    """Conditions on `search_rows`; what is no column of it is looked up beside it, row by row."""

    cloud: str
    now: float
    is_fenced: bool = False  # look things up row by row, whatever the planner would like

    @classmethod
    def for_tree(cls, cloud: str, now: float, tree: Tree) -> "OfAssets":
        """Fenced if need be: PostgreSQL thinks about every order in which tables can be joined."""
        return cls(cloud, now, is_fenced=len(list(leaves(tree))) > MOST_JOINED)

    def test(self, test: Test) -> Condition:
        match test:
            case Word(text, is_prefix):
                return self._all_there(spelled(text, is_prefix), true(), is_prefix)
            case Has(name, text, is_prefix) if is_tokenised(name):
                return (
                    self._all_there(spelled(text, is_prefix), in_field(name), is_prefix)
                    if words_of(text)
                    else self._whole(name, text, is_prefix)
                )
            case Has(name, text, is_prefix) | Is(name, text, is_prefix):
                return self._whole(name, text, is_prefix)
            case Within(name):
                interval = test.interval(self.now)
                if name in search_rows.c:
                    return inside(search_rows.c[name], interval)
                return self._is_there(search_numbers, numbered(name, interval), is_range=True)

    def _whole(self, name: str, text: str, is_prefix: bool) -> Condition:
        if name == "asset_id":
            named = alike(assets.c.asset_id, text, is_prefix)
            return search_rows.c.asset.in_(select(assets.c.id).where(assets.c.cloud == self.cloud, named))
        if name == "status":
            return true() if text == STATUS or (is_prefix and STATUS.startswith(text)) else false()
        if name in search_rows.c:
            return alike(search_rows.c[name], text, is_prefix)
        return self._is_there(search_terms, exactly(name, text, is_prefix), is_prefix)

    def _all_there(self, words: list[Condition], field: Condition, is_prefix: bool) -> Condition:
        there = [
            self._is_there(search_terms, and_(word, field), is_prefix and number == len(words))
            for number, word in enumerate(words, 1)
        ]
        return and_(*there) if words else false()

    def _is_there(self, table: Table, condition: Condition, is_range: bool) -> Condition:
        """Whether the asset has such an entry: by its own entries, which are few, however many assets have one."""
        own = [table.c.asset == search_rows.c.asset, condition]
        if not is_range:  # SQLite might look up a range by its cloud rather than by its asset
            own.append(table.c.cloud == self.cloud)
        found = exists().where(*own).correlate(search_rows)
        return found.is_(true()) if self.is_fenced else found


def is_tokenised(name: str) -> bool:
    """Whether the field is searched by words."""
    known = field_of(name, ASSET_FIELDS)
    return known is not None and known.kind is Kind.TOKENS


def spelled(text: str, is_prefix: bool) -> list[Condition]:
    """A condition on a term for every word; with a prefix, the last word may go on."""
    words = words_of(text)
    open_end = is_prefix and bool(words) and ends_a_word(text)
    return [
        alike(search_terms.c.term, word, open_end and number == len(words))
        for number, word in enumerate(words, 1)
    ]


def in_field(name: str) -> Condition:
    """Terms of that field; `context` is every key of it."""
    if name == _ANY_CONTEXT:
        return alike(search_terms.c.field, f"{name}.", True)
    return search_terms.c.field == whole(name) if is_storable(name) else false()


def exactly(name: str, text: str, is_prefix: bool) -> Condition:
    """Terms that are that value of that field."""
    term = EXACT + (text if is_prefix else whole(text))
    return and_(in_field(name), alike(search_terms.c.term, term, is_prefix))


def numbered(name: str, interval: Interval) -> Condition:
    """Numbers of that field."""
    if not is_storable(name):
        return false()
    return and_(search_numbers.c.field == whole(name), inside(search_numbers.c.value, interval))


def alike(column: ColumnElement[Any], text: str, is_prefix: bool) -> Condition:
    """Texts that are the value, or begin with it: a range that an index can serve."""
    if not is_storable(text):
        return false()
    if not is_prefix:
        return _known(column, column == literal(text, column.type))
    end = successor(text)
    bounds = [column >= literal(text, column.type)]
    if end is not None:
        bounds.append(column < literal(end, column.type))
    return _known(column, *bounds)


def inside(column: ColumnElement[Any], interval: Interval) -> Condition:
    """Numbers in that interval."""
    bounds = []
    if interval.low is not None:
        bounds.append(column >= interval.low if interval.low_inclusive else column > interval.low)
    if interval.high is not None:
        bounds.append(column <= interval.high if interval.high_inclusive else column < interval.high)
    return _known(column, *bounds)


def _known(column: ColumnElement[Any], *conditions: Condition) -> Condition:
    if getattr(column, "nullable", False):
        return and_(column.is_not(None), *conditions)
    return and_(*conditions)
