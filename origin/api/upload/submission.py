"""What somebody asks of a file or an asset: now, or as an entry of the outbox keeps it."""

from attrs import evolve, frozen

from origin.api.credentials import Caller
from origin.api.params import Params
from origin.notifications.notifier import Notifier


@frozen(kw_only=True)
class Submission:
    """What somebody asks of a file, apart from the file."""

    caller: Caller
    resource_type: str  # image, video, raw or auto
    params: Params
    notifier: Notifier
    eager_notifier: Notifier  # who hears of files made after the answer
    batch_id: str  # by which work done after the answer is known
    revision: str | None = None  # of the asset it will be: told, taking it in twice changes nothing

    def named(self, public_id: str | None) -> "Submission":
        """The same under another name, if there is one."""
        return self if public_id is None else evolve(self, params={**self.params, "public_id": public_id})
