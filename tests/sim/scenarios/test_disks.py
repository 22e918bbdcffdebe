"""sim.scenarios.steps.disks, on caches as edges lay them out."""

from pathlib import Path

import pytest
from attrs import evolve

from edge.cache.digests import DIGEST_BYTES
from edge.cache.hot import new_body_id
from edge.cache.interface import BodyMissing
from edge.cache.shelf import INLINE_BYTES, Shelf
from edge.core.entry import Entry
from sim.scenarios.steps.disks import Corrupt
from sim.scenarios.steps.step import StepError
from tests.sim.scenarios.test_steps import Looking, carried_out
from tests.support.caches import entry_of, pattern


def shelf_with(folder: Path, *sizes: int) -> tuple[Shelf, list[Entry]]:
    shelf = Shelf(folder, 50_000_000, verify_all=True)
    stored = [evolve(entry_of(f"/{size}"), size=size, body_id=new_body_id()) for size in sizes]
    for entry in stored:
        shelf.put(entry, pattern(entry.size))
    return shelf, stored


def test_every_body_that_is_a_file_is_another_one_then(tmp_path: Path) -> None:
    shelf, stored = shelf_with(tmp_path / "one", INLINE_BYTES + 1, DIGEST_BYTES, DIGEST_BYTES + 1)
    said = carried_out(Corrupt(("one",)), Looking(folder=tmp_path))
    assert said == "3 bodies are not what they were"
    for entry in stored:
        with pytest.raises(BodyMissing):
            shelf.open(entry)


def test_a_cache_without_files_cannot_rot(tmp_path: Path) -> None:
    """What nothing happens to is no rehearsal."""
    shelf_with(tmp_path / "one", 100)
    with pytest.raises(StepError, match="no body lies on disk there"):
        carried_out(Corrupt(("one",)), Looking(folder=tmp_path))
