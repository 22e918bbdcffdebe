"""Animations: every frame through the whole plan, then one GIF or WebP."""

from typing import Any, BinaryIO

from attrs import frozen
from PIL import Image

from origin.render.errors import UnsupportedFormat
from origin.render.pillow import quality
from origin.render.pillow.encoding import GIF_TRANSPARENT, PALETTE, Request, check_sides, cut_out
from origin.render.pillow.operations import flatten, has_alpha
from origin.transform.plan import Plan, SourceFacts

PALETTE_FRAMES = 6  # as many frames vote for the shared palette
DEFAULT_MILLISECONDS = 100


@frozen
class Frames:
    """Painted frames with their times; at least one."""

    canvases: list[Image.Image]
    milliseconds: list[int]
    loop: int | None  # 0: for ever, None: once


def is_animated(plan: Plan, facts: SourceFacts) -> bool:
    """Whether the result moves: a GIF always does, WebP if asked; other formats take the first frame."""
    output = plan.output
    return facts.frames > 1 and (output.format == "gif" or (output.format == "webp" and output.animated))


def milliseconds(image: Image.Image) -> int:
    """How long the current frame is shown. None or zero means a tenth of a second, as in browsers."""
    return round(image.info.get("duration") or DEFAULT_MILLISECONDS)


def encode(frames: Frames, request: Request, file: BinaryIO) -> None:
    """Write the animation."""
    name = request.output.format
    check_sides(frames.canvases[0].size, name)
    if name == "gif":
        _gif(frames, request, file)
    elif name == "webp":
        _webp(frames, request, file)
    else:
        raise UnsupportedFormat(f"Unsupported output format {name}")


def _gif(frames: Frames, request: Request, file: BinaryIO) -> None:
    """One palette for all frames, without dithering: it neither flickers nor defeats compression."""
    del request
    canvases = frames.canvases
    is_cut_out = any(map(has_alpha, canvases))
    palette = _shared_palette(canvases, PALETTE - 1 if is_cut_out else PALETTE)
    ready = []
    for canvas in canvases:
        paletted = canvas.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
        ready.append(cut_out(paletted, canvas) if has_alpha(canvas) else paletted)
    options: dict[str, Any] = {"duration": frames.milliseconds, "optimize": False}
    if frames.loop is not None:
        options["loop"] = frames.loop
    if is_cut_out:
        options |= {"transparency": GIF_TRANSPARENT, "disposal": 2}
    _save(ready, "GIF", options, file)


def _shared_palette(canvases: list[Image.Image], colours: int) -> Image.Image:
    step = -(-len(canvases) // PALETTE_FRAMES)
    voters = [flatten(each, (0, 0, 0, 255)).convert("RGB") for each in canvases[::step]]
    width, height = voters[0].size
    strip = Image.new("RGB", (width, height * len(voters)))
    for row, voter in enumerate(voters):
        strip.paste(voter, (0, row * height))
    return strip.quantize(colours, method=Image.Quantize.MEDIANCUT)


def _webp(frames: Frames, request: Request, file: BinaryIO) -> None:
    choice = request.chosen(frames.canvases[0])
    options: dict[str, Any] = {
        "duration": frames.milliseconds,
        "loop": 1 if frames.loop is None else frames.loop,
        "method": 2,
        "quality": quality.equal_quality(choice.quality, "webp"),
    }
    mode = "RGBA" if any(map(has_alpha, frames.canvases)) else "RGB"
    _save([canvas.convert(mode) for canvas in frames.canvases], "WEBP", options, file)


def _save(ready: list[Image.Image], name: str, options: dict[str, Any], file: BinaryIO) -> None:
    for canvas in ready:
        canvas.info = {}
    ready[0].save(file, name, save_all=True, append_images=ready[1:], **options)
