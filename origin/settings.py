"""What one origin instance is told: frozen, plain values, as the node document names them."""

import json
from hashlib import sha256

from attrs import Factory, evolve, frozen

from origin.render.limits import RenderLimits
from origin.transform.limits import Limits
from origin.transform.params.provided import Plugged
from wire.signing import Algorithm

__all__ = [
    "Cloud",
    "Fetching",
    "Key",
    "Limits",
    "Provider",
    "RenderLimits",
    "Settings",
    "Storage",
    "Webhooks",
]


@frozen
class Fetching:
    """What remote files a cloud may load, for delivery while a viewer waits, or as an upload; and where it may
    notify."""

    allow: tuple[str, ...] = ()  # networks besides the public internet, like 127.0.0.1/32
    seconds: float = 10.0
    most_bytes: int = 10_000_000
    upload_seconds: float = 60.0
    upload_bytes: int = 100_000_000
    keep_seconds: float = 30 * 24 * 3600.0  # a copy that was not delivered for so long goes; 0: it stays
    quota_bytes: int = 1_000_000_000  # of all copies; those least recently delivered go; 0: no bound
    buckets: tuple[str, ...] = ()  # of the storage's server, that uploads may name as s3://bucket/key


@frozen
class Key:
    """A key pair that signs and authenticates, while it is not disabled."""

    api_key: str
    api_secret: str
    disabled: bool = False
    sha256_only: bool = False  # its API signatures must be SHA-256, and so are those of its answers

    @property
    def algorithms(self) -> tuple[Algorithm, ...]:
        """What may have made a signature of an API call."""
        return ("sha256",) if self.sha256_only else ("sha1", "sha256")


@frozen
class Storage:
    """Where originals and derived files are kept."""

    kind: str = "filesystem"  # filesystem, memory or minio
    path: str = ""  # filesystem
    endpoint: str = ""  # minio, host:port
    access_key: str = ""
    secret_key: str = ""
    bucket: str = "pixeledge"
    region: str = "us-east-1"
    secure: bool = False


@frozen
class Cloud:
    """One customer, and its key pairs: a single one written plainly, or several while they are rotated."""

    api_key: str = ""
    api_secret: str = ""
    keys: tuple[Key, ...] = ()  # besides api_key
    sha256_only: bool = False  # every key is
    token_keys: dict[str, str] = Factory(dict)  # those that sign viewers' tokens, by name, in hexadecimal
    details_in_chains: bool = True  # conditions and variables may ask for tags, context and metadata
    rate_limit: int = 500  # Admin API calls in an hour
    strict: bool = False  # an unsigned URL shows allowed transformations only
    signature_version_1: bool = True  # whether an API signature may leave `&` in values unescaped
    folder_mode: str = "dynamic"  # or "fixed" (upload-api §10)
    upload_preset: str = ""  # of signed uploads that name none, once there is one (upload-api §11)
    backup: bool = False  # every original stored is kept, unless an upload says otherwise (admin-api §8)
    auto_create_folders: bool = True  # fixed mode: uploads create the folders of their public ids
    retain_on_overwrite: bool = (
        False  # an overwritten asset keeps tags, context and metadata (upload-api §3.4)
    )
    transformations: dict[str, str] = Factory(dict)  # named ones: `t_<name>` stands for the chain
    restricted: tuple[str, ...] = ("list",)  # delivery types whose URLs must be signed
    disabled: bool = False  # every delivery is refused
    fetch: Fetching = Factory(Fetching)
    resolvers: dict[str, str] = Factory(dict)  # social type → URL of a picture there, `{id}` in it
    storage: Storage | None = None  # its own, shared with no other cloud
    notification_url: str = ""  # told of what no request names another URL for (upload-api §6)

    @property
    def every_key(self) -> tuple[Key, ...]:
        """All key pairs, disabled ones too, as strict as the cloud is."""
        plain = (Key(self.api_key, self.api_secret),) if self.api_key else ()
        return tuple(
            evolve(key, sha256_only=key.sha256_only or self.sha256_only) for key in (*plain, *self.keys)
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """Those that may have signed a delivery URL: of every key that is not disabled (signing §4)."""
        return tuple(key.api_secret for key in self.every_key if not key.disabled)


@frozen
class Webhooks:
    """How notifications are delivered."""

    pauses_seconds: tuple[float, ...] = (180.0, 360.0, 540.0)  # before each further attempt
    seconds: float = 10.0  # within which a receiver must answer
    running: int = 64  # deliveries at once
    per_receiver: int = 8
    look_seconds: float = 0.5  # between looks for what is due, and for what a reader waits for
    kept_seconds: float = 86_400.0  # how long what nobody reads stays in its channel


@frozen
class Provider:
    """Who paints an effect that needs a model: a program, or one of our own stand-ins (docs/providers.md)."""

    command: tuple[str, ...] = ()  # given the picture's path, the answer's path, and what is asked as JSON
    builtin: str | None = None  # lanczos, blurred or improve
    version: str = "1"  # another one renders anew
    seconds: float = 10.0
    memory_bytes: int = 4 << 30
    signed_only: bool = False

    def plugged(self) -> Plugged:
        """What planning knows of it."""
        told = json.dumps([self.version, self.builtin, *self.command])
        return Plugged(sha256(told.encode()).hexdigest()[:16], self.builtin, self.signed_only)


@frozen
class Settings:
    """An origin node, whole."""

    name: str
    listen: str  # host:port of delivery and API
    control: str  # host:port of probes and counters
    state: str  # folder for spools and scratch files; instances may share it
    clouds: dict[str, Cloud]
    catalogue: str  # SQLAlchemy URL
    region: str = ""
    hosts: dict[str, str] = Factory(dict)  # host → the cloud whose own it is, or "in path"
    storage: Storage = Factory(Storage)
    delivery_url: str = "http://127.0.0.1:8000"  # public base of the `url`s in answers
    secure_delivery_url: str = ""  # that of the `secure_url`s; empty: the same as delivery_url
    workers: int = 1
    mezzanines: bool = True  # keep a smaller copy of large photographs to paint further derivatives from
    loads: int = 16  # remote files loaded at once
    webhooks: Webhooks = Factory(Webhooks)
    providers: dict[str, Provider] = Factory(dict)  # by the effect they paint, `gen_fill` among them
    limits: Limits = Factory(Limits)  # of a chain and of what it may come to
    render: RenderLimits = Factory(RenderLimits)  # of the processes that paint it
    max_upload_bytes: int = 100_000_000  # of one request
    max_file_bytes: int = 2_000_000_000  # of a file in several requests
    invalidate: tuple[str, ...] = ()  # control URLs of every edge and shield
    signature_window_seconds: float = 3600.0
    trusted_proxies: tuple[str, ...] = (
        "127.0.0.1/32",
        "::1/128",
    )  # networks whose X-Forwarded-For is believed
    grace_seconds: float = 3.0  # for requests in flight when the node stops
    check_seconds: float = 1.0  # between looks at store and catalogue
