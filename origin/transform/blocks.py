"""Which components belong to which layer: `l_…` opens, `fl_layer_apply` closes. Sheet: transformations.md §11.1.

An opening that nothing closes is the short form: a whole layer in one component.
"""

from collections.abc import Sequence

from attrs import frozen

from origin.transform.limits import Limits
from origin.transform.values import invalid
from wire.errors import InvalidRequest

Values = dict[str, str]


@frozen
class Block:
    """A layer: how it opens, what is done to it, how it is placed. `closing` None: the short form."""

    opening: Values
    inner: "tuple[Values | Block, ...]" = ()
    closing: Values | None = None


def blocks(values: Sequence[Values], limits: Limits) -> tuple[Values | Block, ...]:
    """Components by their values, those of layers gathered; closings pair with the nearest opening."""
    ends = _ends(values)
    layers = [each for each in values if _opens(each)]
    limits.check_layers(len(layers), _depth(ends))
    return _gathered(values, ends, 0, len(values))


def depths(values: Sequence[Values]) -> tuple[int, ...]:
    """How many layers each component acts on or places, one within the other; its opening not among them."""
    ends = _ends(values).items()
    return tuple(sum(start < at <= end for start, end in ends) for at in range(len(values)))


def unclosed(values: Sequence[Values]) -> list[int]:
    """The indexes of openings that nothing closes: short forms, or layers not yet at their end."""
    ends = _ends(values)
    return [at for at, end in ends.items() if at == end and "layer_apply" not in flags_of(values[at])]


def flags_of(values: Values) -> set[str]:
    """The names of a component's flags, arguments cut off."""
    return {each.partition(":")[0] for each in values.get("fl", "").split(".") if each}


def _opens(values: Values) -> bool:
    return "l" in values or "u" in values


def _ends(values: Sequence[Values]) -> dict[int, int]:
    """Where the layer opened at an index closes; a short one where it opens."""
    ends: dict[int, int] = {}
    waiting: list[int] = []
    for at, each in enumerate(values):
        if _opens(each):
            if "l" in each and "u" in each:
                raise invalid("overlay", f"{each['l']},u_{each['u']}")
            ends[at] = at
            if "layer_apply" not in flags_of(each):
                waiting.append(at)
        elif "layer_apply" in flags_of(each):
            if not waiting:
                raise InvalidRequest("fl_layer_apply closes no layer")
            ends[waiting.pop()] = at
    return ends


def _depth(ends: dict[int, int]) -> int:
    """How deep layers lie in layers; the picture's own layers have depth 1."""
    deepest, around = 0, list[int]()
    for start, end in sorted(ends.items()):
        while around and around[-1] < start:
            around.pop()
        around.append(end)
        deepest = max(deepest, len(around))
    return deepest


def _gathered(
    values: Sequence[Values], ends: dict[int, int], start: int, stop: int
) -> tuple[Values | Block, ...]:
    found: list[Values | Block] = []
    at = start
    while at < stop:
        end = ends.get(at)
        if end is None:
            found.append(values[at])
        elif end == at:
            found.append(Block(values[at]))
        else:
            found.append(Block(values[at], _gathered(values, ends, at + 1, end), values[end]))
        at = (at if end is None else end) + 1
    return tuple(found)
