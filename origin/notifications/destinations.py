"""Where a notification goes: to a web address by POST, or into a buffer that somebody reads (admin-api.md §17)."""

import re
from ipaddress import ip_address

from origin.catalogue.hearers import ANONYMOUS, POLL, WEBHOOK_URI, Destination
from origin.remote.addresses import Guard
from origin.remote.errors import RemoteTrouble
from origin.remote.urls import RemoteUrl
from wire.components import printable
from wire.errors import InvalidRequest

LONGEST = 2048  # characters: it is one of an index's columns
_POLL = "poll://"
_CHANNEL = re.compile(r"[A-Za-z0-9._~:-]{1,255}")


def destination(name: str, uri: str, guard: Guard) -> Destination:
    """What the parameter `name` says, or `InvalidRequest` with what to fix.

    A host that is an address is held to the guard at once, so that the mistake is told to whoever makes it; what a
    name stands for can only be known when it is called.
    """
    if len(uri) > LONGEST:
        raise _refused(name, uri, f"a URL has {LONGEST} characters at most")
    if uri.lower().startswith(_POLL):
        return _channel(name, uri)
    try:
        url = RemoteUrl.parse(uri)
    except RemoteTrouble as trouble:
        raise _refused(name, uri, _reason(trouble.reason)) from trouble
    if _is_address(url.host) and not guard.admits(url.host):
        raise _refused(name, uri, "its address is not on the public internet, and not allowed")
    return Destination(WEBHOOK_URI, str(url), f"{url.scheme}://{url.host}:{url.port}")


def channel(name: str, written: str) -> str:
    """A channel's name; `InvalidRequest` for what can be none."""
    if _CHANNEL.fullmatch(written) is None:
        raise InvalidRequest(
            f"Invalid {name} {printable(written)}: a channel has up to 255 letters, digits and . _ ~ : -"
        )
    return written


def _channel(name: str, uri: str) -> Destination:
    found = uri[len(_POLL) :]
    if found != ANONYMOUS and _CHANNEL.fullmatch(found) is None:
        raise _refused(name, uri, "expected poll://* or poll://<channel>, of letters, digits and . _ ~ : -")
    return Destination(POLL, _POLL + found, found)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _reason(said: str) -> str:
    return "only http, https and poll URLs are told" if said == "only http and https are loaded" else said


def _refused(name: str, uri: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid {name} {printable(uri)}: {why}")
