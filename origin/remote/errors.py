"""Why there is no remote file, in the sheet's words (delivery-urls.md §8.2). `url` and `reason` are for callers
who say it in their own."""

from wire.components import printable
from wire.errors import InvalidRequest, NotFound


class RemoteMissing(NotFound):
    """The remote server was asked and has no such file."""

    def __init__(self, url: str, status: int) -> None:
        self.url = url
        self.reason = f"answered with {status}"
        super().__init__(f"Resource not found - {printable(url)}", log=f"{url} was {self.reason}")


class RemoteTrouble(NotFound):
    """The remote server may not be asked, or was and gave no whole answer."""

    def __init__(self, url: str, reason: str, *, log: str | None = None) -> None:
        self.url = url
        self.reason = reason
        super().__init__(f"Error in loading - {printable(url)}", log=f"{url}: {log or reason}")


class RemoteUnreachable(RemoteTrouble):
    """A host is not known, or takes no connection: so it is with whatever else it may have."""

    def __init__(self, url: str, reason: str, server: str, *, log: str | None = None) -> None:
        self.server = server  # host:port, which after a redirect is not the URL's
        super().__init__(url, reason, log=log)

    def of(self, url: str) -> "RemoteUnreachable":
        """The same said of another file there."""
        return RemoteUnreachable(url, self.reason, self.server)


class RemoteTooLarge(InvalidRequest):
    """More bytes than may be loaded."""

    def __init__(self, url: str, most: int, size: int | None = None) -> None:
        self.url = url
        self.most = most
        self.size = size  # if its server told
        self.reason = f"more than {most} bytes"
        super().__init__(f"File size too large. Maximum is {most}.", log=f"{url}: {self.reason}")
