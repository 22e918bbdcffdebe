"""Signature Version 4, as AWS's clients sign calls (cdn-vendors §7.6)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from attrs import field, frozen
from attrs.validators import min_len

from edge.vendors.call import Call
from edge.vendors.cloudfront.errors import AwsError

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "cloudfront"
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=([^/,]+)/([0-9]{8})/([^/,]+)/([^/,]+)/aws4_request, *"
    r"SignedHeaders=([a-z0-9;_-]+), *Signature=([0-9a-f]{64})"
)
_UNRESERVED = "-_.~"


@frozen
class AccessKey:
    """One key of an account."""

    secret: str = field(validator=min_len(1))
    distributions: tuple[str, ...] = ()
    """Those it may invalidate; empty: all."""


@frozen
class Signed:
    """An Authorization header, taken apart."""

    key_id: str
    date: str
    region: str
    service: str
    names: tuple[str, ...]
    signature: str

    @classmethod
    def parse(cls, header: str) -> Signed | None:
        """None for what is none of ours."""
        found = _HEADER.fullmatch(header.strip())
        if found is None:
            return None
        key_id, date, region, service, names, signature = found.groups()
        return cls(key_id, date, region, service, tuple(names.split(";")), signature)


def authenticated(
    call: Call, keys: Mapping[str, AccessKey], now: float, skew_seconds: float = 300.0
) -> AccessKey:
    """The key that signed a call; `AwsError` where none did."""
    header = call.fields.get("authorization")
    if not header:
        raise AwsError("MissingAuthenticationToken", "The request must contain an Authorization header.")
    signed = Signed.parse(header)
    if signed is None or not {"host", "x-amz-date"} <= set(signed.names):
        raise AwsError("SignatureDoesNotMatch", "The Authorization header is not one of Signature Version 4.")
    key = keys.get(signed.key_id)
    if key is None:
        raise AwsError("InvalidClientTokenId", "The access key is not known here.")
    moment = call.fields.get("x-amz-date") or ""
    if abs(seconds_of(moment) - now) > skew_seconds:
        raise AwsError("RequestExpired", "X-Amz-Date is too far from the time here.")
    expected = signature_of(string_to_sign(call, signed), key.secret, signed)
    if (
        signed.service != SERVICE
        or not moment.startswith(signed.date)
        or not hmac.compare_digest(expected, signed.signature)
    ):
        raise AwsError("SignatureDoesNotMatch", "The signature does not match the one calculated here.")
    return key


def seconds_of(moment: str) -> float:
    """The time of `20300101T000000Z`; long ago for anything else."""
    try:
        return datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def canonical_request(call: Call, signed: Signed) -> str:
    """The call in the one spelling that is signed."""
    headers = "".join(f"{name}:{_value(call, name)}\n" for name in signed.names)
    digest = hashlib.sha256(call.body).hexdigest()
    names = ";".join(signed.names)
    return "\n".join((call.method, _path(call.path), _query(call.query), headers, names, digest))


def string_to_sign(call: Call, signed: Signed) -> str:
    """What the key signs."""
    digest = hashlib.sha256(canonical_request(call, signed).encode()).hexdigest()
    scope = f"{signed.date}/{signed.region}/{signed.service}/aws4_request"
    return "\n".join((ALGORITHM, call.fields.get("x-amz-date") or "", scope, digest))


def signature_of(text: str, secret: str, signed: Signed) -> str:
    """64 hexadecimal digits."""
    key = f"AWS4{secret}".encode()
    for part in (signed.date, signed.region, signed.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _value(call: Call, name: str) -> str:
    return ",".join(" ".join(value.split()) for value in call.fields.all(name))


def _path(path: str) -> str:
    """Dot segments out, then percent-encoded once more."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    last = "/" if path.endswith("/") and kept else ""
    return quote("/" + "/".join(kept) + last, safe="/~")


def _query(query: str) -> str:
    if not query:
        return ""
    pairs = (pair.partition("=") for pair in query.split("&"))
    written = sorted((_respelled(name), _respelled(value)) for name, _, value in pairs)
    return "&".join(f"{name}={value}" for name, value in written)


def _respelled(text: str) -> str:
    return quote(unquote(text), safe=_UNRESERVED)
