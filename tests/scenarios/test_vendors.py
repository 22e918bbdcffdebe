"""Two vendors side by side before one origin: their own clients call the world's control API, and every PoP of the
vendor and its shield have forgotten within five seconds, and nobody else's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from akamai.edgegrid import EdgeGridAuth

from tests.support.images import as_bytes, quartered
from tests.support.sdk import upload
from tests.support.world import World
from tests.support.world import world as running_world

WITHIN_SECONDS = 5.0
LOADED_SECONDS = 30.0  # what a loaded machine may add
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
    "balancer": {},
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


def test_an_invalidation_clears_every_pop_of_cloudfront(running: World) -> None:
    """Two PoPs, and the shield behind them; Akamai's PoP keeps what it has."""
    for name, held in (("front-1", "Hit"), ("front-2", "Hit"), ("akam", "TCP_MEM_HIT")):
        cache(running, name, PICTURE)
        assert cache(running, name, PICTURE) == held
    client = boto3.client(
        "cloudfront",
        endpoint_url=running.ready["vendors"]["url"],
        region_name="us-east-1",
        aws_access_key_id="PIXELEDGE",
        aws_secret_access_key="pixeledge-on-this-laptop",
    )
    begun = time.monotonic()
    paths = {"Quantity": 1, "Items": [PICTURE]}
    made = client.create_invalidation(
        DistributionId="EPIXELEDGE0001", InvalidationBatch={"Paths": paths, "CallerReference": "one"}
    )
    client.get_waiter("invalidation_completed").wait(
        DistributionId="EPIXELEDGE0001",
        Id=made["Invalidation"]["Id"],
        WaiterConfig={"Delay": 1, "MaxAttempts": int(LOADED_SECONDS)},
    )
    assert time.monotonic() - begun < WITHIN_SECONDS + LOADED_SECONDS
    shield = running.ready["shields"][0]["control_url"]
    asked = running.status(shield)["upstream_requests"]
    assert [cache(running, name, PICTURE) for name in ("front-1", "front-2")] == ["Miss", "Miss"]
    assert running.status(shield)["upstream_requests"] == asked + 1
    assert cache(running, "akam", PICTURE) == "TCP_MEM_HIT"


def test_a_fast_purge_clears_akamais_pop(running: World) -> None:
    picture = PICTURE.replace("w_40", "w_41")
    for name, held in (("front-1", "Hit"), ("akam", "TCP_MEM_HIT")):
        cache(running, name, picture)
        assert cache(running, name, picture) == held
    answer = requests.post(
        running.ready["vendors"]["url"] + "/ccu/v3/delete/url",
        json={"objects": [url_of(running, "akam") + picture]},
        auth=EdgeGridAuth(
            client_token="akab-pixeledge",
            client_secret="pixeledge-on-this-laptop",
            access_token="akab-pixeledge-access",
        ),
        timeout=LOADED_SECONDS,
    )
    assert answer.status_code == 201
    assert cache(running, "akam", picture) == "TCP_MISS"
    assert cache(running, "front-1", picture) == "Hit"
