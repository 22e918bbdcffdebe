"""`/links` on a node's control port: GET lists its links, POST changes them."""

from __future__ import annotations

from edge.control.commands import Posted
from sim.links.cables import Cables
from sim.links.change import Change
from wire.web.sending import send_json
from wire.web.site import StreamingRequest


class LinksCommand(Posted):
    """Answers `{"changed": how many, "links": […]}`."""

    def __init__(self, cables: Cables) -> None:
        super().__init__()
        self._cables = cables

    async def answer(self, request: StreamingRequest) -> None:
        is_question = request.method in (b"GET", b"HEAD")
        changed = 0 if is_question else self._cables.change(Change.parse(await self.told_by(request)))
        send_json(request, 200, {"changed": changed, "links": self._cables.listed()})
