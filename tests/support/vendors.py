"""A node of the vendors' control APIs in this process, before edges of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from twisted.internet import reactor as real_reactor

from edge.service import EdgeNode
from edge.vendors.akamai.edgegrid import Client
from edge.vendors.cloudfront.sigv4 import AccessKey
from edge.vendors.service import VendorsNode, make_service
from edge.vendors.settings import Settings

reactor: Any = real_reactor

ACCESS_KEY, SECRET_KEY = "TESTACCESSKEY0000001", "throwaway/secret/for/tests/only"
DISTRIBUTION = "EDIST0000000TEST"
CLIENT_TOKEN, ACCESS_TOKEN = "akab-client-token-aaaa", "akab-access-token-bbbb"
CLIENT_SECRET = "dGhyb3dhd2F5LXNlY3JldC1mb3ItdGVzdHMtb25seSE="


def control_of(edge: EdgeNode) -> str:
    """Where it is told what to forget."""
    return f"http://127.0.0.1:{edge.control_port}"


@asynccontextmanager
async def running_vendors(**settings: Any) -> AsyncIterator[VendorsNode]:
    """The node, with the throw-away keys of the sheet; stopped at the end."""
    given: dict[str, Any] = {
        "access_keys": {ACCESS_KEY: AccessKey(SECRET_KEY), "LIMITED": AccessKey("s", ("EOTHER",))},
        "clients": {CLIENT_TOKEN: Client(ACCESS_TOKEN, CLIENT_SECRET)},
    }
    node = make_service(Settings(**(given | settings)), reactor=reactor)
    node.startService()
    try:
        yield node
    finally:
        await node.stopService()
