"""A notification signed: by the key that its body names, over the very bytes that are sent (signing.md §3)."""

import json

from attrs import frozen

from origin.settings import Cloud, Key
from wire.signing import webhook_signature


@frozen
class Signed:
    """What a receiver can verify."""

    body: bytes
    timestamp: int  # unix seconds of now: whoever signs again does so anew
    signature: str


def signing_key(cloud: Cloud, api_key: str) -> Key:
    """The key of that name; while it is disabled or gone, the cloud's first that is not."""
    keys = cloud.every_key
    enabled = [key for key in keys if not key.disabled] or keys
    return next((key for key in enabled if key.api_key == api_key), enabled[0])


def signed(cloud: Cloud, api_key: str, text: str, now: float) -> Signed:
    """The notification `text`, signed; where another key must do it, the body says so."""
    key = signing_key(cloud, api_key)
    if key.api_key != api_key:
        text = json.dumps({**json.loads(text), "signature_key": key.api_key}, separators=(",", ":"))
    body, timestamp = text.encode("ascii"), int(now)
    signature = webhook_signature(body, timestamp, key.api_secret, key.algorithms[0])
    return Signed(body, timestamp, signature)
