"""Which store a node's settings ask for."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from twisted.web.iweb import IAgentEndpointFactory

from origin.store.filesystem import FilesystemStore
from origin.store.interface import ObjectStore
from origin.store.memory import MemoryStore
from origin.store.routed import RoutedStore


class StorageSettings(Protocol):
    """The `storage` part of an origin's settings."""

    @property
    def kind(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def access_key(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def bucket(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def secure(self) -> bool: ...


def make_store(
    storage: StorageSettings,
    *,
    reactor: Any,
    scratch: Path,
    connect: IAgentEndpointFactory | None = None,
    seconds: Callable[[], float] = time.time,
) -> ObjectStore:
    """The store of that kind. `scratch` takes the copies that `local()` lends where the store is not local.

    Opens nothing yet: `check()` does, and goes on failing until the store is there.
    """
    match storage.kind:
        case "filesystem":
            return FilesystemStore(Path(storage.path), reactor=reactor)
        case "memory":
            return MemoryStore(scratch, seconds)
        case "minio":
            from origin.store.minio import MinioStore  # the SDK and its dependencies: for those who use it

            return MinioStore(
                endpoint=storage.endpoint,
                access_key=storage.access_key,
                secret_key=storage.secret_key,
                bucket=storage.bucket,
                region=storage.region,
                secure=storage.secure,
                reactor=reactor,
                scratch=scratch,
                connect=connect,
            )
        case _:
            raise ValueError(f"storage.kind must be filesystem, memory or minio, not {storage.kind!r}")


def make_stores(
    shared: StorageSettings,
    own: Mapping[str, StorageSettings],
    *,
    reactor: Any,
    scratch: Path,
    connect: IAgentEndpointFactory | None = None,
) -> ObjectStore:
    """The store of all clouds: `shared`, but for those that have one of their `own` by name."""
    common = make_store(shared, reactor=reactor, scratch=scratch, connect=connect)
    if not own:
        return common
    made = {
        cloud: make_store(each, reactor=reactor, scratch=scratch, connect=connect)
        for cloud, each in own.items()
    }
    return RoutedStore(common, made)
