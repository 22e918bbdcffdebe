"""wire.http2.patience: floods that cost us more than their sender."""

from __future__ import annotations

import pytest

from tests.support.frames import (
    POST,
    SETTINGS,
    data,
    reset,
    window,
)
from tests.support.http2_table import fails, opened
from wire.http2 import events as ev
from wire.http2.frames import (
    END_HEADERS,
    Code,
    Kind,
    frame,
)
from wire.http2.limits import Limits


class TestPatience:
    def test_streams_opened_to_no_end(self) -> None:
        """CVE-2023-44487 (rapid reset): a burst is forgiven, a flood is not, and time heals."""
        table = opened(Limits(resets=(10.0, 1.0)))
        numbers = iter(range(1, 1000, 2))

        def open_and_reset(count: int) -> list[ev.Event]:
            told: list[ev.Event] = []
            for stream, _ in zip(numbers, range(count), strict=False):
                told += table.hears(table.hand.headers(stream), reset(stream))
            return told

        assert not any(isinstance(each, ev.Broken) for each in open_and_reset(10))
        table.now = 5.0
        assert not any(isinstance(each, ev.Broken) for each in open_and_reset(5))
        stream = next(numbers)
        fails(table, Code.ENHANCE_YOUR_CALM, table.hand.headers(stream), reset(stream))

    def test_streams_that_we_are_made_to_reset(self) -> None:
        """CVE-2025-8671 (MadeYouReset): the same flood by broken rules."""
        table = opened(Limits(resets=(10.0, 1.0)))
        events: list[ev.Event] = []
        for stream in range(1, 31, 2):
            events += table.hears(table.hand.headers(stream), window(stream, 0))
        assert isinstance(events[-1], ev.Broken)
        assert events[-1].code is Code.ENHANCE_YOUR_CALM

    @pytest.mark.parametrize(
        "chore",
        [
            frame(Kind.PING, 0, 0, bytes(8)),  # CVE-2019-9512
            SETTINGS,  # CVE-2019-9515
            data(1),  # CVE-2019-9518
            frame(Kind.PRIORITY, 0, 1, bytes(5)),  # CVE-2019-9513
            b"\x00\x00\x00\xfa\x00\x00\x00\x00\x01",  # of a kind nobody knows
        ],
    )
    def test_frames_that_ask_for_nothing(self, chore: bytes) -> None:
        """Each costs us more than its sender."""
        table = opened(Limits(chores=(50.0, 1.0)))
        table.hears(table.hand.headers(1, POST, END_HEADERS))
        assert not any(isinstance(each, ev.Broken) for each in table.hears(chore * 40))
        fails(table, Code.ENHANCE_YOUR_CALM, chore * 20)
