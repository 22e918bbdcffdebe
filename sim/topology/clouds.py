"""What `topology.yaml` may say of a cloud: its keys, what it shows, loads and tells."""

from __future__ import annotations

from typing import Literal

from attrs import Factory, field, frozen
from attrs.validators import ge

from sim.topology.quantities import Duration, Network, Size
from sim.topology.storage import OwnStorage


@frozen
class Fetch:
    """What remote files a cloud may load, and where its notifications may go: the public internet, and the networks
    it allows."""

    allow: tuple[Network, ...] = ()
    timeout: Duration = Factory(lambda: Duration(10.0))
    size: Size = Factory(lambda: Size(10_000_000))
    upload_timeout: Duration = Factory(lambda: Duration(60.0))  # of files that uploads name by URL
    upload_size: Size = Factory(lambda: Size(100_000_000))
    keep: Duration = Factory(lambda: Duration(30 * 24 * 3600.0))  # a copy nobody was shown; 0s: for ever
    quota: Size = Factory(lambda: Size(1_000_000_000))  # of all copies together; 0: without bound
    buckets: tuple[str, ...] = ()  # of the storage's server, that uploads may name as s3://bucket/key


@frozen
class Key:
    """A key pair that signs and authenticates, while it is not disabled."""

    api_key: str
    api_secret: str
    disabled: bool = False
    sha256_only: bool = False


@frozen
class Cloud:
    """One customer of the origin: `api_key` and `api_secret`, or several `keys` while they are rotated."""

    api_key: str = ""
    api_secret: str = ""
    keys: tuple[Key, ...] = ()
    sha256_only: bool = False  # API signatures must be SHA-256
    token_keys: dict[str, str] = Factory(dict)  # by name, in hexadecimal: what signs viewers' tokens
    details_in_chains: bool = True  # conditions and variables may ask for tags, context and metadata
    rate_limit: int = field(default=500, validator=ge(1))  # Admin API calls in an hour
    strict: bool = False  # an unsigned URL shows allowed transformations only
    signature_version_1: bool = True  # API signatures may leave `&` in values unescaped
    folder_mode: Literal["dynamic", "fixed"] = "dynamic"
    upload_preset: str = ""  # of signed uploads that name none
    backup: bool = False  # every original stored is kept, unless an upload says otherwise
    auto_create_folders: bool = True  # fixed mode: uploads create the folders of their public ids
    retain_on_overwrite: bool = False  # an overwritten asset keeps tags, context and metadata
    transformations: dict[str, str] = Factory(dict)  # named ones: `t_<name>` stands for the chain
    restricted: tuple[str, ...] = ("list",)  # delivery types whose URLs must be signed
    disabled: bool = False
    fetch: Fetch = Factory(Fetch)
    resolvers: dict[str, str] = Factory(dict)  # gravatar, … → URL of a picture there, with {id} in it
    notification_url: str = ""  # told of what no request names another URL for; poll://<channel> too
    storage: OwnStorage | None = None

    @property
    def every_key(self) -> tuple[Key, ...]:
        """The plain pair first."""
        plain = (Key(self.api_key, self.api_secret),) if self.api_key else ()
        return (*plain, *self.keys)

    @property
    def key(self) -> Key:
        """The pair that we ourselves use: the first that is not disabled."""
        return next(key for key in self.every_key if not key.disabled)
