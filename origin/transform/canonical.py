"""The text that names a derived asset: equivalent chains share it. Sheet: delivery-urls.md §9.

Never used for signatures: those cover the text as written. Steps keep their order; the settings, which
hold for the whole chain wherever they stand, close it as a component of their own. A chain that waits for
its source keeps every param in its place: which of them will count is not known yet.
"""

import json
from collections.abc import Sequence

from origin.transform.language.program import spelled
from origin.transform.parse import Chain, Step
from origin.transform.plan import Plan

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def canonical(chain: Chain) -> str:
    """The one spelling of a chain. Parsing it gives the same chain."""
    if chain.program is not None:
        return "/".join(spelled(chain.program))
    components = [spelled_steps(chain.steps)] if chain.steps else []
    if settings := (*chain.selection.spelled(), *chain.settings.spelled()):
        components.append(",".join(sorted(settings)))
    return "/".join(components)


def spelled_steps(steps: Sequence[Step]) -> str:
    """The one spelling of some steps of a chain."""
    return "/".join(text for step in steps for text in _components(step))


def identity(plan: Plan) -> str:
    """The text that names a derived file: every negotiated value by its outcome, output format included.

    Plans equal in it give equal bytes from one original and one renderer, so chains that only differ in what
    changes no byte (`fl_attachment`, `d_`, a limit that never bites) share a file. Hash it with the asset,
    its revision and the renderer's version, and the derived asset has its key.
    """
    return _ENCODER.encode(plan.to_json())


def _components(step: Step) -> list[str]:
    """One component, or those of a layer: opening, its own steps, closing."""
    layer = step.layer
    if layer is None:
        return [",".join(sorted(_spelled(step)))]
    texts = [",".join(layer.opening)]
    if layer.ignore_orientation:
        texts.append("a_ignore")
    if selected := layer.selection.spelled():
        texts.append(",".join(selected))
    texts += [each for inner in layer.steps for each in _components(inner)]
    return [*texts, ",".join(layer.placement.spelled())]


def _spelled(step: Step) -> list[str]:
    parts = (
        *(step.resize, step.effect, step.turns, step.corners),
        *(step.border, step.opacity, step.background, step.ground),
    )
    return [text for part in parts if part is not None for text in part.spelled()]
