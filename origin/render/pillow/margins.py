"""What lies inside the borders of an image part of the way through its chain (transformations.md §12.3)."""

from collections.abc import Sequence

from origin.render.limits import RenderLimits
from origin.render.pillow.effects.backdrops import content_box
from origin.render.pillow.layers import Layers
from origin.render.pillow.opening import opened
from origin.render.pillow.painting import paint_frame
from origin.render.pillow.providing import NO_PROVIDERS, Providers
from origin.transform.composite import File, Text
from origin.transform.plan import Plan, Rgba
from origin.transform.sight import Rect


def margins(
    plan: Plan,
    layer: File | Text | None,
    source: str,
    inputs: Sequence[str],
    level: int,
    colour: Rgba | None,
    limits: RenderLimits,
    providers: Providers = NO_PROVIDERS,
) -> Rect:
    """The box a trim leaves: of the source after the plan's operations, or of a layer after them."""
    layers = Layers(inputs, limits, providers)
    if layer is not None:
        canvas = layers.layer(layer, plan.operations)
    else:
        with opened(source, limits, plan.portion) as opening:
            canvas = paint_frame(plan, opening, layers)
    left, top, right, bottom = content_box(canvas, level, colour)
    return left, top, right - left, bottom - top
