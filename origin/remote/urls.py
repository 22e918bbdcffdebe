"""The URL of a remote file: http or https, its host spelled in one way only."""

import re
from ipaddress import IPv6Address
from urllib.parse import quote, urljoin

import idna
from attrs import frozen

from origin.remote.errors import RemoteTrouble

LONGEST = 8192
LONGEST_HOST = 1024  # as written
LONGEST_NAME = 253  # as resolvers know it
PORTS = {"http": 80, "https": 443}
_LEGAL = "%:/?#[]@!$&'()*+,;=-._~"
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^#]*)(?:#.*)?", re.DOTALL)
_HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]@]+)(?::([0-9]{0,5}))?")
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]+")


@frozen
class RemoteUrl:
    """Where a remote file is: equal when the same server is asked for the same target."""

    scheme: str  # http or https
    host: str  # lower-case ASCII name, or an address literal without brackets
    port: int
    target: str  # path and query

    @property
    def server(self) -> str:
        """Who is asked: host:port."""
        return f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> "RemoteUrl":
        """What the text names, or `RemoteTrouble`. What is illegal in a URL is escaped."""
        if len(text) > LONGEST:
            raise RemoteTrouble(text, f"a URL has {LONGEST} characters at most")
        found = _URL.fullmatch(quote(_LONE_PERCENT.sub("%25", text), safe=_LEGAL, errors="surrogatepass"))
        if found is None:
            raise RemoteTrouble(text, "not a URL with a scheme and a host")
        scheme = found[1].lower()
        if scheme not in PORTS:
            raise RemoteTrouble(text, "only http and https are loaded")
        if "@" in found[2]:
            raise RemoteTrouble(text, "a user name in a URL is not supported")
        place = _HOST_AND_PORT.fullmatch(found[2])
        if place is None:
            raise RemoteTrouble(text, "the host is invalid")
        port = int(place[2]) if place[2] else PORTS[scheme]
        if not 0 < port < 65536:
            raise RemoteTrouble(text, "the port is invalid")
        try:
            host = plain_host(place[1])
        except ValueError as error:
            raise RemoteTrouble(text, "the host is invalid", log=str(error)) from error
        target = found[3] if found[3].startswith("/") else "/" + found[3]
        return cls(scheme, host, port, target)

    def joined(self, location: str) -> "RemoteUrl":
        """Where a redirect leads from here."""
        try:
            text = urljoin(str(self), location)
        except ValueError as error:
            raise RemoteTrouble(str(self), "a redirect to no URL", log=str(error)) from error
        return RemoteUrl.parse(text)

    @property
    def filename(self) -> str:
        """The last part of the path, as written."""
        return self.target.partition("?")[0].rpartition("/")[2]

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"


def plain_host(written: str) -> str:
    """A host in the spelling that resolvers and certificates know; ValueError for what is none.

    As browsers read it (WHATWG URL §3.5): escapes decoded, names in ASCII, and every numeric spelling of an
    IPv4 address (`127.1`, `0x7f.1`, `2130706433`) turned to the four decimal numbers it stands for.
    """
    if len(written) > LONGEST_HOST:
        raise ValueError("the name is too long")
    if written.startswith("["):
        return str(IPv6Address(written[1:-1]))
    name = re.sub(
        r"(?:%[0-9A-Fa-f]{2})+", lambda run: bytes.fromhex(run[0].replace("%", "")).decode(), written
    )
    labels = idna.uts46_remap(name, std3_rules=False).rstrip(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(labels)
    ascii_name = ".".join(map(_ascii_label, labels))
    if len(ascii_name) > LONGEST_NAME:
        raise ValueError("the name is too long")
    return ascii_name


def _ascii_label(label: str) -> str:
    if re.fullmatch(r"[a-z0-9_-]{1,63}", label):  # underscores occur, whatever the rules say
        return label
    return idna.alabel(label).decode("ascii")


def _ipv4(parts: list[str]) -> str:
    """One to four numbers, the last of which fills what is left of 32 bits."""
    if len(parts) > 4 or not all(map(_NUMBER.fullmatch, parts)):
        raise ValueError(f"{'.'.join(parts)} is no address")
    numbers = [_number(each) for each in parts]
    *firsts, last = numbers
    if any(each > 255 for each in firsts) or last >= 256 ** (5 - len(numbers)):
        raise ValueError(f"{'.'.join(parts)} is no address")
    value = last + sum(each << (24 - 8 * index) for index, each in enumerate(firsts))
    return ".".join(str(byte) for byte in value.to_bytes(4, "big"))


def _number(text: str) -> int:
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    if len(text) > 1 and text.startswith("0"):
        return int(text, 8)
    return int(text)
