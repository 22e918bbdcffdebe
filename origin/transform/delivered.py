"""How a result is delivered: format, quality, animation, what lies under transparency (transformations.md §7)."""

from attrs import evolve

from origin.transform.canvas import Canvas
from origin.transform.formats import AUTOMATIC, INKED, LOSSY, MOVING, PRODUCIBLE, PROFILED, WITH_ALPHA
from origin.transform.params import finish
from origin.transform.params.finish import Finish
from origin.transform.params.output import AUTO, AUTO_IMAGE, Settings
from origin.transform.plan import WHITE, Output, SourceFacts
from origin.transform.values import unsupported
from wire.negotiation import Negotiated

_SMALLEST_AVIF_SIDE = 64
_LARGEST_AVIF_PIXELS = 16_000_000
_NEVER_GRAPHIC = frozenset({"jpg", "heic", "jp2", "avif"})
"""Originals so lossy that few of their pixels are alike: no need to look."""

_PROGRESSIVE = frozenset({"jpg", "gif", "png"})
_MEANS_SOMETHING = {
    "png": frozenset({"png"}),
    "any_format": frozenset({"png"}),
    "lossy": frozenset({"gif"}),
    "group4": frozenset({"tiff"}),
    "truecolour": frozenset({"jpg", "png", "avif", "tiff", "bmp", "tga", "jp2"}),
    "strip_profile": PROFILED,
    "force_profile": PROFILED,
    "metadata": PROFILED,
    "density": frozenset({"jpg", "png", "tiff", "bmp", "pdf"}),
    "delay": MOVING,
    "sampling": MOVING,
}
"""The formats that each setting changes a byte of."""


def output_of(
    settings: Settings, facts: SourceFacts, negotiated: Negotiated, extension: str | None, canvas: Canvas
) -> Output:
    """Format, quality, packing and what lies under transparency (§7)."""
    formats, smallest = _formats(settings, facts, negotiated, extension, canvas)
    if settings.finish.profile is not None and (bare := PRODUCIBLE.intersection(formats) - PROFILED):
        raise unsupported(f"cs_icc in {min(bare)}")
    background = canvas.background
    animated = facts.frames > 1 and (
        formats[0] == "gif"
        or formats[0] in settings.animated
        or (settings.format == AUTO and formats[0] == "webp")
    )
    output = Output(
        format=formats[0],
        others=formats[1:],
        smallest=smallest,
        animated=animated,
        background=background if background is not None and background[3] == 255 else WHITE,
        loop=_rounds(canvas.loop) if animated else None,
        finish=_folded(finish_of(settings, formats, animated=animated)),
    )
    return _at_quality(output, settings, negotiated)


def is_as_stored(settings: Settings, output: Output, facts: SourceFacts) -> bool:
    """Whether no setting asks for other bytes than the stored ones."""
    packing = finish_of(settings, output.formats, animated=output.animated)
    return (
        output.formats == (facts.format,)
        and output.loop is None
        and packing.keeps_stored
        and (settings.quality is None or not _is_lossy(output))
        and (settings.progressive is None or output.format not in _PROGRESSIVE)
    )


def may_be_stored(settings: Settings, output: Output, facts: SourceFacts) -> bool:
    """Whether the stored bytes are one of the answers among which the pixels of a still choose (§1, §7.1)."""
    alone = evolve(output, format=facts.format, others=())
    return facts.frames == 1 and facts.format in output.formats and is_as_stored(settings, alone, facts)


def finish_of(settings: Settings, formats: tuple[str, ...], *, animated: bool) -> Finish:
    """What of the packing means something to these formats; `q_auto` strips metadata and density (§7.3, §13)."""
    asked = settings.finish
    if asked == finish.PLAIN:
        return asked
    is_automatic = settings.quality is not None and settings.quality.is_automatic
    idle = {name for name, holders in _MEANS_SOMETHING.items() if holders.isdisjoint(formats)}
    if is_automatic:
        idle |= {"density"} | ({"metadata"} if asked.metadata == "all" else set())
    elif settings.quality is not None:
        idle.add("any_format")
    if not animated:
        idle |= {"delay", "sampling"}
    if asked.space in ("cmyk", "keep_cmyk") and INKED.isdisjoint(formats):
        idle.add("space")
    return evolve(asked, **{name: getattr(finish.PLAIN, name) for name in idle})


def _folded(asked: Finish) -> Finish:
    """Equal wishes as one: sRGB without a profile is what leaves anyway, and no metadata."""
    if asked == finish.PLAIN:
        return asked
    return evolve(
        asked,
        space=asked.space if asked.space in ("cmyk", "keep_cmyk") else None,
        force_profile=not asked.strip_profile and (asked.force_profile or asked.space == "tinysrgb"),
        strip_profile=asked.strip_profile and (asked.metadata == "all" or asked.profile is not None),
        metadata=None if asked.metadata == "none" else asked.metadata,
    )


def _at_quality(output: Output, settings: Settings, negotiated: Negotiated) -> Output:
    """The account's default is auto, good (§7.2)."""
    quality = settings.quality
    progressive = settings.progressive is True and not _PROGRESSIVE.isdisjoint(output.formats)
    if output.animated:
        progressive = False
    if quality is None or not _is_lossy(output):
        return evolve(output, progressive=progressive)
    subsampling = quality.subsampling if {"jpg", "avif", "pdf"} & set(output.formats) else None
    if quality.level is not None:
        return evolve(
            output, quality=quality.level, auto=None, subsampling=subsampling, progressive=progressive
        )
    target = quality.target or ("eco" if negotiated.save_data else "good")
    is_default = settings.progressive is None and "jpg" in output.formats  # semi, with q_auto (§7.2)
    return evolve(
        output,
        auto=target,
        sensitive=quality.sensitive,
        subsampling=subsampling,
        progressive=progressive or is_default,
    )


def _is_lossy(output: Output) -> bool:
    """Whether a quality means anything."""
    return output.finish.lossy or not (LOSSY | {"png"}).isdisjoint(output.formats)


def _formats(
    settings: Settings, facts: SourceFacts, negotiated: Negotiated, extension: str | None, canvas: Canvas
) -> tuple[tuple[str, ...], bool]:
    """`f_` > extension > stored format; more than one where pixels decide, and whether by their number of bytes.

    Sheets: delivery-urls.md §4, transformations.md §7.1.
    """
    asked = settings.finish
    if settings.format in (AUTO, AUTO_IMAGE):
        if facts.frames > 1 and settings.format == AUTO:
            return (("webp",) if "webp" in negotiated.accept else ("gif",)), False
        if asked.space == "cmyk":
            return ("jpg",), False
        formats, smallest = _automatic(settings, facts, negotiated, extension, canvas)
        may_be_inked = asked.space == "keep_cmyk" or asked.profile is not None
        if may_be_inked and INKED.isdisjoint(formats):
            formats += ("jpg",)
        return formats, smallest
    chosen = settings.format or extension or _stored(facts, canvas)
    if asked.space == "cmyk" and chosen in PRODUCIBLE - INKED:
        raise unsupported(f"cs_cmyk in {chosen}")
    if chosen == "png" and asked.lossy and asked.png is None and "png" not in settings.animated:
        return (("png", "jpg") if canvas.alpha else ("jpg",)), False  # §13
    return (chosen,), False


def _stored(facts: SourceFacts, canvas: Canvas) -> str:
    if canvas.operations and facts.format not in PRODUCIBLE:
        return "png" if canvas.alpha else "jpg"  # a format we can only read
    return facts.format


def _automatic(
    settings: Settings, facts: SourceFacts, negotiated: Negotiated, extension: str | None, canvas: Canvas
) -> tuple[tuple[str, ...], bool]:
    """`f_auto` of a still picture."""
    is_tiny = min(canvas.width, canvas.height) < _SMALLEST_AVIF_SIDE
    by_bytes = is_tiny or facts.format not in _NEVER_GRAPHIC
    may_be_jpg = not (canvas.alpha and settings.preserve_transparency)
    modern = [each for each in negotiated.accept if each != "avif" or _avif_pays(canvas)]
    if modern:
        fallen_back = ["png"] if by_bytes else []
        if is_tiny and may_be_jpg:
            fallen_back.append("jpg")
        if not by_bytes:
            modern = [min(modern, key=AUTOMATIC.index)]
        return tuple(sorted({*modern, *fallen_back}, key=AUTOMATIC.index)), by_bytes
    if extension is not None and (extension in WITH_ALPHA or (extension in PRODUCIBLE and not canvas.alpha)):
        return (extension,), False
    if not may_be_jpg:
        return ("png",), False
    if canvas.alpha:  # perhaps it hides nothing: then none is needed
        return ("png", "jpg"), by_bytes and extension is None
    return (("jpg", "png"), True) if by_bytes else (("jpg",), False)


def _avif_pays(canvas: Canvas) -> bool:
    return (
        min(canvas.width, canvas.height) >= _SMALLEST_AVIF_SIDE
        and canvas.width * canvas.height <= _LARGEST_AVIF_PIXELS
    )


def _rounds(extra: int | None) -> int | None:
    """`e_loop` counts the rounds after the first."""
    return extra + 1 if extra else extra
