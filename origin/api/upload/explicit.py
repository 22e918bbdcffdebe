"""`POST <resource_type>/explicit`: all that an upload says of its asset, of one that is there (upload-api §9)."""

from collections.abc import Callable

from attrs import frozen

from origin.api.endpoint import Access, Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import flag, text
from origin.api.upload.background import payload_of
from origin.api.upload.explaining import EXPLICIT, Explaining
from origin.api.upload.parameters import ANALYSING_PARAMS, DESCRIBING_PARAMS
from origin.api.upload.submission import Submission
from origin.assets.jobs import Jobs
from origin.catalogue import Message


@frozen
class Explicit:
    """Takes what is asked for, and has it done at once or after the answer."""

    explaining: Explaining
    notifiers: Notifiers
    jobs: Jobs
    new_id: Callable[[], str]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call."""
        flags = ("invalidate", "overwrite", "backup", "async", "eager_async")
        takes = (
            Param("public_id", required=True, about="Of fetched types: a URL, or a name at the network"),
            Param("type", required=True),
            *DESCRIBING_PARAMS,
            *ANALYSING_PARAMS,
            Param("eager"),
            Param("eager_notification_url"),
            *(Param(name, Kind.FLAG) for name in flags),
            *NOTIFY,
        )
        return (
            Endpoint(
                "POST",
                "{resource_type}/explicit",
                self.one,
                access=Access.SIGNED,
                takes=takes,
                summary="Describe an asset, and make derived ones of it",
                answer="UploadedOrPending",
                action="explicit",
            ),
        )

    async def one(self, call: Call) -> Json:
        """The asset as an upload's answer shows it, or that it will be."""
        submission = Submission(
            caller=call.caller,
            resource_type=call.path["resource_type"],
            params=call.params,
            notifier=self.notifiers.of(call),
            eager_notifier=self.notifiers.of(call, "eager_notification_url", "notification_url"),
            batch_id=text(call.params, "batch_id") or self.new_id(),
        )
        wish = self.explaining.wish(submission)  # what is wrong is told at once
        if flag(call.params, "async"):
            await self.explaining.editing.tell([Message(EXPLICIT, payload_of(submission))])
            answer = {
                "status": "pending",
                "resource_type": submission.resource_type,
                "type": wish.type,
                "public_id": wish.name,
                "batch_id": submission.batch_id,
            }
        else:
            answer = await self.explaining.do(submission)
        self.jobs.soon()
        return answer
