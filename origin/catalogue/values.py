"""What a stored asset is: an identity, the revision it shows now, and what people said about it."""

import re
from collections.abc import Mapping
from typing import Any

from attrs import Attribute, field, frozen

from origin.transform.plan import SourceFacts
from wire.errors import InvalidRequest
from wire.surrogates import keys_of

LONGEST = 2048
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether both databases can hold it: PostgreSQL refuses NUL, neither takes half a surrogate pair."""
    return _UNSTORABLE.search(text) is None


def storable(_: object, attribute: "Attribute[str]", value: str | None) -> None:
    """Text that both databases can hold."""
    if value is not None and not is_storable(value):
        raise InvalidRequest(
            f"{attribute.name} is invalid", log=f"{attribute.name} cannot be stored: {value!r}"
        )


def _indexable(_: object, attribute: "Attribute[str]", value: str) -> None:
    """A PostgreSQL index row ends at 2,704 bytes; the longest names are the URLs of fetched assets."""
    if len(value.encode()) > LONGEST:
        raise InvalidRequest(f"{attribute.name} is too long")


@frozen(order=True)
class Identity:
    """What an asset is addressed by; no two assets share one."""

    cloud: str = field(validator=storable)
    resource_type: str = field(validator=storable)  # image, video, raw
    type: str = field(validator=storable)  # upload, private, authenticated, …
    public_id: str = field(validator=[storable, _indexable])

    def __str__(self) -> str:
        return f"{self.cloud}/{self.resource_type}/{self.type}/{self.public_id}"

    @property
    def surrogate_keys(self) -> tuple[str, ...]:
        """What an answer made from the asset carries, so that a change of it ends the answer."""
        return keys_of(self.cloud, self.resource_type, self.type, self.public_id)


@frozen(kw_only=True)
class AssetDraft:
    """An asset as its uploader knows it, before it has a row.

    `revision` names this upload (`version_id` in answers): 32 hex digits, made once per upload, so that
    putting the same draft again after a lost answer changes nothing. `store_key` belongs to this revision
    alone: when the revision goes, its object goes.
    """

    identity: Identity
    revision: str = field(validator=storable)
    store_key: str = field(validator=storable)
    bytes: int
    etag: str = field(validator=storable)  # lower-case hex MD5 of the stored bytes
    format: str | None = field(default=None, validator=storable)
    width: int | None = None  # as shown, EXIF orientation applied, or whatever the answers shall say
    height: int | None = None
    facts: SourceFacts | None = None
    original_filename: str | None = field(default=None, validator=storable)
    asset_folder: str = field(default="", validator=storable)
    display_name: str = field(default="", validator=storable)
    tags: tuple[str, ...] = ()
    context: Mapping[str, str] = field(factory=dict)
    details: Mapping[str, Any] = field(factory=dict)  # JSON: whatever else answers must repeat
    metadata: Mapping[str, Any] = field(factory=dict)  # structured: external_id → value as JSON has it


@frozen(kw_only=True)
class Asset(AssetDraft):
    """An asset as its row shows it."""

    asset_id: str  # 32 hex digits, for the asset's whole life
    version: int  # unix seconds of storage, strictly increasing per asset
    created_at: float  # unix seconds of the first revision
    uploaded_at: float  # unix seconds of this revision
    last_updated: Mapping[str, float] = field(
        factory=dict
    )  # `tags_updated_at` … → unix seconds (admin-api §5)


def is_rejected(asset: AssetDraft) -> bool:
    """Whether moderation has refused it: then it is delivered to nobody (delivery-urls §8.2)."""
    return any(each["status"] == "rejected" for each in asset.details.get("moderation", ()))
