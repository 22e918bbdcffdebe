"""The colours a result leaves in, where a stored ICC profile says which (`cs_icc:`). Sheet: transformations.md §7.3."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from attrs import evolve, frozen
from PIL import Image

from origin.render.errors import InvalidProfile
from origin.render.pillow.colour import from_srgb
from origin.transform.formats import PROFILED
from origin.transform.plan import Output, Rgba

MOST_BYTES = 20 << 20
_PRINTED = frozenset({"jpg", "tiff"})
_HOLDERS = {"RGB ": PROFILED, "GRAY": _PRINTED, "CMYK": _PRINTED}
"""Colour spaces of profiles, as their heads name them, and the formats we write each in."""


@frozen
class Profile:
    """A profile and what it is of: `RGB `, `GRAY` or `CMYK`, as ICC spells them."""

    name: str  # as the chain calls it
    data: bytes
    space: str

    @property
    def is_printed(self) -> bool:
        """Whether it is of ink, or of grey: such colours are mixed last, from the opaque picture."""
        return self.space != "RGB "

    def narrowed(self, output: Output) -> Output:
        """The output in the formats, among those it may have, that can hold such colours."""
        formats = [each for each in output.formats if each in _HOLDERS[self.space]]
        if not formats:
            what, where = self.space.strip(), " or ".join(output.formats)
            raise InvalidProfile(f"The colour profile {self.name} is of {what}, which {where} cannot hold")
        output = evolve(output, format=formats[0], others=tuple(formats[1:]))
        return output if self.is_printed else evolve(output, background=self._of(output.background))

    def coloured(self, canvases: Iterable[Image.Image]) -> list[Image.Image]:
        """sRGB canvases in these colours; transparency stays. What is printed is left to whoever writes the file."""
        return list(canvases) if self.is_printed else [self._converted(each) for each in canvases]

    def _converted(self, canvas: Image.Image) -> Image.Image:
        alpha = canvas.getchannel("A") if canvas.mode in ("LA", "RGBA") else None
        colours: Image.Image = from_srgb(self.data).apply(canvas.convert("RGB"))
        if alpha is not None:
            colours.putalpha(alpha)
        return colours

    def _of(self, colour: Rgba) -> Rgba:
        """A plain colour in these colours."""
        dot = self._converted(Image.new("RGBA", (1, 1), colour))
        red, green, blue, alpha = dot.tobytes()
        return red, green, blue, alpha


def read_profile(path: str, name: str) -> Profile:
    """The profile in a file, or `InvalidProfile`."""
    from PIL import ImageCms

    if Path(path).stat().st_size > MOST_BYTES:
        raise InvalidProfile(f"The colour profile {name} is larger than {MOST_BYTES >> 20} MB")
    data = Path(path).read_bytes()
    try:
        space = str(ImageCms.ImageCmsProfile(BytesIO(data)).profile.xcolor_space)
    except (OSError, ImageCms.PyCMSError) as error:
        raise InvalidProfile(f"{name} is no ICC colour profile", log=str(error)) from error
    if space not in _HOLDERS:
        raise InvalidProfile(
            f"The colour profile {name} is of {space.strip()}: only RGB, GRAY and CMYK are supported"
        )
    try:
        from_srgb(data)
    except ImageCms.PyCMSError as error:
        raise InvalidProfile(
            f"The colour profile {name} tells no way into its colours", log=str(error)
        ) from error
    return Profile(name, data, space)
