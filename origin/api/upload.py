"""`POST /v1_1/<cloud>/<resource_type>/upload`."""

import re
from typing import Any

from attrs import frozen

from origin.api.credentials import Caller
from origin.api.multipart import Form
from origin.api.params import text
from origin.api.resource import ApiResource, Desk, header
from origin.api.spooling import RemoteFile, SpooledFile
from origin.api.wishes import upload_wish
from origin.assets.drafting import Received
from origin.assets.eager import Eager, EagerWish
from origin.assets.ingest import Ingest
from origin.assets.outbox import Courier
from origin.catalogue import Stored
from origin.counters import Counters
from wire.components import printable
from wire.errors import InvalidRequest, MediaError
from wire.web.site import StreamingRequest

PURGE_SECONDS = 2.0  # how long an answer waits for caches to be told
_FROM_THE_START = re.compile("bytes 0-([0-9]{1,18})/([0-9]{1,18})")
UPLOADED_TYPES = ("image", "raw", "auto", "video")


@frozen
class Intake:
    """What takes uploads in."""

    ingest: Ingest
    eager: Eager
    courier: Courier
    counters: Counters


class UploadResource(ApiResource):
    """A signed upload of one file."""

    action = "upload"

    def __init__(self, desk: Desk, cloud: str, resource_type: str, intake: Intake) -> None:
        super().__init__(desk, cloud)
        self._resource_type = resource_type
        self._intake = intake

    async def call(self, request: StreamingRequest, form: Form) -> dict[str, Any]:
        caller = self.desk.doorkeeper.upload(
            self.cloud, header(request, b"Authorization"), form.params, action="upload", now=self.desk.now()
        )
        file = self._file(request, form)
        is_fixed = caller.cloud in self.desk.answers.fixed_folders
        wish = upload_wish(caller.cloud, self._resource_type, form.params, file, fixed_folders=is_fixed)
        eager = self._intake.eager.parse(caller.cloud, text(form.params, "eager"))
        stored = await self._intake.ingest.take(wish, Received(file.path, file.size, file.md5))
        self._intake.counters.uploads += 1
        if wish.invalidate:
            await self._intake.courier.purge_now(PURGE_SECONDS)
        answer = self.desk.answers.uploaded(stored, caller)
        if eager:
            answer["eager"] = [await self._eager(stored, each, caller) for each in eager]
        return answer

    def _file(self, request: StreamingRequest, form: Form) -> SpooledFile:
        if self._resource_type == "video":
            raise InvalidRequest("Unsupported video format or file")
        _refuse_chunks(header(request, b"Content-Range"))
        match form.file:
            case SpooledFile() as file:
                return file
            case RemoteFile(url):
                raise InvalidRequest(
                    f"Error in loading {printable(url)} - remote files are not fetched by this server"
                )
        raise InvalidRequest("Missing required parameter - file")

    async def _eager(self, stored: Stored, wish: EagerWish, caller: Caller) -> dict[str, Any]:
        try:
            derived = await self._intake.eager.derive(stored.asset, wish)
        except MediaError as error:
            # The asset is stored and answered for: one bad derivation is told in its own place.
            return {"transformation": wish.chain, "status": "failed", "reason": error.public}
        return self.desk.answers.eager(stored.asset, derived, caller.api_secret)


def _refuse_chunks(content_range: str | None) -> None:
    """A file in several requests would become several assets (upload-api §5): refused until we join them."""
    if content_range is None:
        return
    found = _FROM_THE_START.fullmatch(content_range.strip())
    if found and int(found[1]) + 1 == int(found[2]):
        return
    raise InvalidRequest("Chunked upload is not supported by this server: send the file in one request")
