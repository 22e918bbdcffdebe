"""`GET ping` and `GET resources`: what is always true."""

from origin.api.endpoint import Call, Endpoint, Json


async def ping(call: Call) -> Json:
    """Whether the keys are right (admin-api §3)."""
    return {"status": "ok"}


async def types(call: Call) -> Json:
    """The resource types there are (admin-api §4)."""
    return {"resource_types": ["image", "raw", "video"]}


ENDPOINTS = (
    Endpoint("GET", "ping", ping, summary="Check the connection and the keys", answer="Status"),
    Endpoint("GET", "resources", types, summary="List the resource types", answer="ResourceTypes"),
)
