"""One world for both SDKs and the browser, each in a cloud of its own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudinary
import pytest

from tests.support.images import ASTRONAUT
from tests.support.listeners import Listener, listening
from tests.support.servers import absent
from tests.support.world import World
from tests.support.world import world as running_world

TOKEN_KEY = "00112233FF99"
MODULES = "PIXELEDGE_NODE_MODULES"  # the node_modules folder that `npm ci` filled from node/package.json
PYTHON, NODE, BROWSER = "python", "node", "browser"


def _cloud(name: str) -> dict[str, Any]:
    """Receivers and remote files are on loopback."""
    return {
        "api_key": f"{name}-key",
        "api_secret": f"{name}-secret",
        "token_keys": {"main": TOKEN_KEY},
        "fetch": {"allow": ["127.0.0.1/32"]},
        "rate_limit": 10_000,
    }


def configuration(world: World, cloud: str) -> dict[str, str]:
    """What users of an SDK configure."""
    return {
        "cloud_name": cloud,
        "api_key": f"{cloud}-key",
        "api_secret": f"{cloud}-secret",
        "upload_prefix": world.ready["api_url"],
    }


def cloudinary_url(world: World, cloud: str) -> str:
    """The same in one line."""
    return f"cloudinary://{cloud}-key:{cloud}-secret@{cloud}?upload_prefix={world.ready['api_url']}"


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    origins = {"main": {"region": "na", "instances": 1, "workers": 1, "listen": "tcp:1", "control": "tcp:11"}}
    pops = {
        "edge": {"region": "na", "upstream": "main", "listen": "tcp:3", "control": "tcp:13", "disk": "1GiB"}
    }
    with running_world(
        tmp_path_factory.mktemp("sdks") / "var",
        "--no-links",
        "--no-seed",
        clouds={name: _cloud(name) for name in (PYTHON, NODE, BROWSER)},
        regions={"na": {"at": [39.0, -77.5], "viewers": ["127.0.0.0/8"]}},
        origins=origins,
        pops=pops,
        links={"default": {"rtt": "0ms"}},
    ) as running:
        yield running
        assert running.stop() == 0


@pytest.fixture(scope="package")
def listener() -> Iterator[Listener]:
    """Where notifications go and remote files come from."""
    with listening({"/astronaut.jpg": ("image/jpeg", ASTRONAUT.read_bytes())}) as server:
        yield server


@pytest.fixture(scope="module")
def python_cloud(world: World) -> Iterator[None]:
    """The Python SDK, configured as its users do it."""
    cloudinary.reset_config()
    cloudinary.config(**configuration(world, PYTHON))
    yield
    cloudinary.reset_config()


@pytest.fixture(scope="package")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        absent("node is not installed")
    if not Path(os.environ.get(MODULES, ""), "cloudinary", "package.json").is_file():
        absent(
            f"{MODULES} names no folder with the cloudinary package (npm ci --prefix …; see tests/sdks/node)"
        )
    return found
