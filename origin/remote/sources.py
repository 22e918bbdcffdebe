"""Where the file of an upload comes from: the request itself, a web address, or a bucket (upload-api §3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from origin.api.spooling import RemoteFile, Source, SpooledFile
from origin.remote.addresses import Guard
from origin.remote.errors import RemoteTooLarge, RemoteTrouble
from origin.remote.loading import Bounds, Loaded, Loader
from origin.remote.urls import RemoteUrl
from origin.settings import Cloud
from wire.components import decoded, printable
from wire.errors import InvalidRequest, NotFound
from wire.public_ids import MAX_CHARACTERS

if TYPE_CHECKING:
    from origin.store.buckets import Buckets

_HTML = ("text/html", "application/xhtml+xml")


@frozen
class Sources:
    """The files of all clouds' uploads. What they load is bounded apart from what viewers wait for."""

    loader: Loader
    buckets: Buckets | None  # None where the storage is no S3
    clouds: Mapping[str, Cloud]

    async def file(self, source: Source | None, cloud: str, resource_type: str) -> SpooledFile:
        """The file, now the caller's to move or remove, or why there is none."""
        match source:
            case SpooledFile() as file:
                return file
            case RemoteFile(url):
                try:
                    return await self._loaded(url, cloud, resource_type)
                except RemoteTooLarge as error:
                    if error.size is None:
                        raise
                    raise too_large(error) from error
        raise InvalidRequest("Missing required parameter - file")

    async def _loaded(self, url: str, cloud: str, resource_type: str) -> SpooledFile:
        match url.partition("://")[0].lower():
            case "http" | "https":
                return await self._over_http(url, cloud, resource_type)
            case "s3":
                return await self._from_bucket(url, cloud)
            case scheme:
                raise unloadable(url, f"{scheme} is not supported by this server: use https or s3")

    async def _over_http(self, url: str, cloud: str, resource_type: str) -> SpooledFile:
        fetch = self.clouds[cloud].fetch
        bounds = Bounds(
            guard=Guard.allowing(fetch.allow), seconds=fetch.upload_seconds, most_bytes=fetch.upload_bytes
        )
        try:
            name = _shown(RemoteUrl.parse(url).filename)
            loaded = await self.loader.load(url, bounds)
        except RemoteTrouble as trouble:
            raise unloadable(url, trouble.reason, log=str(trouble)) from trouble
        assert isinstance(loaded, Loaded)  # no validators were sent
        if resource_type != "raw" and loaded.media_type.partition(";")[0].strip().lower() in _HTML:
            loaded.file.path.unlink(missing_ok=True)
            raise NotFound(f"Resource not found - Error in loading {printable(url)} - HTML response")
        return evolve(loaded.file, filename=name)

    async def _from_bucket(self, url: str, cloud: str) -> SpooledFile:
        bucket, _, key = url.partition("://")[2].partition("/")
        if self.buckets is None:
            raise unloadable(url, "s3 needs a server whose storage is S3")
        fetch = self.clouds[cloud].fetch
        if bucket not in fetch.buckets:
            raise unloadable(url, f"bucket {printable(bucket)} is not allowed for this cloud")
        if not key:
            raise unloadable(url, "expected s3://bucket/key")
        try:
            file = await self.buckets.file(bucket, key, most_bytes=fetch.upload_bytes)
        except (
            RemoteTrouble,
            ValueError,
        ) as error:  # the second: of the SDK, for what can be no bucket or key
            reason = error.reason if isinstance(error, RemoteTrouble) else "no such bucket or key can be"
            raise unloadable(url, reason, log=str(error)) from error
        return evolve(file, filename=_shown(key.rpartition("/")[2]))


def too_large(error: RemoteTooLarge) -> InvalidRequest:
    """The refusal of a file whose server told its size (upload-api §13)."""
    return InvalidRequest(f"File size too large. Got {error.size}. Maximum is {error.most}.", log=str(error))


def unloadable(url: str, reason: str, *, log: str | None = None) -> InvalidRequest:
    """The refusal of a source that is named rightly and gives nothing."""
    return InvalidRequest(f"Error in loading {printable(url)} - {reason}", log=log)


def _shown(segment: str) -> str | None:
    """The last part of a path as a file's name."""
    try:
        name = decoded(segment)
    except InvalidRequest:
        name = segment
    return printable(name.rpartition("/")[2])[-MAX_CHARACTERS:] or None
