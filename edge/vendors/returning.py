"""`POST /returned` of a PoP that has been started: it is told what it missed, and answered when it has confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.control.commands import Command
from edge.vendors.telling import Telling
from wire.errors import InvalidRequest


class ReturnedResource(Command):
    """`{"name": "fra"}` → `{"told": 3}`; 503 where it did not confirm all."""

    def __init__(self, telling: Telling) -> None:
        super().__init__()
        self._telling = telling

    async def carry_out(self, told: Any) -> dict[str, int]:
        name = told.get("name") if isinstance(told, Mapping) else None
        if not isinstance(name, str) or name not in self._telling.controls:
            raise InvalidRequest(f"No PoP of a vendor's has this name: {name}")
        return {"told": await self._telling.returned(name)}
