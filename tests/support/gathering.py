"""Plans whose wants are met at once: by a sight, by margins, by layers of one size."""

from collections.abc import Callable
from typing import TypeVar

from attrs import evolve

from origin.transform.composite import Text
from origin.transform.plan import SourceFacts
from origin.transform.references import Gathered, Margins, Reference, Referenced, Seeing, Wanted
from origin.transform.sight import BLANK, Rect, Sight

T = TypeVar("T")

LAYER = SourceFacts(40, 20, "png", has_alpha=True)


def an_image(reference: Reference) -> Referenced:
    """Small, and clear in places."""
    return Referenced(LAYER, f"revision of {reference.public_id}")


def some_words(_: Text) -> tuple[int, int]:
    """Of one size, whatever they are."""
    return LAYER.shown


def a_pixel(_: Margins) -> Rect:
    """The least a trim may leave."""
    return 0, 0, 1, 1


def with_all(
    make: Callable[[Gathered], T],
    *,
    sight: Sight = BLANK,
    margins: Callable[[Margins], Rect] = a_pixel,
    image: Callable[[Reference], Referenced] = an_image,
    words: Callable[[Text], tuple[int, int]] = some_words,
) -> T:
    """What is made once all that was wanted is gathered."""
    gathered = Gathered()
    while True:
        try:
            return make(gathered)
        except Wanted as wanted:
            match wanted.thing:
                case Reference() as thing:
                    gathered = evolve(gathered, images={**gathered.images, thing: image(thing)})
                case Text() as thing:
                    gathered = evolve(gathered, texts={**gathered.texts, thing: words(thing)})
                case Seeing() as thing:
                    gathered = evolve(gathered, sights={**gathered.sights, thing: sight})
                case Margins() as thing:
                    gathered = evolve(gathered, margins={**gathered.margins, thing: margins(thing)})
