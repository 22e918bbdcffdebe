"""How often the elements of an SVG are drawn: `<use>` repeats them, and so do patterns, masks and markers."""

import re
from collections.abc import Iterator, Mapping

from attrs import define, field

from origin.render.errors import InvalidImage
from origin.render.pillow.sources.svgtree import Element

MOST_REPEATED = 200_000  # elements, counted as often as they are drawn
URL = re.compile(r"url\(\s*['\"]?\s*(?P<id>#[^'\")\s]*)?[^)]*(?:\)|\Z)", re.IGNORECASE)


@define(eq=False)
class Repetition:
    """Counts each element as often as it is drawn; a `<use>` within what it uses is cut loose."""

    by_id: Mapping[str, Element]
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
        total = 1 + sum(self._weight(each) for each in element.children if isinstance(each, Element))
        for target in self._targets(element):
            if id(target) not in self._begun or id(target) in self._weights:
                total += self._weight(target)
            elif element.name == "use":
                element.attributes.pop("href", None)  # it would draw itself within itself
        if total > MOST_REPEATED:
            raise _too_repetitive()
        self._weights[id(element)] = total
        return total

    def _targets(self, element: Element) -> Iterator[Element]:
        names = [
            found["id"][1:]
            for name, value in element.attributes.items()
            for found in URL.finditer(value)
            if name not in ("d", "id", "href") and found["id"]
        ]
        if "href" in element.attributes:
            names.append(element.attributes["href"][1:])
        return iter([self.by_id[each] for each in names if each in self.by_id])


def _too_repetitive() -> InvalidImage:
    return InvalidImage(f"An SVG may draw {MOST_REPEATED} elements, repetitions included")
