"""Signed URLs and signed cookies: what was shown, and whether it lets in (cdn-vendors §1.1, §1.2, §1.6, §2)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote

from attrs import frozen

from wire.tokens.cloudfront.keys import HASHES, PublicKey, is_signed
from wire.tokens.cloudfront.policy import Malformed, Policy, canned

RESERVED = ("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm")
COOKIE = "CloudFront-"
_TO_STANDARD = str.maketrans("-_~", "+=/")
_FROM_STANDARD = str.maketrans("+=/", "-_~")
_SECONDS = re.compile("[0-9]{1,18}")


class Refused(Exception):
    """Not to be let in; `code` and `message` are what the viewer is told."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@frozen
class Asked:
    """What a viewer asks for, and from where."""

    urls: Sequence[str]
    """Absolute and raw, less what signs them: each a spelling that the signer may have had in mind."""
    address: str
    now: float


@frozen
class Shown:
    """What a request shows to be let in. None: not there."""

    key_id: str | None = None
    signature: str | None = None
    policy: str | None = None
    expires: str | None = None
    algorithm: str | None = None

    @classmethod
    def of(cls, query: str, cookies: Iterable[str] = ()) -> Shown:
        """From a raw query; from Cookie fields where that names no key."""
        in_query = cls._from(pair.partition("=") for pair in query.split("&"))
        if in_query.key_id is not None:
            return in_query
        pairs = (pair.strip().partition("=") for line in cookies for pair in line.split(";"))
        return cls._from(
            (name.removeprefix(COOKIE), "=", value) for name, _, value in pairs if name.startswith(COOKIE)
        )

    @classmethod
    def _from(cls, pairs: Iterable[tuple[str, str, str]]) -> Shown:
        told: dict[str, str] = {}
        for name, _, value in pairs:
            told.setdefault(name, value)
        return cls(
            key_id=told.get("Key-Pair-Id") or None,
            signature=told.get("Signature"),
            policy=told.get("Policy"),
            expires=told.get("Expires"),
            algorithm=told.get("Hash-Algorithm"),
        )

    def check(self, asked: Asked, keys: Mapping[str, PublicKey]) -> None:
        """Let the viewer in, or raise `Refused`. A policy is proven before its times and addresses are looked at."""
        if self.key_id is None:
            raise Refused("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
        key = keys.get(self.key_id)
        if key is None:
            raise Refused("InvalidKey", "Unknown Key")
        try:
            signature = decoded(self.signature or "")
        except ValueError:
            raise Refused("MalformedSignature", "Could not unencode Signature") from None
        candidates = self._candidates(asked.urls)
        algorithm = HASHES.get(self.algorithm if self.algorithm is not None else "SHA1")
        if algorithm is None or not _is_spelled(self.signature or "", signature):
            raise _denied()
        for raw, policy in candidates:
            if is_signed(key, signature, raw, algorithm()):
                if (
                    policy.is_open(asked.now)
                    and policy.admits(asked.address)
                    and (self.policy is None or any(map(policy.covers, asked.urls)))
                ):
                    return
                break
        raise _denied()

    def _candidates(self, urls: Sequence[str]) -> list[tuple[bytes, Policy]]:
        """The policies that may have been signed, with their bytes. One that was sent counts before an Expires."""
        if self.policy is not None:
            try:
                raw = decoded(self.policy)
                policies = [(raw, Policy.parse(raw))]
            except (ValueError, Malformed):
                raise Refused("MalformedPolicy", "Malformed Policy") from None
            if not _is_spelled(self.policy, raw):
                raise _denied()
            return policies
        if self.expires is None or not _SECONDS.fullmatch(self.expires):
            raise _denied()
        return [(canned(url, self.expires), Policy(int(self.expires))) for url in urls]


def _denied() -> Refused:
    return Refused("AccessDenied", "Access denied")


def encoded(raw: bytes) -> str:
    """As signers write it: base64 in which `-`, `_` and `~` stand for `+`, `=` and `/`."""
    return base64.b64encode(raw).decode("ascii").translate(_FROM_STANDARD)


def decoded(text: str) -> bytes:
    """The bytes that were written; ValueError for anything else. Clients may have percent-encoded it once."""
    if not text:
        raise ValueError("nothing is written")
    try:
        return base64.b64decode(unquote(text).translate(_TO_STANDARD).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from None


def _is_spelled(text: str, raw: bytes) -> bool:
    """Whether these bytes are written in their one way: base64 has bits to spare at its end."""
    return unquote(text) == encoded(raw)


def without_reserved(query: str) -> str:
    """A raw query less what signs it."""
    return "&".join(pair for pair in query.split("&") if pair.partition("=")[0] not in RESERVED)


def without_cookies(line: str) -> str:
    """A Cookie field less what signs the request."""
    pairs = (pair.strip() for pair in line.split(";"))
    return "; ".join(pair for pair in pairs if not pair.startswith(COOKIE))
