"""From a raw request target to the resource that answers it."""

from collections.abc import Mapping
from urllib.parse import unquote

from attrs import frozen
from twisted.web.resource import IResource

from origin.api.admin import AdminResource, Archive, Assets, Verb
from origin.api.answers import PREFLIGHT
from origin.api.destroy import DestroyResource
from origin.api.multipart import Form
from origin.api.resource import ApiResource, Desk
from origin.api.upload import UPLOADED_TYPES, Intake, UploadResource
from wire.components import printable
from wire.errors import MediaError, MethodNotAllowed, NotFound
from wire.web.site import StreamingRequest

PREFIX = b"/v1_1/"
STORED_TYPES = ("image", "raw", "video")
OTHER_LISTINGS = ("tags", "context", "moderations")  # no delivery types: listings of their own (admin-api §2)
Methods = Mapping[str, IResource]


@frozen
class ApiRoutes:
    """`/v1_1/<cloud>/…`. Paths are decoded first: Node sends some as one encoded segment (upload-api §1)."""

    desk: Desk
    intake: Intake
    archive: Archive

    def claims(self, request: StreamingRequest) -> bool:
        """Whether the request is for an API."""
        return bool(request.path.startswith(PREFIX))

    def resource_for(self, request: StreamingRequest) -> IResource:
        """The resource, a refusal included."""
        try:
            path = unquote(request.path.decode("ascii"), errors="strict").removeprefix(PREFIX.decode())
        except UnicodeDecodeError:
            return ApiRefusal(self.desk, "", NotFound("The path is not UTF-8"))
        cloud, _, rest = path.partition("/")
        methods = self._methods(cloud, rest.rstrip("/"))
        if not methods:
            return ApiRefusal(self.desk, cloud, NotFound(f"Unknown API endpoint {printable(rest)}"))
        method = request.method.decode("latin-1")
        if method == "OPTIONS":
            return Preflight(self.desk, cloud)
        if method in methods:
            return methods[method]
        return ApiRefusal(
            self.desk, cloud, MethodNotAllowed(f"Method {printable(method)} is not allowed"), methods
        )

    def _methods(self, cloud: str, path: str) -> Methods:
        assets = Assets(self.desk, self.archive)
        match path.split("/"):
            case ["upload"]:
                return {"POST": UploadResource(self.desk, cloud, "auto", self.intake)}
            case [resource_type, "upload"] if resource_type in UPLOADED_TYPES:
                return {"POST": UploadResource(self.desk, cloud, resource_type, self.intake)}
            case [resource_type, "destroy"] if resource_type in STORED_TYPES:
                destroy, courier = self.archive.destroy, self.archive.courier
                return {"POST": DestroyResource(self.desk, cloud, resource_type, destroy, courier)}
            case ["ping"]:
                return self._admin(cloud, GET=assets.ping)
            case ["resources"]:
                return self._admin(cloud, GET=assets.types)
            case ["resources", resource_type] if resource_type in STORED_TYPES:
                return self._admin(cloud, GET=assets.listing(resource_type, None))
            case ["resources", _, word, *_] if word in OTHER_LISTINGS:
                return {}
            case ["resources", resource_type, delivery_type] if resource_type in STORED_TYPES:
                return self._admin(
                    cloud,
                    GET=assets.listing(resource_type, delivery_type),
                    DELETE=assets.deletion(resource_type, delivery_type),
                )
            case ["resources", resource_type, delivery_type, *name] if resource_type in STORED_TYPES:
                return self._admin(cloud, GET=assets.detail(resource_type, delivery_type, "/".join(name)))
        return {}

    def _admin(self, cloud: str, **verbs: Verb) -> Methods:
        return {method: AdminResource(self.desk, cloud, verb) for method, verb in verbs.items()}


class ApiRefusal(ApiResource):
    """Says why there is nothing here, whatever the body."""

    def __init__(self, desk: Desk, cloud: str, error: MediaError, methods: Methods | None = None) -> None:
        super().__init__(desk, cloud)
        self._error = error
        self._allow = ", ".join([*(methods or ()), "OPTIONS"])

    async def answer(self, request: StreamingRequest) -> None:
        self.set_fields(request)
        if isinstance(self._error, MethodNotAllowed):
            request.setHeader(b"Allow", self._allow.encode("ascii"))
        raise self._error

    async def call(self, request: StreamingRequest, form: Form) -> dict[str, object]:
        raise self._error


class Preflight(ApiResource):
    """A browser asks before it posts (upload-api §1)."""

    async def answer(self, request: StreamingRequest) -> None:
        self.set_fields(request)
        request.setResponseCode(204)
        for name, value in PREFLIGHT:
            request.setHeader(name.encode("ascii"), value.encode("ascii"))

    async def call(self, request: StreamingRequest, form: Form) -> dict[str, object]:
        return {}
