"""What the gallery shows is all there is to show."""

import re

import pytest

from origin.transform.effects.grammar import ARTS, COLOUR_VISIONS, FADES, OUTLINES, READERS
from origin.transform.params import layer
from origin.transform.params.flags import MEANT, NOTED
from origin.transform.params.gravity import COMPASS
from origin.transform.params.ground import DIRECTIONS
from origin.transform.params.ground import MODES as GROUNDS
from origin.transform.params.size import MODES
from sim.gallery.entries import Entry, Section, sections

CHAINS = [entry.chain for section in sections() for entry in section.entries]


def values(key: str) -> set[str]:
    """Every value some chain gives to a param, and the words of it up to a colon."""
    found = set()
    for chain in CHAINS:
        for component in chain.split("/"):
            for param in component.split(","):
                name, _, value = param.partition("_")
                if name == key:
                    found |= {value, value.partition(":")[0]}
    return found


@pytest.mark.parametrize(
    ("key", "known"),
    [
        ("c", MODES),
        ("e", frozenset(READERS) | layer.BLENDS),
        ("fl", MEANT | NOTED | layer._OWN_FLAGS),
        ("g", COMPASS),
        ("e", {f"art:{name}" for name in ARTS}),
    ],
)
def test_each_word_of_a_registry_is_shown(key: str, known: frozenset[str]) -> None:
    """An effect, a flag, a mode that comes new must come into the gallery too."""
    assert known - values(key) == set()


def test_each_word_of_an_effect_or_a_ground_is_shown() -> None:
    """Modes within a value."""
    text = "\n".join(CHAINS)
    shown = set(re.split(r"[:,/\n_]", text)) | set(re.split(r"[:,/\n]", text))
    wanted = (
        COLOUR_VISIONS - {"deuteranopia"}
        | FADES
        | OUTLINES - {"both"}
        | GROUNDS
        | DIRECTIONS - {"horizontal"}
    )
    assert wanted - shown == set()


def test_no_entry_is_shown_twice() -> None:
    """Two pictures alike tell nothing new."""
    pairs = [(entry.picture, entry.chain) for section in sections() for entry in section.entries]
    assert len(pairs) == len(set(pairs)) > 250


def test_sections_are_read_from_text() -> None:
    """A title, and under it a picture and a chain a line."""
    text = "# about\n\n== One\nphoto w_1\n== Two\nlogo a_90/r_5\n"
    assert sections(text) == (
        Section("One", (Entry("photo", "w_1"),)),
        Section("Two", (Entry("logo", "a_90/r_5"),)),
    )
