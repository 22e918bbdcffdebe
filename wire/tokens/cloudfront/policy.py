"""What a signer allows: to whom, of what, from when until when (cdn-vendors §1.3, §1.4)."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import Any

from attrs import frozen

from wire import jsontext
from wire.tokens.cloudfront.resource import covers

EVERYBODY = IPv4Network("0.0.0.0/0")


class Malformed(Exception):
    """Not a policy."""


@frozen
class Policy:
    """A policy, read; nothing is proven yet."""

    before: int
    resource: str | None = None
    """None: every URL."""
    after: int | None = None
    network: IPv4Network = EVERYBODY

    @classmethod
    def parse(cls, raw: bytes) -> Policy:
        """The policy these bytes say. Raises `Malformed`."""
        try:
            return cls._from(jsontext.read(raw))
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed(str(error)) from None

    @classmethod
    def _from(cls, told: dict[str, Any]) -> Policy:
        statements = told["Statement"]
        (statement,) = statements if isinstance(statements, list) else (statements,)
        conditions = dict(statement["Condition"])
        before = _moment(conditions.pop("DateLessThan"))
        after = _moment(conditions.pop("DateGreaterThan")) if "DateGreaterThan" in conditions else None
        network = EVERYBODY
        if "IpAddress" in conditions:
            network = IPv4Network(_text(conditions.pop("IpAddress")["AWS:SourceIp"]), strict=False)
        if conditions:
            raise ValueError("an unknown condition")
        resource = _text(statement["Resource"]) if "Resource" in statement else None
        return cls(before, resource, after, network)

    def is_open(self, now: float) -> bool:
        """Whether it holds at this moment; at either end it does not."""
        return now < self.before and (self.after is None or self.after < now)

    def admits(self, address: str) -> bool:
        """Whether it is for this viewer. IPv6 has no networks here: such viewers are among everybody only."""
        if self.network == EVERYBODY:
            return True
        try:
            known = ip_address(address)
        except ValueError:
            return False
        plain = known if isinstance(known, IPv4Address) else known.ipv4_mapped
        return plain is not None and plain in self.network

    def covers(self, url: str) -> bool:
        """Whether it is for this URL."""
        return self.resource is None or covers(self.resource, url)


def canned(resource: str, expires: str) -> bytes:
    """The policy that is not sent: these very bytes were signed."""
    written = json.dumps(resource)
    condition = f'"Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}'
    return f'{{"Statement":[{{"Resource":{written},{condition}}}]}}'.encode()


def _moment(condition: dict[str, Any]) -> int:
    seconds = condition["AWS:EpochTime"]
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise TypeError("a moment is a whole number")
    return seconds


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text is wanted")
    return value
