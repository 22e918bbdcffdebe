"""Notifications read from a channel: waited for where there are none yet, and signed when they are handed out."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from origin.catalogue import Catalogue
from origin.catalogue.channels import Buffered, Place
from origin.notifications.signing import signed
from origin.settings import Cloud

READERS = 256  # waiting at once; more are answered at once, with what there is
EAGER_READERS = 16


@define(kw_only=True)
class Reading:
    """Hands out what lies in channels. Other processes put messages there too, so it looks again and again."""

    catalogue: Catalogue
    clouds: Mapping[str, Cloud]
    clock: IReactorTime
    now: Callable[[], float]
    look_seconds: float
    is_ending: Callable[[], bool]  # the node stops: nobody is kept waiting
    _waiting: int = field(default=0, init=False)

    async def messages(
        self, place: Place, most: int, *, wait_seconds: float, hidden_seconds: float
    ) -> list[dict[str, Any]]:
        """Up to so many messages as soon as there are any; none after so many seconds without one."""
        until = self.clock.seconds() + (wait_seconds if self._waiting < READERS else 0.0)
        self._waiting += 1
        try:
            while True:
                now = self.now()
                found = await self.catalogue.channels.claim(
                    place, most, now=now, hidden_seconds=hidden_seconds
                )
                left = until - self.clock.seconds()
                if found or left <= 0 or self.is_ending():
                    return [self._handed_out(place.cloud, each, now) for each in found]
                # The more wait, the rarer each looks: all of them together cost the catalogue no more.
                pause = self.look_seconds * (1 + self._waiting // EAGER_READERS)
                await deferLater(self.clock, min(left, pause), lambda: None)
        finally:
            self._waiting -= 1

    async def acknowledge(self, cloud: str, receipts: Sequence[str]) -> list[dict[str, str]]:
        """What became of each receipt."""
        acked = await self.catalogue.channels.acknowledge(cloud, receipts)
        return [
            {"receipt_handle": each, "status": "acked" if each in acked else "not_found"} for each in receipts
        ]

    def _handed_out(self, cloud: str, message: Buffered, now: float) -> dict[str, Any]:
        made = signed(self.clouds[cloud], message.api_key, message.body, now)
        return {
            "receipt_handle": message.receipt,
            "batch_id": message.batch_id,
            "payload": json.loads(made.body),
            "signed_payload": urlsafe_b64encode(made.body).decode("ascii").rstrip("="),
            "signature": made.signature,
            "timestamp": str(made.timestamp),
        }
