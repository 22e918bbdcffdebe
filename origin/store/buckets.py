"""Objects in other buckets of the S3 server that holds our own: what an upload may name as `s3://bucket/key`."""

from pathlib import Path
from typing import Any

from attrs import field, frozen
from minio import Minio
from twisted.internet.interfaces import IConsumer
from twisted.web.iweb import IAgentEndpointFactory

from origin.api.spooling import SpooledFile
from origin.remote.errors import RemoteMissing, RemoteTooLarge, RemoteTrouble
from origin.store.making import StorageSettings
from origin.store.minio import ANSWER_SECONDS, CONNECT_SECONDS, STALL_SECONDS
from origin.store.presigned import PresignedRequests
from origin.store.spooled import spooled
from origin.store.streams import Relay, discard

REFUSALS = ("NoSuchBucket", "AccessDenied", "InvalidBucketName")


@frozen(kw_only=True)
class Buckets:
    """Reads with the key of our own storage. Which buckets a cloud may name is its caller's question."""

    storage: StorageSettings
    spool: Path
    reactor: Any
    connect: IAgentEndpointFactory | None = None
    _sdk: Minio = field(init=False)

    @_sdk.default
    def _signing(self) -> Minio:
        told = self.storage
        return Minio(
            endpoint=told.endpoint,
            access_key=told.access_key,
            secret_key=told.secret_key,
            region=told.region or "us-east-1",  # never None: presigning would ask the server for it
            secure=told.secure,
        )

    async def file(self, bucket: str, key: str, *, most_bytes: int) -> SpooledFile:
        """The object as a file, now the caller's to move or remove.

        Raises `RemoteMissing`, `RemoteTrouble`, `RemoteTooLarge`, or `StoreUnavailable`.
        """
        requests = PresignedRequests(
            self._sdk,
            bucket,
            reactor=self.reactor,
            connect=self.connect,
            connect_seconds=CONNECT_SECONDS,
            error_seconds=ANSWER_SECONDS / 2,
        )

        async def send(sink: IConsumer) -> None:
            await self._sent(requests, f"s3://{bucket}/{key}", key, sink, most_bytes)

        try:
            return await spooled(send, self.spool, None)
        finally:
            await requests.close()

    async def _sent(
        self, requests: PresignedRequests, url: str, key: str, sink: IConsumer, most_bytes: int
    ) -> None:
        response = await requests.ask("GET", key, within_seconds=ANSWER_SECONDS)
        if response.code != 200:
            code, refusal = await requests.refused("GET", key, response)
            if code == "NoSuchKey":
                raise RemoteMissing(url, response.code)
            if code in REFUSALS:
                raise RemoteTrouble(url, f"the storage says {code}")
            raise refusal
        if not isinstance(response.length, int):  # then a body cut short would look whole
            discard(response)
            raise RemoteTrouble(url, "the storage does not tell its size")
        if response.length > most_bytes:
            discard(response)
            raise RemoteTooLarge(url, most_bytes, response.length)
        relay = Relay(sink, response.length, reactor=self.reactor, stall_seconds=STALL_SECONDS)
        response.deliverBody(relay)
        await relay.finished
