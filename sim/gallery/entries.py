"""What the gallery shows: pictures and chains, in the order of the sheet. Kept as text beside this module."""

from importlib.resources import files

from attrs import frozen

ENTRIES = files(__package__) / "entries.txt"


@frozen
class Entry:
    """A chain on one of the gallery's pictures."""

    picture: str
    chain: str


@frozen
class Section:
    """Entries that belong together."""

    title: str
    entries: tuple[Entry, ...]


def sections(text: str | None = None) -> tuple[Section, ...]:
    """The sections of the kept text, or of another."""
    found: list[tuple[str, list[Entry]]] = []
    for line in (ENTRIES.read_text("utf-8") if text is None else text).splitlines():
        if line.startswith("== "):
            found.append((line[3:], []))
        elif line and not line.startswith("#"):
            picture, chain = line.split(" ")
            found[-1][1].append(Entry(picture, chain))
    return tuple(Section(title, tuple(entries)) for title, entries in found)
