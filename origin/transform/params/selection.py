"""Which part of the stored file a chain is about: `pg dn`, `fl_clip` and other flags of input (§1, §7.3, §13).

It holds for the whole chain, wherever it stands; of several `pg_` the first counts, as all speak of one file.
The density of a chain is one of its settings (`finish`); a layer has a density of its own.
"""

import re
from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from origin.transform.pages import COMPOSED, DENSITY, PAGED, is_drawing
from origin.transform.params.finish import AS_STORED, Density, read_density
from origin.transform.params.flags import read_flags
from origin.transform.plan import Sheet, SourceFacts
from origin.transform.portion import Portion
from origin.transform.values import invalid, refused
from wire.components import printable
from wire.errors import InvalidRequest
from wire.public_ids import escaped

Span = tuple[int, int | None]
"""From a page to a page, or to the last."""

_SPAN = re.compile(r"(?P<first>[0-9]{1,6})(?P<range>-(?P<last>[0-9]{1,6})?)?")
_NAMES = "name:"
_EMBEDDED = "embedded:"
_WITH_MASKS = frozenset({"tiff", *COMPOSED})


@frozen
class Pages:
    """Pages by number, or layers by name; or the files in smart objects, told either way."""

    spans: tuple[Span, ...] = ()
    names: tuple[str, ...] = ()
    embedded: bool = False

    def spelled(self) -> str:
        """The canonical value."""
        within = _EMBEDDED if self.embedded else ""
        if self.names:
            return within + _NAMES + ";".join(escaped(each).replace("/", "%2F") for each in self.names)
        return within + ";".join(_spelled_span(*span) for span in self.spans)

    def numbers(self, facts: SourceFacts) -> tuple[int, ...]:
        """The pages of one file, in the order asked for; 400 names what it has not (§7.3)."""
        if self.embedded:
            return self._objects(facts.embedded)
        if self.names:
            known = {sheet.name: number for number, sheet in enumerate(facts.sheets, 1) if number > 1}
            for name in self.names:
                if name not in known:
                    raise InvalidRequest(f"pg_name:{printable(name)} not found: {_layers_of(known)}")
            return tuple(dict.fromkeys(known[each] for each in self.names))
        count = facts.page_count
        if count == 1 and facts.format not in PAGED and self._are_several:
            return (1,)
        found: dict[int, None] = {}
        for first, last in self.spans:
            if first > count:
                raise InvalidRequest(f"pg_{self.spelled()} is out of range: the file has {_pages(count)}")
            found |= dict.fromkeys(range(first, min(count, last or count) + 1))
        return tuple(found)

    def _objects(self, sheets: Sequence[Sheet]) -> tuple[int, ...]:
        """Of several, the first is what will be shown; all of them must be there."""
        named = [each.name for each in sheets]
        numbers = [first for first, _ in self.spans]
        for name in self.names:
            if name not in named:
                raise InvalidRequest(f"pg_embedded:name:{printable(name)} not found: {_objects_of(named)}")
            numbers.append(named.index(name) + 1)
        for number in numbers:
            if number > len(sheets):
                raise InvalidRequest(f"pg_{self.spelled()} is out of range: {_objects_of(named)}")
            if sheets[number - 1].width == 0:
                raise InvalidRequest(f"pg_{self.spelled()}: the smart object cannot be read")
        return tuple(dict.fromkeys(numbers))

    @property
    def _are_several(self) -> bool:
        """Whether they are a list or a range, not one page alone."""
        return len(self.spans) > 1 or any(first != last for first, last in self.spans)


@frozen
class Selection:
    """What is taken of the file, and how finely a drawing is drawn."""

    pages: Pages | None = None
    density: Density | None = None  # of a layer
    clip: str = ""  # nonzero, evenodd
    rasterized: bool = False
    ignores_masks: bool = False

    def spelled(self) -> tuple[str, ...]:
        """The canonical params."""
        texts = []
        if self.density is not None:
            texts.append(f"dn_{self.density}")
        if self.clip:
            texts.append("fl_clip" if self.clip == "nonzero" else "fl_clip_evenodd")
        if self.ignores_masks:
            texts.append("fl_ignore_mask_channels")
        if self.rasterized:
            texts.append("fl_rasterize")
        if self.pages is not None:
            texts.append(f"pg_{self.pages.spelled()}")
        return tuple(texts)

    def of(self, facts: SourceFacts, density: Density | None = None) -> Portion:
        """The portion of one file, or 400 for a page, layer or path it has not."""
        if self.clip:
            return self._cut_out(facts)
        pages = () if self.pages is None else self.pages.numbers(facts)
        is_embedded = self.pages is not None and self.pages.embedded
        if pages == (1,) and facts.frames == 1 and not is_embedded:
            pages = ()  # what every file opens with
        has_masks = facts.has_alpha and facts.format in _WITH_MASKS
        return Portion(
            pages=pages,
            density=_dots(facts, density or self.density) if is_drawing(facts) else 0.0,
            ignores_masks=self.ignores_masks and has_masks and not is_embedded,
            embedded=is_embedded,
        )

    def _cut_out(self, facts: SourceFacts) -> Portion:
        """The portion through a clipping path: here `pg_` chooses the path (§13)."""
        names = [each.name for each in facts.outlines]
        if not names:
            raise InvalidRequest("fl_clip: the file has no clipping path")
        pages = self.pages or Pages(((1, 1),))
        if pages.names:
            if pages.names[0] not in names:
                raise InvalidRequest(
                    f"pg_{printable(pages.spelled())} not found: the clipping paths are {printable(', '.join(names))}"
                )
            chosen = names.index(pages.names[0])
        else:
            chosen = pages.spans[0][0] - 1
            if chosen >= len(names):
                raise InvalidRequest(f"pg_{pages.spelled()} is out of range: clipping paths are {len(names)}")
        return Portion(clip=self.clip, outline=chosen)


WHOLE_FILE = Selection()
"""The file as it opens."""


def read(values: Mapping[str, str], before: Selection) -> Selection:
    """The selection after one more component."""
    if values.keys().isdisjoint(("pg", "fl")):
        return before
    flags = read_flags(values)
    clip = "evenodd" if "clip_evenodd" in flags else "nonzero" if "clip" in flags else ""
    return evolve(
        before,
        pages=before.pages or (_pages_of(values["pg"]) if "pg" in values else None),
        clip=before.clip or clip,
        rasterized=before.rasterized or "rasterize" in flags,
        ignores_masks=before.ignores_masks or "ignore_mask_channels" in flags,
    )


def read_own(values: Mapping[str, str], before: Selection) -> Selection:
    """The same for a component of a layer, whose density is its own."""
    after = read(values, before)
    return evolve(after, density=read_density(values["dn"])) if "dn" in values else after


def _dots(facts: SourceFacts, density: Density | None) -> float:
    if density == AS_STORED:
        return facts.density or DENSITY
    return float(density or DENSITY)


def _pages_of(text: str) -> Pages:
    if text.startswith(_EMBEDDED):
        asked = text.removeprefix(_EMBEDDED)
        if not asked:
            raise invalid("page", text)
        found = _pages_of(asked)
        if found.embedded or any(first != last for first, last in found.spans):
            raise invalid("page", text)
        return evolve(found, embedded=True)
    if text.startswith(_NAMES):
        names = tuple(dict.fromkeys(text.removeprefix(_NAMES).split(";")))
        if not all(names):
            raise invalid("page", text)
        return Pages(names=names)
    spans = tuple(dict.fromkeys(_span(each, text) for each in text.split(";")))
    return Pages(spans)


def _span(text: str, whole: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise refused("pg", "page", whole)
    first = int(found["first"])
    last = first if found["range"] is None else int(found["last"]) if found["last"] else None
    if first < 1 or (last is not None and last < first):
        raise invalid("page", whole)
    return first, last


def _spelled_span(first: int, last: int | None) -> str:
    return f"{first}-" if last is None else str(first) if last == first else f"{first}-{last}"


def _pages(count: int) -> str:
    return f"{count} page{'s' * (count != 1)}"


def _objects_of(names: Sequence[str]) -> str:
    if not names:
        return "the file has no smart objects"
    return f"the smart objects are {printable(', '.join(names))}"


def _layers_of(known: Mapping[str, int]) -> str:
    names = [name for name in known if name]
    return f"the layers are {printable(', '.join(names))}" if names else "the file has no named layers"
