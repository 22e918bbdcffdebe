"""Which part of a stored file is looked at: pages, frames, layers, sizes; of a drawing, how finely it is drawn."""

from typing import Any

from attrs import asdict, field, frozen


@frozen
class Portion:
    """What of a file becomes the image. No `pages`: the file as it opens, every frame of an animation.

    Pages count from 1 (transformations.md §7.3).
    """

    pages: tuple[int, ...] = field(default=(), converter=tuple[int, ...])
    density: float = 0.0  # dots an inch; only of drawings
    clip: str = ""  # the fill rule of a clipping path that is to cut: nonzero, evenodd
    outline: int = 0  # which of the file's paths that is
    ignores_masks: bool = False  # extra channels are no transparency
    embedded: bool = False  # the pages are files in smart objects

    @property
    def page(self) -> int:
        """The page shown first."""
        return self.pages[0] if self.pages else 1

    def to_json(self) -> dict[str, Any]:
        """Plain values; what hardly ever holds is only told where it does."""
        found = asdict(self)
        if not self.embedded:
            del found["embedded"]
        return found


WHOLE = Portion()
"""The file as it opens."""
