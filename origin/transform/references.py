"""What a chain refers to besides its own image, and how a plan is told about it.

Planning is pure: `Gathered` holds what is known, `Wanted` says what is missing. Whoever can look it up (a
catalogue for images, a renderer for the size of words) gathers it and plans again.
"""

from collections.abc import Mapping

from attrs import field, frozen

from origin.transform.composite import Text
from origin.transform.params.provided import Plugged
from origin.transform.plan import SourceFacts
from wire.components import printable
from wire.errors import InvalidRequest

Size = tuple[int, int]


@frozen
class Reference:
    """A stored image a chain calls by name."""

    type: str  # upload, private, authenticated, fetch
    public_id: str  # folders with "/", perhaps with an extension; of fetch: a URL

    @property
    def is_restricted(self) -> bool:
        """Whether only a signed URL may show it."""
        return self.type in ("private", "authenticated")


@frozen
class Referenced:
    """What a plan needs to know of a stored image: its header, and which revision of it that is."""

    facts: SourceFacts
    revision: str


@frozen
class Gathered:
    """What is known of the things a chain refers to."""

    images: Mapping[Reference, Referenced] = field(factory=dict)
    texts: Mapping[Text, Size] = field(factory=dict)
    providers: Mapping[str, Plugged] = field(factory=dict)  # by the name of their effect


NOTHING_GATHERED = Gathered()


class Wanted(InvalidRequest):
    """A plan cannot go on before `thing` is known. Where nobody can look it up, it is the caller's 400."""

    def __init__(self, thing: Reference | Text) -> None:
        self.thing = thing
        name = thing.public_id if isinstance(thing, Reference) else f"text:{thing.family}_{thing.size}"
        super().__init__(f"The size of layer {printable(name)} is not known here")


class UnknownReference(InvalidRequest):
    """No such image may be laid over anything; `keys` are what an upload of it would purge."""

    def __init__(self, reference: Reference, keys: tuple[str, ...] = ()) -> None:
        self.keys = keys
        super().__init__(
            f"Unknown or invalid referenced image {printable(reference.public_id)} of type {reference.type}"
        )
