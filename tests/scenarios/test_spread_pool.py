"""One origin pool on two machines, each run by `pixeledge up --machine`; they share PostgreSQL and MinIO alone."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml
from attrs import define, field, frozen

from sim.topology.ports import reserve
from tests.support.images import as_bytes, quartered
from tests.support.machines import Shared, document, minio_at
from tests.support.minio import MinioServer
from tests.support.sdk import upload
from tests.support.world import World, command, eventually

ONE, TWO = "127.0.8.1", "127.0.8.2"
MOST = 4
REGIONS = ("east", "west")
A_FEW = 10


def ports_in_a_row(count: int, held: ExitStack) -> int:
    """The first of so many that are free at both machines; where the search begins is ours alone."""
    for first in range(20_000 + os.getpid() % 500 * 20, 32_000, count):
        with ExitStack() as tried:
            try:
                for number, host in product(range(count), (ONE, TWO)):
                    reserve(host, first + number, tried)
            except OSError:
                continue
            held.push(tried.pop_all())
            return first
    raise AssertionError("no ports are free")


@frozen
class Machines:
    """Both parts of the world, and the document that they have in common."""

    file: Path
    one: World
    two: World

    def upstreams(self, edge: str) -> list[str]:
        """What an edge knows of the instances, in their order."""
        (control,) = (each["control_url"] for each in self.one.ready["edges"] if each["name"] == edge)
        return list(self.one.status(control)["upstreams"].values())

    def requests(self, instance: str) -> int:
        told = self.one.ready["origins"]
        (control,) = (each["control_url"] for each in told if each["name"] == instance)
        return int(self.one.status(control)["requests"])

    @contextmanager
    def alone(self, node: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A node of the second machine without the rest of it, as a service manager would run it."""
        words = ["node", node, "--topology", str(self.file), "--state", str(self.two.state), "--no-links"]
        with (self.two.state / f"{node}.log").open("wb") as log:
            process = subprocess.Popen([*command(), *words], stdout=log, stderr=log, cwd=self.file.parent)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def say(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """A command of the CLI, run where nothing but the document is known."""
        return subprocess.run(
            [*command(), *words], capture_output=True, text=True, timeout=120, cwd=self.file.parent
        )


@pytest.fixture
def machines(tmp_path: Path, postgres_url: str, minio_server: MinioServer) -> Iterator[Machines]:
    file = tmp_path / "topology.yaml"

    def part(machine: str) -> World:
        return World(
            tmp_path / machine, ["--ports", "fixed", "--machine", machine, "--no-links", "--no-seed"], file
        )

    found = Machines(file, part("one"), part("two"))
    with ExitStack() as held:

        def at(host: str) -> dict[str, str]:
            return {side: f"tcp:{reserve(host, 0, held)}" for side in ("listen", "control")}

        first = ports_in_a_row(2 * MOST, held)
        pool = {
            "region": "east",
            "host": ["one", "two"],
            "instances": {"min": 2, "max": MOST},
            "scaling": {
                "queue_wait": "5s",
                "utilisation": "99%",
                "down_after": "3s",
            },  # it is not the load that counts
            "listen": f"tcp:{first}",
            "control": f"tcp:{first + MOST}",
        }
        storage = minio_at(minio_server.endpoint, minio_server.access_key, minio_server.secret_key)
        shared = Shared(postgres_url, storage)
        file.write_text(yaml.safe_dump(document(ONE, TWO, at, shared, {"main": pool}, far="main")))
        try:
            found.one.start()
            found.two.start()
            yield found
        finally:
            found.one.kill()
            found.two.kill()


@define
class Viewers:
    """One of each region, who asks the front door for one picture after the other, each made for the first time."""

    world: World
    answers: dict[str, list[object]] = field(factory=lambda: {region: [] for region in REGIONS})
    _are_asking: bool = True
    _widths: Iterator[int] = field(factory=lambda: count(8))
    _asking: list[threading.Thread] = field(factory=list)

    def begin(self) -> None:
        front = self.world.ready["api_url"]
        for region in REGIONS:
            thread = threading.Thread(target=self._ask, args=(front, region))
            thread.start()
            self._asking.append(thread)

    def end(self) -> set[object]:
        """Every kind of answer that there was."""
        self._are_asking = False
        for each in self._asking:
            each.join()
        return {answer for answers in self.answers.values() for answer in answers}

    def have_a_few_more(self) -> None:
        """A barrier: each has been answered so many times since."""
        before = {region: len(answers) for region, answers in self.answers.items()}
        eventually(
            lambda: all(len(self.answers[region]) >= before[region] + A_FEW for region in REGIONS),
            "viewers of both regions are answered",
        )

    def _ask(self, front: str, region: str) -> None:
        while self._are_asking:
            path = f"/demo/image/upload/c_scale,w_{next(self._widths)}/shared.png"
            try:
                answer: object = self.world.get(front, path, X_Viewer_Region=region).status
            except (urllib3.exceptions.HTTPError, AssertionError) as error:
                answer = repr(error)
            self.answers[region].append(answer)


def pop_of(world: World, region: str) -> str | None:
    """Where the front door brings a viewer."""
    path = "/demo/image/upload/shared.png"
    return world.get(world.ready["api_url"], path, X_Viewer_Region=region).headers.get("X-Pop")


def pools_shown(world: World) -> list[tuple[str, int, int, int]]:
    pools: list[dict[str, Any]] = world.http.request("GET", f"{world.ready['page_url']}/state").json()[
        "pools"
    ]
    return [(pool["name"], pool["serving"], pool["min"], pool["max"]) for pool in pools]


def stood_in_for(world: World) -> list[str]:
    """The machines whose part the page says is done here."""
    (pool,) = world.http.request("GET", f"{world.ready['page_url']}/state").json()["pools"]
    return list(pool["stands_in_for"])


def test_a_pool_on_two_machines_outlives_one_of_them(machines: Machines) -> None:
    """Both edges ask both of its instances; when a machine dies with all that stands on it, viewers of both regions go
    on without an error, and the other machine has an instance more; when it is back, so is its part, and no more."""
    one, two = machines.one, machines.two
    assert {each.name for each in (one.state / "nodes").iterdir() if each.is_dir()} == {
        "main-1", "main-3", "near", "balancer",
    }  # fmt: skip
    assert {each.name for each in (two.state / "nodes").iterdir() if each.is_dir()} == {
        "main-2", "main-4", "far",
    }  # fmt: skip
    picture = as_bytes(quartered(40, 40), "PNG")
    upload(one, picture, public_id="shared")

    whole = ["up", "up", "away", "away"]
    for edge in ("near", "far"):
        eventually(lambda edge=edge: machines.upstreams(edge) == whole, f"{edge} knows who is there")  # type: ignore[misc]
    eventually(
        lambda: (
            (pools_shown(one), pools_shown(two)) == ([("main on one", 1, 1, 2)], [("main on two", 1, 1, 2)])
        ),
        "each machine drives its own part",
    )
    eventually(
        lambda: [pop_of(one, region) for region in REGIONS] == ["near", "far"], "each has its own edge"
    )

    viewers = Viewers(one)
    viewers.begin()
    try:
        viewers.have_a_few_more()
        assert machines.requests("main-1") > 0
        assert machines.requests("main-2") > 0
        two.kill()
        viewers.have_a_few_more()
        eventually(lambda: machines.upstreams("near")[1] != "up", "it is missed")
        eventually(lambda: machines.upstreams("near")[2] == "up", "the other machine stands in for it")
        assert stood_in_for(one) == ["two"]
        upload(one, picture, public_id="afterwards")
        viewers.have_a_few_more()
        assert pop_of(one, "west") == "near"
        with machines.alone("main-2") as node:
            eventually(lambda: machines.upstreams("near")[1] == "up", "one node of it is back, run by itself")
            viewers.have_a_few_more()
            assert machines.requests("main-2") > 0
            node.terminate()
            assert node.wait(30) == 0
            viewers.have_a_few_more()
        two.start()
        eventually(lambda: machines.upstreams("near") == machines.upstreams("far") == whole, "it is back")
        eventually(lambda: pop_of(one, "west") == "far", "viewers return")
        before = machines.requests("main-2")
        viewers.have_a_few_more()
        assert machines.requests("main-2") > before
    finally:
        answers = viewers.end()
    assert answers == {200}

    def seen(edge: str) -> bytes:
        return one.get(one.edges()[edge], "/demo/image/upload/c_scale,w_9/shared.png").data

    old = seen("near")
    assert seen("far") == old
    upload(one, as_bytes(quartered(20, 60), "PNG"), public_id="shared", invalidate=True)
    for edge in ("near", "far"):
        eventually(lambda edge=edge: seen(edge) != old, f"{edge} is told of the purge")  # type: ignore[misc]

    purged = machines.say("purge", "--everything", "--topology", str(machines.file))
    assert purged.returncode == 0, purged.stderr
    again = [one.get(one.edges()[edge], "/demo/image/upload/shared.png") for edge in ("near", "far")]
    assert [answer.headers["X-Cache"] for answer in again] == ["MISS", "MISS"]
    checked = machines.say("fsck", str(machines.file), "--state", str(one.state))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    told = machines.say("env", str(machines.file))
    assert one.ready["api_url"] in told.stdout
    assert (one.stop(), two.stop()) == (0, 0)
