"""What a cloud is and uses, as the official SDK reads it (admin-api.md §3)."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cloudinary.api
import cloudinary.uploader
import pytest
import pytest_twisted

from tests.support.images import as_bytes, quartered
from tests.support.origins import KEY, SECRET, RunningOrigin, running_origin

PICTURE = as_bytes(quartered(), "PNG")
ALWAYS = {
    *("plan", "last_updated", "transformations", "objects", "bandwidth", "storage", "requests"),
    *("resources", "derived_resources", "media_limits"),
}


@pytest_twisted.ensureDeferred
async def test_usage_is_what_was_stored_made_and_sent(tmp_path: Path) -> None:
    """Over restarts, too: what one process counted, the next one shows."""
    async with running_origin(tmp_path) as origin:
        answer = await origin.upload(PICTURE, public_id="used", eager="c_scale,w_9/png")
        for _ in range(3):
            assert (await origin.get("/demo/image/upload/used.png")).status == 200
        small = await origin.get("/demo/image/upload/c_scale,w_8/used.png")
        assert (await origin.get("/demo/image/upload/used.png", method="HEAD")).status == 200
        assert (await origin.get("/demo/image/upload/none.png")).status == 404
        made = answer["eager"][0]["bytes"] + len(small.body)
    async with running_origin(tmp_path) as origin:
        usage = await origin.called(cloudinary.api.usage)
        assert usage.keys() >= ALWAYS
        assert (usage["resources"], usage["derived_resources"], usage["objects"]["usage"]) == (1, 2, 3)
        assert usage["storage"]["usage"] == len(PICTURE) + made
        assert usage["transformations"]["usage"] == 2
        assert usage["requests"] == 5
        assert usage["bandwidth"]["usage"] == 3 * len(PICTURE) + len(small.body)
        assert usage["credits"]["limit"] == 25
        assert usage["media_limits"]["image_max_px"] == 25_000_000
        today = datetime.now(UTC).date()
        one_day = await origin.called(cloudinary.api.usage, date=today)
        assert one_day["bandwidth"]["usage"] == usage["bandwidth"]["usage"]
        assert "limit" not in one_day["credits"]
        assert one_day["date_requested"] == f"{today}T00:00:00Z"
        before = await origin.called(cloudinary.api.usage, date=today - timedelta(days=1))
        assert (before["requests"], before["storage"]["usage"], before["resources"]) == (0, 0, 0)
        other = await origin.ask("GET", f"{origin.url}/v1_1/other/usage", auth=("999", "other-secret"))
        assert (other.json["requests"], other.json["objects"]["usage"]) == (0, 0)


@pytest_twisted.ensureDeferred
async def test_config_tells_since_when_and_how_folders_are(origin: RunningOrigin) -> None:
    plain = await origin.called(cloudinary.api.config)
    assert plain["cloud_name"] == "demo"
    created = datetime.strptime(plain["created_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert 0 <= time.time() - created.timestamp() < 300
    assert "settings" not in plain
    told = await origin.called(cloudinary.api.config, settings=True)
    assert told["settings"] == {"folder_mode": "dynamic"}
    assert told["created_at"] == plain["created_at"]


@pytest.mark.parametrize("date", ["2025-01-01", "31-02-2025", "x", "01-01-1900", "%00", "01-01-99999"])
@pytest_twisted.ensureDeferred
async def test_a_date_that_is_none_is_refused(origin: RunningOrigin, date: str) -> None:
    for path in (f"usage/{date}", f"usage?date={date}"):
        answer = await origin.ask("GET", f"{origin.url}/v1_1/demo/{path}", auth=(KEY, SECRET))
        assert answer.status == 400, path


@pytest_twisted.ensureDeferred
async def test_versions_that_are_kept_take_space_too(tmp_path: Path) -> None:
    """One that an asset shows is no second file; search results tell each asset's own."""
    async with running_origin(tmp_path) as origin:
        other = as_bytes(quartered(), "JPEG")
        asset_id = (await origin.upload(PICTURE, public_id="kept", backup=True))["asset_id"]

        async def storage() -> int:
            return int((await origin.called(cloudinary.api.usage))["storage"]["usage"])

        assert await storage() == len(PICTURE)
        await origin.upload(other, public_id="kept", backup=True)
        assert await storage() == len(PICTURE) + len(other)
        (first, *_) = reversed(await origin.node.catalogue.backups.of("demo", asset_id))
        back = {"public_ids": ["kept"], "versions": [first.version_id]}
        url, auth = f"{origin.url}/v1_1/demo/resources/image/upload/restore", (KEY, SECRET)
        assert (await origin.ask("POST", url, auth=auth, json=back)).status == 200
        assert await storage() == len(PICTURE) + len(other)  # the same file again
        found = await origin.ask(
            "GET", f"{origin.url}/v1_1/demo/resources/search?expression=public_id:kept", auth=auth
        )
        assert [each["backup_bytes"] for each in found.json["resources"]] == [len(PICTURE) + len(other)]
        await origin.called(cloudinary.uploader.destroy, "kept")
        assert await storage() == len(PICTURE) + len(other)
        await origin.called(cloudinary.api.delete_backed_up_assets, asset_id, [first.version_id])
        # its bytes are those of the version that was restored
        assert await storage() == len(PICTURE) + len(other)
