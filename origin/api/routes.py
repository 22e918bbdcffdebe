"""From a raw request target to the resource that answers it."""

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from twisted.web.resource import IResource

from origin.api.answers import PREFLIGHT
from origin.api.endpoint import Endpoint
from origin.api.openapi.resource import PATH, Description, DescriptionResource
from origin.api.resource import ApiResource, Desk, EndpointResource
from wire.components import printable
from wire.errors import MediaError, MethodNotAllowed, NotFound
from wire.web.site import StreamingRequest

PREFIXES = (b"/v1_1/", b"/v2/")


class ApiRoutes:
    """`/v1_1/<cloud>/…` and the like. Paths are decoded first: Node sends some as one encoded segment (upload-api §1).

    Of the patterns that fit a path, the most exact one with the method answers.
    """

    def __init__(self, desk: Desk, endpoints: Iterable[Endpoint]) -> None:
        self.desk = desk
        self.endpoints = tuple(sorted(endpoints, key=lambda each: each.pattern.rank))
        self.description = Description.of(self.endpoints)

    def claims(self, request: StreamingRequest) -> bool:
        """Whether the request is for an API."""
        return bool(request.path.startswith(PREFIXES))

    def resource_for(self, request: StreamingRequest) -> IResource:
        """The resource, a refusal included."""
        try:
            path = unquote(request.path.decode("ascii"), errors="strict").rstrip("/")
        except UnicodeDecodeError:
            return ApiRefusal(self.desk, NotFound("The path is not UTF-8"))
        if path == PATH and request.method != b"OPTIONS":
            return DescriptionResource(self.desk, self.description)
        fitting = self._fitting(path)
        if not fitting and path != PATH:
            rest = path.split("/", 3)[-1]
            return ApiRefusal(self.desk, NotFound(f"Unknown API endpoint {printable(rest)}"))
        method = request.method.decode("latin-1")
        if method == "OPTIONS":
            return Preflight(self.desk)
        if method in fitting:
            return EndpointResource(self.desk, *fitting[method])
        refusal = MethodNotAllowed(f"Method {printable(method)} is not allowed")
        return ApiRefusal(self.desk, refusal, fitting)

    def _fitting(self, path: str) -> dict[str, tuple[Endpoint, Mapping[str, str]]]:
        fitting: dict[str, tuple[Endpoint, Mapping[str, str]]] = {}
        for each in self.endpoints:
            if each.method not in fitting and (names := each.pattern.match(path)) is not None:
                fitting[each.method] = (each, names)
        return fitting


class ApiRefusal(ApiResource):
    """Says why there is nothing here, whatever the body."""

    def __init__(self, desk: Desk, error: MediaError, methods: Iterable[str] = ()) -> None:
        super().__init__(desk)
        self._error = error
        self._allow = ", ".join([*methods, "OPTIONS"])

    async def answer(self, request: StreamingRequest) -> None:
        self.set_fields(request)
        if isinstance(self._error, MethodNotAllowed):
            request.setHeader(b"Allow", self._allow.encode("ascii"))
        raise self._error


class Preflight(ApiResource):
    """A browser asks before it posts (upload-api §1)."""

    async def answer(self, request: StreamingRequest) -> None:
        self.set_fields(request)
        request.setResponseCode(204)
        for name, value in PREFLIGHT:
            request.setHeader(name.encode("ascii"), value.encode("ascii"))
