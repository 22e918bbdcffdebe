"""A folder into a running world and out again, broken off and gone on with; and a check of what lies there."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.images import as_bytes, quartered
from tests.support.world import World, command

TOPOLOGY = """
clouds:
  demo: {api_key: "1", api_secret: one}
  other: {api_key: "2", api_secret: two, storage: {path: other}}
regions: {here: {at: [50, 8]}}
origins: {main: {region: here, listen: "tcp:0", control: "tcp:0"}}
pops: {edge: {region: here, upstream: main, listen: "tcp:0", control: "tcp:0"}}
balancer: {listen: "tcp:0", control: "tcp:0"}
page: "tcp:0"
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("transfer")
    (folder / "topology.yaml").write_text(TOPOLOGY)
    made = World(folder / "var", ["--no-seed", "--no-links"], folder / "topology.yaml")
    try:
        made.start()
        yield made
    finally:
        made.kill()


def run(world: World, *arguments: str, status: int = 0) -> str:
    """A command that speaks to the world; what it printed."""
    done = subprocess.run(
        [*command(), *arguments], capture_output=True, text=True, timeout=90, cwd=world.state.parent
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_a_folder_comes_back_as_it_went_in(world: World, tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    files = {
        "a/b/cat.png": as_bytes(quartered(), "PNG"),
        "cat.jpg": as_bytes(quartered(), "JPEG"),
        "notes.txt": b"words",
        "sub/broken.jpg": b"no picture",
    }
    for name, data in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
    here = ["--ready-file", str(world.ready_file)]
    told = run(world, "import", str(source), *here, "--tag", "pet", "--jobs", "2", status=1)
    assert "uploaded 3 files" in told
    assert "1 failed" in told
    (source / "sub/broken.jpg").unlink()
    assert "uploaded 0 files (0 bytes), 3 were there already" in run(world, "import", str(source), *here)

    assert "fetched 3 files" in run(world, "export", str(out), *here)
    for name in ("a/b/cat.png", "cat.jpg"):
        assert (out / name).read_bytes() == files[name]
    assert (out / "raw" / "notes.txt").read_bytes() == files["notes.txt"]
    assert "fetched 0 files (0 bytes), 3 were there already" in run(world, "export", str(out), *here)
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    assert [(each["public_id"], each["tags"]) for each in lines] == [
        ("a/b/cat", ["pet"]),
        ("cat", ["pet"]),
        ("notes.txt", ["pet"]),
    ]

    elsewhere = ["--topology", "topology.yaml", "--cloud", "other"]
    assert "uploaded 3 files" in run(world, "import", str(out), *here, *elsewhere)
    stored = [path for path in (world.state / "other").rglob("*") if path.is_file()]
    assert sorted(path.stat().st_size for path in stored) == sorted(map(len, list(files.values())[:3]))
    assert not list((world.state / "media" / "objects").glob("other/*"))


def test_a_check_finds_what_was_damaged_and_mends_it(world: World, tmp_path: Path) -> None:
    (tmp_path / "dog.png").write_bytes(as_bytes(quartered(), "PNG"))
    run(world, "import", str(tmp_path), "--ready-file", str(world.ready_file))
    check = ["fsck", "topology.yaml", "--state", str(world.state)]
    assert "all is well" in run(world, *check)
    (original,) = [
        path for path in (world.state / "media/objects/demo/original").rglob("*.png") if _is_dog(world, path)
    ]
    orphan = original.with_name("f" * 32 + ".png")
    orphan.write_bytes(original.read_bytes())
    original.write_bytes(original.read_bytes()[:-1])
    told = run(world, *check, "--grace", "0s", status=1)
    assert "2 findings, 0 put right" in told
    assert f"wrong size: demo/original/{original.parent.name}/{original.name} (demo/image/upload/dog)" in told
    told = run(world, *check, "--grace", "0s", "--repair", "--forget-lost")
    assert "2 findings, 2 put right" in told
    assert not orphan.exists()
    assert "all is well" in run(world, *check)


def _is_dog(world: World, path: Path) -> bool:
    """Whether an object is the newest: the one that was just stored."""
    newest = max(
        (world.state / "media/objects/demo/original").rglob("*.png"), key=lambda each: each.stat().st_mtime
    )
    return path == newest
