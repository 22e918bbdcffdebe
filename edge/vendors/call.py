"""A call to a control API, as signatures see it."""

from __future__ import annotations

from attrs import frozen

from wire.http.fields import Fields

DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@frozen
class Call:
    """One request, whole. `target` is raw: signatures cover it as it was sent."""

    method: str
    target: str
    fields: Fields
    body: bytes = b""
    scheme: str = "http"

    @property
    def path(self) -> str:
        """Raw, without the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """Raw; empty where there is none."""
        return self.target.partition("?")[2]

    @property
    def hosts(self) -> tuple[str, ...]:
        """The Host as received, and with the scheme's own port added or taken away."""
        host, port = self.fields.get("host") or "", DEFAULT_PORTS[self.scheme]
        other = host.removesuffix(port) if host.endswith(port) else host + port
        return host, other
