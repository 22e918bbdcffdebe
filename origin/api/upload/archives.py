"""`generate_archive`, `download_tag.zip`: many assets in one file, kept as an asset or sent at once (upload-api §9)."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from origin.api.endpoint import Access, Call, Endpoint, Json, Kind, Param, Stream
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import Params, flag, text
from origin.api.upload.archiving import Archived, Archiving
from origin.api.upload.background import failure_of, payload_of, submission_of
from origin.api.upload.sending import Sending, set_fields
from origin.api.upload.submission import Submission
from origin.archives.wishes import ArchiveWish
from origin.assets.jobs import Jobs
from origin.catalogue import Message
from origin.delivery.derive import original
from origin.delivery.mediatypes import CONTENT_TYPES
from origin.settings import Cloud
from origin.transform.attachment import content_disposition
from wire.errors import InvalidRequest, MediaError
from wire.web.site import StreamingRequest

ARCHIVE = "archive"
"""Kind of the entries that owe an archive."""

_FLAGS = (
    "flatten_folders",
    "flatten_transformations",
    "skip_transformation_name",
    "use_original_filename",
    "keep_derived",
    "allow_missing",
    "async",
)
_TAKES = (
    Param("public_ids", Kind.LIST),
    Param("fully_qualified_public_ids", Kind.LIST, about="Each <resource_type>/<type>/<public_id>"),
    Param("tags", Kind.LIST, about="Up to 20; of any type"),
    Param("prefixes", Kind.LIST, about="Up to 20; / is everything"),
    Param("asset_folders", Kind.LIST),
    Param("search_expression"),
    Param("type"),
    Param("transformations", about="With | between them; each makes a file of each asset"),
    Param("mode", about="create, download or create_and_download"),
    Param("target_format", about="zip or tgz"),
    Param("target_public_id"),
    Param("target_filename"),
    Param("target_asset_folder"),
    Param("target_tags", Kind.LIST),
    *(Param(name, Kind.FLAG) for name in _FLAGS),
    Param("expires_at", Kind.INTEGER, about="Of a link to download"),
    *NOTIFY,
)


@frozen
class Archives:
    """Makes archives and sends them."""

    archiving: Archiving
    sending: Sending
    notifiers: Notifiers
    jobs: Jobs

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Archives of one resource type or of all; by GET only to be downloaded."""
        makes = tuple(
            Endpoint(
                method,
                f"{kind}/generate_archive",
                call,
                access=Access.SIGNED,
                takes=_TAKES,
                summary="Pack assets into an archive",
                answer=answer,
                sends=True,
                action="generate_archive",
            )
            for kind in ("{resource_type}", "all", "auto")
            for method, call, answer in (("POST", self.one, "ArchiveAnswer"), ("GET", self.link, ""))
        )
        legacy = Endpoint(
            "GET",
            "{resource_type}/download_tag.zip",
            self.of_tag,
            access=Access.SIGNED,
            takes=(Param("tag", required=True), Param("transformation"), *NOTIFY),
            summary="Download all assets with a tag",
            sends=True,
            action="download_tag",
        )
        return (*makes, legacy)

    async def one(self, call: Call) -> Json | Stream:
        """The archive as an asset, that it will be one, or its bytes."""
        submission = self._submission(call, call.params)
        wish = self.archiving.wish(submission)
        if wish.mode == "download":
            return await self._stream(submission, wish)
        if wish.mode == "create" and flag(call.params, "async"):
            return await self._later(submission, wish)
        archived = await self.archiving.create(submission)
        self.jobs.soon()
        if wish.mode == "create":
            return archived.answer
        return self._stored(archived, wish)

    async def link(self, call: Call) -> Stream:
        """The bytes."""
        if text(call.params, "mode") != "download":
            raise InvalidRequest("Archives are created by POST; a GET needs mode=download")
        submission = self._submission(call, call.params)
        return await self._stream(submission, self.archiving.wish(submission))

    async def of_tag(self, call: Call) -> Stream:
        """The bytes of the archive that has all of one tag."""
        tag, transformation = (text(call.params, name) or "" for name in ("tag", "transformation"))
        params: Params = {"tags": (tag,), "transformations": transformation, "mode": "download"}
        submission = self._submission(call, params)
        return await self._stream(submission, self.archiving.wish(submission))

    def _submission(self, call: Call, params: Params) -> Submission:
        notifier = self.notifiers.of(call)
        return Submission(
            caller=call.caller,
            resource_type=call.path.get("resource_type", "all"),
            params=params,
            notifier=notifier,
            eager_notifier=notifier,
            batch_id=text(call.params, "batch_id") or self.archiving.new_id(),
            revision=self.archiving.new_id(),
        )

    async def _later(self, submission: Submission, wish: ArchiveWish) -> Json:
        await self.archiving.queue([Message(ARCHIVE, payload_of(submission))])
        self.jobs.soon()
        return {
            "status": "pending",
            "resource_type": "raw",
            "type": self.archiving.type_of(wish),
            **({"public_id": wish.public_id} if wish.public_id else {}),
            "batch_id": submission.batch_id,
        }

    async def _stream(self, submission: Submission, wish: ArchiveWish) -> Stream:
        contents = await self.archiving.contents(wish)

        async def send(request: StreamingRequest) -> None:
            await self.archiving.pack(
                contents, wish, request, begins=lambda: set_fields(request, _fields(wish))
            )

        return Stream(send)

    def _stored(self, archived: Archived, wish: ArchiveWish) -> Stream:
        file = original(archived.asset)
        return Stream(lambda request: self.sending.send(request, file, _fields(wish)["Content-Disposition"]))


@frozen(kw_only=True)
class Archive:
    """The job that makes one after the answer. Its revision was settled before, so twice is once."""

    archiving: Archiving
    clouds: Mapping[str, Cloud]

    async def run(self, payload: Mapping[str, Any]) -> Sequence[Message]:
        """Make it; it tells of itself in the transaction that stores it."""
        await self.archiving.create(submission_of(payload, self.clouds))
        return ()

    def failed(self, payload: Mapping[str, Any], error: MediaError) -> Sequence[Message]:
        """An `error` notification says why."""
        return failure_of(submission_of(payload, self.clouds), error)


def _fields(wish: ArchiveWish) -> dict[str, str]:
    stem, _, extension = wish.filename.rpartition(".")
    return {
        "Content-Type": CONTENT_TYPES[extension.lower()],
        "Content-Disposition": content_disposition(stem, extension),
    }
