"""One render from an opened file to a written one: decode, operations in order, encode, sum."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from attrs import evolve, frozen
from PIL import Image

from origin.render.errors import RenderFailed
from origin.render.limits import RenderLimits
from origin.render.pillow import animation, encoding, metadata, vectors
from origin.render.pillow.decoding import decode
from origin.render.pillow.effects.timed import Moment
from origin.render.pillow.layers import Layers
from origin.render.pillow.opening import opened, reading
from origin.render.pillow.profiles import Profile, read_profile
from origin.render.pillow.providing import NO_PROVIDERS, Providers
from origin.render.pillow.saving import Request
from origin.render.pillow.sources.source import Raster, Source
from origin.transform.pages import seen
from origin.transform.plan import Filter, Operation, Output, Plan, Resample, SourceFacts, panned_in
from origin.transform.sampling import sampled

LOSSY = frozenset({"jpg", "webp", "avif"})


@frozen
class Painted:
    """A finished file."""

    format: str  # the pixels may have chosen another than was expected
    size: int
    width: int
    height: int
    md5: str


def paint(
    plan: Plan,
    source: str,
    facts: SourceFacts,
    target: str,
    limits: RenderLimits,
    inputs: Sequence[str] = (),
    providers: Providers = NO_PROVIDERS,
) -> Painted:
    """Carry out a plan; `inputs` are the files of its layers. The target must not exist yet; a failure
    leaves none behind."""
    layers = Layers(inputs, limits, providers, plan.inputs)
    plan, tracing = vectors.divided(plan)
    _check_encoders(plan, tracing)
    with opened(source, limits, plan.portion, facts) as opening:
        found, facts = opening.facts, seen(facts, plan.portion)
        if (found.width, found.height, found.orientation) != (facts.width, facts.height, facts.orientation):
            raise RenderFailed(log=f"planned for {facts}, found {found}")
        profile = _profile_of(plan, inputs)
        request = _requested(plan.output, opening, limits, profile)
        if plan.further:
            frames = _paint_sequence(plan, opening, layers)
        elif animation.is_animated(plan, found) and (panned := panned_in(plan.operations)) is not None:
            frames = _paint_journey(plan, opening, layers, *panned)
        elif isinstance(opening, Raster) and animation.is_animated(plan, found):
            frames = _paint_frames(plan, opening, source, layers)
        else:
            canvas = paint_frame(plan, opening, layers)
            frames = animation.Frames([canvas], [0])
        may_keep = plan.keeps_smaller and metadata.is_bare(opening.label)
    if profile is not None:
        frames = evolve(frames, canvases=profile.coloured(frames.canvases))
    with _created(target) as file:
        if tracing is not None:
            vectors.save_svg(frames.canvases[0], tracing, file)
            encoded = encoding.Encoded("svg", *frames.canvases[0].size)
        elif len(frames.canvases) > 1:
            encoded = animation.encode(frames, request, file)
        else:
            encoded = encoding.encode(frames.canvases[0], request, file)
        size = file.seek(0, os.SEEK_END)  # some encoders end elsewhere
        if may_keep and _is_no_larger(source, facts, size, encoded, plan.output):
            size = _copy(source, file)
            encoded = encoding.Encoded(facts.format, encoded.width, encoded.height)
        file.seek(0)
        md5 = hashlib.file_digest(file, "md5").hexdigest()
    return Painted(encoded.format, size, encoded.width, encoded.height, md5)


def _check_encoders(plan: Plan, tracing: vectors.Tracing | None) -> None:
    if tracing is not None:
        vectors.check_library()
        return
    for name in plan.output.formats:
        encoding.encoder_of(name)


def _is_no_larger(
    source: str, facts: SourceFacts, size: int, encoded: encoding.Encoded, output: Output
) -> bool:
    """Whether the stored bytes are the better answer: nothing is gained by writing these pixels anew (§1, §7.1)."""
    return Path(source).stat().st_size <= size and (output.smallest or encoded.format == facts.format)


def _copy(source: str, file: BufferedRandom) -> int:
    """The stored bytes instead of what was written; their number."""
    file.seek(0)
    file.truncate()
    with open(source, "rb") as stored:
        shutil.copyfileobj(stored, file)
    return file.tell()


def _profile_of(plan: Plan, inputs: Sequence[str]) -> Profile | None:
    """The stored profile in whose colours the result leaves."""
    if plan.profile is None:
        return None
    return read_profile(inputs[plan.profile], plan.inputs[plan.profile].public_id)


def _requested(output: Output, source: Source, limits: RenderLimits, profile: Profile | None) -> Request:
    """What the encoder is told of the source. Pixels that leave with the profile they came with keep still."""
    image = source.label
    is_lossy = source.facts.format in LOSSY
    with reading(limits):
        kept = metadata.kept_of(image, output)
    if profile is not None:
        kept = evolve(kept, profile=b"" if output.finish.strip_profile else profile.data)
        return Request(profile.narrowed(output), is_lossy, kept, profile.data if profile.is_printed else None)
    space = output.finish.space
    is_inked = space == "cmyk" or (space == "keep_cmyk" and image.mode == "CMYK")
    if is_inked:
        may_stay = image.mode == "CMYK" and not output.finish.strip_profile
        kept = evolve(kept, profile=image.info.get("icc_profile", b"") if may_stay else b"")
        return Request(output, is_lossy, kept, kept.profile)
    if kept.profile:
        del image.info["icc_profile"]
    return Request(output, is_lossy, kept)


def paint_frame(plan: Plan, source: Source, layers: Layers, frames: int = 1) -> Image.Image:
    """The source's current frame through all operations. What fails while decoding is the source's fault."""
    orientation = source.facts.orientation if plan.orient else 1
    first, operations = None, plan.operations
    if operations and isinstance(operations[0], Resample):
        first, operations = operations[0], operations[1:]
        layers.limits.admit_result(first.width, first.height, frames)
    with reading(layers.limits):
        image, first = source.ready(first)
        canvas = decode(image, orientation, first)
    return layers.worked(canvas, operations, frames)


def _paint_frames(plan: Plan, source: Raster, path: str, layers: Layers) -> animation.Frames:
    finish = plan.output.finish
    shown: list[tuple[int, int | None]] = [(number, finish.delay) for number in range(source.facts.frames)]
    total = 0
    if finish.sampling is not None or any(map(_fades_out, plan.operations)):
        timed = sampled(list(_times(source, layers)), finish.sampling)
        shown = [(number, finish.delay or time) for number, time in timed]
        total = sum(finish.delay or time for _, time in timed)
    canvases: list[Image.Image] = []
    milliseconds: list[int] = []
    for at, (number, time) in enumerate(shown):
        with reading(layers.limits):
            source.seek(number)
            source.image.load()  # only then are its times known
        layers.moment = Moment(at, len(shown), sum(milliseconds), total)
        milliseconds.append(animation.milliseconds(source.image) if time is None else time)
        canvases.append(paint_frame(plan, source, layers, len(shown)))
    rounds = animation.rounds_of(source.image, path) if plan.output.loop is None else plan.output.loop
    return animation.Frames(canvases, milliseconds, rounds)


def _paint_journey(plan: Plan, source: Source, layers: Layers, count: int, delay: int) -> animation.Frames:
    """One picture seen from more than one place: what comes before the journey is painted once."""
    start = next(at for at, each in enumerate(plan.operations) if panned_in((each,)) is not None)
    canvas = paint_frame(evolve(plan, operations=plan.operations[:start]), source, layers, count)
    delay = delay if plan.output.finish.delay is None else plan.output.finish.delay
    shown = sampled([delay] * count, plan.output.finish.sampling)
    canvases = []
    for number, _ in shown:
        layers.moment = Moment(number, count, number * delay, count * delay)
        canvases.append(layers.worked(canvas, plan.operations[start:], len(shown)))
    rounds = animation.FOREVER if plan.output.loop is None else plan.output.loop
    return animation.Frames(canvases, [time for _, time in shown], rounds)


def _times(source: Raster, layers: Layers) -> Iterator[int]:
    """How long each frame is shown: where a fade ends, and what is sampled, is only known from all of them."""
    for number in range(source.facts.frames):
        with reading(layers.limits):
            source.seek(number)
            source.image.load()
        yield animation.milliseconds(source.image)


def _fades_out(operation: Operation) -> bool:
    return isinstance(operation, Filter) and operation.name == "fade" and operation.arguments[0] < 0


def _paint_sequence(plan: Plan, source: Source, layers: Layers) -> animation.Frames:
    """An animation of many images: the source is the first, each further one lies on a canvas of its own."""
    count = len(plan.further) + 1
    layers.limits.admit_result(plan.width, plan.height, count)
    canvases = [paint_frame(plan, source, layers)]
    for each in plan.further:
        canvases.append(layers.worked(Image.new("RGBA", (plan.width, plan.height)), (each,)))
    delay = plan.output.finish.delay or animation.DEFAULT_MILLISECONDS
    return animation.Frames(canvases, [delay] * count, plan.output.loop or animation.FOREVER)


@contextmanager
def _created(target: str) -> Iterator[BufferedRandom]:
    """A new file, gone again if what is done with it fails."""
    with open(target, "x+b") as file:
        try:
            yield file
        except BaseException:
            Path(target).unlink(missing_ok=True)
            raise
