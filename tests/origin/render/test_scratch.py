import os
import subprocess
import sys
from pathlib import Path

from origin.render.scratch import BESIDE, new_name, sweep


def test_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    """A node killed in the middle of a render must not fill the disk a result at a time."""
    child = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    for end in ("", *BESIDE):
        (tmp_path / f"render-{int(child.stdout)}-abc-1.jpg{end}").touch()
    assert sweep(tmp_path) == 4
    assert list(tmp_path.iterdir()) == []


def test_what_living_processes_and_others_own_is_kept(tmp_path: Path) -> None:
    """Instances share the folder, and a file of another name is none of our business."""
    ours, theirs, foreign = (
        tmp_path / name
        for name in (new_name("abc", 1, "webp"), f"render-{os.getppid()}-d-1.png", "render-me.jpg")
    )
    for path in (ours, theirs, foreign):
        path.touch()
    assert sweep(tmp_path) == 0
    assert {ours, theirs, foreign} == set(tmp_path.iterdir())
