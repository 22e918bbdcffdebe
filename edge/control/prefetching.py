"""`POST /prefetch`: an operator's list of URLs to have before anybody asks."""

from __future__ import annotations

from typing import Any

from edge.control.commands import Command
from edge.http.machinery import Machinery
from edge.http.prefetch import Prefetch, carry_out


class PrefetchResource(Command):
    """`{"urls": ["/a", "http://ex.com/b"], "headers": {"Accept": "image/avif"}}`: for each URL a word of what came
    of it. Bare paths are asked for under the node's own host."""

    def __init__(self, machinery: Machinery, host: str) -> None:
        super().__init__()
        self._machinery = machinery
        self._host = host

    async def carry_out(self, told: Any) -> dict[str, Any]:
        return {"urls": await carry_out(Prefetch.from_json(told), self._machinery, self._host)}
