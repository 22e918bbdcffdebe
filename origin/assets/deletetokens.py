"""Leave to remove one asset for ten minutes, without a key (signing.md §7).

A token is base64url of JSON, a dot, and its HMAC-SHA256 under an API secret of the cloud. It speaks of one revision
of one asset: when that is removed or replaced, the token is worth nothing any more, so no list of used ones is kept.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable

from attrs import asdict, frozen

from origin.catalogue import Asset
from wire import base64url
from wire.errors import InvalidRequest

VALID_SECONDS = 600.0
LONGEST = 4096
_PURPOSE = b"delete_by_token:"  # the secret signs other things, too


class InvalidDeleteToken(InvalidRequest):
    """Malformed, expired, used, or of another cloud."""

    def __init__(self, why: str) -> None:
        super().__init__("Invalid or expired delete token", log=f"delete token: {why}")


@frozen
class Leave:
    """What a token allows."""

    cloud: str
    asset_id: str
    revision: str
    exp: float  # unix seconds

    def allows(self, asset: Asset) -> bool:
        """Whether it is this asset, as it was when the token was given."""
        return (asset.identity.cloud, asset.asset_id, asset.revision) == (
            self.cloud,
            self.asset_id,
            self.revision,
        )


def delete_token(asset: Asset, secret: str, now: float) -> str:
    """The token that allows the asset's removal."""
    leave = Leave(asset.identity.cloud, asset.asset_id, asset.revision, now + VALID_SECONDS)
    text = base64url.encode(json.dumps(asdict(leave), separators=(",", ":")).encode())
    return f"{text}.{base64url.encode(_mac(text, secret))}"


def leave_of(token: str, cloud: str, secrets: Iterable[str], now: float) -> Leave:
    """What the token allows in this cloud now, or `InvalidDeleteToken`."""
    text, _, mac = token.partition(".")
    if len(token) > LONGEST:
        raise InvalidDeleteToken("too long")
    given = _decoded(mac)
    if not any(hmac.compare_digest(given, _mac(text, secret)) for secret in secrets):
        raise InvalidDeleteToken("not signed by us")
    leave = Leave(**json.loads(_decoded(text)))
    if leave.cloud != cloud or leave.exp <= now:
        raise InvalidDeleteToken("of another cloud, or expired")
    return leave


def _mac(text: str, secret: str) -> bytes:
    return hmac.digest(secret.encode(), _PURPOSE + text.encode("utf-8", "surrogatepass"), hashlib.sha256)


def _decoded(text: str) -> bytes:
    try:
        return base64url.decode(text)
    except ValueError as error:
        raise InvalidDeleteToken("no base64") from error
