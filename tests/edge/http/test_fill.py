"""What a fetch brings home beside the answer."""

from __future__ import annotations

from typing import cast

import pytest_twisted
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher

from tests.support.edge_node import get, running_edge
from tests.support.scripted_origin import ScriptedOrigin, reply


@pytest_twisted.ensureDeferred
async def test_what_is_odd_of_an_answer_goes_to_the_log() -> None:
    """Sheet 6.2, 20.2: it is ignored, and somebody should know; nothing is said of answers in order."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"hello", Cache_Control="max-age=60", Age="soon", Surrogate_Key="x" * 2000 + " ok"))
    origin.on("/b", reply(b"hello", Cache_Control="max-age=60", Age="5", Surrogate_Key="ok"))
    logged: list[LogEvent] = []
    note = cast(ILogObserver, logged.append)
    globalLogPublisher.addObserver(note)
    try:
        async with running_edge(origin.url) as edge:
            answers = [await get(edge, target) for target in ("/a", "/a", "/b")]
    finally:
        globalLogPublisher.removeObserver(note)
    assert [answer.cache for answer in answers] == ["MISS", "HIT", "MISS"]
    told = [(event["target"], event["oddity"][:12]) for event in logged if "oddity" in event]
    assert told == [("/a", "its Age is n"), ("/a", "1 of its tag")]
    await origin.stop()
