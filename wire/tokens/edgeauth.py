"""Akamai's EdgeAuth tokens, version 2.0 (cdn-vendors §10).

A token is the text `[ip=…~][st=…~]exp=…[~acl=…][~id=…][~data=…]~hmac=…`. What was signed is that text as it came,
and what is never sent: the URL of a token for one URL, and a salt.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote_plus, unquote

from attrs import Attribute, field, frozen
from attrs.validators import ge, in_, optional

from wire.http.fields import Fields
from wire.tokens.glob import fits, parts_of

NAME = "__token__"
PLACES = ("query", "cookie", "header")
Place = Literal["query", "cookie", "header"]

_LONGEST = 4096
_SECONDS = re.compile("[0-9]{1,18}")
_KEY = re.compile("(?:[0-9A-Fa-f]{2}){8,64}")
_ESCAPE = re.compile("%[0-9A-F]{2}")
_NAMES = frozenset({"ip", "st", "exp", "acl", "id", "data"})


def is_key(_: object, __: Attribute[str], written: str) -> None:
    """A validator: 16 to 128 hexadecimal digits, an even number."""
    if not _KEY.fullmatch(written):
        raise ValueError("a token's key is written in 16 to 128 hexadecimal digits")


@frozen
class Asked:
    """What a viewer asks for, and from where."""

    path: str
    """Raw."""
    normal: str
    """In the spelling that also selects the object, so that `/media/%2e%2e/private` gains nothing."""
    address: str
    now: float
    query: str = ""
    """Raw, less the token."""


@frozen
class Lock:
    """What tokens are held to."""

    key: str = field(validator=is_key)
    """Hexadecimal."""
    transition_key: str | None = field(default=None, validator=optional(is_key))
    """Good too, while keys are changed."""
    salt: str = ""
    algorithm: Literal["sha256", "sha1", "md5"] = field(
        default="sha256", validator=in_(("sha256", "sha1", "md5"))
    )
    escape_early: bool = False
    """Signers percent-encode what they sign."""
    url_token_query: Literal["ignore", "include"] = field(
        default="ignore", validator=in_(("ignore", "include"))
    )
    """Whether a token for one URL is for its query, too."""
    skew_seconds: float = field(default=0.0, validator=ge(0))

    def admits(self, token: str, asked: Asked) -> bool:
        """Whether the token lets in: as it came, or else percent-decoded once."""
        spellings = dict.fromkeys((token, unquote(token)))
        return any(self._admits(spelling, asked) for spelling in spellings)

    def _admits(self, token: str, asked: Asked) -> bool:
        signed, found, mac = token.rpartition("~hmac=")
        if not found or len(token) > _LONGEST:
            return False
        told = _told(signed)
        if told is None or not self._is_signed(signed, mac, "acl" in told, asked):
            return False
        return (
            self._is_open(told, asked.now)
            and told.get("ip") in (None, escaped(asked.address) if self.escape_early else asked.address)
            and ("acl" not in told or _covers(told["acl"], asked.normal))
        )

    def _is_open(self, told: dict[str, str], now: float) -> bool:
        start, end = told.get("st", "0"), told.get("exp", "")
        if not (_SECONDS.fullmatch(start) and _SECONDS.fullmatch(end)):
            return False
        return int(start) <= now + self.skew_seconds and now - self.skew_seconds <= int(end)

    def _is_signed(self, signed: str, mac: str, has_acl: bool, asked: Asked) -> bool:
        sources = [signed] if has_acl else [f"{signed}~url={url}" for url in self._urls(asked)]
        if self.salt:
            sources = [f"{source}~salt={self.salt}" for source in sources]
        keys = [key for key in (self.key, self.transition_key) if key]
        return any(
            hmac.compare_digest(self._mac(source, key), mac.encode("utf-8", "surrogatepass"))
            for source in sources
            for key in keys
        )

    def _urls(self, asked: Asked) -> Iterator[str]:
        """The spellings that a signer may have had in mind."""
        raw = asked.path
        if self.url_token_query == "include" and asked.query:  # noqa: S105  (a setting)
            raw = f"{raw}?{asked.query}"
        for url in dict.fromkeys((raw, unquote(raw))):
            yield escaped(url) if self.escape_early else url

    def _mac(self, source: str, key: str) -> bytes:
        body = source.encode("utf-8", "surrogatepass")
        return (
            hmac.new(bytes.fromhex(key), body, getattr(hashlib, self.algorithm)).hexdigest().encode("ascii")
        )


def escaped(text: str) -> str:
    """As signers that escape early do: a form's encoding with its digits in lower case."""
    written = quote_plus(text.encode("utf-8", "surrogatepass"), safe="~")
    return _ESCAPE.sub(lambda found: found[0].lower(), written)


def presented(place: Place, name: str, query: str, fields: Fields) -> str | None:
    """The token that a request shows in this place, if any."""
    match place:
        case "header":
            return fields.get(name)
        case "query":
            pairs = query.split("&")
        case "cookie":
            pairs = [pair.strip() for line in fields.all("cookie") for pair in line.split(";")]
    values = (value for found, _, value in (pair.partition("=") for pair in pairs) if found == name)
    return next(values, None)


def _told(signed: str) -> dict[str, str] | None:
    """The parts of a token by their names; None where one is unknown or there twice."""
    told: dict[str, str] = {}
    for part in signed.split("~"):
        name, mark, value = part.partition("=")
        if name not in _NAMES or name in told or not mark:
            return None
        told[name] = value
    return told


def _covers(acl: str, path: str) -> bool:
    return any(fits(parts_of(pattern), path) for pattern in acl.split("!"))
