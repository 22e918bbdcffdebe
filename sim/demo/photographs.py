"""The photographs that come with the package; README.md beside them names sources and licences."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

from attrs import frozen

FOLDER = "samples"


@frozen
class Photograph:
    """One file of the package, and whom to thank for it."""

    file: str
    title: str
    author: str
    licence: str

    @property
    def public_id(self) -> str:
        return f"{FOLDER}/{self.file.rpartition('.')[0]}"

    @property
    def credit(self) -> str:
        return f"“{self.title}”, {self.author}, {self.licence}"

    def open(self) -> Traversable:
        """Where its bytes are, wherever the package is installed."""
        return files(__package__).joinpath(self.file)


BERASATEGI, FREESPACE = "Aitzol Berasategi", "Trevor “Freespace”"

PHOTOGRAPHS = (
    Photograph("mountains-8mp-progressive.jpg", "picosdeeuropa", BERASATEGI, "CC BY 4.0"),
    Photograph("sunset-12mp-progressive.jpg", "sunset", BERASATEGI, "CC BY 4.0"),
    Photograph("dandelion-16mp.jpg", "seeding", "Clemens Engelhardt", "CC0 1.0"),
    Photograph("fig-4mp.jpg", "Picture 0B", FREESPACE, "CC BY 4.0"),
    Photograph("dogs-orientation6.jpg", "friends", BERASATEGI, "CC BY 4.0 (scaled, turned)"),
    Photograph("drum-portrait-10mp.jpg", "Wine", "Jakub Mede", "CC BY 4.0"),
    Photograph("brushes-adobergb.jpg", "Picture 1A", FREESPACE, "CC BY 4.0 (converted)"),
    Photograph("astronaut-face.jpg", "Eileen Collins", "NASA", "public domain"),
    Photograph("fig-alpha-2mp.png", "Picture 0B", FREESPACE, "CC BY 4.0 (masked)"),
    Photograph("fig-cmyk.jpg", "Picture 0B", FREESPACE, "CC BY 4.0 (converted)"),
    Photograph("sunset-12mp.webp", "sunset", BERASATEGI, "CC BY 4.0 (re-coded)"),
    Photograph("dandelion-pan.gif", "seeding", "Clemens Engelhardt", "CC0 1.0 (panned)"),
)
