"""kill -9 of any node, at any moment, under uploads and fetches."""

import hashlib
import io
import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cloudinary.exceptions
import urllib3
from PIL import Image

from tests.support.sdk import upload
from tests.support.world import PATIENCE_SECONDS, World, eventually, is_alive, world

UPLOADS = 200
FETCHES = 2_000
KILLS = 16
SEED = 20_261_123


def picture(number: int) -> bytes:
    """A small JPEG unlike any other."""
    image = Image.new("RGB", (96, 64), (number % 256, number * 7 % 256, number * 31 % 256))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


class Storm:
    """Kills nodes, every one of them at least once, each when the load has come to a point drawn by chance.

    The load waits at a point until its kill has happened; it does not wait for the node to be back.
    """

    def __init__(self, running: World, rng: random.Random, requests: int) -> None:
        self._world = running
        names = sorted(running.nodes())
        self._victims = rng.sample(names, len(names)) + rng.choices(names, k=KILLS - len(names))
        self._points = sorted(rng.sample(range(requests // 20, requests), KILLS))
        self._turn = threading.Condition()
        self._asked = 0
        self.killed: list[str] = []
        self._thread = threading.Thread(target=self._rage)

    def __enter__(self) -> "Storm":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._turn:
            self._asked = self._points[-1]
            self._turn.notify_all()
        self._thread.join()

    def request(self) -> None:
        """One more request is about to leave."""
        with self._turn:
            self._asked += 1
            self._turn.notify_all()
            self._turn.wait_for(
                lambda: len(self.killed) == KILLS or self._asked <= self._points[len(self.killed)],
                PATIENCE_SECONDS,
            )

    def _rage(self) -> None:
        for point, victim in zip(self._points, self._victims, strict=True):
            with self._turn:
                self._turn.wait_for(lambda: self._asked >= point)  # noqa: B023 - called at once
            old = self._world.nodes()[victim]
            os.kill(old, signal.SIGKILL)
            with self._turn:
                self.killed.append(victim)
                self._turn.notify_all()
            eventually(lambda: self._is_back(victim, old), f"{victim} is back")  # noqa: B023 - called at once

    def _is_back(self, name: str, old: int) -> bool:
        pid = self._world.nodes()[name]
        return pid != old and is_alive(pid)


class Jury:
    """Remembers what each path was the first time, and condemns what is not whole or not the same."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        self.wrong: list[str] = []
        self._lock = threading.Lock()

    def judge(self, path: str, data: bytes, width: int) -> None:
        digest = hashlib.sha256(data).hexdigest()
        with self._lock:
            expected = self.digests.setdefault(path, digest)
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            if digest != expected or image.width != width:
                self.wrong.append(path)


def acknowledged(running: World, number: int) -> dict[str, Any] | None:
    """An upload's answer, or None when a killed node took it with it."""
    try:
        return upload(running, picture(number), public_id=f"storm/{number}")
    except (cloudinary.exceptions.Error, urllib3.exceptions.HTTPError):
        eventually(lambda: running.answers(running.ready["api_url"]), "the API answers again")
        return None


def test_no_acknowledged_upload_is_lost_and_no_wrong_body_is_ever_seen(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    with world(tmp_path, "--no-seed", "--no-links") as running:
        base = [upload(running, picture(1_000 + number), public_id=f"calm/{number}") for number in range(20)]
        jury = Jury()

        def fetch(number: int) -> int:
            """One viewer; whatever arrives with status 200 must be whole, a picture, and always the same."""
            asset = base[number % len(base)]
            width = 10 + number // len(base) % 40
            path = f"/demo/image/upload/c_scale,w_{width}/v{asset['version']}/{asset['public_id']}.jpg"
            storm.request()
            base_url = bases[number % len(bases)]
            try:
                got = running.http.request("GET", base_url + path)
            except urllib3.exceptions.HTTPError:
                eventually(lambda: running.answers(base_url), f"{base_url} answers again")
                return 0
            if got.status == 200:
                jury.judge(path, got.data, width)
            return got.status

        def send(number: int) -> dict[str, Any] | None:
            storm.request()
            return acknowledged(running, number)

        bases = [*running.edges().values(), running.ready["balancer"]["url"]]
        storm = Storm(running, rng, FETCHES + UPLOADS)
        with storm, ThreadPoolExecutor(6) as viewers, ThreadPoolExecutor(2) as uploaders:
            fetches = viewers.map(fetch, range(FETCHES))
            uploads = list(uploaders.map(send, range(UPLOADS)))
            statuses = list(fetches)

        assert jury.wrong == []
        assert set(storm.killed) == set(running.nodes())
        assert statuses.count(200) > FETCHES / 2
        kept = [answer for answer in uploads if answer is not None]
        assert len(kept) > UPLOADS / 2
        for name, pid in running.nodes().items():
            assert is_alive(pid), name
        self_url = running.ready["balancer"]["url"]
        for answer in kept:
            number = int(answer["public_id"].removeprefix("storm/"))
            path = f"/demo/image/upload/v{answer['version']}/{answer['public_id']}.jpg"
            eventually(lambda: running.answers(self_url + path, 200), path)  # noqa: B023 - called at once
            assert running.get(self_url, path).data == picture(number)
        for path, digest in jury.digests.items():
            for url in running.edges().values():
                assert hashlib.sha256(running.get(url, path).data).hexdigest() == digest


def test_a_killed_edge_costs_no_viewer_a_failed_request(tmp_path: Path) -> None:
    """In proxy mode the balancer asks the next PoP; the dead one is back in turn once it has returned."""
    with world(tmp_path, "--no-seed", "--no-links") as running:
        answer = upload(running, picture(7), public_id="steady")
        path = f"/demo/image/upload/v{answer['version']}/steady.jpg?region=se-asia"
        url = running.ready["balancer"]["url"]
        near = running.get(url, path).headers["X-PoP"]
        old = running.nodes()[near]
        over = threading.Event()

        def view() -> list[tuple[int, bytes, str]]:
            seen = []
            while not over.is_set():
                got = running.get(url, path)
                seen.append((got.status, got.data, got.headers["X-PoP"]))
            return seen

        with ThreadPoolExecutor(4) as viewers:
            watching = [viewers.submit(view) for _ in range(4)]
            os.kill(old, signal.SIGKILL)
            eventually(lambda: running.nodes()[near] != old, f"{near} is back")
            eventually(lambda: running.get(url, path).headers["X-PoP"] == near, f"viewers return to {near}")
            over.set()
            seen = [each for watcher in watching for each in watcher.result()]
        assert {(status, data) for status, data, _ in seen} == {(200, picture(7))}
        assert len({pop for *_, pop in seen}) > 1
