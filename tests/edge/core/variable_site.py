"""An origin whose answers change, vary, come late and fail; it keeps all that it said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from zlib import crc32

from attrs import define, evolve, field, frozen

from edge.core.events import Failure
from tests.edge.core.sayings import Control, Representation, Said, meaning
from wire.http.dates import format_date
from wire.http.fields import Fields, Pair, RequestHead, ResponseHead
from wire.http.ranges import parse_ranges, resolve

Naming = Literal["strong", "weak", "date", "nothing"]
Dialect = Literal["cache-control", "expires", "guess", "targeted"]
Health = Literal["well", "erring", "gone", "silent", "away"]
TROUBLES = {
    "erring": (503, Representation(b"in trouble", None, None)),
    "gone": (404, Representation(b"no more", None, None)),
}
GUESSED = 0.1  # of the time since Last-Modified (RFC 9111 §4.2.2)


@define
class Resource:
    """What is at one path now."""

    changed_at: float
    version: int = 1
    control: Control = field(factory=lambda: Control(lifetime=10))
    vary: frozenset[str] = frozenset()


@frozen
class Manner:
    """How the site names its representations and tells their lifetimes; the same for all of its days."""

    naming: Naming = "strong"
    dialect: Dialect = "cache-control"


@define
class VariableSite:
    """Answers GET and HEAD as RFC 9110 has it, and anything else with `written`."""

    clock: Callable[[], float]
    wait: Callable[[float], None]
    manner: Manner
    resources: dict[str, Resource]
    health: Health = "well"
    delay: float = 0.0
    age: int = 0
    written: ResponseHead = field(factory=lambda: ResponseHead(204))
    log: list[Said] = field(factory=list)

    def answer(self, asked: RequestHead) -> tuple[ResponseHead, bytes] | Failure:
        """What it says to a question that left a moment ago."""
        sent_at = self.clock()
        self.wait(self.delay)
        if self.health in ("silent", "away"):
            return Failure.TIMED_OUT if self.health == "silent" else Failure.UNREACHABLE
        if asked.method not in ("GET", "HEAD"):
            return self.written, b""
        resource = self.resources[asked.target]
        status, shown, extra = 200, self.shown(resource, asked.fields), list[Pair]()
        sent = shown.body
        if self.health in TROUBLES:
            status, shown = TROUBLES[self.health]
            sent = shown.body
        elif shown.is_not_modified(asked.fields, self.clock()) and self._is_exact(asked.fields):
            status, sent = 304, b""
        elif asked.method == "GET" and shown.is_still(asked.fields.get("if-range")):
            for start, stop in resolve(parse_ranges(asked.fields.get("range") or ""), len(sent)) or ():
                extra = [("Content-Range", f"bytes {start}-{stop - 1}/{len(shown.body)}")]
                status, sent = 206, shown.body[start:stop]
        extra += [("Content-Length", str(len(sent)))] if status != 304 else []
        said = self._said(asked, resource, status, shown, sent, sent_at)
        return ResponseHead(status, Fields([*self._lines(said), *extra])), said.sent

    def _is_exact(self, asked: Fields) -> bool:
        """A date that the site did not tell is no validator of its own."""
        return "if-none-match" in asked or self.manner.naming == "date"

    def shown(self, resource: Resource, fields: Fields) -> Representation:
        """What it shows to whom asks with these fields."""
        chosen = ";".join(f"{name}={meaning(name, fields)}" for name in sorted(resource.vary))
        body = f"version {resource.version} for {chosen or 'all'}".encode()
        tag = f'"{resource.version}-{crc32(body):x}"'
        etag = {"strong": tag, "weak": f"W/{tag}"}.get(self.manner.naming)
        is_dated = self.manner.naming == "date" or self.manner.dialect == "guess"
        return Representation(body, etag, resource.changed_at if is_dated else None)

    def _said(
        self,
        asked: RequestHead,
        resource: Resource,
        status: int,
        shown: Representation,
        sent: bytes,
        sent_at: float,
    ) -> Said:
        control = self.told(resource.control) if status != 503 else Control(words=frozenset({"no-store"}))
        said = Said(
            number=len(self.log),
            path=asked.target,
            status=status,
            control=control,
            lifetime=self._lifetime(control, resource),
            vary=resource.vary,
            shown=shown,
            version=resource.version,
            asked=asked,
            sent=b"" if asked.method == "HEAD" else sent,
            sent_at=sent_at,
            said_at=self.clock(),
            age=self.age,
        )
        self.log.append(said)
        return said

    def _lifetime(self, control: Control, resource: Resource) -> float:
        if self.manner.dialect == "guess":
            return GUESSED * (self.clock() - resource.changed_at)
        told = control.shared if control.shared is not None else control.lifetime
        return float(told or 0)

    def _lines(self, said: Said) -> list[Pair]:
        control, now = said.control, self.clock()
        lines = [("Date", format_date(now)), ("Content-Location", f"/said/{said.number}")]
        lines += [("Vary", ", ".join(sorted(said.vary))), ("Surrogate-Key", "pets")]
        lines += [("Age", str(said.age))] if said.age else []
        if said.shown.etag is not None:
            lines.append(("ETag", said.shown.etag))
        if said.shown.modified is not None:
            lines.append(("Last-Modified", format_date(said.shown.modified)))
        if self.manner.dialect == "expires":
            lines.append(("Expires", format_date(now + said.lifetime)))
            control = evolve(control, lifetime=None)
        elif self.manner.dialect == "targeted":
            lines.append(("CDN-Cache-Control", control.text))
            control = Control(words=frozenset({"no-store"}))
        return [*lines, ("Cache-Control", control.text)]

    def told(self, control: Control) -> Control:
        """As much of it as the site's dialect can say."""
        match self.manner.dialect:
            case "expires":
                return evolve(control, shared=None)
            case "guess":
                return evolve(control, shared=None, lifetime=None)
        return control
