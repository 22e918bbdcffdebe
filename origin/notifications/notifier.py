"""From what a request did to the messages that tell of it.

A verb makes its `Notifier` when it reads its parameters (a bad `notification_url` is refused then), and asks it for
the messages inside the transaction that makes the change:

    notifier = notifiers.of(call)                              # origin/api/notifying.py
    await assets.change(identity, edit, now=now, tell=lambda asset: notifier.tell("rename", body_of(asset)))

The row and its notification are committed together, or neither is. Whoever listens is looked up by that same
transaction (`origin/catalogue/hearers.py`); where nobody does, nothing is written. What has no row of its own to
change queues them alone: `await catalogue.outbox.add(notifier.tell("multi", body), now=now)`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import Attribute, field, frozen

from origin.catalogue.hearers import Destination
from origin.catalogue.messages import EVENT, HELD_EVENT, Message
from origin.catalogue.values import is_storable
from origin.notifications.types import EVENT_TYPES, EventType
from wire.errors import InvalidRequest

LONGEST_BATCH_ID = 255
HELD_SECONDS = 300.0  # longer than the eager transformations of an upload take


def checked_batch_id(written: str) -> str:
    """A batch's name; `InvalidRequest` for what can be none."""
    if not (is_storable(written) and 0 < len(written) <= LONGEST_BATCH_ID):
        raise InvalidRequest(f"Invalid batch_id: expected 1 to {LONGEST_BATCH_ID} characters")
    return written


def _batch_id(_: object, __: "Attribute[str | None]", value: str | None) -> None:
    if value is not None:
        checked_batch_id(value)


@frozen(kw_only=True)
class Notifier:
    """Tells of one request: who asked, and who wants to hear of it besides the triggers."""

    cloud: str
    api_key: str  # whose secret signs
    request_id: str  # as in the answer's X-Request-Id
    at: float  # unix seconds of the request
    to: Destination | None = None  # its notification_url, or the cloud's own
    batch_id: str | None = field(default=None, validator=_batch_id)
    source: str = "api"  # what set it off: api, unsigned_upload, sweep, …

    def tell(self, event: EventType, response: Mapping[str, Any]) -> tuple[Message, ...]:
        """Messages for the outbox that tell of this event; `response` is JSON, what the action answers."""
        return (Message(EVENT, self._event(event, response)),)

    def hold(self, event: EventType, response: Mapping[str, Any]) -> tuple[Message, ...]:
        """The same for a response that is not yet whole: told as it is if nobody completes it in time.

        Once the rest is there: `await outbox.instead(HELD_EVENT, notifier.request_id, notifier.tell(…), now=…)`.
        """
        return (Message(HELD_EVENT, self._event(event, response), HELD_SECONDS, self.request_id),)

    def _event(self, event: EventType, response: Mapping[str, Any]) -> dict[str, Any]:
        if event not in EVENT_TYPES:
            raise ValueError(f"{event} is no event")
        return {
            "cloud": self.cloud,
            "type": event,
            "api_key": self.api_key,
            "batch_id": self.batch_id or response.get("batch_id"),
            "body": self.body(event, response),
            "to": [self.to.uri_type, self.to.uri, self.to.receiver] if self.to else None,
        }

    def body(self, event: EventType, response: Mapping[str, Any]) -> str:
        """The notification as it is sent: the envelope, then the response (upload-api.md §7). ASCII."""
        moment = datetime.fromtimestamp(self.at, UTC)
        envelope = {
            "notification_type": event,
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            "request_id": self.request_id,
            "signature_key": self.api_key,
            "notification_context": {
                "triggered_at": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "triggered_by": {"source": self.source, "id": self.api_key},
            },
            **({"batch_id": self.batch_id} if self.batch_id else {}),
        }
        rest = {name: value for name, value in response.items() if name not in envelope}
        return json.dumps({**envelope, **rest}, separators=(",", ":"))
