"""What people write in a topology: `256MiB`, `160ms`, `200Mbit`, `0.1%`, `tcp:8000`, `127.1.0.0/16`."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from attrs import frozen

from wire.document import Readings, finite

NUMBER_AND_UNIT = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z%]*)", re.ASCII)

BYTES = (
    {"B": 1}
    | {
        f"{prefix}{suffix}": base**power
        for suffix, base in (("iB", 1024), ("B", 1000))
        for power, prefix in enumerate("KMGT", start=1)
    }
    | {"kB": 1000}
)
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
BITS_PER_SECOND = {"bit": 1.0, "kbit": 1e3, "Kbit": 1e3, "Mbit": 1e6, "Gbit": 1e9}
SHARES = {"%": 0.01}


def _measured(written: object, units: dict[str, float] | dict[str, int], what: str, example: str) -> float:
    match = NUMBER_AND_UNIT.fullmatch(written.strip()) if isinstance(written, str) else None
    if match is None or match[2] not in units:
        raise ValueError(f"expected {what} like {example}, got {written!r}; units: {', '.join(units)}")
    return finite(float(match[1]) * units[match[2]])


@frozen(order=True)
class Size:
    """So many bytes."""

    bytes: int

    @classmethod
    def parse(cls, written: object) -> Size:
        """`64MiB` is 67,108,864 bytes, `64MB` is 64,000,000."""
        return cls(round(_measured(written, BYTES, "a size", "256MiB")))


@frozen(order=True)
class Duration:
    """So many seconds."""

    seconds: float

    @classmethod
    def parse(cls, written: object) -> Duration:
        return cls(_measured(written, SECONDS, "a duration", "160ms"))


@frozen(order=True)
class Skew:
    """So many seconds that a clock is ahead; negative: behind."""

    seconds: float

    @classmethod
    def parse(cls, written: object) -> Skew:
        """`5min` is ahead, `-5min` behind."""
        text = written.strip() if isinstance(written, str) else ""
        try:
            behind = Duration.parse(text.removeprefix("-")).seconds
        except ValueError:
            raise ValueError(f"expected how far it is ahead, like 5min or -5min, got {written!r}") from None
        return cls(-behind if text.startswith("-") else behind)


@frozen(order=True)
class Rate:
    """So many bits in a second; never none."""

    bits_per_second: float

    @classmethod
    def parse(cls, written: object) -> Rate:
        rate = cls(_measured(written, BITS_PER_SECOND, "a rate", "200Mbit"))
        if rate.bits_per_second < 1:
            raise ValueError("a rate of nothing carries nothing: at least 1bit")
        return rate


@frozen(order=True)
class Share:
    """A part of a whole, 0 to 1."""

    part: float

    @classmethod
    def parse(cls, written: object) -> Share:
        # 95 * 0.01 is more than 0.95: a bound that 57 of 60 would miss
        share = cls(round(_measured(written, SHARES, "a share", "0.1%"), 12))
        if share.part > 1:
            raise ValueError(f"expected at most 100%, got {written}")
        return share


@frozen(order=True)
class Address:
    """Where a node listens. Port 0 means any free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, written: object) -> Address:
        """`tcp:8000` (loopback), `127.0.0.1:8000`, `[::1]:8000`."""
        text = written.strip() if isinstance(written, str) else ""
        host, colon, port = text.rpartition(":")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif ":" in host:
            colon = ""
        host = "127.0.0.1" if host == "tcp" else "127.0.0.1" if host == "localhost" else host
        if not colon or not host or not re.fullmatch(r"\d{1,5}", port, re.ASCII):
            raise ValueError(f"expected an address like tcp:8000 or 127.0.0.1:8000, got {written!r}")
        try:
            ip_address(host)
        except ValueError:
            raise ValueError(f"expected an IP address before the port, got {host!r}") from None
        if not 0 <= int(port) <= 65535:
            raise ValueError(f"no such port: {port} (1 to 65535, or 0 for any free one)")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self}"


@frozen
class DnsAddress:
    """Where a name server listens, by UDP and TCP."""

    address: Address

    @classmethod
    def parse(cls, written: object) -> DnsAddress:
        """`udp:8053` (loopback), `tcp:8053`, `127.0.0.1:8053`: both ways at one port."""
        text = written.strip() if isinstance(written, str) else ""
        try:
            return cls(Address.parse("tcp:" + text.removeprefix("udp:") if text.startswith("udp:") else text))
        except ValueError as error:
            raise ValueError(str(error).replace("like tcp:8000", "like udp:8053")) from None


@frozen
class Network:
    """A range of addresses that viewers come from."""

    range: IPv4Network | IPv6Network

    @classmethod
    def parse(cls, written: object) -> Network:
        try:
            return cls(ip_network(written)) if isinstance(written, str) else cls(ip_network(""))
        except ValueError as error:
            raise ValueError(f"expected a network like 127.1.0.0/16, got {written!r}: {error}") from None

    def __str__(self) -> str:
        return str(self.range)

    def overlaps(self, other: Network) -> bool:
        one: Any = self.range
        return bool(one.version == other.range.version and one.overlaps(other.range))


READINGS: Readings = {
    kind: kind.parse for kind in (Size, Duration, Skew, Rate, Share, Address, DnsAddress, Network)
}
