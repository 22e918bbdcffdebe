"""Many images in one file: side by side on a sheet, or frames of an animation. Sheet: delivery-urls.md §8.7.

A sprite is no new kind of picture: its first image on a canvas of the sheet's size, every other a layer. So is an
animation, but that each of the others lies on a canvas of its own.
"""

from collections.abc import Sequence
from math import isqrt

from attrs import evolve, frozen

from origin.transform.composite import Composite, File
from origin.transform.limits import Limits
from origin.transform.pages import seen
from origin.transform.plan import TRANSPARENT, Grade, Input, Operation, Pad, Plan, SourceFacts, provided_in
from origin.transform.providing import check_still

Place = tuple[int, int]
Size = tuple[int, int]


@frozen
class Laid:
    """Where every image lies on a sheet of this size, in the order they came."""

    width: int
    height: int
    places: tuple[Place, ...]


@frozen
class Pictured:
    """One image of a sheet: what it is called, what its header says, and what is done to it first."""

    input: Input
    facts: SourceFacts
    plan: Plan


def laid(sizes: Sequence[Size]) -> Laid:
    """Rows from left to right, in the order given, about as wide as they are high together."""
    widest = max(width for width, _ in sizes)
    across = max(widest, isqrt(sum(width * height for width, height in sizes)))
    places: list[Place] = []
    left = top = row = reached = 0
    for width, height in sizes:
        if left and left + width > across:
            left, top, row = 0, top + row, 0
        places.append((left, top))
        left, row = left + width, max(row, height)
        reached = max(reached, left)
    return Laid(reached, top + row, tuple(places))


def sprite(pictures: Sequence[Pictured], format: str, limits: Limits) -> Plan:  # noqa: A002 - the SDKs' word
    """The plan whose source is the first picture, and whose layers are the others, each after its own plan."""
    asked = [work for each in pictures for work in provided_in(each.plan.operations)]
    limits.check_providers(len(asked))
    sheet = laid([(each.plan.width, each.plan.height) for each in pictures])
    limits.check_size(sheet.width, sheet.height)
    limits.check_format(sheet.width, sheet.height, format)
    first, *others = pictures
    inputs: list[Input] = []
    operations = [
        *_placed(first, sheet.places[0], sheet, inputs),
        *(_layer(each, place, sheet, inputs) for each, place in zip(others, sheet.places[1:], strict=True)),
    ]
    output = evolve(first.plan.output, format=format, others=(), smallest=False, animated=False, loop=None)
    return evolve(
        first.plan,
        operations=tuple(operations),
        output=output,
        width=sheet.width,
        height=sheet.height,
        passthrough=False,
        inputs=tuple(inputs),
        profile=_profile(first, inputs),
    )


def sequence(
    pictures: Sequence[Pictured],
    format: str,  # noqa: A002 - the SDKs' word
    milliseconds: int | None,
    limits: Limits,
) -> Plan:
    """The plan of an animation: each picture a frame of the largest's size, in its middle."""
    sizes = [(each.plan.width, each.plan.height) for each in pictures]
    width, height = max(width for width, _ in sizes), max(height for _, height in sizes)
    limits.check_size(width, height)
    limits.check_format(width, height, format)
    limits.check_frames(width, height, len(pictures))
    frame = Laid(width, height, tuple(((width - w) // 2, (height - h) // 2) for w, h in sizes))
    first, *others = pictures
    inputs: list[Input] = []
    operations = _placed(first, frame.places[0], frame, inputs)
    further = [
        _layer(each, place, frame, inputs) for each, place in zip(others, frame.places[1:], strict=True)
    ]
    if others:
        check_still((*operations, *further))
    output = evolve(
        first.plan.output,
        format=format,
        others=(),
        smallest=False,
        animated=bool(others),
        finish=evolve(first.plan.output.finish, delay=milliseconds if others else None),
    )
    return evolve(
        first.plan,
        operations=operations,
        output=output,
        width=width,
        height=height,
        passthrough=False,
        inputs=tuple(inputs),
        profile=_profile(first, inputs),
        further=tuple(further),
    )


def _placed(picture: Pictured, place: Place, sheet: Laid, inputs: list[Input]) -> tuple[Operation, ...]:
    """A plan's operations, and its result on a canvas of the sheet's size."""
    operations = _renumbered(picture, inputs)
    if (picture.plan.width, picture.plan.height) == (sheet.width, sheet.height):
        return operations
    return (*operations, Pad(sheet.width, sheet.height, *place, TRANSPARENT))


def _layer(picture: Pictured, place: Place, sheet: Laid, inputs: list[Input]) -> Composite:
    portion, (left, top) = picture.plan.portion, place
    facts = seen(picture.facts, portion)
    orientation = facts.orientation if picture.plan.orient else 1
    source = File(_number(picture.input, inputs), facts.width, facts.height, orientation, portion)
    return Composite(source, _renumbered(picture, inputs), sheet.width, sheet.height, left, top)


def _renumbered(picture: Pictured, inputs: list[Input]) -> tuple[Operation, ...]:
    """A plan's operations, with its inputs among those of the sheet."""
    numbers = [_number(each, inputs) for each in picture.plan.inputs]
    return tuple(_with_inputs(each, numbers) for each in picture.plan.operations)


def _profile(picture: Pictured, inputs: list[Input]) -> int | None:
    """The picture's colour profile among the inputs of the sheet."""
    number = picture.plan.profile
    return None if number is None else _number(picture.plan.inputs[number], inputs)


def _with_inputs(operation: Operation, numbers: Sequence[int]) -> Operation:
    if isinstance(operation, Grade):
        return Grade(numbers[operation.input])
    if not isinstance(operation, Composite):
        return operation
    inner = tuple(_with_inputs(each, numbers) for each in operation.operations)
    source = operation.source
    if isinstance(source, File):
        source = evolve(source, input=numbers[source.input])
    return evolve(operation, source=source, operations=inner)


def _number(wanted: Input, inputs: list[Input]) -> int:
    if wanted not in inputs:
        inputs.append(wanted)
    return inputs.index(wanted)
