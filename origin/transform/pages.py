"""What a portion of a file shows: the facts of the picture that a plan begins with."""

from fractions import Fraction

from attrs import evolve

from origin.transform.plan import Sheet, SourceFacts
from origin.transform.portion import Portion
from origin.transform.values import half_up

INCH = {"pdf": 72, "svg": 96}
"""Formats of lines, not pixels, and how many of their own units an inch has."""

DENSITY = 150
"""Dots an inch at which drawings become pixels, unless `dn_` says otherwise (transformations.md §7.3)."""

COMPOSED = frozenset({"psd", "psb"})
"""Several pages of these are laid on each other; of others, the first of them is shown."""

PAGED = frozenset({"pdf", "tiff", *COMPOSED})
"""Formats that have pages even where a file has only one; of others, what a list or range asks is the first."""


def is_drawing(facts: SourceFacts) -> bool:
    """Whether a file has lines, not pixels."""
    return facts.format in INCH


def seen(facts: SourceFacts, portion: Portion) -> SourceFacts:
    """The facts of what is shown: of a drawing in pixels, of a file with pages those of the page."""
    if portion.clip:
        facts = evolve(facts, has_alpha=True)
    elif portion.ignores_masks:
        facts = evolve(facts, has_alpha=False)
    if portion.embedded:
        return _as(facts, facts.embedded[portion.page - 1])
    if portion.pages and facts.frames > 1:
        return evolve(facts, frames=len(portion.pages))
    if is_composed(facts, portion):
        return evolve(facts, has_alpha=True)
    shown = _page(facts, portion.page)
    if not is_drawing(facts):
        return shown
    scale = Fraction(portion.density) / INCH[facts.format]
    return evolve(
        shown,
        width=max(1, half_up(shown.width * scale)),
        height=max(1, half_up(shown.height * scale)),
    )


def is_composed(facts: SourceFacts, portion: Portion) -> bool:
    """Whether the portion lays several layers on each other, on a canvas of the whole."""
    return len(portion.pages) > 1 and not portion.embedded and facts.format in COMPOSED


def _page(facts: SourceFacts, number: int) -> SourceFacts:
    if number > len(facts.sheets):
        return facts
    return _as(facts, facts.sheets[number - 1])


def _as(facts: SourceFacts, sheet: Sheet) -> SourceFacts:
    has_alpha = facts.has_alpha if sheet.has_alpha is None else sheet.has_alpha
    return evolve(facts, width=sheet.width, height=sheet.height, has_alpha=has_alpha)
