"""An origin pool that grows and shrinks, on real processes: nobody is refused, and nobody is left behind."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

from tests.support.sdk import upload
from tests.support.world import DEMO, World, eventually, world

MODEL = {"enhance": {"command": ["sh", "-c", 'sleep 0.4; cp "$1" "$2"', "model"]}}
WORLD: dict[str, Any] = {
    "regions": {"east": {"at": [39, -77], "viewers": ["127.1.0.0/16"]}},
    "origins": {
        "main": {
            "region": "east",
            "instances": {"min": 1, "max": 2},
            "scaling": {"up_after": "500ms", "down_after": "2s"},
            "providers": MODEL,
        }
    },
    "pops": {
        "shield": {"region": "east", "role": "shield", "upstream": "main"},
        "edge": {"region": "east", "parent": "shield"},
    },
    "links": {},
}


class Viewers:
    """They ask for one picture after the other that nobody has had made before."""

    def __init__(self, running: World) -> None:
        self.statuses: list[int] = []
        self._running = running
        self._widths: Iterator[int] = count(64)
        self._asking = ThreadPoolExecutor(6)
        self._under_way: list[Future[None]] = []
        self.are_asking = True

    def begin(self) -> None:
        self._under_way = [self._asking.submit(self._ask) for _ in range(6)]

    def end(self) -> None:
        self.are_asking = False
        for each in self._under_way:
            each.result()
        self._asking.shutdown()

    def _ask(self) -> None:
        while self.are_asking:
            path = f"/demo/image/upload/c_scale,w_{next(self._widths)}/e_enhance/face.jpg"
            self.statuses.append(self._running.get(self._running.ready["api_url"], path).status)


def test_a_second_instance_comes_with_the_load_and_goes_with_it(tmp_path: Path) -> None:
    """The shield asks it while it is there, and not a request is lost on the way up or down."""
    with world(tmp_path, "--no-seed", **WORLD) as running:
        upload(running, str(DEMO / "astronaut-face.jpg"), public_id="face")
        control = {each["name"]: each["control_url"] for each in running.ready["origins"]}
        shield = running.ready["shields"][0]["control_url"]

        def picture() -> Any:
            return running.http.request("GET", running.ready["page_url"] + "/state").json()

        def serving() -> int:
            return int(picture()["pools"][0]["serving"])

        def healths() -> dict[str, str]:
            nodes = picture()["nodes"]
            return {node["name"]: node["health"] for node in nodes if node["kind"] == "origin"}

        def words() -> list[str]:
            return list(running.status(shield)["upstreams"].values())

        eventually(lambda: (serving(), words()) == (1, ["up", "away"]), "one is asked, and one stands by")
        viewers = Viewers(running)
        viewers.begin()
        try:
            eventually(lambda: serving() == 2, "a second instance serves")
            eventually(lambda: words() == ["up", "up"], "the shield asks it")
            eventually(lambda: running.status(control["main-2"])["requests"] > 3, "it renders")
        finally:
            viewers.end()
        eventually(lambda: healths() == {"main-1": "ready", "main-2": "standby"}, "it is gone")
        assert words() == ["up", "away"]
        assert set(viewers.statuses) == {200}
        assert running.stop() == 0
