import os
import signal
from pathlib import Path

import pytest

from origin.render.errors import InvalidImage, OutOfMemory, TooManyPixels
from origin.render.pillow.sources.apart import Outcome, apart


def test_words_and_pixels_come_back() -> None:
    outcome = apart(lambda: Outcome({"size": [3, 4]}, bytes(5_000_000)), log="test")
    assert outcome.said == {"size": [3, 4]}
    assert outcome.pixels == bytes(5_000_000)


def test_it_is_another_process() -> None:
    assert apart(lambda: Outcome({"pid": os.getpid()}), log="test").said["pid"] != os.getpid()


@pytest.mark.parametrize("end", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_its_death_is_an_invalid_image(end: signal.Signals) -> None:
    """A crash of the library costs one answer."""

    def die() -> Outcome:
        os.kill(os.getpid(), end)
        return Outcome({})

    with pytest.raises(InvalidImage, match="its process died"):
        apart(die, log="test")


def failing(error: BaseException) -> Outcome:
    raise error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TooManyPixels("too many"), TooManyPixels),
        (MemoryError("none left"), OutOfMemory),
        (ValueError("odd"), InvalidImage),
        (KeyboardInterrupt(), InvalidImage),
    ],
)
def test_what_it_raises_is_raised_here(error: BaseException, kind: type[Exception]) -> None:
    """Whatever a library throws, a panic of Rust included, which is no Exception."""
    with pytest.raises(kind):
        apart(lambda: failing(error), log="test")


def held() -> tuple[int, set[str]]:
    """Open descriptors and children of this process."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return len(os.listdir("/proc/self/fd")), set(children)


def test_no_child_and_no_descriptor_is_left() -> None:
    """A worker does this for years."""
    before = held()
    for _ in range(5):
        with pytest.raises(InvalidImage):
            apart(lambda: failing(ValueError()), log="test")
    assert held() == before
