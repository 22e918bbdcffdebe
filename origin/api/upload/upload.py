"""`POST [<resource_type>/]upload`: a file comes in (upload-api §3)."""

import re

from attrs import frozen

from origin.api.answers import Answers
from origin.api.credentials import Caller
from origin.api.endpoint import Access, Call, Endpoint, Json
from origin.api.params import text
from origin.api.spooling import RemoteFile, SpooledFile
from origin.api.upload.parameters import UPLOAD_PARAMS
from origin.api.wishes import upload_wish
from origin.assets.analyses import Analyses
from origin.assets.drafting import Received
from origin.assets.eager import Eager, EagerWish
from origin.assets.ingest import Ingest
from origin.assets.outbox import Courier
from origin.catalogue import Stored
from origin.counters import Counters
from wire.components import printable
from wire.errors import InvalidRequest, MediaError

PURGE_SECONDS = 2.0  # how long an answer waits for caches to be told
_FROM_THE_START = re.compile("bytes 0-([0-9]{1,18})/([0-9]{1,18})")


@frozen
class UploadFile:
    """Takes one file in."""

    answers: Answers
    ingest: Ingest
    eager: Eager
    analyses: Analyses
    courier: Courier
    counters: Counters

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The type may be left to us: `auto`, or none at all."""
        return tuple(
            Endpoint(
                "POST",
                pattern,
                self.one,
                access=Access.UNSIGNED,
                takes=UPLOAD_PARAMS,
                summary="Upload a file",
                action="upload",
            )
            for pattern in ("upload", "auto/upload", "{resource_type}/upload")
        )

    async def one(self, call: Call) -> Json:
        """The asset that came of it."""
        resource_type = call.path.get("resource_type", "auto")
        file = _file(call)
        is_fixed = call.cloud in self.answers.fixed_folders
        wish = upload_wish(call.cloud, resource_type, call.params, file, fixed_folders=is_fixed)
        eager = self.eager.parse(call.cloud, text(call.params, "eager"))
        stored = await self.ingest.take(wish, Received(file.path, file.size, file.md5))
        self.counters.uploads += 1
        if wish.invalidate:
            await self.courier.purge_now(PURGE_SECONDS)
        found = await self.analyses.of(stored.asset, wish.analyses)
        answer = {**self.answers.uploaded(stored, call.caller), **found}
        if eager:
            answer["eager"] = [await self._eager(stored, each, call.caller) for each in eager]
        return answer

    async def _eager(self, stored: Stored, wish: EagerWish, caller: Caller) -> Json:
        try:
            derived = await self.eager.derive(stored.asset, wish)
        except MediaError as error:
            # The asset is stored and answered for: one bad derivation is told in its own place.
            return {"transformation": wish.chain, "status": "failed", "reason": error.public}
        return self.answers.eager(stored.asset, derived, caller.api_secret)


def _file(call: Call) -> SpooledFile:
    _refuse_chunks(call.header("Content-Range"))
    match call.file:
        case SpooledFile() as file:
            return file
        case RemoteFile(url):
            raise InvalidRequest(
                f"Error in loading {printable(url)} - remote files are not fetched by this server"
            )
    raise InvalidRequest("Missing required parameter - file")


def _refuse_chunks(content_range: str | None) -> None:
    """A file in several requests would become several assets (upload-api §5): refused until we join them."""
    if content_range is None:
        return
    found = _FROM_THE_START.fullmatch(content_range.strip())
    if found and int(found[1]) + 1 == int(found[2]):
        return
    raise InvalidRequest("Chunked upload is not supported by this server: send the file in one request")
