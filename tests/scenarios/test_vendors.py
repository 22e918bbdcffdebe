"""Two vendors side by side before one origin: their own clients call the world's control API, and every PoP of the
vendor and its shield have forgotten, also one that was away, and nobody else's; and where one vendor has nobody left,
the other serves.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from akamai.edgegrid import EdgeGridAuth

from tests.support.images import as_bytes, quartered
from tests.support.sdk import upload
from tests.support.world import World, eventually
from tests.support.world import world as running_world

WITHIN_SECONDS = 5.0
MACHINE = 3.0  # what a machine that does much else beside may take longer than a laptop
PICTURE = "/demo/image/upload/w_40/pic.png"


def pop(**more: Any) -> dict[str, Any]:
    return {"region": "na", "parent": "shield", "disk": "64MiB"} | more


TOPOLOGY: dict[str, Any] = {
    "clouds": {"demo": {"api_key": "key", "api_secret": "secret"}},
    "regions": {"na": {"at": [39.0, -77.5], "viewers": ["127.0.0.0/8"]}},
    "origins": {"main": {"region": "na", "instances": 1, "workers": 1}},
    "pops": {
        "shield": {"region": "na", "role": "shield", "upstream": "main"},
        "front-1": pop(edge={"personality": "cloudfront"}),
        "front-2": pop(edge={"personality": "cloudfront"}),
        "akam": pop(edge={"personality": "akamai"}),
    },
    "balancer": {"cdns": {"cloudfront": 1.0, "akamai": 0.0}, "health": {"slow_return": "0s"}},
    "page": "tcp:0",
    "links": {"default": {"rtt": "0ms"}},
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("vendors"), "--ports", "auto", **TOPOLOGY) as started:
        upload(started, as_bytes(quartered(50, 10), "PNG"), public_id="pic")
        yield started


def url_of(running: World, name: str) -> str:
    found: str = next(node["url"] for node in running.ready["edges"] if node["name"] == name)
    return found


def cache(running: World, name: str, picture: str) -> str:
    """What X-Cache says there."""
    answer = running.get(url_of(running, name), picture, Pragma="akamai-x-cache-on")
    assert answer.status == 200
    return answer.headers["X-Cache"].partition(" from ")[0]


def hold(running: World, picture: str, *names: str) -> None:
    """All of these have it."""
    for name in names:
        cache(running, name, picture)
        assert cache(running, name, picture) in ("Hit", "TCP_MEM_HIT")


def purges(running: World) -> dict[str, Any]:
    """What the control API tells of its purges: how many all PoPs have confirmed, who has still to, and how long the
    slowest took from the call to the last confirmation."""
    told: dict[str, Any] = running.status(running.ready["vendors"]["control_url"])["purges"]
    return told


def cloudfront(running: World) -> Any:
    """The real client."""
    return boto3.client(
        "cloudfront",
        endpoint_url=running.ready["vendors"]["url"],
        region_name="us-east-1",
        aws_access_key_id="PIXELEDGE",
        aws_secret_access_key="pixeledge-on-this-laptop",
    )


def invalidate(client: Any, picture: str, reference: str) -> Any:
    """The invalidation, in progress."""
    batch = {"Paths": {"Quantity": 1, "Items": [picture]}, "CallerReference": reference}
    return client.create_invalidation(DistributionId="EPIXELEDGE0001", InvalidationBatch=batch)


def test_an_invalidation_clears_every_pop_of_cloudfront(running: World) -> None:
    """Two PoPs, and the shield behind them; Akamai's PoP keeps what it has. Within five seconds by the product's own
    clock: what the client's waiter sleeps is its own affair."""
    hold(running, PICTURE, "front-1", "front-2", "akam")
    client = cloudfront(running)
    made = invalidate(client, PICTURE, "one")
    client.get_waiter("invalidation_completed").wait(
        DistributionId="EPIXELEDGE0001",
        Id=made["Invalidation"]["Id"],
        WaiterConfig={"Delay": 1, "MaxAttempts": 60},
    )
    told = purges(running)
    assert (told["confirmed"], told["pending"]) == (1, {})
    assert told["slowest_seconds"] < WITHIN_SECONDS * MACHINE
    shield = running.ready["shields"][0]["control_url"]
    asked = running.status(shield)["upstream_requests"]
    assert [cache(running, name, PICTURE) for name in ("front-1", "front-2")] == ["Miss", "Miss"]
    assert running.status(shield)["upstream_requests"] == asked + 1
    assert cache(running, "akam", PICTURE) == "TCP_MEM_HIT"


def test_a_fast_purge_clears_akamais_pop(running: World) -> None:
    picture = PICTURE.replace("w_40", "w_41")
    hold(running, picture, "front-1", "akam")
    before = purges(running)["confirmed"]
    answer = requests.post(
        running.ready["vendors"]["url"] + "/ccu/v3/delete/url",
        json={"objects": [url_of(running, "akam") + picture]},
        auth=EdgeGridAuth(
            client_token="akab-pixeledge",
            client_secret="pixeledge-on-this-laptop",
            access_token="akab-pixeledge-access",
        ),
        timeout=60.0,
    )
    assert answer.status_code == 201
    told = purges(running)
    assert (told["confirmed"], told["pending"]) == (before + 1, {})
    assert told["slowest_seconds"] < WITHIN_SECONDS * MACHINE
    assert cache(running, "akam", picture) == "TCP_MISS"
    assert cache(running, "front-1", picture) == "Hit"


def test_a_pop_that_dies_over_an_invalidation_comes_back_without_what_was_invalidated(running: World) -> None:
    """cdn-vendors §7.7: it applies what it missed before it serves again."""
    picture = PICTURE.replace("w_40", "w_42")
    hold(running, picture, "front-1", "front-2")
    pid = running.nodes()["front-2"]
    os.kill(pid, signal.SIGSTOP)
    try:
        invalidate(cloudfront(running), picture, "two")
        eventually(lambda: list(purges(running)["pending"]) == ["front-2"], "all others have confirmed")
    finally:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: running.nodes()["front-2"] != pid, "it runs again")
    control = next(each["control_url"] for each in running.ready["edges"] if each["name"] == "front-2")
    eventually(lambda: running.answers(f"{control}/readyz", 200), "it is ready")
    assert cache(running, "front-2", picture) == "Miss"
    eventually(lambda: purges(running)["pending"] == {}, "nobody has anything to hear of")


def test_the_second_vendor_takes_over_when_the_first_has_nobody_left(running: World) -> None:
    """And gives viewers back: `cdns: {cloudfront: 1, akamai: 0}` is failover between vendors."""

    def vendor() -> str:
        answer = running.get(running.ready["api_url"], PICTURE, Pragma="akamai-x-cache-on")
        if answer.status != 200:
            return "nobody"
        return "cloudfront" if "X-Amz-Cf-Pop" in answer.headers else answer.headers.get("X-Cache", "nobody")

    eventually(lambda: vendor() == "cloudfront", "viewers are with the first vendor")
    pids = [running.nodes()[name] for name in ("front-1", "front-2")]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        eventually(lambda: "AkamaiGHost" in vendor(), "the reserve serves")
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    eventually(lambda: vendor() == "cloudfront", "viewers are back")
