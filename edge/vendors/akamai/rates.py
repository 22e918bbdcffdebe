"""How much may be purged how fast (cdn-vendors §12.5)."""

from __future__ import annotations

from attrs import define, field, frozen
from attrs.validators import gt

from edge.vendors.akamai.problems import Problem


@frozen
class Rate:
    """A bucket of tokens and what flows into it each second."""

    size: float = field(validator=gt(0))
    per_second: float = field(validator=gt(0))


@frozen
class Rates:
    """Of one account."""

    requests: Rate = Rate(100, 50)
    url: Rate = Rate(10_000, 200)
    cpcode: Rate = Rate(300, 0.5)
    tag: Rate = Rate(5000, 500 / 60)

    def of(self, kind: str) -> Rate:
        """The rate of objects of a kind."""
        return {"url": self.url, "cpcode": self.cpcode, "tag": self.tag}[kind]


@define
class Bucket:
    """What is left of a rate."""

    rate: Rate
    level: float
    at: float

    def filled(self, now: float) -> float:
        """The tokens in it at a moment."""
        self.level = min(self.rate.size, self.level + max(0.0, now - self.at) * self.rate.per_second)
        self.at = now
        return self.level


@define
class Meter:
    """The buckets of an account. A denied request takes nothing."""

    rates: Rates
    _buckets: dict[str, Bucket] = field(factory=dict, init=False)

    def take(self, kind: str, objects: int, now: float) -> None:
        """Room for one request with so many objects; `Problem` 429 where there is none."""
        requests, of_kind = self._bucket("requests", now), self._bucket(kind, now)
        for bucket, wanted, title in (
            (requests, 1, "Rate Limit exceeded"),
            (of_kind, objects, f"{kind.upper()} Rate Limit exceeded"),
        ):
            if bucket.level < wanted:
                raise Problem(
                    429,
                    title,
                    "Ask for less, or later",
                    rateLimit=int(bucket.rate.size),
                    rateLimitCurrentRequestSize=wanted,
                    rateLimitRemaining=int(bucket.level),
                )
        requests.level -= 1
        of_kind.level -= objects

    def headers(self, kind: str, now: float) -> list[tuple[str, str]]:
        """What a client may still ask for."""
        told: list[tuple[str, str]] = []
        for name, ending in (("requests", ""), (kind, "-Objects")):
            bucket = self._bucket(name, now)
            told += [
                (f"X-RateLimit-Limit{ending}", str(int(bucket.rate.size))),
                (f"X-RateLimit-Limit-Per-Second{ending}", str(max(1, int(bucket.rate.per_second)))),
                (f"X-RateLimit-Remaining{ending}", str(int(bucket.level))),
            ]
        return told

    def _bucket(self, name: str, now: float) -> Bucket:
        rate = self.rates.requests if name == "requests" else self.rates.of(name)
        bucket = self._buckets.setdefault(name, Bucket(rate, rate.size, now))
        bucket.filled(now)
        return bucket
