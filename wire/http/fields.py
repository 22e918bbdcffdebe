"""The header section of a message as an immutable value: ordered, case-insensitive, many lines to a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import field, frozen

Pair = tuple[str, str]


class Fields:
    """Field lines in the order they came, found by name whatever its case.

    Values are latin-1 text without surrounding white space. "Changing" answers a new value. The names in lower case
    are made at the first look-up and handed on to what is made of these fields: heads are short, and looked through
    faster than indexed.
    """

    __slots__ = ("_lines", "_names")

    def __init__(self, lines: Iterable[Pair] = (), names: tuple[str, ...] | None = None) -> None:
        """`names`: those of the lines in lower case, where they are known."""
        self._lines: tuple[Pair, ...] = tuple(lines)
        self._names = names

    @classmethod
    def of(cls, **values: str) -> Fields:
        """Fields from keywords, `_` read as `-`: `Fields.of(Cache_Control="no-store")`."""
        return cls((name.replace("_", "-"), value) for name, value in values.items())

    @classmethod
    def from_bytes(cls, lines: Iterable[tuple[bytes, bytes]]) -> Fields:
        """Fields as they come from a socket."""
        return cls([(name.decode("latin-1"), value.strip(b" \t").decode("latin-1")) for name, value in lines])

    def _lower(self) -> tuple[str, ...]:
        """The name of each line."""
        names = self._names
        if names is None:
            names = self._names = tuple([name.lower() for name, _ in self._lines])
        return names

    def get(self, name: str) -> str | None:
        """The first line of that name: the right reading of a singleton field such as Date."""
        lower, names = name.lower(), self._lower()
        return self._lines[names.index(lower)][1] if lower in names else None

    def all(self, name: str) -> tuple[str, ...]:
        """Every line of that name, in order."""
        lower, names = name.lower(), self._lower()
        if lower not in names:
            return ()
        return tuple([line[1] for known, line in zip(names, self._lines, strict=True) if known == lower])

    def joined(self, name: str) -> str | None:
        """All lines of that name as one list (RFC 9110 §5.3); None when there is none. Not for Set-Cookie."""
        values = self.all(name)
        return ", ".join(values) if values else None

    def members(self, name: str) -> tuple[str, ...]:
        """The list members of all lines of that name: split at commas outside quotes, empty ones skipped."""
        joined = self.joined(name)
        return split_list(joined) if joined else ()

    def names(self) -> frozenset[str]:
        """The names that occur, in lower case."""
        return frozenset(self._lower())

    def replacing(self, name: str, value: str) -> Fields:
        """The same with exactly one line of that name, at the end."""
        return self.without((name,)).adding(name, value)

    def adding(self, name: str, value: str) -> Fields:
        """The same with one more line at the end."""
        return Fields((*self._lines, (name, value)), (*self._lower(), name.lower()))

    def without(self, names: Iterable[str]) -> Fields:
        """The same without any line of these names."""
        gone = frozenset(map(str.lower, names))
        return self if gone.isdisjoint(self._lower()) else self._parted(gone, are_kept=False)

    def only(self, names: Iterable[str]) -> Fields:
        """The lines of these names alone."""
        return self._parted(frozenset(map(str.lower, names)), are_kept=True)

    def _parted(self, named: frozenset[str], *, are_kept: bool) -> Fields:
        names, lines = self._lower(), self._lines
        kept = [at for at, name in enumerate(names) if (name in named) is are_kept]
        return Fields([lines[at] for at in kept], tuple([names[at] for at in kept]))

    def to_bytes(self) -> list[tuple[bytes, bytes]]:
        """Fields as a socket wants them."""
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self._lines]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._lower()

    def __iter__(self) -> Iterator[Pair]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fields) and self._lines == other._lines

    def __hash__(self) -> int:
        return hash(self._lines)

    def __repr__(self) -> str:
        return f"Fields({list(self._lines)!r})"


@frozen
class RequestHead:
    """A request without its body. `target` is the raw origin-form target (path and query) as it was
    received."""

    method: str
    target: str
    scheme: str = "http"
    authority: str = ""
    version: str = "1.1"
    fields: Fields = field(factory=Fields)


@frozen
class ResponseHead:
    """A response without its body."""

    status: int
    fields: Fields = field(factory=Fields)
    reason: str = ""
    version: str = "1.1"


def split_list(text: str) -> tuple[str, ...]:
    """List members at commas outside quoted strings, trimmed; empty members are legal and skipped (RFC 9110
    §5.6.1)."""
    if '"' not in text:
        return tuple(member for part in text.split(",") if (member := part.strip(" \t")))
    members, start, quoted, position = [], 0, False, 0
    while position < len(text):
        letter = text[position]
        if quoted and letter == "\\":
            position += 1
        elif letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            members.append(text[start:position])
            start = position + 1
        position += 1
    members.append(text[start:])
    return tuple(member for part in members if (member := part.strip(" \t")))
