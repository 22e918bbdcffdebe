"""How a result is delivered: format, quality, animation, what lies under transparency (transformations.md §7)."""

from origin.transform.canvas import Canvas
from origin.transform.params.output import AUTO, Quality, Settings
from origin.transform.plan import WHITE, Output, SourceFacts
from wire.negotiation import Negotiated

_GOOD = Quality(target="good")  # the account's default (§7.2)
PRODUCIBLE = frozenset({"jpg", "png", "webp", "avif", "gif"})
WITH_ALPHA = PRODUCIBLE - {"jpg"}
_SMALLEST_AVIF_SIDE = 64
_LARGEST_AVIF_PIXELS = 16_000_000


def output_of(
    settings: Settings, facts: SourceFacts, negotiated: Negotiated, extension: str | None, canvas: Canvas
) -> Output:
    """Format, quality and what lies under transparency (§7)."""
    background = canvas.background
    chosen = _format(settings, facts, negotiated, extension, canvas)
    stays_animated = chosen == "gif" or (chosen == "webp" and (settings.animated or settings.format == AUTO))
    quality, progressive = settings.quality or _GOOD, bool(settings.progressive)
    auto = None
    if quality.level is None:
        auto = quality.target or ("eco" if negotiated.save_data else "good")
        if settings.quality is not None:
            progressive = settings.progressive is not False  # semi is the default with q_auto (§7.2)
    return Output(
        format=chosen,
        quality=quality.level,
        auto=auto,
        subsampling=quality.subsampling,
        progressive=progressive,
        animated=facts.frames > 1 and stays_animated,
        background=background if background is not None and background[3] == 255 else WHITE,
        loop=_rounds(canvas.loop, chosen) if facts.frames > 1 and stays_animated else None,
    )


def _format(
    settings: Settings, facts: SourceFacts, negotiated: Negotiated, extension: str | None, canvas: Canvas
) -> str:
    """`f_` > extension > stored format; `f_auto` by what the viewer takes (delivery-urls.md §4, §7.1)."""
    if settings.format == AUTO:
        return _automatic_format(facts, negotiated, extension, canvas)
    if settings.format is not None:
        return settings.format
    if extension is not None:
        return extension
    if canvas.operations and facts.format not in PRODUCIBLE:
        return "png" if canvas.alpha else "jpg"  # a format we can only read
    return facts.format


def _automatic_format(
    facts: SourceFacts, negotiated: Negotiated, extension: str | None, canvas: Canvas
) -> str:
    if facts.frames > 1:
        return "webp" if "webp" in negotiated.accept else "gif"
    avif_pays = (
        min(canvas.width, canvas.height) >= _SMALLEST_AVIF_SIDE
        and canvas.width * canvas.height <= _LARGEST_AVIF_PIXELS
    )
    if "avif" in negotiated.accept and avif_pays:
        return "avif"
    if "webp" in negotiated.accept:
        return "webp"
    if extension is not None and (extension in WITH_ALPHA or (extension in PRODUCIBLE and not canvas.alpha)):
        return extension
    return "png" if canvas.alpha or facts.format == "gif" else "jpg"


def _rounds(extra: int | None, format: str) -> int | None:  # noqa: A002 - the SDKs' word
    """GIF counts the rounds after the first, WebP all of them."""
    return extra + 1 if extra and format == "webp" else extra
