"""The hourly sweep over a real catalogue: it takes what no row names, and nothing that is not ours."""

from pathlib import Path

import pytest_twisted
from twisted.internet import reactor
from twisted.internet.task import Clock

from origin.assets.orphans import OrphanSweep
from origin.catalogue import Catalogue
from origin.store.keys import original_key
from origin.store.memory import MemoryStore
from tests.support.drafts import draft


@pytest_twisted.ensureDeferred
async def test_a_sweep_leaves_rows_and_strangers_alone(tmp_path: Path) -> None:
    """A bucket may be shared: with another cloud of another catalogue, or with anything else."""
    catalogue = Catalogue(f"sqlite:///{tmp_path / 'catalogue.db'}", reactor=reactor)
    store = MemoryStore(tmp_path, lambda: 0.0)
    kept = draft(store_key=original_key("demo", "a" * 32, "jpg"))
    await catalogue.assets.put(kept, now=1.0)
    lost = original_key("demo", "b" * 32, "jpg")
    strangers = {original_key("elsewhere", "c" * 32, "jpg"), "holiday.jpg"}
    for key in (kept.store_key, lost, *strangers):
        store.objects[key] = (b"bytes", 0.0)

    sweep = OrphanSweep(
        catalogue=catalogue, store=store, clouds=["demo"], clock=Clock(), now=lambda: 10_000.0
    )
    await sweep.once()
    await catalogue.close()
    assert set(store.objects) == {kept.store_key, *strangers}
