"""Every `digest(message + secret)` scheme on the wire: API calls, answers, webhooks, delivery URLs.

None of them is an HMAC; all are compared in constant time. Messages are built from the text as received:
a value normalised before it is verified is a value the signer never saw. Sheet: signing.md §1–§4, §6.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hmac import compare_digest
from typing import TYPE_CHECKING, Literal

from wire.components import decoded, printable
from wire.errors import InvalidRequest, MediaError, Unauthorized
from wire.public_ids import escaped

if TYPE_CHECKING:
    from wire.delivery import DeliveryUrl

Algorithm = Literal["sha1", "sha256"]
Value = str | int | float | bool | Sequence[str] | None
Params = Mapping[str, Value]

_NEVER_SIGNED = frozenset({"file", "cloud_name", "resource_type", "api_key", "signature"})
_UNSIGNED_BY_ACTION = {
    action: frozenset({"notification_url", "batch_id"}) for action in ("tags", "context", "metadata")
}
_ALGORITHM_BY_LENGTH: dict[int, Algorithm] = {40: "sha1", 64: "sha256"}
_BRACKETS = re.compile(r"\[[0-9]*\]$")
_UNIX_SECONDS = re.compile(r"[0-9]{1,11}")
_SHORT, _LONG = 8, 32


def digest(message: str | bytes, secret: str, algorithm: Algorithm = "sha1") -> bytes:
    """The digest of a message followed by the secret."""
    body = message.encode("utf-8", "surrogatepass") if isinstance(message, str) else message
    return hashlib.new(algorithm, body + secret.encode("utf-8"), usedforsecurity=False).digest()


# §1 API requests


def gathered(fields: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Form fields as params. `a[]` and `a[0]` become lists in order; of repeated scalars the last stays."""
    params: dict[str, str | list[str]] = {}
    for name, value in fields:
        plain = _BRACKETS.sub("", name)
        if plain == name:
            params[name] = value
        elif isinstance(before := params.get(plain), list):
            before.append(value)
        else:
            params[plain] = [value]
    return params


def string_to_sign(params: Params, *, version: int = 2, action: str = "") -> str:
    """What the caller signed: `name=value` by name, unknown params included, empty ones not (§1.2)."""
    left_out = _NEVER_SIGNED | _UNSIGNED_BY_ACTION.get(action, frozenset())
    pairs = (
        f"{name}={_text(value)}"
        for name, value in sorted(params.items())
        if name not in left_out and value is not None and value != "" and value != [] and value != ()
    )
    return "&".join(pair.replace("&", "%26") if version >= 2 else pair for pair in pairs)


def api_signature(
    params: Params, secret: str, algorithm: Algorithm = "sha1", version: int = 2, *, action: str = ""
) -> str:
    """The `signature` param of an Upload API call."""
    return digest(string_to_sign(params, version=version, action=action), secret, algorithm).hex()


def verify_api(
    params: Params,
    signature: str,
    secret: str,
    *,
    action: str = "",
    allow_version_1: bool = True,
    algorithms: Sequence[Algorithm] = ("sha1", "sha256"),
) -> bool:
    """Whether the signature is that of the params: its length tells the algorithm, both versions count."""
    algorithm = _ALGORITHM_BY_LENGTH.get(len(signature))
    if algorithm is None or algorithm not in algorithms:
        return False
    versions = (2, 1) if allow_version_1 else (2,)
    return any(
        _same(api_signature(params, secret, algorithm, version, action=action), signature)
        for version in versions
    )


def check_api(
    params: Params,
    signature: str,
    secret: str,
    *,
    action: str = "",
    allow_version_1: bool = True,
    algorithms: Sequence[Algorithm] = ("sha1", "sha256"),
) -> None:
    """Nothing, or 401 `Invalid Signature …` with the string the caller should have signed (§1.4)."""
    if not verify_api(
        params, signature, secret, action=action, allow_version_1=allow_version_1, algorithms=algorithms
    ):
        built = string_to_sign(params, action=action)
        raise Unauthorized(f"Invalid Signature {printable(signature)}. String to sign - '{built}'.")


class StaleRequest(InvalidRequest):
    """A signed request whose timestamp is outside the window, on either side (§1.3)."""


class DownloadExpired(Unauthorized):
    """`expires_at` of a signed download has passed (§1.4)."""


def check_timestamp(timestamp: Value, now: float, *, window_seconds: int = 3600) -> None:
    """Nothing, or 400: a signed request is good for one hour after its timestamp."""
    seconds = _seconds("timestamp", timestamp)
    if abs(now - seconds) <= window_seconds:
        return
    reported = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    ago = "1 hour" if window_seconds == 3600 else f"{window_seconds} seconds"
    raise StaleRequest(f"Stale request - reported time is {reported} +0000 which is more than {ago} ago")


def check_download_time(params: Params, now: float, *, window_seconds: int = 3600) -> None:
    """The same for signed GETs, where `expires_at` replaces the hour (§6)."""
    if not params.get("expires_at"):
        check_timestamp(params.get("timestamp"), now, window_seconds=window_seconds)
    elif now > _seconds("expires_at", params["expires_at"]):
        raise DownloadExpired("Request timestamp expired")


# §2 answers, §3 webhooks


def response_signature(public_id: str, version: int | str, secret: str, algorithm: Algorithm = "sha1") -> str:
    """The `signature` field of an upload-like answer: always without `&` escaping."""
    return digest(f"public_id={public_id}&version={version}", secret, algorithm).hex()


def webhook_signature(body: bytes, timestamp: int | str, secret: str, algorithm: Algorithm = "sha1") -> str:
    """`X-Cld-Signature` of a notification: over the exact bytes sent, then the timestamp."""
    return digest(body + str(timestamp).encode(), secret, algorithm).hex()


# §4 delivery URLs


def delivery_signature(
    chain: str, source: str, secret: str, *, long: bool = False, algorithm: Algorithm = "sha1"
) -> str:
    """The characters between `s--` and `--`: 8, or 32 of SHA-256 for the long form."""
    message = "/".join(part for part in (chain, source) if part)
    length = _LONG if long else _SHORT
    return urlsafe_b64encode(digest(message, secret, "sha256" if long else algorithm))[:length].decode(
        "ascii"
    )


def verify_delivery(url: "DeliveryUrl", secrets: Iterable[str]) -> bool:
    """Whether the URL carries a signature that one of the cloud's secrets made."""
    given = url.signature
    if given is None:
        return False
    algorithms: tuple[Algorithm, ...] = ("sha256",) if len(given) == _LONG else ("sha1", "sha256")
    long = len(given) == _LONG
    return any(
        _same(delivery_signature(chain, source, secret, long=long, algorithm=algorithm), given)
        for secret in secrets
        for chain, source in _signed_spellings(url)
        for algorithm in algorithms
    )


def _signed_spellings(url: "DeliveryUrl") -> list[tuple[str, str]]:
    """Chain and source as received, then as an emitter with other escaping habits may have signed them."""
    spellings = [(url.chain, url.source)]
    for chain, source in ((url.chain, _respelled(url.source)), (_undone(url.chain), _respelled(url.source))):
        if (chain, source) not in spellings:
            spellings.append((chain, source))
    return spellings


def _respelled(source: str) -> str:
    # An escaped slash stays escaped: else a signature over w_9/cat would open an asset named "w_9/cat".
    return source if "%2f" in source.lower() else escaped(decoded(source))


def _undone(chain: str) -> str:
    try:
        plain = decoded(chain)
    except MediaError:
        return chain
    return plain if plain.count("/") == chain.count("/") and plain.count(",") == chain.count(",") else chain


# §8 Cacheable search URLs


def search_signature(ttl: str, query: str, secret: str) -> str:
    """64 hex digits over the seconds and the base64 of a search, both as they stand in its URL."""
    return digest(ttl + query, secret, "sha256").hex()


def verify_search(signature: str, ttl: str, query: str, secret: str) -> bool:
    """Whether that secret signed that search."""
    return _same(search_signature(ttl, query, secret), signature)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(value)
    return str(value)


def _seconds(name: str, value: Value) -> int:
    if value is None or value == "":
        raise InvalidRequest(f"Missing required parameter - {name}")
    if _UNIX_SECONDS.fullmatch(text := _text(value)) is None:
        raise InvalidRequest(f"Invalid {name} - {printable(text)}")
    return int(text)


def _same(expected: str, given: str) -> bool:
    return compare_digest(expected.encode("ascii"), given.encode("utf-8", "surrogatepass"))
