"""An open picture: the facts of what is looked at, and its pixels when they are asked for."""

from collections.abc import Callable
from functools import cached_property
from typing import Protocol

from attrs import define
from PIL import Image

from origin.render.pillow.sources.quirks import corrected
from origin.transform.plan import Resample, SourceFacts


class Source(Protocol):
    """What rendering sees of any file."""

    @property
    def facts(self) -> SourceFacts:
        """Of what is looked at: a page, a layer, an animation."""
        ...

    @property
    def image(self) -> Image.Image:
        """Its pixels at the size its facts tell; loaded late."""
        ...

    @property
    def label(self) -> Image.Image:
        """An image that bears the file's metadata and mode; its pixels do not count."""
        ...

    def ready(self, first: Resample | None) -> tuple[Image.Image, Resample | None]:
        """Pixels that serve for the plan's opening cut, and that cut in terms of them; None: it is done."""
        ...

    def verify(self) -> None:
        """Decode all that may ever be asked for, so that damage shows."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


@define(eq=False)
class Raster:
    """A file of pixels, opened by Pillow; or pixels that another library has made of one."""

    image: Image.Image
    facts: SourceFacts
    frames: tuple[int, ...] = ()  # which of an animation are looked at, from 0; (): all
    ignores_masks: bool = False

    @property
    def label(self) -> Image.Image:
        return self.image

    def ready(self, first: Resample | None) -> tuple[Image.Image, Resample | None]:
        image = corrected(self.image)
        if self.ignores_masks and image.mode in ("LA", "RGBA"):
            return image.convert(image.mode[:-1]), first
        return image, first

    def verify(self) -> None:
        """A JPEG at an eighth of its size: libjpeg still reads the whole stream, for a third of the time."""
        if self.facts.format == "jpg":
            self.image.draft(None, (1, 1))
        for number in range(self.facts.frames):
            if number:
                self.image.seek(number)
            self.image.load()

    def seek(self, number: int) -> None:
        """Go to one of the frames that are looked at."""
        self.image.seek(self.frames[number] if self.frames else number)

    def close(self) -> None:
        self.image.close()


@define(eq=False, slots=False)
class Late:
    """A file whose pixels are all decoded at once, and not before they are wanted."""

    facts: SourceFacts
    decode: Callable[[], Image.Image]
    decode_all: Callable[[], None] | None = None  # every page, where that is more

    @cached_property
    def image(self) -> Image.Image:
        return self.decode()

    @property
    def label(self) -> Image.Image:
        return self.image

    def ready(self, first: Resample | None) -> tuple[Image.Image, Resample | None]:
        return self.image, first

    def verify(self) -> None:
        if self.decode_all is None:
            self.image.load()
        else:
            self.decode_all()

    def close(self) -> None:
        """Nothing is held open."""
