"""What a client of Fast Purge wants forgotten (cdn-vendors §12.1, §12.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from attrs import frozen

from edge.control.purge import Purge
from edge.personality.akamai.caching import is_tag
from edge.vendors.akamai.problems import Problem
from wire import jsontext

LONGEST_BODY = 50_000
Kind = Literal["url", "cpcode", "tag"]
Network = Literal["production", "staging"]
PREFIXES: dict[Kind, str] = {"url": "edup", "cpcode": "edcp", "tag": "edtp"}
_PATH = re.compile("/ccu/v3/(invalidate|delete)/(url|cpcode|tag)(?:/(production|staging))?")
_PLACE = r"(?P<host>(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?)"
_HOSTNAME = re.compile(_PLACE)
_REST = r'[!-"$-~]*'  # what a URL is written with, less the # that ends it
_TARGET = re.compile(f"/{_REST}")
_URL = re.compile(f"(?i:https?)://{_PLACE}(?:[/?]{_REST})?")
_LAST_PORT = 65_535


@frozen
class Owned:
    """What of it is the caller's: one property."""

    cpcode: int
    hostnames: tuple[str, ...] = ()
    """Empty: any."""

    def has_host(self, host: str) -> bool:
        """Whether URLs of this host are its own."""
        plain, own = host.lower(), {name.lower() for name in self.hostnames}
        return not own or plain in own or plain.partition(":")[0] in own


@frozen
class Wanted:
    """One request."""

    is_soft: bool
    kind: Kind
    network: Network
    objects: tuple[str | int, ...]

    @classmethod
    def parse(cls, method: str, path: str, content_type: str, body: bytes) -> Wanted:
        """The request; `Problem` for anything else."""
        found = _PATH.fullmatch(path)
        if found is None:
            raise Problem(404, "Not Found", "There is no such action, kind or network")
        if method != "POST":
            raise Problem(405, "Method Not Allowed", "A purge is posted")
        if content_type.partition(";")[0].strip().lower() != "application/json":
            raise Problem(415, "Unsupported Media Type", "The Content-Type must be application/json")
        if len(body) > LONGEST_BODY:
            raise Problem(413, "Request Entity Too Large", f"A body has at most {LONGEST_BODY} bytes")
        action, kind, network = found.groups()
        return cls(action == "invalidate", kind, network or "production", _objects(kind, _told(body)))  # type: ignore[arg-type]  # the pattern lets nothing else through

    def hosts(self) -> dict[str, str]:
        """URL → its host."""
        found = {str(url): _placed(_URL, str(url)) for url in self.objects} if self.kind == "url" else {}
        return {url: whole["host"] for url, whole in found.items() if whole is not None}

    def check(self, owned: tuple[Owned, ...]) -> None:
        """`Problem` 403 where anything in it is not the caller's: one bad object fails the whole."""
        for url, host in self.hosts().items():
            if not any(each.has_host(host) for each in owned):
                raise Problem(403, "unauthorized arl", url)
        if self.kind == "cpcode":
            strangers = [each for each in self.objects if each not in {one.cpcode for one in owned}]
            if strangers:
                raise Problem(403, "unauthorized cpcode", ", ".join(map(str, strangers)))

    def concerns(self, one: Owned) -> bool:
        """Whether a property has anything of it."""
        if self.kind == "cpcode":
            return one.cpcode in self.objects
        return self.kind == "tag" or any(map(one.has_host, self.hosts().values()))

    def purge(self) -> Purge:
        """What an edge of a property that it concerns is to forget, or to take for stale."""
        match self.kind:
            case "url":
                return Purge(urls=tuple(map(str, self.objects)), soft=self.is_soft)
            case "tag":
                return Purge(keys=tuple(map(str, self.objects)), soft=self.is_soft)
        return Purge(everything=True, soft=self.is_soft)


def _told(body: bytes) -> Mapping[str, Any]:
    try:
        told = jsontext.read(body)
    except ValueError as error:
        raise Problem(400, "bad request", "The body is not JSON") from error
    if not isinstance(told, dict) or not isinstance(told.get("objects"), list) or not told["objects"]:
        raise Problem(400, "bad request", 'The body has a list of "objects"')
    return told


def _objects(kind: str, told: Mapping[str, Any]) -> tuple[str | int, ...]:
    unknown = set(told) - ({"objects", "hostname"} if kind == "url" else {"objects"})
    if unknown:
        raise Problem(400, "bad request", f"Unknown: {', '.join(sorted(unknown))}")
    objects = tuple(told["objects"])
    if kind == "url":
        return _urls(objects, told.get("hostname"))
    if kind == "cpcode":
        if not all(isinstance(each, int) and not isinstance(each, bool) for each in objects):
            raise Problem(400, "bad request", "A CP code is a whole number")
        return objects
    if not all(isinstance(each, str) and is_tag(each) for each in objects):
        raise Problem(400, "bad request", "A tag is 1 to 128 letters, digits and ! # $ % & ' + - . ^ _ ` | ~")
    return objects


def _urls(objects: tuple[Any, ...], hostname: Any) -> tuple[str, ...]:
    """Whole URLs; of the paths of a host those of both schemes."""
    if hostname is not None and (not isinstance(hostname, str) or _placed(_HOSTNAME, hostname) is None):
        raise Problem(400, "bad URL hostname", str(hostname))
    for each in objects:
        if not isinstance(each, str):
            raise Problem(400, "bad URL", "A URL is text")
        if (_placed(_URL, each) if hostname is None else _TARGET.fullmatch(each)) is None:
            raise Problem(400, "bad URL", each)
    if hostname is None:
        return objects
    return tuple(f"{scheme}://{hostname}{each}" for scheme in ("http", "https") for each in objects)


def _placed(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The match of a text that names a host; None where its port is none."""
    found = pattern.fullmatch(text)
    return None if found is None or int(found["port"] or 80) > _LAST_PORT else found
