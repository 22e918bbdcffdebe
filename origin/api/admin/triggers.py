"""`triggers`: who hears of which events (admin-api §17)."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

from attrs import frozen

from origin.api.endpoint import Call, Endpoint, Json, Kind, Param, Reply
from origin.api.notifying import Notifiers
from origin.api.params import text
from origin.catalogue.hearers import Destination
from origin.catalogue.triggers import Trigger
from origin.catalogue.triggers import Triggers as Registered
from origin.notifications.types import ALL, EVENT_TYPES
from wire import jsontext
from wire.components import printable
from wire.errors import InvalidRequest, NotFound

URI_TYPES = ("webhook", "poll")
_ONE = "triggers/{id}"


@frozen
class Triggers:
    """A cloud's own triggers."""

    registered: Registered
    notifiers: Notifiers
    now: Callable[[], float]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """List, create, redirect, delete, test."""
        uri, event_type = Param("uri", required=True), Param("event_type", required=True)
        return (
            Endpoint(
                "GET",
                "triggers",
                self.all,
                takes=(Param("event_type"),),
                summary="List triggers",
                answer="TriggerList",
            ),
            Endpoint(
                "POST",
                "triggers",
                self.create,
                takes=(uri, event_type, Param("uri_type")),
                summary="Register for the events of one type, or of all",
                answer="Trigger",
                statuses=(201,),
            ),
            Endpoint(
                "PUT",
                _ONE,
                self.redirect,
                takes=(Param("new_uri", required=True),),
                summary="Send a trigger's events somewhere else",
                answer="Message",
            ),
            Endpoint("DELETE", _ONE, self.delete, summary="Delete a trigger", answer="Message"),
            Endpoint(
                "POST",
                _ONE + "/test",
                self.test,
                takes=(Param("sample_data", Kind.JSON),),
                summary="Whether a trigger would be told of such an event",
                answer="TriggerTested",
            ),
        )

    async def all(self, call: Call) -> Json:
        """Every one, or those of one type."""
        wanted = text(call.params, "event_type")
        found = await self.registered.of(call.cloud, _event_type(wanted) if wanted is not None else None)
        return {"triggers": [_shown(each) for each in found], "total": len(found)}

    async def create(self, call: Call) -> Reply:
        """201 with the trigger."""
        event_type = _event_type(text(call.params, "event_type") or "")
        to = self._destination(call, "uri", text(call.params, "uri_type"))
        trigger = await self.registered.add(call.cloud, event_type, to, now=self.now())
        return Reply(_shown(trigger), 201)

    async def redirect(self, call: Call) -> Json:
        """Its type of destination may change with it."""
        to = self._destination(call, "new_uri", None)
        if not await self.registered.redirect(call.cloud, call.path["id"], to, now=self.now()):
            raise _missing(call)
        return {"message": "Trigger was updated"}

    async def delete(self, call: Call) -> Json:
        """What it has heard of already is still delivered."""
        if not await self.registered.remove(call.cloud, call.path["id"]):
            raise _missing(call)
        return {"message": "Trigger was deleted"}

    async def test(self, call: Call) -> Json:
        """Triggers have no filters here, so each is told of everything of its type. Nothing is sent."""
        trigger = await self.registered.get(call.cloud, call.path["id"])
        if trigger is None:
            raise _missing(call)
        _check_sample(text(call.params, "sample_data"))
        return {"trigger_id": trigger.trigger_id, "filter_present": False, "filter_result": True}

    def _destination(self, call: Call, name: str, uri_type: str | None) -> Destination:
        if uri_type == "flow":
            raise InvalidRequest("uri_type flow is not supported by this server: use webhook or poll")
        if uri_type not in (None, *URI_TYPES):
            raise InvalidRequest(f"Invalid uri_type {printable(uri_type)}: expected webhook or poll")
        to = self.notifiers.destination(call.cloud, name, text(call.params, name) or "")
        if uri_type not in (None, to.uri_type):
            wanted = "an http:// or https:// URL" if uri_type == "webhook" else "poll://<channel> or poll://*"
            raise InvalidRequest(f"Invalid {name} {printable(to.uri)}: a {uri_type} needs {wanted}")
        return to


def _event_type(written: str) -> str:
    if written != ALL and written not in EVENT_TYPES:
        known = ", ".join((ALL, *EVENT_TYPES))
        raise InvalidRequest(f"Invalid event_type {printable(written)}: expected one of {known}")
    return written


def _check_sample(written: str | None) -> None:
    try:
        sample = jsontext.read(written) if written is not None else {}
    except ValueError as error:
        raise InvalidRequest("Invalid sample_data: expected a JSON object") from error
    if not isinstance(sample, dict):
        raise InvalidRequest("Invalid sample_data: expected a JSON object")


def _missing(call: Call) -> NotFound:
    return NotFound(f"Trigger {printable(call.path['id'])} not found")


def _shown(trigger: Trigger) -> Json:
    return {
        "id": trigger.trigger_id,
        "product_environment_id": sha256(trigger.cloud.encode()).hexdigest()[:32],
        "uri_type": trigger.to.uri_type,
        "uri": trigger.to.uri,
        "event_type": trigger.event_type,
        "created_at": _moment(trigger.created_at),
        "updated_at": _moment(trigger.updated_at),
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()
