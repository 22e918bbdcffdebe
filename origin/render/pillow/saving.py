"""A finished picture and what its encoders are told, and the ways to save it that they propose."""

from functools import cached_property
from typing import Any

from attrs import field, frozen
from PIL import Image

from origin.render.pillow import palettes, quality
from origin.render.pillow.metadata import NOTHING, Kept
from origin.render.pillow.operations import flatten, has_alpha
from origin.transform.plan import Output

FINE_JPEG = 90  # above this quality, a numeric q keeps full colour (transformations §7.2)
LOSSLESS = 100
TRIED_PIXELS = (
    4_000_000  # a drawing of 16 megapixels in every format and both kinds of WebP takes ten seconds
)


@frozen
class Request:
    """What is known of a result besides its pixels."""

    output: Output
    is_photographic: bool  # the source was lossy: noise, no flat areas
    kept: Kept = NOTHING  # of the source's metadata
    ink: bytes | None = None  # is printed, where the format can: as this profile has it; empty: as plain CMYK

    @property
    def is_inked(self) -> bool:
        """Whether it leaves as CMYK or, by its profile, as grey."""
        return self.ink is not None


@frozen
class Saving:
    """One way to write a canvas: Pillow's name of the format, the canvas in a mode it can take, and options."""

    name: str
    canvas: Image.Image
    options: dict[str, Any] = field(factory=dict)
    interlaced: bool = False  # a PNG whose passes we put together ourselves


@frozen
class Picture:
    """A canvas to be encoded, measured at most once however many encoders try it."""

    canvas: Image.Image
    request: Request

    @property
    def output(self) -> Output:
        """How it is to be encoded."""
        return self.request.output

    @cached_property
    def opaque(self) -> Image.Image:
        """For formats without alpha."""
        return flatten(self.canvas, (*self.output.background[:3], 255))

    @cached_property
    def measured(self) -> Image.Image:
        """What its content is judged by: all of it, or of a large one enough tiles."""
        return flatten(quality.sample(self.canvas, TRIED_PIXELS), (*self.output.background[:3], 255))

    @property
    def coloured(self) -> Image.Image:
        """RGB or RGBA."""
        mode = "RGBA" if has_alpha(self.canvas) else "RGB"
        return self.canvas if self.canvas.mode == mode else self.canvas.convert(mode)

    @cached_property
    def choice(self) -> quality.Choice:
        """The quality asked for, or the one the content needs."""
        output = self.output
        if output.quality is None:
            choice = quality.choose(self.measured, output.auto or "good", sensitive=output.sensitive)
        else:
            fine = output.quality > FINE_JPEG
            choice = quality.Choice(output.quality, "444" if fine else "420", is_graphic=False)
        return quality.Choice(choice.quality, output.subsampling or choice.subsampling, choice.is_graphic)

    @cached_property
    def is_graphic(self) -> bool:
        """A drawing, whatever quality was asked for."""
        return self.choice.is_graphic if self.output.quality is None else quality.is_graphic(self.measured)

    @cached_property
    def reduced(self) -> Image.Image | None:
        """The canvas in 256 colours, if something may be lost and nobody could tell that it was."""
        is_best = self.output.auto == "best" and not self.output.finish.any_format
        return None if is_best or self.is_lossless else palettes.unnoticed(self.canvas)

    @property
    def is_worth_trying(self) -> bool:
        """Whether there is time to encode it in several ways and keep the smallest."""
        return self.canvas.width * self.canvas.height <= TRIED_PIXELS

    @property
    def is_lossless(self) -> bool:
        """Whether nothing may be lost."""
        return self.output.quality == LOSSLESS
