"""EG1-HMAC-SHA256, as Akamai's clients sign calls (cdn-vendors §11)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from attrs import define, field, frozen
from attrs.validators import min_len

from edge.vendors.akamai.problems import bad_request, not_authorized
from edge.vendors.call import Call

HASHED_BYTES = 131_072
_HEADER = re.compile(
    "(EG1-HMAC-SHA256 client_token=([^;]+);access_token=([^;]+);timestamp=([^;]+);nonce=([^;]+);)"
    "signature=([A-Za-z0-9+/]+=*)"
)
_TIMESTAMP = re.compile(r"[0-9]{8}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+0000")


@frozen
class Client:
    """One API client of an account."""

    access_token: str = field(validator=min_len(1))
    client_secret: str = field(validator=min_len(1))
    properties: tuple[str, ...] = ()
    """Those it may purge; empty: all."""
    is_disabled: bool = False


@frozen
class Signed:
    """An Authorization header, taken apart; `prefix` is what of it is signed, as received."""

    prefix: str
    client_token: str
    access_token: str
    timestamp: str
    nonce: str
    signature: str


@define
class Nonces:
    """Those of accepted calls, until no clock may be so far off any more."""

    within_seconds: float
    _seen: OrderedDict[tuple[str, str], float] = field(factory=OrderedDict, init=False)

    def is_new(self, client: str, nonce: str, now: float) -> bool:
        """Whether it was never seen; it is from now on."""
        while self._seen and next(iter(self._seen.values())) < now - self.within_seconds:
            self._seen.popitem(last=False)
        if (client, nonce) in self._seen:
            return False
        self._seen[client, nonce] = now
        return True


def parse(header: str | None) -> Signed:
    """The header's parts; `Problem` for what is none."""
    if not header:
        raise not_authorized("The Authorization header is missing")
    found = _HEADER.fullmatch(header)
    if found is None:
        raise bad_request("The Authorization header is not one of EG1-HMAC-SHA256")
    return Signed(*found.groups())


def authenticated(
    call: Call,
    clients: Mapping[str, Client],
    nonces: Nonces,
    now: float,
    *,
    skew_seconds: float = 60.0,
    schemes: Iterable[str] = (),
) -> Client:
    """The client that signed a call; `Problem` where none did. `schemes`: others that a proxy in front may have been
    asked by."""
    signed = parse(call.fields.get("authorization"))
    if abs(seconds_of(signed.timestamp) - now) > skew_seconds:
        raise bad_request("Invalid timestamp")
    client = clients.get(signed.client_token)
    if client is None or client.is_disabled:
        raise not_authorized("Inactive client token")
    if not hmac.compare_digest(client.access_token.encode(), signed.access_token.encode()):
        raise not_authorized("Invalid authorization access token")
    if not any(
        hmac.compare_digest(signature_of(call, signed, client.client_secret, scheme, host), signed.signature)
        for scheme in dict.fromkeys((call.scheme, *schemes))
        for host in call.hosts
    ):
        raise not_authorized("The signature does not match")
    if not nonces.is_new(signed.client_token, signed.nonce, now):
        raise not_authorized("The nonce was used before")
    return client


def seconds_of(timestamp: str) -> float:
    """The time of `20300101T00:00:00+0000`; long ago for anything else."""
    if not _TIMESTAMP.fullmatch(timestamp):
        return 0.0
    try:
        return datetime.strptime(timestamp, "%Y%m%dT%H:%M:%S+0000").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def data_to_sign(call: Call, signed: Signed, scheme: str, host: str, headers: Iterable[str] = ()) -> str:
    """The call as it is signed. `headers`: those that the service asks to sign, in its order."""
    lines = (
        f"{name.lower()}:{' '.join((call.fields.get(name) or '').split())}"
        for name in headers
        if name in call.fields
    )
    digest = ""
    if call.method == "POST" and call.body:
        digest = _coded(hashlib.sha256(call.body[:HASHED_BYTES]).digest())
    return "\t".join((call.method, scheme, host, call.target, "\t".join(lines), digest, signed.prefix))


def signature_of(
    call: Call, signed: Signed, secret: str, scheme: str, host: str, headers: Iterable[str] = ()
) -> str:
    """The secret is used as text, whatever it looks like, and so is the key made of it."""
    key = _mac(secret, signed.timestamp)
    return _mac(key, data_to_sign(call, signed, scheme, host, headers))


def _mac(key: str, text: str) -> str:
    return _coded(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest())


def _coded(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
