"""Search URLs on the delivery host: a signed query that browsers and caches may repeat (signing §8)."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from attrs import frozen
from twisted.web.resource import IResource

from origin.api.credentials import Caller
from origin.api.params import Params, from_document
from origin.api.resource import ApiResource, Desk
from origin.api.searching import Searching
from origin.settings import Cloud
from wire import base64url, jsontext
from wire.components import printable
from wire.errors import InvalidRequest, MethodNotAllowed, NotFound, Unauthorized
from wire.hosts import Hosts
from wire.signing import verify_search
from wire.web.sending import send_json
from wire.web.site import StreamingRequest

METHODS = "GET, HEAD, OPTIONS"
LONGEST_SECONDS = 365 * 24 * 3600
_PATH = re.compile(
    r"search/(?P<signature>[^/]+)/(?P<ttl>[0-9]{1,10})/(?P<query>[A-Za-z0-9_=-]+)(?:/(?P<cursor>[^/]*))?"
)


@frozen
class SearchUrl:
    """What such a URL says."""

    cloud: str
    signature: str
    ttl: str  # seconds, as signed
    query: str  # base64, as signed
    cursor: str | None

    @classmethod
    def of(cls, target: bytes, own: str | None) -> "SearchUrl | None":
        """A request target read; `own`: the cloud of its host, if that is not in the path."""
        path = unquote(target.partition(b"?")[0].decode("latin-1")).lstrip("/")
        cloud, rest = (own, path) if own is not None else path.partition("/")[::2]
        found = _PATH.fullmatch(rest)
        return cls(cloud, **found.groupdict()) if found else None

    @property
    def seconds(self) -> int:
        """How long the answer may be kept."""
        return min(int(self.ttl), LONGEST_SECONDS)

    def params(self) -> Params:
        """The query, and where to go on."""
        try:
            document = jsontext.read(base64url.decode(self.query.rstrip("=")))
        except ValueError as error:
            raise InvalidRequest("The query of the search URL is not base64 of JSON") from error
        return {**from_document(document), **({"next_cursor": self.cursor} if self.cursor else {})}


@frozen
class SearchUrls:
    """All such URLs of all clouds."""

    desk: Desk
    searching: Searching
    clouds: Mapping[str, Cloud]
    hosts: Hosts

    def resource_for(self, request: StreamingRequest) -> IResource | None:
        """What answers, if this is such a URL."""
        host = (request.getHeader(b"Host") or b"").decode("latin-1")
        url = SearchUrl.of(request.uri, self.hosts.cloud_of(host))
        return None if url is None else SearchResource(self, url)

    def caller(self, url: SearchUrl) -> Caller:
        """Whose key signed it: 404 for an unknown cloud, 401 where no key of it did."""
        cloud = self.clouds.get(url.cloud)
        if cloud is None:
            raise NotFound(f"Invalid cloud_name {printable(url.cloud)}")
        if cloud.disabled:
            raise Unauthorized(f"cloud_name {url.cloud} is disabled")
        for key in cloud.every_key:
            if not key.disabled and verify_search(url.signature, url.ttl, url.query, key.api_secret):
                return Caller(url.cloud, key.api_key, key.api_secret)
        raise Unauthorized(f"Invalid signature {printable(url.signature)}")


class SearchResource(ApiResource):
    """Answers one search URL."""

    def __init__(self, urls: SearchUrls, url: SearchUrl) -> None:
        super().__init__(urls.desk)
        self._urls = urls
        self._url = url

    async def answer(self, request: StreamingRequest) -> None:
        self.set_fields(request)
        if request.method == b"OPTIONS":
            request.setResponseCode(204)
            request.setHeader(b"Access-Control-Allow-Methods", METHODS.encode("ascii"))
            return
        if request.method not in (b"GET", b"HEAD"):
            request.setHeader(b"Allow", METHODS.encode("ascii"))
            raise MethodNotAllowed(f"Only {METHODS} are answered here")
        found = await self._urls.searching.answer(self._urls.caller(self._url), self._url.params())
        caching = f"public, max-age={self._url.seconds}"
        request.setHeader(b"Cache-Control", caching.encode("ascii"))
        send_json(request, 200, found)
