"""What an access log tells of one request."""

from __future__ import annotations

import re
from collections.abc import Callable

from attrs import frozen

from edge.core.outcome import Outcome
from wire.http.fields import Fields
from wire.http.secured import Secured

_SITE = re.compile("https?://[^/?]*", re.IGNORECASE)
_TOLD = ("host", "referer", "user-agent", "x-forwarded-for", "range", "accept-language")


@frozen
class Asked:
    """What a line tells of the request."""

    viewer: str
    """The address it came from."""
    method: str
    uri: str
    version: str
    """`1.0`, `1.1` or `2`."""
    host: str = ""
    referer: str = ""
    user_agent: str = ""
    scheme: str = "http"
    forwarded_for: str = ""
    """Those who handed it on, as they say."""
    range: str = ""
    accept_language: str = ""
    port: int = 0
    """From which the viewer asks; 0: not known."""
    secured: Secured | None = None
    """What a viewer's own connection is secured by."""
    region: str = ""
    """Where the viewer says that they live."""
    edge: str = ""
    """The address it came to."""
    cookies: str = ""
    """All of them, as the viewer sent them."""

    @property
    def target(self) -> str:
        """Path and query of `uri`, which may name scheme and host before them (RFC 9112 §3.2.2)."""
        site = _SITE.match(self.uri)
        if site is None:
            return self.uri
        rest = self.uri[site.end() :]
        return rest if rest.startswith("/") else f"/{rest}"

    @classmethod
    def of(cls, viewer: str, method: str, uri: str, version: str, fields: Fields) -> Asked:
        """From a parsed head."""
        host, referer, agent, forwarded, wanted, language = (fields.get(name) or "" for name in _TOLD)
        return cls(
            *(viewer, method, uri, version, host, referer, agent),
            forwarded_for=forwarded,
            range=wanted,
            accept_language=language,
            cookies="; ".join(fields.all("cookie")),
        )

    @classmethod
    def of_bytes(cls, viewer: str, raw: bytes) -> Asked:
        """From a head's bytes that were read as one before."""
        first, *rest = raw.decode("latin-1").split("\r\n")
        method, uri, version = first.split(" ", 2)
        pairs = (line.partition(":") for line in rest if line)
        fields = Fields((name, value.strip()) for name, _, value in pairs)
        return cls.of(viewer, method, uri, version.removeprefix("HTTP/"), fields)


@frozen
class Line:
    """One answered request."""

    asked: Asked
    outcome: Outcome
    sent_bytes: int
    """Of the body."""
    ended: float
    """Wall seconds: the last byte was handed over."""
    request_id: str = ""
    """Where a personality gave it one."""
    answer: Fields = Fields()  # noqa: RUF009  a value
    """Of the answer's head, where a personality is played."""
    undressed: Fields = Fields()  # noqa: RUF009  a value
    """The same as the cache has it, before a personality writes on it."""
    kind: str = ""
    """What a personality calls the refusal that this is."""
    has_left: bool = False
    """Whether the viewer left before the end."""
    was_slow: bool = False
    """Whether the upstream had to wait until the viewer took what there was."""
    has_asked: bool = True
    """Whether the viewer left after the request's last byte, where it did."""
    request_bytes: int = 0
    """Of the request as it came, its head and framing among them, where a personality is played."""
    answer_bytes: int = 0
    """The same of the answer."""
    request_seconds: float = 0.0
    """From the request's head to the last byte of its body."""


@frozen
class Manner:
    """How lines are written: from a line, the node and the PoP; `preamble` begins each file. `title` is what the
    files of whole hours are named by; empty: by the file that they were."""

    written: Callable[[Line, str, str], str]
    preamble: str = ""
    title: str = ""
