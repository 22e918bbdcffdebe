"""What a transaction leaves to be told or done once it is committed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

REMOVE_OBJECT = "remove-object"
"""Kind of the entries that name a store object no row needs any more: payload `{"key": …}`."""

EVENT = "event"
"""Kind of the messages that become, in the same transaction, a WEBHOOK or a buffered message for everyone who is to
hear of an event: payload `{"cloud", "type", "api_key", "batch_id", "body", "to"}` (`origin/catalogue/hearers.py`)."""

HELD_EVENT = "held-event"
"""Kind of an EVENT that waits for the rest of its response; whoever brings that takes its place. Should he die, it is
told as it is. `lane`: the request it belongs to."""

WEBHOOK = "webhook"
"""Kind of the entries that owe a receiver a notification: payload `{"cloud", "url", "api_key", "type", "body"}`."""

TAKE_IN = "take-in"
"""Kind of the entries that owe an upload. `lane`: the store key of its file, which stays until the entry is done."""


@frozen
class Message:
    """Something to tell once the change that caused it is committed. `payload` is JSON."""

    kind: str
    payload: Mapping[str, Any] = field(factory=dict)
    delay_seconds: float = 0.0
    lane: str = ""  # who is told: those of one lane wait for each other, and for no one else


def dumped(payload: Mapping[str, Any]) -> str:
    """A payload as its row holds it: the same payload is always the same text."""
    return json.dumps(payload, sort_keys=True)


def removal(store_key: str) -> Mapping[str, Any]:
    """The payload of a REMOVE_OBJECT entry."""
    return {"key": store_key}


def garbage(store_keys: Sequence[str], linger_seconds: float) -> list[Message]:
    """Messages that have objects removed, after those who just looked them up had time to read."""
    return [Message(REMOVE_OBJECT, removal(key), linger_seconds) for key in store_keys]
