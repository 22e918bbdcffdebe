"""Who is told of a call: what its parameters say, or else its cloud's settings (upload-api §6, §7)."""

from collections.abc import Callable, Mapping, Sequence

from attrs import Factory, field, frozen

from origin.api.endpoint import Call, Param
from origin.api.params import Params, text
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
        return Notifier(
            cloud=call.cloud,
            api_key=signing_key(self.clouds[call.cloud], call.caller.api_key).api_key,
            request_id=call.request_id,
            at=self.now(),
            to=self._receiver(call.cloud, call.params, names or ("notification_url",)),
            batch_id=text(call.params, "batch_id"),
        )

    def unasked(self, cloud: str, params: Params, request_id: str, source: str) -> Notifier:
        """The notifier of what no call has asked for; `source` says what has set it off."""
        return Notifier(
            cloud=cloud,
            api_key=signing_key(self.clouds[cloud], "").api_key,
            request_id=request_id,
            at=self.now(),
            to=self._receiver(cloud, params, ("notification_url",)),
            source=source,
        )

    def _receiver(self, cloud: str, params: Params, names: Sequence[str]) -> Destination | None:
        """What the first of these parameters that is given says, or else the cloud's own."""
        for name in names:
            if (uri := text(params, name)) is not None:
                return self.destination(cloud, name, uri)
        return self._usual.get(cloud)

    def destination(self, cloud: str, name: str, uri: str) -> Destination:
        """Where the parameter `name` sends to; 400 for where this cloud may not."""
        return destination(name, uri, self._guards[cloud])
