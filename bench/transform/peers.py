"""Peers: installed once below `.bench/`, each a process on the server's core that answers a line with a line."""

import json
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from bench.measure import SERVER_CORE

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BENCH = ROOT / ".bench"
NODE = BENCH / "node"
PYTHON = BENCH / "python" / "bin" / "python"
THUMBOR = BENCH / "thumbor" / "bin" / "thumbor"


def install() -> None:
    """sharp and ipx from npm; pyvips, the judge and thumbor from PyPI. Nothing of it is ours to depend on."""
    if not (NODE / "node_modules" / "ipx").exists():
        NODE.mkdir(parents=True, exist_ok=True)
        (NODE / "package.json").write_text('{"name": "peers", "private": true}')
        quiet = ["--no-audit", "--no-fund", "--silent"]
        subprocess.run(["npm", "install", *quiet, "sharp", "ipx"], cwd=NODE, check=True)
    _environment(PYTHON, "pyvips", "pyvips-binary", "ssimulacra2")
    _environment(THUMBOR, "thumbor", "setuptools<81")


def _environment(binary: Path, *packages: str) -> None:
    if not binary.exists():
        folder = binary.parents[1]
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "-q", *packages], check=True)


@frozen
class Peer:
    """A process that is told a line and answers one."""

    name: str
    process: "subprocess.Popen[str]"

    def ask(self, question: Any) -> float:
        """The number it answers."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.name} broke off at {question}")
        return float(answer)


@contextmanager
def running(name: str, command: Sequence[str]) -> Iterator[Peer]:
    """A peer until the end of the block."""
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, *command],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        yield Peer(name, process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)


COMMANDS = {
    "pixeledge": [sys.executable, "-m", "bench.transform.ours"],
    "sharp": ["node", str(HERE / "sharp.mjs"), f"{NODE}/"],
    "pyvips": [str(PYTHON), str(HERE / "vips.py")],
    "judge": [str(PYTHON), str(HERE / "judge.py")],
}
