"""The names that mean something at one point of a chain: variables so far, the image so far, the asset."""

from collections.abc import Callable, Mapping
from typing import Protocol

from attrs import define, field

from origin.transform.language.about import About
from origin.transform.language.expression import Value
from origin.transform.language.tokens import CHARACTERISTICS, SETS, Kind, Token
from origin.transform.plan import Sheet, SourceFacts
from origin.transform.portion import WHOLE, Portion
from origin.transform.values import unsupported
from wire.components import printable
from wire.errors import InvalidRequest, Unauthorized
from wire.negotiation import Negotiated

Size = tuple[int, int]


class Image(Protocol):
    """The image as the chain has made it so far."""

    def size(self) -> Size:
        """Width and height, before `dpr`."""
        ...

    def count_faces(self) -> int:
        """How many faces the original has."""
        ...

    def illustration(self) -> float:
        """How likely the original is drawn, 0 to 1."""
        ...

    def trimmed_ratio(self) -> float:
        """The ratio of its sides if its borders were trimmed."""
        ...


@define
class Scope:
    """Answers for every name. Variables live from their assignment to the end of the chain (§9)."""

    facts: SourceFacts
    about: About
    image: Image
    negotiated: Negotiated
    original: Size  # as shown: EXIF orientation applied, unless the chain ignores it
    variables: dict[str, Value] = field(factory=dict)
    portion: Portion = WHOLE

    def value(self, token: Token) -> Value:
        """The value of a name in an expression."""
        match token.kind:
            case Kind.VARIABLE:
                if token.text not in self.variables:
                    raise InvalidRequest(f"Undefined variable in transformation: {token}")
                return self.variables[token.text]
            case Kind.STORED:
                return self._stored(token.text)
            case _ if token.text in _NUMBERS:
                return float(_NUMBERS[token.text](self))
            case _:
                raise _no_number(token)

    def members(self, token: Token) -> frozenset[str]:
        """The members of a set: of a text, what stands between its colons."""
        match token.kind, token.text:
            case Kind.CHARACTERISTIC, "tags":
                return self._told.tags
            case Kind.CHARACTERISTIC, "ctx":
                return frozenset(self._told.context)
            case Kind.CHARACTERISTIC, "md":
                return frozenset(self._told.metadata)
            case Kind.CHARACTERISTIC, "rn":
                return frozenset(self.about.marks.regions)
            case Kind.CHARACTERISTIC, "pgnames":
                return frozenset(sheet.name for sheet in self.facts.sheets if sheet.name)
            case Kind.STORED, name if name.startswith("md:"):
                value = self._told.metadata.get(_key(name), ())
                return frozenset(value) if isinstance(value, tuple) else _split(value)
            case Kind.TEXT, text:
                return _split(text)
            case _:
                return _split(self.value(token))

    @property
    def _told(self) -> About:
        """What people said of the asset; 401 where chains may not ask for it (delivery-urls.md §8.2)."""
        if not self.about.is_told:
            raise Unauthorized("Tags, context and metadata are not for transformations in this account")
        return self.about

    def _stored(self, name: str) -> Value:
        key = _key(name)
        if name.startswith("ctx:"):
            return self._told.context.get(key, "")
        value = self._told.metadata.get(key, "")
        return ":".join(value) if isinstance(value, tuple) else value

    @property
    def _sheet(self) -> Sheet | None:
        """The page that is shown, where the file tells them apart."""
        number = self.portion.page
        sheets = self.facts.embedded if self.portion.embedded else self.facts.sheets
        return sheets[number - 1] if number <= len(sheets) else None

    @property
    def _current(self) -> Size:
        return self.image.size()


_NUMBERS: Mapping[str, Callable[[Scope], float]] = {
    "w": lambda scope: scope._current[0],
    "h": lambda scope: scope._current[1],
    "ar": lambda scope: scope._current[0] / scope._current[1],
    "iw": lambda scope: scope.original[0],
    "ih": lambda scope: scope.original[1],
    "iar": lambda scope: scope.original[0] / scope.original[1],
    "pc": lambda scope: scope.facts.page_count,
    "cp": lambda scope: scope.portion.page,
    "px": lambda scope: scope._sheet.left if scope._sheet else 0,
    "py": lambda scope: scope._sheet.top if scope._sheet else 0,
    "idn": lambda scope: scope.facts.density,
    "fc": lambda scope: scope.image.count_faces(),
    "ils": lambda scope: scope.image.illustration(),
    "tar": lambda scope: scope.image.trimmed_ratio(),
    "ccc": lambda scope: len(scope.about.marks.areas),
    "rc": lambda scope: len(scope.about.marks.regions),
}


def _no_number(token: Token) -> InvalidRequest:
    if token.text in CHARACTERISTICS - SETS:
        return unsupported(f"{token} in an expression")
    return InvalidRequest(f"Invalid expression in transformation: {printable(str(token))} is no number")


def _key(stored: str) -> str:
    """`colour` of `ctx:!colour!`."""
    return stored.partition("!")[2][:-1]


def _split(value: Value) -> frozenset[str]:
    text = value if isinstance(value, str) else f"{value:g}"
    return frozenset(filter(None, text.split(":")))
