"""What a stored or uploaded file is; and, when asked, whether all of it can be decoded."""

from origin.render.limits import RenderLimits
from origin.render.pillow.opening import opened, probe_header, reading
from origin.transform.plan import SourceFacts

SMALLEST = (1, 1)


def probe(path: str, limits: RenderLimits, *, verify: bool = False) -> SourceFacts:
    """The facts of the header. `verify` decodes every frame once, so that a file cut short is refused.

    A JPEG is decoded at an eighth of its size: libjpeg still reads the whole stream, which is where a cut
    shows, for a third of the time. Flipped bits cannot be detected in JPEG, WebP and AVIF, at any size.
    """
    if not verify:
        return probe_header(path, limits)
    with opened(path, limits) as source, reading(limits):
        if source.facts.format == "jpg":
            source.image.draft(None, SMALLEST)
        for frame in range(source.facts.frames):
            if frame:
                source.image.seek(frame)
            source.image.load()
        return source.facts
