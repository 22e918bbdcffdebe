"""Who hears of an event: whom its request named, and every trigger of its type, as they are at that moment.

They are looked up by the very transaction that makes the change. So nobody hears of what happened before he asked
or after he went, nothing at all is written where nobody listens, and each receiver has an entry of his own, told and
tried again apart from all others.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, bindparam, insert, select

from origin.catalogue.messages import EVENT, WEBHOOK, Message
from origin.catalogue.schema import buffered, triggers

WEBHOOK_URI = "webhook"
POLL = "poll"
ANONYMOUS = "*"
"""The channel of messages that are read by their batch_id."""

REGISTERED = (
    select(triggers.c.uri_type, triggers.c.uri, triggers.c.receiver)
    .where(
        triggers.c.cloud == bindparam("cloud"), triggers.c.event_type.in_(bindparam("types", expanding=True))
    )
    .order_by(triggers.c.id)
)


@frozen
class Destination:
    """A webhook's URL or a channel (`poll://<receiver>`). Webhooks of one `receiver` share a lane."""

    uri_type: str  # webhook or poll
    uri: str
    receiver: str  # scheme://host:port, or the channel


def addressed(connection: Connection, messages: Iterable[Message], now: float) -> list[Message]:
    """The same messages with every EVENT replaced by a WEBHOOK for each URL; its channels have their copies then."""
    found: list[Message] = []
    for message in messages:
        if message.kind != EVENT:
            found.append(message)
            continue
        event = message.payload
        for hearer in _hearers(connection, event):
            if hearer.uri_type == POLL:
                _buffer(connection, event, hearer.receiver, now)
            else:
                found.append(_webhook(event, hearer, message.delay_seconds))
    return found


def _hearers(connection: Connection, event: Mapping[str, Any]) -> list[Destination]:
    """Each URL once, however often it is registered."""
    wanted = {"cloud": event["cloud"], "types": [event["type"], "all"]}
    registered = [Destination(*row) for row in connection.execute(REGISTERED, wanted)]
    named = [Destination(*event["to"])] if event["to"] else []
    return list(dict.fromkeys([*named, *registered]))


def _webhook(event: Mapping[str, Any], hearer: Destination, delay_seconds: float) -> Message:
    told = {name: event[name] for name in ("cloud", "type", "api_key", "body")}
    return Message(WEBHOOK, {**told, "url": hearer.uri}, delay_seconds, f"{event['cloud']} {hearer.receiver}")


def _buffer(connection: Connection, event: Mapping[str, Any], channel: str, now: float) -> None:
    batch_id = event["batch_id"]
    if channel == ANONYMOUS and not batch_id:
        return  # nobody could ask for it
    connection.execute(
        insert(buffered).values(
            cloud=event["cloud"],
            channel=channel,
            batch_id=batch_id or "",
            api_key=event["api_key"],
            body=event["body"],
            receipt="",
            created_at=now,
            visible_at=now,
        )
    )
