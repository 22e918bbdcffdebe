"""The job protocol between the node and a worker: JSON lines both ways, bounded in length. No I/O.

Node to worker: `RenderJob`, `ProbeJob`, `MeasureJob`, `SeeJob`, `MarginsJob`, `AnalyseJob`. Worker to node:
`WorkerReady` once, then for each job exactly one of `RenderDone`, `ProbeDone`, `MeasureDone`, `SeeDone`,
`MarginsDone`, `AnalyseDone`, `JobRefused`. Images travel by path, never through the pipe.
"""

import json
from collections.abc import Iterable
from typing import Any

from attrs import asdict, field, fields, frozen
from attrs.validators import and_, deep_iterable, ge, instance_of, max_len, min_len

LINE_BYTES = 8 << 20
"""The longest line either side may send. The largest plan holds forty texts of ten thousand characters."""

LOG_CHARACTERS = 4000
"""What a refusal may tell the log."""


class BrokenFrame(Exception):
    """The other side does not speak the protocol; its process cannot be trusted any more."""


TEXT = instance_of(str)
COUNT = and_(instance_of(int), ge(0))
DOCUMENT = instance_of(dict)


def _tupled(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


def _counts(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(numbers)


@frozen
class RenderJob:
    """Paint `plan` from the file `source` into the new file `target`."""

    number: int = field(validator=COUNT)
    plan: dict[str, Any] = field(validator=DOCUMENT)
    facts: dict[str, Any] = field(validator=DOCUMENT)
    source: str = field(validator=TEXT)
    target: str = field(validator=TEXT)
    inputs: tuple[str, ...] = field(default=(), converter=_tupled, validator=deep_iterable(TEXT))
    providers: dict[str, Any] = field(factory=dict, validator=DOCUMENT)  # those the plan asks, by effect
    extra_seconds: float = field(default=0.0, validator=instance_of((int, float)))  # that those may take


@frozen
class ProbeJob:
    """Tell what `source` is; with `verify`, decode every pixel of it once."""

    number: int = field(validator=COUNT)
    source: str = field(validator=TEXT)
    verify: bool = field(validator=instance_of(bool))


@frozen
class MeasureJob:
    """Tell how large the picture of some words will be."""

    number: int = field(validator=COUNT)
    text: dict[str, Any] = field(validator=DOCUMENT)
    fonts: dict[str, Any] = field(factory=dict, validator=DOCUMENT)  # revision → path


@frozen
class SeeJob:
    """Tell what is in the picture `source`, or in a portion of the file."""

    number: int = field(validator=COUNT)
    source: str = field(validator=TEXT)
    portion: dict[str, Any] = field(factory=dict, validator=DOCUMENT)


@frozen
class MarginsJob:
    """Tell what `e_trim` would leave of an image part of the way through its chain.

    That is the picture `source` after the operations of `plan`, or, with a `layer` (as composites name them),
    that layer after them.
    """

    number: int = field(validator=COUNT)
    plan: dict[str, Any] = field(validator=DOCUMENT)
    layer: dict[str, Any] = field(validator=DOCUMENT)  # empty: the picture
    level: int = field(validator=COUNT)
    colour: tuple[int, ...] = field(converter=_counts, validator=deep_iterable(COUNT))  # empty: the corner's
    source: str = field(validator=TEXT)
    target: str = field(validator=TEXT)  # where a provider's files may lie beside; nothing is written there
    inputs: tuple[str, ...] = field(default=(), converter=_tupled, validator=deep_iterable(TEXT))
    providers: dict[str, Any] = field(factory=dict, validator=DOCUMENT)  # those the plan asks, by effect
    extra_seconds: float = field(default=0.0, validator=instance_of((int, float)))  # for them


@frozen
class AnalyseJob:
    """Tell of the file `source` what is wanted of it, by the names of `analysing` and `inspecting`."""

    number: int = field(validator=COUNT)
    source: str = field(validator=TEXT)
    names: tuple[str, ...] = field(converter=_tupled, validator=deep_iterable(TEXT))


@frozen
class WorkerReady:
    """Limits are set and Pillow is loaded."""

    resident_bytes: int = field(validator=COUNT)


@frozen
class RenderDone:
    """The result lies in the job's target file."""

    number: int = field(validator=COUNT)
    size: int = field(validator=COUNT)
    width: int = field(validator=COUNT)
    height: int = field(validator=COUNT)
    format: str = field(validator=TEXT)
    md5: str = field(validator=TEXT)
    seconds: float = field(validator=instance_of((int, float)))
    resident_bytes: int = field(validator=COUNT)


@frozen
class ProbeDone:
    """The facts of the source."""

    number: int = field(validator=COUNT)
    facts: dict[str, Any] = field(validator=DOCUMENT)
    resident_bytes: int = field(validator=COUNT)


@frozen
class MeasureDone:
    """Width and height in pixels."""

    number: int = field(validator=COUNT)
    width: int = field(validator=COUNT)
    height: int = field(validator=COUNT)
    resident_bytes: int = field(validator=COUNT)


@frozen
class SeeDone:
    """What was seen."""

    number: int = field(validator=COUNT)
    sight: dict[str, Any] = field(validator=DOCUMENT)
    resident_bytes: int = field(validator=COUNT)


@frozen
class MarginsDone:
    """The box that is left: left, top, width, height."""

    number: int = field(validator=COUNT)
    box: tuple[int, ...] = field(
        converter=_counts, validator=and_(deep_iterable(COUNT), min_len(4), max_len(4))
    )
    resident_bytes: int = field(validator=COUNT)


@frozen
class AnalyseDone:
    """What was found, as answers of the APIs name it."""

    number: int = field(validator=COUNT)
    found: dict[str, Any] = field(validator=DOCUMENT)
    resident_bytes: int = field(validator=COUNT)


@frozen
class JobRefused:
    """No result: `reason` names the error (see `errors.REFUSALS`), `public` is its sentence."""

    number: int = field(validator=COUNT)
    reason: str = field(validator=TEXT)
    public: str = field(validator=TEXT)
    log: str = field(validator=TEXT)
    resident_bytes: int = field(validator=COUNT)


Job = RenderJob | ProbeJob | MeasureJob | SeeJob | MarginsJob | AnalyseJob
Answer = RenderDone | ProbeDone | MeasureDone | SeeDone | MarginsDone | AnalyseDone | JobRefused
Message = Job | WorkerReady | Answer

MESSAGES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        *(RenderJob, ProbeJob, MeasureJob, SeeJob, MarginsJob, AnalyseJob),
        *(WorkerReady, RenderDone, ProbeDone, MeasureDone, SeeDone, MarginsDone, AnalyseDone, JobRefused),
    )
}


def encode(message: Message) -> bytes:
    """One line. ASCII, so file names that are not UTF-8 (surrogate escapes) survive."""
    return json.dumps({"message": type(message).__name__, **asdict(message)}).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """The inverse of `encode`; anything else is a `BrokenFrame`."""
    try:
        document = json.loads(line)
        kind = MESSAGES[document.pop("message")]
        names = {each.name for each in fields(kind)}
        if set(document) != names:
            raise BrokenFrame(f"fields of {kind.__name__} are {sorted(names)}")
        message: Message = kind(**document)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BrokenFrame(f"not a message: {line[:200]!r}") from error
    return message


class FrameReader:
    """Cuts a byte stream into messages, however the pipe has chopped it."""

    def __init__(self, line_bytes: int = LINE_BYTES) -> None:
        self._line_bytes = line_bytes
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages completed by `data`. After a `BrokenFrame` the reader is of no further use."""
        searched = len(self._pending)
        self._pending += data
        messages: list[Message] = []
        while (end := self._pending.find(b"\n", searched)) >= 0:
            if end > self._line_bytes:
                break
            messages.append(decode(bytes(self._pending[:end])))
            del self._pending[: end + 1]
            searched = 0
        if len(self._pending) > self._line_bytes:
            raise BrokenFrame(f"a line of more than {self._line_bytes} bytes")
        return messages
