"""Who asks: as their own connection tells, or as whoever hands their question on introduces them (RFC 7239)."""

from __future__ import annotations

import re
from ipaddress import ip_address

from attrs import frozen

from wire.http.fields import Fields
from wire.http.secured import Secured

INTRODUCTION = "Forwarded"

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PAIR = re.compile(rf'[ \t]*({_TOKEN.pattern})=({_TOKEN.pattern}|"(?:[^"\\]|\\.)*")[ \t]*(?:;|$)')
_NODE = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::([0-9]{1,5}))?")
_ESCAPED = re.compile(r"\\(.)")


@frozen
class Asker:
    """A viewer, as far as is known. What is empty is not."""

    address: str = ""
    port: int = 0
    scheme: str = ""
    """By which they asked: `https`."""
    version: str = ""
    """Of the HTTP that they speak: `1.0`, `1.1` or `2`."""
    secured: Secured | None = None
    """What their connection is secured by."""
    region: str = ""
    """Where they say that they live."""

    @property
    def written(self) -> str:
        """The value of a field that introduces them; what RFC 7239 has no word for, in words of ours."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        told = {
            "for": f"{host}:{self.port}" if self.port else host,
            "proto": self.scheme,
            "http": self.version,
            "tls": "" if self.secured is None else self.secured.protocol,
            "cipher": "" if self.secured is None else self.secured.cipher,
            "region": self.region,
        }
        return ";".join(f"{name}={_quoted(value)}" for name, value in told.items() if value)

    @classmethod
    def introduced_by(cls, fields: Fields) -> Asker | None:
        """Of whom the last hop says that it asks for them; None where it says nothing, or nothing that can be read."""
        elements = fields.members("forwarded")
        told = _pairs_of(elements[-1]) if elements else None
        node = _NODE.fullmatch(told.get("for", "")) if told is not None else None
        if told is None or node is None:
            return None
        try:
            address = str(ip_address(node[1] or node[2]))
        except ValueError:
            return None
        secured = Secured(told["tls"], told.get("cipher", "")) if "tls" in told else None
        scheme, version, region = (told.get(name, "") for name in ("proto", "http", "region"))
        return cls(address, int(node[3] or 0), scheme.lower(), version, secured, region)


def _quoted(value: str) -> str:
    if _TOKEN.fullmatch(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _pairs_of(element: str) -> dict[str, str] | None:
    """The parameters of one hop, by their names in lower case; None for what is malformed."""
    pairs: dict[str, str] = {}
    at = 0
    while at < len(element):
        pair = _PAIR.match(element, at)
        if pair is None or pair[1].lower() in pairs:  # each occurs once (§4)
            return None
        value = pair[2]
        pairs[pair[1].lower()] = _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
        at = pair.end()
    return pairs
