"""A source file becomes an opened image and the facts of its header; nothing is decoded yet."""

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from origin.render.errors import InvalidImage, OutOfMemory, TooManyPixels
from origin.render.limits import MEGA, RenderLimits, too_many_pixels
from origin.render.pillow.sources import psd, raster
from origin.render.pillow.sources.clipping import Clipped
from origin.render.pillow.sources.families import family_of
from origin.render.pillow.sources.raster import open_raster, paths_of
from origin.render.pillow.sources.source import Source
from origin.transform.plan import SourceFacts
from origin.transform.portion import WHOLE, Portion
from wire.errors import MediaError


def guard(limits: RenderLimits) -> None:
    """Set Pillow's own guard, so that it also covers frames and canvases inside of files."""
    Image.MAX_IMAGE_PIXELS = int(limits.input_megapixels * MEGA)
    warnings.filterwarnings("ignore", category=UserWarning, module="PIL")  # odd EXIF is not worth a log line
    warnings.simplefilter("error", Image.DecompressionBombWarning)


@contextmanager
def reading(limits: RenderLimits) -> Iterator[None]:
    """What goes wrong inside is the source's fault: damaged files raise nearly every exception there is."""
    try:
        yield
    except (MediaError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _bomb(error, limits) from error
    except Exception as error:
        if "memory" in str(error):  # OSError and RuntimeError of the codecs
            raise OutOfMemory(log=f"while reading: {error!r}") from error
        raise InvalidImage(log=f"while reading: {error!r}") from error


@contextmanager
def opened(
    path: str, limits: RenderLimits, portion: Portion = WHOLE, facts: SourceFacts | None = None
) -> Iterator[Source]:
    """What a portion shows of the image in a file, refused by its header if it is none or too big.

    With `facts` known, a file whose header takes a process of its own to read is not measured again.
    """
    with open(path, "rb") as file:
        with reading(limits):
            family = family_of(file)
            size = os.fstat(file.fileno()).st_size
            source: Source
            if family is None:
                source = open_raster(file, portion, limits)
            else:
                source = family.open(path, facts or family.probe(path, size, limits), portion, limits)
            if portion.clip:
                found = paths_of(source.image) if family is None else psd.paths_of(path)
                source = Clipped(source, found[portion.outline], is_evenodd=portion.clip == "evenodd")
        try:
            yield source
        finally:
            source.close()


def probe_header(path: str, limits: RenderLimits) -> SourceFacts:
    """The facts of the whole file alone."""
    with open(path, "rb") as file, reading(limits):
        family = family_of(file)
        if family is None:
            return raster.probe(file, limits)
        return family.probe(path, os.fstat(file.fileno()).st_size, limits)


def _bomb(error: Exception, limits: RenderLimits) -> TooManyPixels:
    """Pillow refused before we knew the size; its message has the number."""
    found = re.search(r"\((\d+) pixels\)", str(error))
    requested = int(found[1]) if found else int(limits.input_megapixels * MEGA) + 1
    return too_many_pixels(limits.input_megapixels, requested)
