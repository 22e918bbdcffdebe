"""The official Node SDK, unchanged: every method of it, called by `node/every_method.js`."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.sdks.conftest import MODULES, NODE, TOKEN_KEY, cloudinary_url
from tests.sdks.python_sdk import PICTURE
from tests.support.documents import pdf
from tests.support.images import ASTRONAUT, BLUE, RED
from tests.support.world import World

SCRIPT = Path(__file__).parent / "node" / "every_method.js"
PATIENCE_SECONDS = 280.0


@pytest.fixture(scope="module")
def report(world: World, node: str, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the script said, a document per line."""
    folder = tmp_path_factory.mktemp("node")
    (folder / "picture.png").write_bytes(PICTURE)
    (folder / "astronaut.jpg").write_bytes(ASTRONAUT.read_bytes())
    (folder / "paper.pdf").write_bytes(pdf([((60, 40), RED), ((60, 40), BLUE)]))
    environment = {
        "PATH": os.environ["PATH"],
        "NODE_PATH": os.environ[MODULES],
        "CLOUDINARY_URL": cloudinary_url(world, NODE),
        "TOKEN_KEY": TOKEN_KEY,
    }
    ran = subprocess.run(
        [node, str(SCRIPT), str(folder)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env=environment,
    )
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def test_every_section_of_the_script_holds(report: list[dict[str, Any]]) -> None:
    sections = [each for each in report if "section" in each]
    assert len(sections) > 25
    assert [each for each in sections if each["error"]] == [], "\n\n".join(
        f"{each['section']}\n{each['error']}" for each in sections if each["error"]
    )


def test_no_method_of_the_installed_sdk_is_left_out(report: list[dict[str, Any]]) -> None:
    (whole,) = [each for each in report if "called" in each]
    assert whole["left_out"] == []
    assert whole["called"]["api"] > 70
