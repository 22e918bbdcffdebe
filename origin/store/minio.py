"""Objects in a private bucket of MinIO, or of anything that speaks S3."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IConsumer
from twisted.logger import Logger
from twisted.web.http import stringToDatetime
from twisted.web.iweb import UNKNOWN_LENGTH, IAgentEndpointFactory, IResponse

from origin.store.feeding import span
from origin.store.interface import ObjectInfo, ObjectMissing, StoreUnavailable, out_of_reach
from origin.store.keys import checked_key, checked_prefix
from origin.store.presigned import PresignedRequests
from origin.store.streams import Bodies, FileSink, Relay, discard
from origin.threads import Threads, ThreadsClosedError, TooLateError

log = Logger()

T = TypeVar("T")

AT_ONCE = 1000  # objects of a listing; also S3's own page
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 10.0  # from the request to the head of the response
STALL_SECONDS = 15.0  # between two pieces of a body
SLOWEST = 1_000_000  # bytes per second: what an upload may at least be expected to make
MOST = 5 * 1024**3  # S3's limit for one PUT


class MinioStore:
    """The SDK signs, lists and makes the bucket (on threads); the bytes go through Twisted's agent."""

    def __init__(
        self,
        *,
        endpoint: str,
        access_key: str,
        secret_key: str,
        bucket: str,
        region: str,
        secure: bool,
        reactor: Any,
        scratch: Path,
        connect: IAgentEndpointFactory | None = None,
        threads: int = 4,
        answer_seconds: float = ANSWER_SECONDS,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._sdk = Minio(
            endpoint=endpoint,
            access_key=access_key,
            secret_key=secret_key,
            region=region or "us-east-1",  # never None: presigning would ask the server for it
            secure=secure,
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=answer_seconds / 2),
                retries=urllib3.Retry(total=0),
                maxsize=threads,
            ),
        )
        self._answer_seconds = answer_seconds
        self._stall_seconds = stall_seconds
        self._bucket = bucket
        self._reactor = reactor
        self._scratch = scratch
        self._requests = PresignedRequests(
            self._sdk,
            bucket,
            reactor=reactor,
            connect=connect,
            connect_seconds=CONNECT_SECONDS,
            error_seconds=answer_seconds / 2,
        )
        self._threads = Threads(reactor, "store", threads, self._answer_seconds)

    async def put(self, key: str, source: Path) -> None:
        """One PUT from the file, then the file is removed. A missing bucket is made, the PUT repeated."""
        checked_key(key)
        code = await self._put(key, source)
        if code == "NoSuchBucket":
            await self.check()
            code = await self._put(key, source)
        if code is not None:
            raise out_of_reach(f"PUT {key}: {code}")
        await self._on_thread(lambda: source.unlink(missing_ok=True))

    async def _put(self, key: str, source: Path) -> str | None:
        """None when it is kept, else the server's word for why not."""
        size = (await self._on_thread(source.stat)).st_size
        if size > MOST:
            raise ValueError(f"{size} bytes are more than one PUT may carry")
        patience = self._answer_seconds + size / SLOWEST
        with Bodies(source, size, self._on_thread) as bodies:
            response = await self._requests.ask("PUT", key, body=bodies.open, within_seconds=patience)
        if response.code == 200:
            return None
        code, _ = await self._requests.refused("PUT", key, response)
        return code or str(response.code)

    async def stat(self, key: str) -> ObjectInfo:
        """Size and time of an object, or `ObjectMissing`."""
        response = await self._requests.ask("HEAD", checked_key(key), within_seconds=self._answer_seconds)
        if response.code != 200:
            raise await self._no(response, "HEAD", key)
        modified = stringToDatetime(_header(response, "last-modified").encode())
        return ObjectInfo(key, int(_header(response, "content-length")), float(modified))

    async def send(self, key: str, consumer: IConsumer, start: int = 0, stop: int | None = None) -> None:
        """Relay bytes `start..stop` from the server as they come."""
        fields = {}
        if stop is not None or start:
            start, stop = span(stop if stop is not None else (await self.stat(key)).size, start, stop)
            if start == stop:  # HTTP has no empty range
                await self.stat(key)
                return
            fields = {"Range": f"bytes={start}-{stop - 1}"}
        ask = self._requests.ask
        response = await ask("GET", checked_key(key), fields=fields, within_seconds=self._answer_seconds)
        if response.code not in (200, 206):
            raise await self._no(response, "GET", key)
        size = response.length
        if size == UNKNOWN_LENGTH:  # then a body cut short would look whole
            discard(response)
            raise out_of_reach(f"GET {key}: a response without Content-Length")
        if stop is not None and (response.code, size) != (206, stop - start):
            discard(response)
            raise out_of_reach(f"GET {key}: {response.code} with {size} bytes for {start}..{stop}")
        relay = Relay(consumer, size, reactor=self._reactor, stall_seconds=self._stall_seconds)
        response.deliverBody(relay)
        await relay.finished

    @asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """A copy in the scratch folder, removed at the end."""
        path = self._scratch / f"{uuid4().hex}{Path(checked_key(key)).suffix}"
        try:
            await self._download(key, path)
            yield path
        finally:
            path.unlink(missing_ok=True)

    async def _download(self, key: str, path: Path) -> None:
        def make() -> Path:
            self._scratch.mkdir(parents=True, exist_ok=True)
            path.touch(0o600, exist_ok=False)
            return path

        await self._on_thread(make, undo=_unlink)
        sink = FileSink(path, self._threads)
        try:
            await self.send(key, sink)
        except CancelledError:
            if sink.error is None:
                raise
        await sink.finish()

    async def delete(self, key: str) -> None:
        """Forget an object; a missing one is no error."""
        response = await self._requests.ask("DELETE", checked_key(key), within_seconds=self._answer_seconds)
        if response.code not in (200, 204):
            code, refusal = await self._requests.refused("DELETE", key, response)
            if code not in ("NoSuchKey", "NoSuchBucket"):
                raise refusal

    async def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, in key order."""
        checked_prefix(prefix)
        listing = self._sdk.list_objects(self._bucket, prefix=prefix or None, recursive=True)
        while some := await self._on_thread(lambda: tuple(islice(listing, AT_ONCE))):
            for each in some:
                if each.object_name is not None and each.last_modified is not None:
                    yield ObjectInfo(each.object_name, each.size or 0, each.last_modified.timestamp())

    async def check(self) -> None:
        """Return when the bucket is there. One that we make nobody may read without a signature."""

        def work() -> bool:
            if self._sdk.bucket_exists(self._bucket):
                return False
            try:
                self._sdk.make_bucket(self._bucket)
            except S3Error as error:
                if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                    raise
            return True

        if await self._on_thread(work):
            log.info("store made bucket {bucket}", bucket=self._bucket)

    async def close(self) -> None:
        """Release connections and threads."""
        await self._requests.close()
        await self._threads.close()

    async def _no(self, response: IResponse, method: str, key: str) -> ObjectMissing | StoreUnavailable:
        code, refusal = await self._requests.refused(method, key, response)
        # A 404 may be cached, so it takes the server's word; a HEAD has none to give, but with MinIO.
        if response.code == 404 and (code == "NoSuchKey" or (method == "HEAD" and not code)):
            return ObjectMissing("Resource not found", log=f"no object at {key}")
        return refusal

    async def _on_thread(self, work: Callable[[], T], *, undo: Callable[[T], object] | None = None) -> T:
        try:
            return await self._threads.call(work, undo=undo)
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise out_of_reach(str(error)) from error
        except (TooLateError, ThreadsClosedError) as error:
            raise out_of_reach(str(error)) from error


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)


def _header(response: IResponse, name: str) -> str:
    values = response.headers.getRawHeaders(name, [])
    if not values:
        raise out_of_reach(f"response without {name}")
    return str(values[0])
