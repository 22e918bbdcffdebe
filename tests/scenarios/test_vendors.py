"""Two vendors side by side before one origin: their own clients call the world's control API, and every PoP of the
vendor and its shield have forgotten, also one that was away, and nobody else's; and where one vendor has nobody left,
the other serves.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from akamai.edgegrid import EdgeGridAuth
from PIL import Image

from edge.personality.cloudfront.log import FIELDS
from tests.support.images import as_bytes, quartered
from tests.support.sdk import upload
from tests.support.servers import freeze
from tests.support.world import World, eventually
from tests.support.world import world as running_world

WITHIN_SECONDS = 5.0
MACHINE = 3.0  # what a machine that does much else beside may take longer than a laptop
PICTURE = "/demo/image/upload/w_40/pic.png"
MANAGED = "/demo/image/upload/pic.png"


def pop(**more: Any) -> dict[str, Any]:
    return {"region": "na", "parent": "shield", "disk": "64MiB"} | more


TOPOLOGY: dict[str, Any] = {
    "clouds": {"demo": {"api_key": "key", "api_secret": "secret"}},
    "regions": {"na": {"at": [39.0, -77.5], "viewers": ["127.0.0.0/8"]}},
    "origins": {"main": {"region": "na", "instances": 1, "workers": 1}},
    "pops": {
        "shield": {"region": "na", "role": "shield", "upstream": "main"},
        "front-1": pop(edge={"personality": "cloudfront"}, access_log="vendor"),
        "front-2": pop(edge={"personality": "cloudfront"}, access_log="vendor"),
        "akam": pop(
            edge={"personality": "akamai", "akamai": {"image_manager": {"breakpoints": [20, 40, 100]}}}
        ),
    },
    "balancer": {"cdns": {"cloudfront": 1.0, "akamai": 0.0}, "health": {"slow_return": "0s"}},
    "hosts": {"own.example": "demo"},
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


def fast_purge(running: World, picture: str) -> None:
    """Deleted by its URL, as Akamai's own client asks for it."""
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


def test_a_fast_purge_clears_akamais_pop(running: World) -> None:
    picture = PICTURE.replace("w_40", "w_41")
    hold(running, picture, "front-1", "akam")
    before = purges(running)["confirmed"]
    fast_purge(running, picture)
    told = purges(running)
    assert (told["confirmed"], told["pending"]) == (before + 1, {})
    assert told["slowest_seconds"] < WITHIN_SECONDS * MACHINE
    assert cache(running, "akam", picture) == "TCP_MISS"
    assert cache(running, "front-1", picture) == "Hit"


def shown(running: World, query: str, accept: str = "*/*") -> tuple[str, tuple[int, int], str]:
    """Of the managed picture at Akamai's PoP: its format and size by its own bytes, and what the cache did."""
    answer = running.get(
        url_of(running, "akam"), f"{MANAGED}?{query}", Accept=accept, Pragma="akamai-x-cache-on"
    )
    assert answer.status == 200, answer.data
    with Image.open(BytesIO(answer.data)) as image:
        return str(image.format), image.size, answer.headers["X-Cache"].partition(" from ")[0]


def test_image_manager_makes_the_picture_that_fits(running: World) -> None:
    """cdn-vendors §16, by the pixels: 50 × 10 is what the source has."""
    for query, accept, expected in (
        ("imwidth=15", "*/*", ("PNG", (20, 4))),
        ("imwidth=15&imdensity=2", "image/webp,*/*", ("WEBP", (40, 8))),
        ("imwidth=60", "image/avif,image/webp,*/*", ("AVIF", (50, 10))),
        ("imformat=generic", "image/avif", ("PNG", (50, 10))),
        ("im=Crop,rect=(25,0,25,10);Rotate,degrees=90", "*/*", ("PNG", (10, 25))),
        ("im=Resize=(30,3),aspect=ignore;Mirror,horizontal;Grayscale;Blur=1", "*/*", ("PNG", (30, 3))),
        ("im=Opacity=0.5;BackgroundColor,color=ff0000&imwidth=20", "*/*", ("PNG", (20, 4))),
    ):
        assert shown(running, query, accept)[:2] == expected, query


def test_a_fast_purge_of_a_pictures_url_finds_what_was_made_of_it(running: World) -> None:
    """At the PoP, and at the shield: what is asked for next comes from the origin."""
    views = ("imwidth=39", "imwidth=39&imformat=chrome")
    for view in views:
        shown(running, view)
        assert shown(running, view)[2] == "TCP_MEM_HIT"
    shield = running.ready["shields"][0]["control_url"]
    asked = running.status(shield)["upstream_requests"]
    fast_purge(running, MANAGED)
    assert purges(running)["pending"] == {}
    assert [shown(running, view)[2] for view in views] == ["TCP_MISS"] * 2
    assert running.status(shield)["upstream_requests"] == asked + 2


def test_the_origin_answers_by_whichever_name_it_is_asked(running: World) -> None:
    """cdn-vendors §3.3: CloudFront asks it by its own, but for a host that says which cloud is meant."""
    picture = PICTURE.replace("w_40", "w_43")
    for name in ("front-1", "akam"):
        front = url_of(running, name)
        assert running.get(front, picture, Host="anything.example").status == 200
        assert running.get(front, picture.removeprefix("/demo"), Host="own.example").status == 200
        assert running.get(front, picture.removeprefix("/demo"), Host="anything.example").status == 404


def test_a_pop_knows_the_port_of_who_asks_the_balancer(running: World) -> None:
    """cdn-vendors §8: that of the viewer's own connection, on the express lane and beside it."""
    picture = PICTURE.replace("w_40", "w_44")
    front = urlsplit(running.ready["api_url"])
    with socket.create_connection((front.hostname, front.port)) as viewer:
        port = viewer.getsockname()[1]
        for _ in range(3):
            viewer.sendall(f"HEAD {picture} HTTP/1.1\r\nHost: media.example\r\n\r\n".encode())
            assert viewer.recv(65536).startswith(b"HTTP/1.1 200")

    def ports() -> list[str]:
        logs = [running.state / "log" / f"{name}.access.log" for name in ("front-1", "front-2")]
        lines = [line.split("\t") for log in logs for line in log.read_text("utf-8").splitlines()]
        return [line[FIELDS.index("c-port")] for line in lines if picture in line]

    eventually(lambda: ports() == [str(port)] * 3, "three lines tell the port")


def test_a_pop_that_dies_over_an_invalidation_comes_back_without_what_was_invalidated(running: World) -> None:
    """cdn-vendors §7.7: it applies what it missed before it serves again."""
    picture = PICTURE.replace("w_40", "w_42")
    hold(running, picture, "front-1", "front-2")
    pid = running.nodes()["front-2"]
    freeze(pid)
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
        freeze(pid)
    try:
        eventually(lambda: "AkamaiGHost" in vendor(), "the reserve serves")
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    eventually(lambda: vendor() == "cloudfront", "viewers are back")
