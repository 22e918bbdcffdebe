"""Which asset a call of the Upload API is about (upload-api §2, §9)."""

from origin.api.endpoint import Call, Param
from origin.api.params import text, texts
from origin.api.wishes import STORED_TYPES, delivery_type
from origin.catalogue import Identity, is_storable
from origin.remote.urls import RemoteUrl
from wire.components import printable
from wire.errors import InvalidRequest, MediaError

MOST_IDS = 1000
IDS = (Param("public_ids", about="Up to 1000; the rest is ignored"), Param("type"))


def addressed(call: Call, name: str = "public_id") -> Identity:
    """The asset that the parameter `name`, `type` and the path name; of type `fetch`, by its URL."""
    return _identity(call, delivery_type(call.params, STORED_TYPES), text(call.params, name) or "")


def addressed_all(call: Call) -> tuple[Identity, ...]:
    """The first thousand assets of `public_ids`, each once; a name that no asset can have names none."""
    names = [each for each in texts(call.params, "public_ids") if each][:MOST_IDS]
    if not names:
        raise InvalidRequest("Missing required parameter - public_ids")
    kind = delivery_type(call.params, STORED_TYPES)
    found = []
    for each in dict.fromkeys(names):
        try:
            found.append(_identity(call, kind, each))
        except MediaError:
            continue  # unknown ids are skipped silently (§9)
    return tuple(found)


def _identity(call: Call, kind: str, name: str) -> Identity:
    if not is_storable(name):
        raise InvalidRequest(f"public_id ({printable(name)}) is invalid")
    plain = str(RemoteUrl.parse(name)) if kind == "fetch" else name
    return Identity(call.cloud, call.path["resource_type"], kind, plain)
