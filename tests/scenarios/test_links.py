"""What distance costs, asked of a real world: a miss pays for its way, a hit near the viewer does not."""

import time
from pathlib import Path

import yaml

from tests.support.sdk import upload
from tests.support.world import DEMO, ROOT, World, world

RTT_SECONDS = 0.3
LINKS = {"default": {"rtt": f"{RTT_SECONDS * 1000:.0f}ms", "rate": "1Gbit"}}


def seconds(running: World, edge: str, path: str) -> tuple[float, str]:
    """How long an edge takes to answer, and whether it had the answer."""
    started = time.monotonic()
    got = running.get(running.edges()[edge], path)
    assert got.status == 200
    return time.monotonic() - started, got.headers["X-Cache"]


def test_a_miss_from_afar_pays_at_least_its_round_trips(tmp_path: Path) -> None:
    """A new connection costs one round trip before the question's own; an edge beside the shield pays neither.

    Only the lower bound is the law: how much a busy machine adds is not.
    """
    shipped = yaml.safe_load((ROOT / "topology.yaml").read_text("utf-8"))
    region = {name: pop["region"] for name, pop in shipped["pops"].items() if pop.get("role") != "shield"}
    home = shipped["pops"]["shield"]["region"]
    afar = next(name for name, where in region.items() if where != home)
    with world(tmp_path, "--no-seed", links=LINKS) as running:
        answer = upload(running, str(DEMO / "astronaut-face.jpg"), public_id="face")
        path = f"/demo/image/upload/c_scale,w_64/v{answer['version']}/face.jpg"
        cost, cache = seconds(running, afar, path)
        assert cache == "MISS"
        assert cost >= 2 * RTT_SECONDS
        hits = [seconds(running, afar, path) for _ in range(5)]
        assert {cache for _, cache in hits} == {"HIT"}
        assert min(cost for cost, _ in hits) < RTT_SECONDS


def test_without_links_nothing_is_waited_for(tmp_path: Path) -> None:
    """`--no-links`: the same world on one machine's own wires."""
    with world(
        tmp_path, "--no-seed", "--no-links", links={"default": {"rtt": "30s", "rate": "1kbit"}}
    ) as running:
        answer = upload(running, str(DEMO / "astronaut-face.jpg"), public_id="face")
        path = f"/demo/image/upload/c_scale,w_64/v{answer['version']}/face.jpg"
        for edge in running.edges():
            cost, cache = seconds(running, edge, path)
            assert cache == "MISS"
            assert cost < 30.0
