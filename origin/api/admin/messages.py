"""`/v2/notifications/<cloud>/messages`: notifications that are read instead of sent (admin-api §17)."""

from attrs import frozen

from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.params import integer, text, texts
from origin.catalogue.channels import Place
from origin.notifications.destinations import channel
from origin.notifications.notifier import checked_batch_id
from origin.notifications.reading import Reading
from wire.errors import InvalidRequest

HOME = "/v2/notifications/{cloud}/messages"
MOST_RECEIPTS = 100
MESSAGES = (10, 1, 100)  # default, least, most
WAIT_SECONDS = (20, 0, 60)
HIDDEN_SECONDS = (30, 1, 600)
LONGEST_WAIT_SECONDS = 50  # of those 60: whoever relays the answer waits no longer than that


@frozen
class Messages:
    """Reads and acknowledges."""

    reading: Reading

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Two calls."""
        takes = (
            Param("channel", about="The channel of a poll://<channel> destination"),
            Param("batch_id", about="The batch of a poll://* destination"),
            Param("max_messages", Kind.INTEGER),
            Param("wait_seconds", Kind.INTEGER),
            Param("visibility_timeout", Kind.INTEGER),
        )
        return (
            Endpoint("GET", HOME, self.some, takes=takes, summary="Read notifications", answer="Messages"),
            Endpoint(
                "POST",
                HOME + "/ack",
                self.acknowledge,
                takes=(Param("receipt_handles", Kind.LIST, required=True),),
                summary="Acknowledge notifications",
                answer="Acknowledged",
            ),
        )

    async def some(self, call: Call) -> Json:
        """What there is; where nothing is, what comes within `wait_seconds`."""
        wait_seconds = min(_within(call, "wait_seconds", WAIT_SECONDS), LONGEST_WAIT_SECONDS)
        messages = await self.reading.messages(
            _place(call),
            _within(call, "max_messages", MESSAGES),
            wait_seconds=wait_seconds,
            hidden_seconds=_within(call, "visibility_timeout", HIDDEN_SECONDS),
        )
        return {"messages": messages}

    async def acknowledge(self, call: Call) -> Json:
        """They are not shown again."""
        receipts = texts(call.params, "receipt_handles")
        if len(receipts) > MOST_RECEIPTS:
            raise InvalidRequest(f"Too many receipt_handles: {MOST_RECEIPTS} at most")
        return {"results": await self.reading.acknowledge(call.cloud, receipts)}


def _place(call: Call) -> Place:
    named, batch_id = text(call.params, "channel"), text(call.params, "batch_id")
    if (named is None) == (batch_id is None):
        raise InvalidRequest("Supply exactly one of channel and batch_id")
    if named is not None:
        return Place(call.cloud, channel("channel", named))
    return Place(call.cloud, batch_id=checked_batch_id(batch_id or ""))


def _within(call: Call, name: str, bounds: tuple[int, int, int]) -> int:
    default, least, most = bounds
    value = integer(call.params, name, default)
    if not least <= value <= most:
        raise InvalidRequest(
            f"Invalid value {value} for parameter {name}. Must be between {least} and {most}"
        )
    return value
