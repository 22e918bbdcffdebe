"""One world, and every way in which its balancer brings viewers to a PoP: by name, through itself, sent on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import urllib3
import yaml
from attrs import frozen

from tests.support.dig import dig
from tests.support.servers import free_port, freeze
from tests.support.world import ROOT, World, eventually, world

TARGET = "/demo/image/upload/samples/nobody-has-this.jpg"
POPS = {
    "shield": {"region": "na-east", "role": "shield", "upstream": "main"},
    "frankfurt": {"region": "eu-central", "parent": "shield"},
    "singapore": {"region": "se-asia", "parent": "shield"},
}
BALANCER = {
    "mode": "dns",
    "dns": {"zone": "cdn.test", "names": ["img"], "ttl": "1s"},
    # Patient: on a busy machine a PoP that is well may be slow to say so.
    "health": {"slow_return": "1s", "timeout": "4s"},
}
ORIGINS = {"main": {"region": "na-east"}}
FROM_EUROPE = {"X-Viewer-Region": "eu-central"}


@frozen
class Ways:
    """A running world, and where each mode of its balancer brings a viewer from Europe."""

    running: World
    redirecting: str
    """A second balancer of the same world, in mode redirect: its URL."""

    def edge_at(self, url: str) -> str:
        """The edge that answers at an address."""
        return {edge: name for name, edge in self.running.edges().items()}.get(url.rstrip("/"), url)

    def by_dns(self) -> str:
        server = urlsplit("//" + self.running.ready["dns"]["server"])
        found = dig(server.port or 0, "img.cdn.test", "+subnet=127.2.0.0/24").addresses
        port = urlsplit(self.running.ready["api_url"]).port
        return self.edge_at(f"http://{found[0]}:{port}") if found else "nobody"

    def by_proxy(self) -> str:
        try:
            answer = self.running.http.request(
                "GET", self.running.ready["api_url"] + TARGET, headers=FROM_EUROPE
            )
        except urllib3.exceptions.HTTPError:
            return "nobody"
        return answer.headers.get("X-Pop", "nobody")

    def by_redirect(self) -> str:
        answer = self.running.http.request(
            "GET", self.redirecting + TARGET, headers=FROM_EUROPE, redirect=False
        )
        return self.edge_at(answer.headers.get("Location", "nobody").removesuffix(TARGET))

    def all(self) -> set[str]:
        return {self.by_dns(), self.by_proxy(), self.by_redirect()}

    def share(self, name: str) -> float:
        """Of its viewers, those that a PoP has got back."""
        pops = self.running.status(self.running.ready["balancer"]["control_url"])["pops"]
        return float(next(pop["share"] for pop in pops if pop["name"] == name))


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    state = tmp_path_factory.mktemp("balancing")
    with world(state, "--no-links", "--no-seed", pops=POPS, balancer=BALANCER, origins=ORIGINS) as running:
        document = yaml.safe_load((state / "nodes" / "balancer.yaml").read_text("utf-8"))
        port = free_port()
        settings = document["settings"]
        del settings["dns"]
        settings |= {"name": "second", "mode": "redirect", "listen": f"127.0.0.1:{port}"}
        settings["control"] = f"127.0.0.1:{free_port()}"
        told = state / "redirecting.yaml"
        told.write_text(yaml.safe_dump(document), "utf-8")
        with beside(told, state / "redirecting.log"):
            url = f"http://127.0.0.1:{port}"
            eventually(lambda: running.answers(f"http://{settings['control']}/readyz", 200), "it is ready")
            yield Ways(running, url)


@contextmanager
def beside(document: Path, log: Path) -> Iterator[None]:
    """A node beside those of the world."""
    with log.open("wb") as written:
        node = subprocess.Popen(
            [sys.executable, "-m", "sim.node", str(document)], cwd=ROOT, stdout=written, stderr=written
        )
    try:
        yield
    finally:
        node.terminate()
        try:
            node.wait(timeout=15)
        finally:
            node.kill()


def test_every_mode_brings_viewers_to_the_right_pop_before_during_and_after_its_death(ways: Ways) -> None:
    """Frozen, it is left for the next; killed, it returns with another process, and so do they."""
    eventually(lambda: ways.all() == {"frankfurt"}, "all ways lead to Frankfurt")
    pid = ways.running.nodes()["frankfurt"]
    freeze(pid)
    try:
        eventually(lambda: ways.all() == {"singapore"}, "all ways lead to Singapore")
    finally:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: ways.all() == {"frankfurt"}, "all ways lead to Frankfurt again")
    status = ways.running.status(ways.running.ready["balancer"]["control_url"])
    ejections = {pop["name"]: pop["ejections"] for pop in status["pops"]}
    assert ejections["frankfurt"] >= 1


def test_an_operator_drains_a_pop_and_takes_its_weight_while_the_world_runs(ways: Ways) -> None:
    """Whoever asks next is brought elsewhere; nothing is restarted."""
    control = ways.running.ready["balancer"]["control_url"]

    def change(**told: object) -> None:
        body = json.dumps(told).encode()
        answer = ways.running.http.request(
            "POST", control + "/adjust", body=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status == 200

    # while it returns slowly, Singapore still has some of its viewers
    eventually(lambda: ways.share("frankfurt") == 1, "Frankfurt has all its viewers back")
    eventually(lambda: ways.all() == {"frankfurt"}, "all ways lead to Frankfurt")
    change(pop="frankfurt", drain=True)
    assert (ways.by_dns(), ways.by_proxy()) == ("singapore", "singapore")
    change(pop="frankfurt", drain=False)
    assert ways.by_dns() == "frankfurt"
    change(pop="frankfurt", weight=0)
    assert (ways.by_dns(), ways.by_proxy()) == ("singapore", "singapore")
    change(pop="frankfurt", weight=1)
    assert (ways.by_dns(), ways.by_proxy()) == ("frankfurt", "frankfurt")


def test_dig_hears_of_no_other_zone(ways: Ways) -> None:
    """Over TCP as over UDP."""
    server = urlsplit("//" + ways.running.ready["dns"]["server"])
    for way in ("+notcp", "+tcp"):
        assert dig(server.port or 0, "example.org", way).status == "REFUSED"
        assert dig(server.port or 0, "nowhere.cdn.test", way).status == "NXDOMAIN"
