"""Real edges of two vendors behind a balancer: one takes over from the other, and both see who asks."""

from __future__ import annotations

import hashlib
import hmac
from http.client import HTTPConnection
from typing import Any

import pytest_twisted
from twisted.internet import reactor
from twisted.internet.threads import deferToThread

from edge.balancer.service import make_service
from edge.balancer.settings import Pop, Region, Settings
from edge.personality.akamai.settings import Property, VerifyToken
from edge.service import EdgeNode
from tests.support.balancer import port_of
from tests.support.edge_node import running_edge, until
from tests.support.edgeauth import KEY
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.vendors import control_of
from wire.tokens.edgeauth import Lock

VIEWER, STRANGER = "127.2.0.1", "127.2.0.2"
BOUND = Property(tokens=(VerifyToken(Lock(KEY)),))


def token_for(address: str) -> str:
    """An EdgeAuth token for one viewer (cdn-vendors §10.1)."""
    signed = f"ip={address}~exp=4102444800~acl=/*"
    mac = hmac.new(bytes.fromhex(KEY), signed.encode(), hashlib.sha256).hexdigest()
    return f"{signed}~hmac={mac}"


def asked_from(address: str, port: int) -> tuple[int, str]:
    """A viewer's answer: its status, and whose it is."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30, source_address=(address, 0))
    try:
        connection.request(
            "GET", f"/a?__token__={token_for(VIEWER)}", headers={"Pragma": "akamai-x-cache-on"}
        )
        answer = connection.getresponse()
        answer.read()
        whose = "cloudfront" if answer.getheader("X-Amz-Cf-Pop") else answer.getheader("X-Cache", "")
        return answer.status, "akamai" if "AkamaiGHost" in whose else whose
    finally:
        connection.close()


def pop(name: str, edge: EdgeNode) -> Pop:
    return Pop(name, "eu", f"http://127.0.0.1:{edge.port}", control_of(edge), vendor=name)


@pytest_twisted.ensureDeferred
async def test_the_reserve_serves_while_the_first_vendor_is_down_and_holds_tokens_to_the_viewers_address() -> (
    None
):
    """§10.3: the address in a token is the viewer's, though the balancer is who is connected."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"picture", Cache_Control="max-age=600"))
    trusted: dict[str, Any] = {"trusted_proxies": ("127.0.0.1",)}
    async with running_edge(origin.url, personality="akamai", akamai=BOUND, **trusted) as reserve:
        async with running_edge(origin.url, personality="cloudfront", **trusted) as first:
            places: dict[str, Any] = {
                "listen": f"127.0.0.1:{first.port}",
                "control": f"127.0.0.1:{first.control_port}",
            }
            node = make_service(
                Settings(
                    "bal",
                    "127.0.0.1:0",
                    "127.0.0.1:0",
                    (pop("cloudfront", first), pop("akamai", reserve)),
                    regions={"eu": Region((50.1, 8.7))},
                    cdns={"cloudfront": 1.0, "akamai": 0.0},
                    check_interval_seconds=0.05,
                    slow_return_seconds=0.0,
                ),
                reactor=reactor,
            )
            node.startService()

            async def asked(address: str) -> tuple[int, str]:
                return await deferToThread(asked_from, address, port_of(node.port))

            assert await asked(VIEWER) == (200, "cloudfront")
        assert await asked(VIEWER) == (200, "akamai")
        assert await asked(STRANGER) == (403, "akamai")
        async with running_edge(origin.url, personality="cloudfront", **places, **trusted):
            await until(lambda: node.standings.is_up(f"http://{places['listen']}"))
            assert await asked(STRANGER) == (200, "cloudfront")
            await node.stopService()
    await origin.stop()
