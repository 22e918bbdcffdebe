"""The page in a real browser, over a real world: first MISS, then HIT, by the PoPs of the regions picked."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.demo.photographs import PHOTOGRAPHS
from tests.support.browser import installed
from tests.support.world import World, eventually

FIGURE = re.compile(
    r'<figure data-public-id="(?P<id>[^"]+)">.*?<b class="pop">(?P<pop>[^<]*)</b>'
    r'<span class="cache[^"]*">(?P<cache>[^<]*)</span><span>\d+ ms</span><span>(?P<status>\d*)</span>',
    re.DOTALL,
)


@pytest.fixture(scope="module")
def browser() -> str:
    return installed()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The shipped topology, with the photographs."""
    running = World(tmp_path_factory.mktemp("page") / "var")
    try:
        running.start()
        log = running.state / "up.log"
        eventually(lambda: "CLOUDINARY_URL=" in log.read_text(), "the photographs are there")
        yield running
        assert running.stop() == 0
    finally:
        running.kill()


def dump(browser: str, url: str, profile: Path) -> str:
    """The page's document once its pictures have come."""
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    arguments += [f"--user-data-dir={profile}", "--virtual-time-budget=20000", "--dump-dom", url]
    result = subprocess.run([browser, *arguments], capture_output=True, timeout=100, check=True)
    return result.stdout.decode()


def seen(document: str) -> dict[str, tuple[str, str, str]]:
    """public_id → PoP, X-Cache and status, as shown."""
    return {each["id"]: (each["pop"], each["cache"], each["status"]) for each in FIGURE.finditer(document)}


@pytest.mark.parametrize(
    ("region", "pops"), [("se-asia", {"singapore"}), ("eu-central", {"frankfurt-a", "frankfurt-b"})]
)
def test_photographs_come_from_the_pops_of_the_region_first_miss_then_hit(
    world: World, browser: str, tmp_path: Path, region: str, pops: set[str]
) -> None:
    """What the whole project is for, seen with a browser's eyes; its own cache has no part in it."""
    url = f"{world.ready['page_url']}/?region={region}"
    first, second = (seen(dump(browser, url, tmp_path / "profile")) for _ in range(2))
    assert set(first) == set(second) == {photograph.public_id for photograph in PHOTOGRAPHS}
    assert {pop for pop, _, _ in first.values()} == pops
    assert {(cache, status) for _, cache, status in first.values()} == {("MISS", "200")}
    assert {(cache, status) for _, cache, status in second.values()} == {("HIT", "200")}
    assert {key: pop for key, (pop, _, _) in first.items()} == {
        key: pop for key, (pop, _, _) in second.items()
    }


def test_the_world_is_shown_with_its_health_and_the_authors_with_their_work(
    world: World, browser: str, tmp_path: Path
) -> None:
    """CC BY asks for the credit to be where the picture is."""
    document = dump(browser, world.ready["page_url"], tmp_path / "profile")
    assert document.count('class="dot ready"') == 8
    for name in ("main-1", "main-2", "shield", "ashburn", "frankfurt-a", "singapore", "balancer"):
        assert f'<span class="name">{name} ' in document
    for photograph in PHOTOGRAPHS:
        assert f'<p class="credit">{photograph.credit}</p>' in document
