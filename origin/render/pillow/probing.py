"""What a stored or uploaded file is; and, when asked, whether all of it can be decoded."""

from origin.render.limits import RenderLimits
from origin.render.pillow.opening import opened, probe_header, reading
from origin.transform.pages import DENSITY, is_drawing
from origin.transform.plan import SourceFacts
from origin.transform.portion import WHOLE, Portion


def probe(path: str, limits: RenderLimits, *, verify: bool = False) -> SourceFacts:
    """The facts of the header. `verify` decodes every frame once, so that a file cut short is refused.

    Flipped bits cannot be detected in JPEG, WebP and AVIF.
    """
    if not verify:
        return probe_header(path, limits)
    facts = probe_header(path, limits)
    portion = Portion(density=DENSITY) if is_drawing(facts) else WHOLE
    with opened(path, limits, portion, facts) as source, reading(limits):
        source.verify()
    return facts
