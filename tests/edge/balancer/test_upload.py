"""A body taken in whole, to be sent as often as it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest
from twisted.internet.defer import Deferred

from edge.balancer.upload import MEMORY_BYTES, TakenBody
from wire.errors import TooLarge, Unavailable
from wire.web.body import RequestBody


class Tap:
    """The channel's reading side; nothing to hold back here."""

    def continue_expected(self) -> None:
        """The client was not waiting."""

    def pause_reading(self) -> None:
        """All of it is here already."""

    def resume_reading(self) -> None:
        """All of it is here already."""


def arrived(data: bytes) -> RequestBody:
    """A chunked body that has come whole."""
    body = RequestBody(Tap(), None)
    for at in range(0, len(data), 10_000):
        body.bytes_received(data[at : at + 10_000])
    body.ended()
    return body


def done(waiting: Deferred[Any]) -> Any:
    """The result of what did not need to wait."""
    results: list[Any] = []
    waiting.addBoth(results.append)
    (result,) = results
    if hasattr(result, "raiseException"):
        result.raiseException()
    return result


async def all_of(body: TakenBody) -> bytes:
    return b"".join([chunk async for chunk in body.chunks()])


@pytest.mark.parametrize("size", [0, 1, MEMORY_BYTES, MEMORY_BYTES * 4 + 1])
def test_what_is_taken_can_be_sent_again_and_again(size: int, tmp_path: Path) -> None:
    """From the start each time, also while an attempt that was given up stands in the middle."""
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    with TakenBody(str(tmp_path)) as body:
        done(Deferred.fromCoroutine(body.take(arrived(data), size)))
        assert body.length == size
        given_up = body.chunks()
        if size:
            done(Deferred.fromCoroutine(first(given_up)))
        for _ in range(2):
            assert done(Deferred.fromCoroutine(all_of(body))) == data


async def first(chunks: Any) -> bytes:
    return bytes(await anext(chunks))


def test_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    """A chunked body does not say how long it will be: it is counted."""
    with TakenBody(str(tmp_path)) as body, pytest.raises(TooLarge):
        done(Deferred.fromCoroutine(body.take(arrived(b"x" * 101), 100)))


def test_nothing_is_left_on_disk(tmp_path: Path) -> None:
    """Not even a name while it is being used."""
    with TakenBody(str(tmp_path)) as body:
        done(Deferred.fromCoroutine(body.take(arrived(b"x" * MEMORY_BYTES * 2), 1 << 30)))
        assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_sentence_not_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """503: the client may try again."""

    def full(chunk: bytes) -> NoReturn:
        raise OSError(28, "No space left on device")

    with TakenBody(str(tmp_path)) as body:
        monkeypatch.setattr(body, "_keep", full)
        with pytest.raises(Unavailable) as refused:
            done(Deferred.fromCoroutine(body.take(arrived(b"x"), 100)))
    assert refused.value.public == "No room to take in the upload"
