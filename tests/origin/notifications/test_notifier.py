"""What is told: the envelope, and a message that finds its hearers."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.catalogue.hearers import Destination
from origin.catalogue.messages import EVENT
from origin.notifications.notifier import Notifier
from origin.notifications.types import EVENT_TYPES, EventType
from wire.errors import InvalidRequest

AT = 1_779_910_936.87642
NOTIFIER = Notifier(cloud="demo", api_key="123", request_id="ae" * 16, at=AT)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def test_a_notification_is_the_response_in_its_envelope() -> None:
    """upload-api.md §7, field for field and in its order."""
    (message,) = NOTIFIER.tell("upload", {"asset_id": "1", "public_id": "ü"})
    assert message.payload["body"] == (
        '{"notification_type":"upload","timestamp":"2026-05-27T19:42:16+00:00",'
        '"request_id":"aeaeaeaeaeaeaeaeaeaeaeaeaeaeaeae","signature_key":"123",'
        '"notification_context":{"triggered_at":"2026-05-27T19:42:16.876420Z",'
        '"triggered_by":{"source":"api","id":"123"}},"asset_id":"1","public_id":"\\u00fc"}'
    )
    assert (message.kind, message.payload["to"], message.payload["batch_id"]) == (EVENT, None, None)


def test_a_batch_is_named_by_its_request_or_else_by_the_answer() -> None:
    (asked,) = Notifier(cloud="c", api_key="k", request_id="r", at=AT, batch_id="mine").tell(
        "multi", {"batch_id": "theirs"}
    )
    assert (asked.payload["batch_id"], json.loads(asked.payload["body"])["batch_id"]) == ("mine", "mine")
    (answered,) = NOTIFIER.tell("multi", {"batch_id": "theirs"})
    assert (answered.payload["batch_id"], json.loads(answered.payload["body"])["batch_id"]) == (
        "theirs",
        "theirs",
    )


@pytest.mark.parametrize("bad", ["", "x" * 256, "a\0b", "\ud800"])
def test_a_batch_id_that_cannot_be_kept_is_refused(bad: str) -> None:
    with pytest.raises(InvalidRequest, match="Invalid batch_id"):
        Notifier(cloud="c", api_key="k", request_id="r", at=AT, batch_id=bad)


def test_only_the_events_of_the_sheet_are_told() -> None:
    name: Any = "uploaded"
    with pytest.raises(ValueError, match="uploaded"):
        NOTIFIER.tell(name, {})


@given(st.sampled_from(EVENT_TYPES), st.dictionaries(st.text(), values, max_size=5), st.floats(0, 4e9))
def test_every_response_survives_its_envelope_and_nothing_in_it_overrules_that(
    event: EventType, response: dict[str, Any], at: float
) -> None:
    """Whatever a caller named his context or tags; and the bytes are ASCII, so that no reader mistakes them."""
    notifier = Notifier(
        cloud="c", api_key="key", request_id="r", at=at, to=Destination("poll", "poll://x", "x")
    )
    (message,) = notifier.tell(event, {**response, "signature_key": "forged"})
    assert json.loads(json.dumps(message.payload)) == message.payload
    text = message.payload["body"]
    assert text.isascii()
    told = json.loads(text)
    assert (told["notification_type"], told["signature_key"], told["request_id"]) == (event, "key", "r")
    assert abs(datetime.fromisoformat(told["timestamp"]).timestamp() - at) <= 1.0
    assert {name: told[name] for name in response.keys() - _ENVELOPE} == {
        name: value for name, value in response.items() if name not in _ENVELOPE
    }


_ENVELOPE = {"notification_type", "timestamp", "request_id", "signature_key", "notification_context"}
