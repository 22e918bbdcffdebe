"""Who is told of a call: what its parameters say, or else its cloud's settings (upload-api §6, §7)."""

from collections.abc import Callable, Mapping

from attrs import Factory, field, frozen

from origin.api.endpoint import Call, Param
from origin.api.params import text
from origin.catalogue.hearers import Destination
from origin.notifications.destinations import destination
from origin.notifications.notifier import Notifier
from origin.notifications.signing import signing_key
from origin.remote.addresses import Guard
from origin.settings import Cloud

NOTIFY = (
    Param("notification_url", about="Where to tell of it: http, https or poll://<channel>"),
    Param("batch_id", about="What the notification may be asked for by"),
)
"""What every call takes that tells of what it did."""


@frozen
class Notifiers:
    """Makes the notifier of a call."""

    clouds: Mapping[str, Cloud]
    now: Callable[[], float]
    _guards: Mapping[str, Guard] = field(
        init=False,
        default=Factory(
            lambda self: {name: Guard.allowing(each.fetch.allow) for name, each in self.clouds.items()},
            takes_self=True,
        ),
    )
    _usual: Mapping[str, Destination] = field(
        init=False,
        default=Factory(
            lambda self: {
                name: self.destination(name, "notification_url", each.notification_url)
                for name, each in self.clouds.items()
                if each.notification_url
            },
            takes_self=True,
        ),
    )

    def of(self, call: Call, *names: str) -> Notifier:
        """The notifier of a call; 400 for a bad URL or batch_id.

        `names`: the parameters that may name a URL, the first one given counts (`notification_url` alone, unless
        said otherwise; for what is told of eager_async: `"eager_notification_url", "notification_url"`).
        """
        to = self._usual.get(call.cloud)
        for name in names or ("notification_url",):
            if (uri := text(call.params, name)) is not None:
                to = self.destination(call.cloud, name, uri)
                break
        return Notifier(
            cloud=call.cloud,
            api_key=signing_key(self.clouds[call.cloud], call.caller.api_key).api_key,
            request_id=call.request_id,
            at=self.now(),
            to=to,
            batch_id=text(call.params, "batch_id"),
        )

    def destination(self, cloud: str, name: str, uri: str) -> Destination:
        """Where the parameter `name` sends to; 400 for where this cloud may not."""
        return destination(name, uri, self._guards[cloud])
