"""Animations: every frame through the whole plan, then one GIF, WebP, PNG or AVIF."""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from attrs import evolve, frozen
from PIL import Image, ImageChops

from origin.render.errors import UnsupportedFormat
from origin.render.pillow import documents, palettes, quality
from origin.render.pillow.avifs import rounds_told, told
from origin.render.pillow.encoders import LOSSLESS_WEBP, SUBSAMPLING, described, gif_colours, gif_quality
from origin.render.pillow.encoding import Encoded, check_sides
from origin.render.pillow.operations import has_alpha
from origin.render.pillow.saving import Picture, Request
from origin.transform.plan import Plan, SourceFacts, panned_in

DEFAULT_MILLISECONDS = 100
GIF_TICK = 10  # milliseconds
LONGEST_GIF_FRAME = 655_350
FOREVER = 0
MOST_ROUNDS = 65_535  # that GIF and WebP can count; who asks for more will not see the end of it
STILLNESS = 20  # of 255: what a lossy GIF of quality 0 takes for unchanged


@frozen
class Frames:
    """Painted frames with their times; at least one."""

    canvases: list[Image.Image]
    milliseconds: list[int]
    rounds: int = FOREVER  # how often all of them are shown


def is_animated(plan: Plan, facts: SourceFacts) -> bool:
    """Whether the result moves: a GIF always does, others if asked; else the first frame is taken."""
    frames = facts.frames if (panned := panned_in(plan.operations)) is None else panned[0]
    return frames > 1 and plan.output.moves and plan.output.format in WRITERS


def milliseconds(image: Image.Image) -> int:
    """How long the current frame is shown. None or zero means a tenth of a second, as in browsers."""
    return round(image.info.get("duration") or DEFAULT_MILLISECONDS)


def rounds_of(image: Image.Image, path: str) -> int:
    """How often a source is shown. GIF counts the rounds after the first, and without a count there is one."""
    if image.format == "AVIF":  # whose decoder does not tell
        return rounds_told(Path(path).read_bytes())
    loop = image.info.get("loop")
    if image.format == "GIF":
        return 1 if loop is None else FOREVER if loop == 0 else int(loop) + 1
    return int(loop or FOREVER)


def encode(frames: Frames, request: Request, file: BinaryIO) -> Encoded:
    """Write the animation."""
    name = request.output.format
    if name not in WRITERS:
        raise UnsupportedFormat(f"Unsupported output format {name}")
    check_sides(frames.canvases[0].size, name)
    if frames.rounds > MOST_ROUNDS:
        frames = evolve(frames, rounds=FOREVER)
    if any(map(has_alpha, frames.canvases)):
        frames = evolve(frames, canvases=[each.convert("RGBA") for each in frames.canvases])
    WRITERS[name](frames, Picture(frames.canvases[0], request), file)
    return Encoded(name, *frames.canvases[0].size)


def _gif(frames: Frames, picture: Picture, file: BinaryIO) -> None:
    """One palette for all frames, without dithering: it neither flickers nor defeats compression."""
    canvases = frames.canvases
    is_cut_out = has_alpha(canvases[0])
    if picture.output.finish.lossy and not is_cut_out:
        canvases = _stilled(canvases, STILLNESS * (100 - gif_quality(picture)) // 100)
    palette = palettes.shared(canvases, min(gif_colours(picture), palettes.COLOURS - is_cut_out))
    ready = []
    for canvas in canvases:
        paletted = canvas.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
        ready.append(palettes.cut_out(paletted, canvas) if is_cut_out else paletted)
    options: dict[str, Any] = {"duration": ticks(frames.milliseconds), "optimize": False}
    if frames.rounds != 1:
        options["loop"] = max(0, frames.rounds - 1)
    if is_cut_out:
        options |= {"transparency": palettes.TRANSPARENT, "disposal": 2}
    _save(ready, "GIF", options, file)


def ticks(milliseconds: Sequence[int]) -> list[int]:
    """Times in GIF's hundredths of a second, such that the whole keeps its length."""
    rounded, true, told_so_far = [], 0, 0
    for each in milliseconds:
        true += each
        tick = max(GIF_TICK, (true - told_so_far + GIF_TICK // 2) // GIF_TICK * GIF_TICK)
        rounded.append(min(tick, LONGEST_GIF_FRAME))
        told_so_far += rounded[-1]
    return rounded


def _stilled(canvases: Sequence[Image.Image], tolerance: int) -> list[Image.Image]:
    """Frames in which what hardly changes does not change: less to store."""
    shown = canvases[0].convert("RGB")
    stilled = [shown]
    for canvas in canvases[1:]:
        colours = canvas.convert("RGB")
        red, green, blue = ImageChops.difference(shown, colours).split()
        largest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
        moved = largest.point([0] * (tolerance + 1) + [255] * (255 - tolerance))
        shown = Image.composite(colours, shown, moved)
        stilled.append(shown)
    return stilled


def _webp(frames: Frames, picture: Picture, file: BinaryIO) -> None:
    """A drawing lossless or lossy, whichever is smaller, as when it does not move."""
    options: dict[str, Any] = {"duration": frames.milliseconds, "loop": frames.rounds, "method": 2}
    options |= described(picture, "exif", "xmp", "icc_profile")
    ways = [options | LOSSLESS_WEBP]
    if not picture.is_lossless:
        lossy = options | {"quality": quality.equal_quality(picture.choice.quality, "webp")}
        ways = [*ways, lossy] if picture.output.quality is None and picture.is_graphic else [lossy]
    written = []
    for way in ways:
        written.append(BytesIO())
        _save(_coloured(frames), "WEBP", way, written[-1])
    file.write(min((each.getbuffer() for each in written), key=len))


def _png(frames: Frames, picture: Picture, file: BinaryIO) -> None:
    """Nothing is lost; a frame replaces the one before, so that transparency needs no tricks."""
    options = {"duration": frames.milliseconds, "loop": frames.rounds, "compress_level": 4}
    _save(_coloured(frames), "PNG", options | described(picture, "icc_profile"), file)


def _avif(frames: Frames, picture: Picture, file: BinaryIO) -> None:
    choice = picture.choice
    options = {
        "duration": frames.milliseconds,
        "quality": quality.equal_quality(choice.quality, "avif"),
        "subsampling": SUBSAMPLING[choice.subsampling],
        "speed": 9,
        "max_threads": 1,
    }
    written = BytesIO()
    _save(_coloured(frames), "AVIF", options | described(picture, "exif", "xmp", "icc_profile"), written)
    file.write(told(written.getvalue(), frames.rounds))


def _pages(frames: Frames, picture: Picture, file: BinaryIO) -> None:
    """A page for each frame."""
    (saving,) = documents.pdf(picture)
    pages = [saving.canvas, *(Picture(each, picture.request).opaque for each in frames.canvases[1:])]
    _save(pages, saving.name, saving.options, file)


def _coloured(frames: Frames) -> list[Image.Image]:
    mode = "RGBA" if has_alpha(frames.canvases[0]) else "RGB"
    return [canvas.convert(mode) for canvas in frames.canvases]


def _save(ready: list[Image.Image], name: str, options: dict[str, Any], file: BinaryIO) -> None:
    for canvas in ready:
        canvas.info = {}
    ready[0].save(file, name, save_all=True, append_images=ready[1:], **options)


WRITERS: dict[str, Callable[[Frames, Picture, BinaryIO], None]] = {
    "gif": _gif,
    "webp": _webp,
    "png": _png,
    "avif": _avif,
    "pdf": _pages,
}
