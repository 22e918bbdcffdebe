"""How often the elements of an SVG are drawn: `<use>` repeats them, and so do patterns, masks and markers.

Whatever a paint or a style sheet names is counted for every element it may come down to: rather once too often.
"""

import re
from collections.abc import Iterator, Mapping

from attrs import define, field

from origin.render.errors import InvalidImage
from origin.render.pillow.sources.svgtree import Element

MOST_REPEATED = 200_000  # elements, counted as often as they are drawn
MOST_NAMED = 10_000  # addresses in style sheets, counted for every class and id they are given to
URL = re.compile(r"url\(\s*['\"]?\s*(?P<id>#[^'\")\s]*)?[^)]*(?:\)|\Z)", re.IGNORECASE)


ONCE = frozenset({"mask", "clip-path", "filter"})
"""What is laid over a group as a whole; paints and markers come down to each of its members."""

_SELECTED = re.compile(r"[.#](?P<name>[\w-]+)")
_EVERYTHING = ""  # what a rule without classes and ids selects, as far as we look


@define(eq=False)
class Sheets:
    """Which addresses the style sheets of a drawing give to the bearers of a class or an id."""

    _named: dict[str, dict[str, None]] = field(factory=dict, init=False)
    _count: int = field(default=0, init=False)

    def read(self, sheet: str) -> None:
        """One sheet more."""
        for block in sheet.split("}"):
            selectors, _, declared = block.rpartition("{")
            names = dict.fromkeys(found["id"][1:] for found in URL.finditer(declared) if found["id"])
            for selector in selectors.split(",") if names else ():
                selected = [found["name"] for found in _SELECTED.finditer(selector)] or [_EVERYTHING]
                for each in selected:
                    self._count += len(names)
                    if self._count > MOST_NAMED:
                        raise _too_repetitive()
                    self._named.setdefault(each, {}).update(names)

    def named_for(self, element: Element) -> Iterator[str]:
        """The ids that sheets may give to one element."""
        if not self._named:
            return
        for bearer in (
            _EVERYTHING,
            element.attributes.get("id", ""),
            *element.attributes.get("class", "").split(),
        ):
            yield from self._named.get(bearer, ())


@define(eq=False)
class Repetition:
    """Counts each element as often as it is drawn; a `<use>` within what it uses is cut loose."""

    by_id: Mapping[str, Element]
    sheets: Sheets = field(factory=Sheets)
    _weights: dict[int, int] = field(factory=dict, init=False)
    _begun: set[int] = field(factory=set, init=False)

    def check(self, root: Element) -> None:
        """Nothing, or `InvalidImage` for a bomb."""
        try:
            self._weight(root)
        except RecursionError as error:
            raise _too_repetitive() from error

    def _weight(self, element: Element) -> int:
        known = self._weights.get(id(element))
        if known is not None:
            return known
        self._begun.add(id(element))
        total = 1
        for each in element.children:
            if isinstance(each, Element):
                total = _bounded(total + self._weight(each))
        members = total
        for name, is_for_each in self._names(element):
            target = self.by_id.get(name)
            if target is None:
                continue
            if id(target) not in self._begun or id(target) in self._weights:
                total = _bounded(total + self._weight(target) * (members if is_for_each else 1))
            elif element.name == "use":
                element.attributes.pop("href", None)  # it would draw itself within itself
        self._weights[id(element)] = total
        return total

    def _names(self, element: Element) -> list[tuple[str, bool]]:
        """The ids an element names, and whether each of its members is painted with what bears them."""
        names = [
            (found["id"][1:], name not in ONCE)
            for name, value in element.attributes.items()
            if name not in ("d", "id", "href")
            for found in URL.finditer(value)
            if found["id"]
        ]
        names += [(each, True) for each in self.sheets.named_for(element)]
        if "href" in element.attributes:
            names.append((element.attributes["href"][1:], False))
        return names


def _bounded(count: int) -> int:
    if count > MOST_REPEATED:
        raise _too_repetitive()
    return count


def _too_repetitive() -> InvalidImage:
    return InvalidImage(f"An SVG may draw {MOST_REPEATED} elements, repetitions included")
