"""Where `topology.yaml` says that objects are kept: the world's, or those of one cloud alone."""

from __future__ import annotations

from typing import Literal

from attrs import Factory, frozen


@frozen
class Storage:
    """Where originals and derived files are kept. Only `filesystem` reads `path`; the rest is for `minio`."""

    kind: Literal["filesystem", "memory", "minio"] = "filesystem"
    path: str = "media"
    start: bool = False  # run a `minio server` at `endpoint` as part of this world
    endpoint: str = "127.0.0.1:9000"
    # a minio of this world's own, on loopback, needs no keys of the user's
    access_key: str = Factory(lambda self: "pixeledge" if self.start else "", takes_self=True)
    secret_key: str = Factory(lambda self: "pixeledge-on-this-laptop" if self.start else "", takes_self=True)
    bucket: str = "pixeledge"
    region: str = "us-east-1"
    secure: bool = False


@frozen
class OwnStorage:
    """Where one cloud's objects are, and no others': what is not said is as the world's `storage` says.

    `{bucket: acme}` is a bucket for this cloud alone; with `endpoint` and keys of its own it is a private one.
    """

    kind: Literal["filesystem", "memory", "minio"] | None = None
    path: str | None = None
    endpoint: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    bucket: str | None = None
    region: str | None = None
    secure: bool | None = None
