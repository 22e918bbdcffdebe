"""What is made of an asset is kept while its revision is the one shown."""

from pathlib import Path

import pytest
import pytest_twisted
from attrs import evolve
from PIL import Image

from origin.catalogue import Identity
from origin.delivery.shelf import AssetChanged, NewFile, Shelf
from tests.support.images import RED, as_bytes
from tests.support.origins import RunningOrigin


@pytest_twisted.ensureDeferred
async def test_a_file_is_kept_under_its_key_until_its_bytes_are_lost(
    origin: RunningOrigin, tmp_path: Path
) -> None:
    """The file itself goes from where it was made, whether its asset is still the one shown or not."""
    await origin.upload(as_bytes(Image.new("RGB", (40, 20), RED), "PNG"), public_id="shelved")
    node = origin.node
    asset = await node.catalogue.assets.get(Identity("demo", "image", "upload", "shelved"))
    assert asset is not None
    shelf = Shelf(catalogue=node.catalogue, store=node.store, now=lambda: 5.0, new_id=lambda: "0" * 32)
    path = tmp_path / "made.json"
    path.write_bytes(b"{}")
    file = NewFile(path=path, format="json", size=2, md5="99914b932bd37a50b983c5e7c90ae93b", details={"a": 1})
    assert await shelf.found("a" * 64) is None
    row = await shelf.keep(asset, "a" * 64, "w_1", file)
    assert (row.transformation, row.bytes, row.details, row.created_at) == ("w_1", 2, {"a": 1}, 5.0)
    assert not path.exists()
    assert await shelf.found("a" * 64) == row
    await node.store.stat(row.store_key)
    await shelf.lost(row.store_key)
    assert await shelf.found("a" * 64) is None

    path.write_bytes(b"{}")
    with pytest.raises(AssetChanged):
        await shelf.keep(evolve(asset, revision="older"), "b" * 64, "w_1", file)
    assert not path.exists()
    assert await shelf.found("b" * 64) is None
