"""Bytes as text that survives a URL: base64url without padding (RFC 4648 §3.2, §5)."""

from base64 import b64decode, urlsafe_b64encode


def encode(data: bytes) -> str:
    """The one text for those bytes."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The inverse; `ValueError` for any text that `encode` does not make (RFC 4648 §3.3, §3.5)."""
    data = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if encode(data) != text:
        raise ValueError("not base64url")
    return data
