"""A picture of another server, through balancer and edge: loaded once, kept at every step on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any
from urllib.parse import quote

import cloudinary.utils
import pytest
import yaml
from PIL import Image

from tests.support.images import ASTRONAUT
from tests.support.sdk import upload
from tests.support.world import ROOT, World, world

PHOTO = ASTRONAUT.read_bytes()


class Pictures(ThreadingHTTPServer):
    """The remote server; `asked` are the paths it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hanging)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Hanging(BaseHTTPRequestHandler):
    """Answers every path that ends in .jpg."""

    server: Pictures

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        is_there = self.path.partition("?")[0].endswith(".jpg")
        self.send_response(200 if is_there else 404)
        self.send_header("Content-Length", str(len(PHOTO) if is_there else 0))
        self.end_headers()
        if is_there:
            self.wfile.write(PHOTO)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its name there
        """Quietly."""


@contextmanager
def pictures() -> Iterator[Pictures]:
    with Pictures() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def remote() -> Iterator[Pictures]:
    with pictures() as server:
        yield server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    shipped = yaml.safe_load((ROOT / "topology.yaml").read_text("utf-8"))
    demo = shipped["clouds"]["demo"] | {"fetch": {"allow": ["127.0.0.1/32"]}}
    second = {"api_key": "2", "api_secret": "another"}
    with world(
        tmp_path_factory.mktemp("remote"),
        "--no-seed",
        clouds={"demo": demo, "second": second},
        hosts={"demo-res.localhost": "demo", "second-res.localhost": "second"},
    ) as started:
        yield started


def at_the_door(running: World) -> str:
    door: str = running.ready["balancer"]["url"]
    return door


def test_a_remote_image_is_a_miss_and_then_a_hit(running: World, remote: Pictures) -> None:
    """Through the front door, with the URL that the SDK writes: rendered once, and the remote asked once."""
    url, _ = cloudinary.utils.cloudinary_url(
        f"{remote.url}/cats/one.jpg?size=big", cloud_name="demo", type="fetch", width=120, crop="scale"
    )
    path = str(url).partition("cloudinary.com")[2]
    first = running.get(at_the_door(running), path)
    second = running.get(at_the_door(running), path)
    assert (first.status, second.status) == (200, 200), first.headers
    assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("MISS", "HIT")
    assert Image.open(BytesIO(first.data)).size == (120, 120)
    assert first.data == second.data
    assert remote.asked == ["/cats/one.jpg?size=big"]
    for edge in running.edges().values():  # and everywhere else, by way of the shield
        assert running.get(edge, path).data == first.data
    assert running.get(at_the_door(running), path.replace("w_120", "w_60")).status == 200
    assert remote.asked == ["/cats/one.jpg?size=big"]


def test_what_is_not_there_is_told_with_its_url(running: World, remote: Pictures) -> None:
    answer = running.get(at_the_door(running), f"/demo/image/fetch/{quote(remote.url, safe=':/')}/none.png")
    assert answer.status == 404
    assert answer.headers["X-Cld-Error"] == f"Resource not found - {remote.url}/none.png"


def test_a_closed_address_is_refused_at_the_door(running: World, remote: Pictures) -> None:
    """The second cloud allows no loopback, the first no other address of this machine."""
    for cloud, url in (("second", remote.url), ("demo", remote.url.replace("127.0.0.1", "127.0.0.2"))):
        answer = running.get(at_the_door(running), f"/{cloud}/image/fetch/{url}/x.jpg")
        assert answer.status == 404
        assert answer.headers["X-Cld-Error"] == f"Error in loading - {url}/x.jpg"
    assert "/x.jpg" not in remote.asked


def test_one_path_on_the_hosts_of_two_clouds_is_two_pictures(running: World) -> None:
    """Shards of one host share what is cached; another cloud's host does not."""
    upload(running, str(ASTRONAUT), public_id="mine")
    door, path = at_the_door(running), "/image/upload/w_50/mine.jpg"
    first = running.get(door, path, Host="demo-res.localhost")
    again = running.get(door, path, Host="demo-res-3.localhost")
    other = running.get(door, path, Host="second-res.localhost")
    assert (first.status, again.status, other.status) == (200, 200, 404)
    assert (first.headers["X-Cache"], again.headers["X-Cache"]) == ("MISS", "HIT")
    shared = running.get(door, "/demo" + path, Host="res.localhost")
    assert (shared.status, shared.data) == (200, first.data)
