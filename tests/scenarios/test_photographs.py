"""Every real photograph, uploaded with the official SDK and delivered through every edge."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.sdk import upload
from tests.support.world import PHOTOGRAPHS, World, world

CHAIN = "c_fill,h_150,w_200/f_jpg"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("photographs"), "--no-seed") as started:
        yield started


@pytest.fixture(scope="module")
def uploaded(running: World) -> dict[str, dict[str, Any]]:
    return {path.stem: upload(running, str(path), public_id=f"photos/{path.stem}") for path in PHOTOGRAPHS}


def path_of(answer: dict[str, Any]) -> str:
    return f"/demo/image/upload/{CHAIN}/v{answer['version']}/{answer['public_id']}"


def test_there_are_photographs() -> None:
    """The loops below would pass over an empty folder."""
    assert len(PHOTOGRAPHS) >= 12


def test_an_upload_answers_the_facts_of_the_file(uploaded: dict[str, dict[str, Any]]) -> None:
    for path in PHOTOGRAPHS:
        answer = uploaded[path.stem]
        with Image.open(path) as image:
            stored = image.size
            turned = image.getexif().get(0x0112, 1) >= 5 if image.format == "JPEG" else False
        assert (answer["width"], answer["height"]) == (stored[::-1] if turned else stored)
        assert answer["bytes"] == path.stat().st_size
        assert answer["format"] == path.suffix.lstrip(".")
        assert answer["resource_type"] == "image"


def test_each_is_a_miss_and_then_a_hit_at_every_edge(
    running: World, uploaded: dict[str, dict[str, Any]]
) -> None:
    """The right picture both times, the same bytes everywhere, and each edge says it was the one."""
    for answer in uploaded.values():
        bodies = set()
        for name, url in running.edges().items():
            first = running.get(url, path_of(answer))
            second = running.get(url, path_of(answer))
            assert (first.status, second.status) == (200, 200), first.headers
            assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("MISS", "HIT")
            assert first.headers["X-PoP"] == second.headers["X-PoP"] == name
            assert first.headers["Content-Type"] == "image/jpeg"
            bodies |= {first.data, second.data}
        assert len(bodies) == 1
        with Image.open(io.BytesIO(bodies.pop())) as image:
            image.load()
            assert (image.size, image.format) == ((200, 150), "JPEG")


def test_hits_and_derived_assets_outlive_all_processes(
    running: World, uploaded: dict[str, dict[str, Any]]
) -> None:
    """Stopped and started, every edge still answers from its disk and nothing is rendered again."""
    before = {
        (name, stem): running.get(url, path_of(answer)).data
        for name, url in running.edges().items()
        for stem, answer in uploaded.items()
    }
    assert running.stop() == 0
    running.start()
    for name, url in running.edges().items():
        for stem, answer in uploaded.items():
            again = running.get(url, path_of(answer))
            assert (again.status, again.headers["X-Cache"]) == (200, "HIT")
            assert again.data == before[name, stem]
    for origin in running.ready["origins"]:
        direct = running.get(origin["url"], path_of(next(iter(uploaded.values()))))
        assert direct.status == 200
        assert running.status(origin["url"])["renders"] == 0


def test_the_balancer_sends_a_viewer_to_a_pop_of_the_region_asked_for(
    running: World, uploaded: dict[str, dict[str, Any]]
) -> None:
    region_of = {edge["name"]: edge["region"] for edge in running.ready["edges"]}
    path = path_of(next(iter(uploaded.values())))
    for region in set(region_of.values()):
        answer = running.get(running.ready["balancer"]["url"], f"{path}?region={region}")
        assert answer.status == 200
        assert region_of[answer.headers["X-PoP"]] == region


@pytest.mark.parametrize("chain", ["c_scale,w_300/e_grayscale", "c_pad,w_300,h_300,b_red", "a_90/r_20/f_png"])
def test_a_chain_may_be_asked_in_any_format(
    running: World, uploaded: dict[str, dict[str, Any]], chain: str
) -> None:
    """An extension converts; `f_auto` follows Accept."""
    answer = next(iter(uploaded.values()))
    url = running.ready["balancer"]["url"]
    for extension, name in {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF"}.items():
        got = running.get(url, f"/demo/image/upload/{chain}/{answer['public_id']}.{extension}")
        assert got.status == 200, got.headers
        expected = "PNG" if "f_png" in chain else name
        with Image.open(io.BytesIO(got.data)) as image:
            assert image.format == expected
    auto = f"/demo/image/upload/{chain.replace('/f_png', '')}/f_auto/{answer['public_id']}"
    for accept, kind in {
        "image/avif,image/webp,*/*": "avif",
        "image/webp,*/*": "webp",
        "*/*": "jpeg",
    }.items():
        got = running.get(url, auto, Accept=accept)
        if "r_" not in chain or kind != "jpeg":
            assert got.headers["Content-Type"] == f"image/{kind}"


def test_every_way_to_hand_over_a_file(running: World) -> None:
    """A path, a file object, bytes and a data URI give the same asset."""
    import base64

    path = next(path for path in PHOTOGRAPHS if path.suffix == ".jpg")
    data = path.read_bytes()
    ways: dict[str, Any] = {
        "path": str(path),
        "object": path.open("rb"),
        "bytes": data,
        "data-uri": "data:image/jpeg;base64," + base64.b64encode(data).decode(),
    }
    etags = {upload(running, file, public_id=f"ways/{name}")["etag"] for name, file in ways.items()}
    assert len(etags) == 1


def test_ready_file_names_everything(running: World) -> None:
    ready = running.ready
    assert {edge["region"] for edge in ready["edges"]} == {"na-east", "eu-central", "se-asia"}
    assert len(ready["edges"]) == 4
    assert len(ready["shields"]) == 1
    assert len(ready["origins"]) == 2
    for node in [*ready["edges"], *ready["shields"]]:
        assert set(node) >= {"name", "region", "url", "control_url", "pid"}
    assert Path(f"/proc/{ready['balancer']['pid']}").exists()
