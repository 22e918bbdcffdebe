"""`__cld_token__`: who may see what until when, signed with a key that is no API secret (signing.md §5).

A token is the text `[ip=…~][st=…~]exp=…[~acl=…]~hmac=…`. What it covers is compared as it was written, since that
is what was signed; only the spelling of percent-escapes, which hops may change, is put right before.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from attrs import frozen

from wire.http.paths import without_dots

NAME = "__cld_token__"

_UNSAFE = re.compile(r"[ \"#%&'/:;<=>?@\[\\\]^`{|}~]")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_BEYOND_ASCII = re.compile("(?:%[89A-Fa-f][0-9A-Fa-f])+")
_SECONDS = re.compile("[0-9]{1,12}")
_KEY = re.compile("(?:[0-9A-Fa-f]{2})+")
_LONGEST = 8192
_PARTS = ("ip", "st", "exp", "acl", "hmac")


@frozen
class Asked:
    """What a viewer asks for, and from where."""

    paths: tuple[str, ...]  # raw, each a spelling that a signer may have had in mind
    address: str
    now: float


@frozen
class Token:
    """A token taken apart; nothing is proven yet."""

    signed: str  # all parts but the last, as they were signed
    expires: int  # unix seconds
    mac: str
    start: int | None = None
    address: str | None = None
    patterns: tuple[str, ...] | None = None  # of paths, decoded; None: it is for one URL

    @classmethod
    def parse(cls, text: str) -> "Token | None":
        """The token that a text is, if it is one."""
        if len(text) > _LONGEST:
            return None
        if "~" not in text:  # somebody escaped it: whole, or what RFC 2396 knew as unsafe
            text = text.replace("%7E", "~").replace("%7e", "~") if "=" in text else unquote(text)
        written = _respelled(text).split("~")
        told = {name: value for name, _, value in (part.partition("=") for part in written)}
        names = [part.partition("=")[0] for part in written]
        if names != [name for name in _PARTS if name in told] or not {"exp", "hmac"} <= told.keys():
            return None
        if any(name in told and not _SECONDS.fullmatch(told[name]) for name in ("st", "exp")):
            return None
        return cls(
            signed="~".join(written[:-1]),
            expires=int(told["exp"]),
            mac=told["hmac"].lower(),
            start=int(told["st"]) if "st" in told else None,
            address=told.get("ip"),
            patterns=tuple(unquote(each) for each in told["acl"].split("!")) if "acl" in told else None,
        )

    def admits(self, asked: Asked, key: str) -> bool:
        """Whether it was signed with the key (hexadecimal), and is for this path, this viewer and this moment."""
        return (
            (self.start is None or self.start <= asked.now)
            and asked.now <= self.expires
            and (self.address is None or self.address == asked.address)
            and any(self._covers(path, key) for path in asked.paths)
        )

    def _covers(self, path: str, key: str) -> bool:
        if self.patterns is None:
            return _same(_mac(f"{self.signed}~url={escaped(path)}", key), self.mac)
        plain = without_dots(unquote(path.partition("?")[0]))  # `/mine/../yours` is yours
        fits = any(_fits(pattern, plain) for pattern in self.patterns)
        return _same(_mac(self.signed, key), self.mac) and fits


def generate(
    key: str,
    *,
    expires: int,
    url: str | None = None,
    acl: Sequence[str] = (),
    start: int | None = None,
    ip: str | None = None,
) -> str:
    """A token for a URL's path, or for every path that one of the patterns fits."""
    parts = [] if ip is None else [f"ip={ip}"]
    parts += [] if start is None else [f"st={start}"]
    parts.append(f"exp={expires}")
    if acl:
        parts.append("acl=" + "!".join(map(escaped, acl)))
    signed = parts if acl else [*parts, f"url={escaped(url or '')}"]
    return "~".join([*parts, f"hmac={_mac('~'.join(signed), key)}"])


def escaped(text: str) -> str:
    """As tokens escape a path or a pattern: lower-case hexadecimal, what is not ASCII left alone."""
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02x}", text)


def is_key(text: str) -> bool:
    """Whether a text can be a key: bytes in hexadecimal."""
    return _KEY.fullmatch(text) is not None


def presented(query: str, cookies: Iterable[str]) -> tuple[str, ...]:
    """The tokens in a raw query and in Cookie fields, as written."""
    pairs = [*query.split("&"), *(pair.strip() for line in cookies for pair in line.split(";"))]
    return tuple(
        value for name, _, value in (pair.partition("=") for pair in pairs) if name == NAME and value
    )


def without_token(query: str) -> str:
    """A raw query less its tokens."""
    return "&".join(pair for pair in query.split("&") if pair.partition("=")[0] != NAME)


def _fits(pattern: str, path: str) -> bool:
    """Whether the whole path is the pattern's, `*` being any run of characters."""
    first, *rest = pattern.split("*")
    if not rest:
        return path == pattern
    *middle, last = rest
    if not path.startswith(first) or len(path) < len(first) + len(last) or not path.endswith(last):
        return False
    at, end = len(first), len(path) - len(last)
    for part in middle:  # the earliest place for each leaves most for the rest: no backtracking
        found = path.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _respelled(text: str) -> str:
    """The text with escapes as SDKs write them."""
    plain = _BEYOND_ASCII.sub(lambda run: unquote(run[0]), text)
    return _ESCAPE.sub(lambda found: found[0].lower(), plain)


def _mac(message: str, key: str) -> str:
    body = message.encode("utf-8", "surrogatepass")
    return hmac.new(bytes.fromhex(key), body, hashlib.sha256).hexdigest()


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode("ascii"), given.encode("utf-8", "surrogatepass"))
