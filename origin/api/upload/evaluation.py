"""`POST eval`: expressions in JavaScript, which this server does not run (upload-api §3.2)."""

from origin.api.endpoint import Access, Call, Endpoint, Json
from wire.errors import InvalidRequest


async def refuse(call: Call) -> Json:
    """400: what a caller relies on would not happen."""
    raise InvalidRequest("Expressions are not evaluated by this server")


ENDPOINTS = (
    Endpoint(
        "POST",
        "eval",
        refuse,
        access=Access.SIGNED,
        summary="Evaluate an expression: always refused",
        statuses=(),
    ),
)
