"""Calls of the Admin API by hand: whatever body, whatever key."""

import json
from base64 import b64encode
from typing import Any

from tests.support.origins import KEY, SECRET, Answer, RunningOrigin


async def asked(
    origin: RunningOrigin, method: str, path: str, document: Any = None, key: str = f"{KEY}:{SECRET}"
) -> Answer:
    """The answer to a JSON body (an empty object, if none is told), or to these very bytes; a GET has none."""
    headers = {
        "Authorization": [f"Basic {b64encode(key.encode()).decode()}"],
        "Content-Type": ["application/json"],
    }
    body = (
        document if isinstance(document, bytes) else json.dumps({} if document is None else document).encode()
    )
    data = None if method == "GET" else body
    return await origin.ask(method, origin.url + path, data=data, headers=headers)
