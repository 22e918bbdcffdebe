"""The headers that Pragma asks for (cdn-vendors §13.2)."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from attrs import frozen

from edge.core.account import Account
from edge.core.key import split_key
from edge.core.outcome import Verdict
from edge.personality.akamai.settings import Property
from wire.http.fields import Fields, Pair, RequestHead, ResponseHead

PREFIX = "akamai-x-"
VERSION = "11.4.2"


def asked_for(fields: Fields) -> frozenset[str]:
    """What a request's Pragma asks for."""
    named = (member.lower() for member in fields.members("pragma"))
    return frozenset(name.removeprefix(PREFIX) for name in named if name.startswith(PREFIX))


@frozen
class Told:
    """What debug headers speak of."""

    host: str
    """The name of this edge."""
    settings: Property
    request: RequestHead
    request_id: str

    def headers(
        self, asked: frozenset[str], head: ResponseHead, account: Account, now: float, *, from_memory: bool
    ) -> Iterator[Pair]:
        """Those that were asked for."""
        if "cache-on" in asked:
            yield "X-Cache", self._from_here(code_of(head, account, now, from_memory=from_memory))
        if "cache-remote-on" in asked and (remote := remote_code(head.fields, account)):
            yield "X-Cache-Remote", f"{remote[0]} from {remote[1]} (AkamaiGHost/{VERSION}) (-)"
        if "check-cacheable" in asked:
            yield "X-Check-Cacheable", "YES" if account.entry is not None else "NO"
        if "get-cache-key" in asked:
            ttl = f"{max(0, round(account.entry.lifetime))}s" if account.entry is not None else "0s"
            yield "X-Cache-Key", f"S/L/{self._serial}/{self.settings.cpcode}/{ttl}/{self._named(account)}"
        if "get-true-cache-key" in asked:
            yield "X-True-Cache-Key", f"/L/{self._named(account)}"
        if "serial-no" in asked:
            yield "X-Serial", str(self._serial)
        if "get-request-id" in asked:
            yield "X-Akamai-Request-ID", self.request_id
        if "get-extracted-values" in asked:
            yield "X-Akamai-Session-Info", f"name=CPCODE; value={self.settings.cpcode}"
            yield "X-Akamai-Session-Info", f"name=NETWORK; value={self.settings.network}"

    def denied(self, asked: frozenset[str]) -> Iterator[Pair]:
        """Of an answer that was refused."""
        if "cache-on" in asked:
            yield "X-Cache", self._from_here("TCP_DENIED")

    def _from_here(self, code: str) -> str:
        return f"{code} from {self.host} (AkamaiGHost/{VERSION}) (-)"

    @property
    def _serial(self) -> int:
        digest = blake2b(str(self.settings.cpcode).encode(), digest_size=2).digest()
        return int.from_bytes(digest) % 10_000

    def _named(self, account: Account) -> str:
        """The origin's host, and path and query as the key has them."""
        host = self.request.authority or self.request.fields.get("host") or ""
        target = split_key(account.key)[1] if account.key else self.request.target
        return f"{self.settings.origin or host}{target}"


def code_of(head: ResponseHead, account: Account, now: float, *, from_memory: bool) -> str:
    """X-Cache's word for what the cache did."""
    entry = account.entry
    match account.verdict:
        case Verdict.HIT if head.status == 304:
            return "TCP_IMS_HIT"
        case Verdict.HIT if entry is not None and entry.status >= 400:
            return "TCP_NEGATIVE_HIT"
        case Verdict.STALE if account.reason:
            return "TCP_REFRESH_FAIL_HIT"
        case Verdict.HIT | Verdict.STALE:
            return "TCP_MEM_HIT" if from_memory else "TCP_HIT"
        case Verdict.REVALIDATED:
            return "TCP_REFRESH_HIT"
        case Verdict.MISS if account.reason == "stale":
            return "TCP_REFRESH_MISS"
    return "TCP_MISS"


def remote_code(fields: Fields, account: Account) -> tuple[str, str] | None:
    """What the parent's own member of Cache-Status comes to, and its name; None where no parent was asked."""
    members = fields.members("cache-status")
    if not account.reason or len(members) < 2:
        return None
    name, *params = (part.strip() for part in members[-2].split(";"))
    if "hit" in params:
        return "TCP_HIT", name
    if "fwd=stale" in params:
        return ("TCP_REFRESH_HIT" if "fwd-status=304" in params else "TCP_REFRESH_MISS"), name
    return "TCP_MISS", name
