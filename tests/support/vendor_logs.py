"""Edges that play a vendor and log as it does, and what the log says, by field."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from edge.personality.akamai.settings import Property
from edge.personality.cloudfront.log import FIELDS
from edge.personality.cloudfront.settings import Distribution
from edge.service import EdgeNode
from tests.support.edge_node import running_edge
from tests.support.scripted_origin import ScriptedOrigin


@asynccontextmanager
async def logging_edge(
    log: Path, told: Distribution | Property, **settings: Any
) -> AsyncIterator[tuple[EdgeNode, ScriptedOrigin]]:
    """An edge that plays the vendor whose settings these are; what it wrote is there behind it."""
    played = "cloudfront" if isinstance(told, Distribution) else "akamai"
    vendor: dict[str, Any] = {"personality": played, played: told}
    origin = ScriptedOrigin().listen()
    async with running_edge(
        origin.url, access_log=str(log), access_log_format="vendor", **vendor, **settings
    ) as edge:
        yield edge, origin
    await origin.stop()


def standard_lines(log: Path) -> list[dict[str, str]]:
    """CloudFront's: each line behind the two of the file's head, by field."""
    return [
        dict(zip(FIELDS, line.split("\t"), strict=True)) for line in log.read_text("utf-8").splitlines()[2:]
    ]


def stream_lines(log: Path) -> list[dict[str, Any]]:
    """Akamai's: each line of DataStream."""
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]
