"""The official SDK for Node, unchanged: scripts run against an origin, each printing JSON, a line an answer.

It is installed once, below `.bench/` of the tree, from npm. Without `node` and `npm` its tests are skipped.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from twisted.internet.utils import getProcessOutputAndValue

from tests.support.origins import CLOUD, KEY, SECRET

FOLDER = Path(__file__).parents[2] / ".bench" / "node-sdk"
PACKAGE = "cloudinary@2"
START = 'const cloudinary = require("cloudinary").v2; const uploader = cloudinary.uploader;\n'
ANSWER = "const tell = (error, result) => console.log(JSON.stringify(error ? {error} : result));\n"


@frozen
class NodeSdk:
    """`cloudinary`, `uploader` and `tell(error, result)` are there for scripts; arguments are `process.argv`."""

    node: str
    folder: Path

    async def run(self, url: str, script: str, *arguments: str) -> list[Any]:
        """What the script told, against the API at that URL."""
        # The SDK chooses between http and https when it is loaded, by its environment.
        account = f"cloudinary://{KEY}:{SECRET}@{CLOUD}?upload_prefix={url}"
        environment = {"CLOUDINARY_URL": account, "PATH": "/usr/bin:/bin"}
        words = ["-e", START + ANSWER + script, *arguments]
        out, errors, code = await getProcessOutputAndValue(
            self.node, [each.encode() for each in words], env=environment, path=str(self.folder)
        )
        assert code == 0, errors.decode()
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture(scope="session")
def node_sdk() -> NodeSdk:
    """The SDK, installed if need be, or a skip."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("no node and npm")
    if not (FOLDER / "node_modules" / "cloudinary").is_dir():
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text('{"name": "sdk", "private": true}')
        quiet = ["--no-audit", "--no-fund", "--silent"]
        done = subprocess.run([npm, "install", *quiet, PACKAGE], cwd=FOLDER, timeout=120, check=False)
        if done.returncode:
            pytest.skip("npm cannot install the SDK")
    return NodeSdk(node, FOLDER)
