"""What distance costs, asked of a real world: a miss pays for its way, a hit near the viewer does not."""

import time
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner

from sim.cli import main
from tests.support.sdk import upload
from tests.support.world import DEMO, ROOT, World, eventually, world

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


SMALL: dict[str, Any] = {
    "clouds": {"demo": {"api_key": "key", "api_secret": "secret"}},
    "regions": {"na": {"at": [39.0, -77.5]}},
    "origins": {"main": {"region": "na", "instances": 1, "workers": 1}},
    "pops": {
        "shield": {"region": "na", "role": "shield", "upstream": "main"},
        "edge": {"region": "na", "parent": "shield", "workers": 2},  # each has links of its own
    },
    "links": {"default": {"rtt": "1ms"}},
}


def pixeledge(running: World, *words: str) -> str:
    """What a command says of this world."""
    done = CliRunner().invoke(main, [*words, "--ready-file", str(running.ready_file)])
    assert done.exit_code == 0, done.output
    return done.output


def listed(running: World) -> list[str]:
    """The lines of `pixeledge link`, a space between two words."""
    return [" ".join(line.split()) for line in pixeledge(running, "link").splitlines()]


def reaches(running: World, kind: str) -> set[str]:
    """What the only node of a kind knows of those it asks: up, ejected."""
    (node,) = running.ready[kind]
    return set(running.status(node["control_url"])["upstreams"].values())


def test_who_is_cut_off_serves_what_it_has_until_it_is_healed(tmp_path: Path) -> None:
    """What is fresh stays a hit, what is stale is served all the same, what nobody has is an error that says so;
    and after the heal all is as before.
    """
    with world(tmp_path, "--no-seed", **SMALL) as running:
        answer = upload(running, str(DEMO / "astronaut-face.jpg"), public_id="face")

        def got(width: int) -> tuple[int, str]:
            path = f"/demo/image/upload/c_scale,w_{width}/v{answer['version']}/face.jpg"
            told = running.get(running.edges()["edge"], path)
            return told.status, told.headers["X-Cache"]

        assert [got(64), got(64)] == [(200, "MISS"), (200, "HIT")]
        whole = "na--na 1ms, 1000Mbit"
        assert listed(running) == [
            *(
                f"{ends} {whole}"
                for ends in ("shield--main-1", "edge--shield", "edge--main-1", "viewers.na--na")
            ),
            "viewers.na--access as fast as can be",
        ]
        assert pixeledge(running, "link", "shield--main", "--cut") == "1 link changed\n"
        assert listed(running)[0] == "shield--main-1 na--na cut (changed)"
        eventually(lambda: reaches(running, "shields") == {"ejected"}, "the shield notices")
        assert got(64) == (200, "HIT")
        pixeledge(running, "purge", "--soft", "--everything")
        assert got(64) in [(200, "STALE"), (200, "REVALIDATED")]  # the shield has it, as stale
        assert pixeledge(running, "link", "na--na", "--cut") == "5 links changed\n"
        eventually(lambda: reaches(running, "edges") == {"ejected"}, "the edge notices")
        pixeledge(running, "purge", "--soft", "--everything")
        assert got(64) == (200, "STALE")
        assert got(65)[0] in (503, 504)  # the latter while it is but suspected, and asked
        pixeledge(running, "link", "na--na", "--heal")
        eventually(lambda: reaches(running, "shields") == {"up"}, "the shield reaches the origin again")
        eventually(lambda: reaches(running, "edges") == {"up"}, "the edge reaches both again")
        assert [got(66), got(66)] == [(200, "MISS"), (200, "HIT")]


def test_a_viewer_feels_how_far_the_pop_that_answers_is(tmp_path: Path) -> None:
    """Through the balancer and straight at a PoP, wherever the viewer says to live; changed while it runs, and off with
    `--no-links`. Only lower bounds are laws."""
    regions = {"na": {"at": [39.0, -77.5]}, "asia": {"at": [1.35, 103.8], "access": {"rtt": "100ms"}}}
    links = {"default": {"rtt": "1ms"}, "viewers.asia--edge": {"rtt": "200ms"}}
    with world(tmp_path, "--no-seed", **{**SMALL, "regions": regions, "links": links}) as running:
        answer = upload(running, str(DEMO / "astronaut-face.jpg"), public_id="face")
        path = f"/demo/image/upload/c_scale,w_64/v{answer['version']}/face.jpg"

        def waits(base: str, region: str) -> float:
            began = time.monotonic()
            assert running.get(base, path, X_Viewer_Region=region).status == 200
            return time.monotonic() - began

        doors = (running.ready["api_url"], running.edges()["edge"])
        waits(doors[0], "na")
        for door in doors:
            assert waits(door, "asia") >= 0.3
            assert min(waits(door, "na") for _ in range(5)) < 0.3
        assert pixeledge(running, "link", "viewers.asia--na", "--rtt", "1s") == "2 links changed\n"
        assert "viewers.asia--na asia--na 1s, 1000Mbit (changed)" in listed(running)
        for door in doors:
            assert waits(door, "asia") >= 1.1
        assert pixeledge(running, "link", "viewers.asia--access", "--rtt", "2s") == "2 links changed\n"
        assert "viewers.asia--access 2s, 1000Mbit (changed)" in listed(running)
        for door in doors:
            assert waits(door, "asia") >= 3
        pixeledge(running, "link", "viewers.asia--access", "--heal")
        assert "viewers.asia--access 100ms, 1000Mbit" in listed(running)
