"""Where the bytes are: objects under keys, in a folder, in memory or in an S3-compatible server."""

from origin.store.interface import ObjectInfo, ObjectMissing, ObjectStore, StoreUnavailable
from origin.store.making import StorageSettings, make_store, make_stores

__all__ = [
    "ObjectInfo",
    "ObjectMissing",
    "ObjectStore",
    "StorageSettings",
    "StoreUnavailable",
    "make_store",
    "make_stores",
]
