"""A file of lines, not pixels: drawn at the very size the plan's opening cut asks for, so that it stays sharp."""

from collections.abc import Callable
from functools import cached_property

from attrs import define
from PIL import Image

from origin.render.limits import RenderLimits
from origin.transform.plan import Resample, SourceFacts

Box = tuple[float, float, float, float]

Draw = Callable[[Box, int, int], Image.Image]
"""Draws a part of the page, given in shares of its sides (0..1), as so many pixels."""

ALL: Box = (0.0, 0.0, 1.0, 1.0)


@define(eq=False, slots=False)
class Drawing:
    """A page that can be drawn at any size. `facts` tell its size in pixels at the portion's density."""

    facts: SourceFacts
    draw: Draw
    limits: RenderLimits

    @cached_property
    def image(self) -> Image.Image:
        self.limits.admit_source(self.facts.width, self.facts.height)
        return self.draw(ALL, self.facts.width, self.facts.height)

    @cached_property
    def label(self) -> Image.Image:
        """Nothing of a drawing's metadata is kept."""
        return Image.new("RGB", (1, 1))

    def ready(self, first: Resample | None) -> tuple[Image.Image, Resample | None]:
        """Only what is seen is drawn, at the size it is wanted; a cut that leaves the page is cut from it."""
        width, height = self.facts.width, self.facts.height
        if first is None:
            return self.image, None
        left, top, right, bottom = first.box
        if left < 0 or top < 0 or right > width or bottom > height:
            return self.image, first
        self.limits.admit_result(first.width, first.height)
        shares = (left / width, top / height, right / width, bottom / height)
        return self.draw(shares, first.width, first.height), None

    def verify(self) -> None:
        """Draw a small picture of it: what cannot be drawn at all is no image."""
        longest = max(self.facts.width, self.facts.height)
        scale = min(1.0, VERIFIED_SIDE / longest)
        self.draw(ALL, max(1, int(self.facts.width * scale)), max(1, int(self.facts.height * scale)))

    def close(self) -> None:
        """Nothing is held open."""


VERIFIED_SIDE = 256
