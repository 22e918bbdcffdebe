"""What a chain refers to besides the header of its own image, and how a plan is told about it.

Planning is pure: `Gathered` holds what is known, `Wanted` says what is missing. Whoever can look it up (a
catalogue for images, a renderer for the size of words and for what only pixels tell) gathers it and plans again.
"""

from collections.abc import Mapping

from attrs import field, frozen

from origin.transform.composite import File, Text
from origin.transform.params.provided import Plugged
from origin.transform.plan import Input, Operation, Rgba, SourceFacts
from origin.transform.portion import WHOLE, Portion
from origin.transform.sight import UNMARKED, Marks, Rect, Sight
from wire.components import printable
from wire.errors import InvalidRequest

Size = tuple[int, int]


@frozen
class Reference:
    """A stored image, or a raw file (a font, a colour table), that a chain calls by name."""

    type: str  # upload, private, authenticated, fetch
    public_id: str  # folders with "/", perhaps with an extension; of fetch: a URL
    resource_type: str = "image"  # or raw

    @property
    def is_restricted(self) -> bool:
        """Whether only a signed URL may show it. Fonts are authenticated, but what they draw is not."""
        return self.type in ("private", "authenticated") and self.resource_type == "image"


@frozen
class Caption:
    """The style of a stored text, as chains write it."""

    style: str  # Arial_20_bold
    colour: str | None = None
    background: str | None = None


@frozen
class Referenced:
    """What a plan needs to know of a stored image: its header, and which revision of it that is."""

    facts: SourceFacts
    revision: str
    marks: Marks = UNMARKED
    caption: Caption | None = None  # of a stored text


@frozen
class Seeing:
    """A look at a stored image: the chain's own, or one it lays over that."""

    reference: Reference | None = None
    portion: Portion = WHOLE


@frozen
class Look:
    """An image part of the way through its chain: where it comes from, and what has been done to it."""

    source: File | Text | None  # None: the chain's own image
    orient: bool
    operations: tuple[Operation, ...]
    inputs: tuple[Input, ...]
    portion: Portion = WHOLE  # of the chain's own


@frozen
class Margins:
    """What lies inside the borders of an image, by the rules of `e_trim`."""

    look: Look
    level: int
    colour: Rgba | None


@frozen
class Gathered:
    """What is known of the things a chain refers to."""

    images: Mapping[Reference, Referenced] = field(factory=dict)
    texts: Mapping[Text, Size] = field(factory=dict)
    providers: Mapping[str, Plugged] = field(factory=dict)  # by the name of their effect
    sights: Mapping[Seeing, Sight] = field(factory=dict)
    margins: Mapping[Margins, Rect] = field(factory=dict)


NOTHING_GATHERED = Gathered()


Thing = Reference | Text | Seeing | Margins


class Wanted(InvalidRequest):
    """A plan cannot go on before `thing` is known. Where nobody can look it up, it is the caller's 400."""

    def __init__(self, thing: Thing) -> None:
        self.thing = thing
        super().__init__(f"{_said(thing)} is not known here")


class UnknownReference(InvalidRequest):
    """No such image may be laid over anything; `keys` are what an upload of it would purge."""

    def __init__(self, reference: Reference, keys: tuple[str, ...] = ()) -> None:
        self.keys = keys
        what = "image" if reference.resource_type == "image" else "raw file"
        super().__init__(
            f"Unknown or invalid referenced {what} {printable(reference.public_id)} of type {reference.type}"
        )


def _said(thing: Thing) -> str:
    match thing:
        case Reference(public_id=name):
            return f"The size of layer {printable(name)}"
        case Text():
            return f"The size of layer {printable(f'text:{thing.family}_{thing.size}')}"
        case Seeing(reference=Reference(public_id=name)):
            return f"What layer {printable(name)} shows"
        case Seeing():
            return "What the image shows"
        case _:
            return "What lies inside the margins of the image"
