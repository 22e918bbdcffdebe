"""The node on a real MinIO and through its outages: refused for a while, then served without a restart."""

import hashlib
from pathlib import Path

import pytest_twisted

from origin.settings import Storage
from tests.support.images import ASTRONAUT
from tests.support.minio import MinioServer
from tests.support.origins import running_origin

GOOD = ASTRONAUT.read_bytes()


def storage(server: MinioServer) -> Storage:
    return Storage(
        kind="minio",
        endpoint=server.endpoint,
        access_key=server.access_key,
        secret_key=server.secret_key,
        bucket="origin-media",
    )


@pytest_twisted.ensureDeferred
async def test_uploads_and_pictures_live_in_the_bucket(tmp_path: Path, minio_server: MinioServer) -> None:
    async with running_origin(tmp_path, storage=storage(minio_server)) as origin:
        answer = await origin.upload(str(ASTRONAUT), public_id="kept")
        assert answer["etag"] == hashlib.md5(GOOD).hexdigest()
        assert (await origin.get("/demo/image/upload/kept.jpg")).body == GOOD
        part = await origin.get("/demo/image/upload/kept.jpg", Range="bytes=100-199")
        assert (part.status, part.body) == (206, GOOD[100:200])
        small = await origin.get("/demo/image/upload/w_50/kept.png")
        assert small.status == 200
        assert origin.spooled() == []
    async with running_origin(tmp_path, storage=storage(minio_server)) as origin:
        assert (await origin.get("/demo/image/upload/w_50/kept.png")).body == small.body
        assert origin.node.counters.renders == 0


@pytest_twisted.ensureDeferred
async def test_an_outage_is_refused_and_got_over(tmp_path: Path, own_minio: MinioServer) -> None:
    """Absent at start, killed in flight, frozen in flight."""
    own_minio.stop()
    async with running_origin(tmp_path, storage=storage(own_minio), is_ready=False) as origin:
        refused = await origin.post("/v1_1/demo/image/upload", {"public_id": "kept"}, GOOD)
        assert (refused.status, int(refused.headers["retry-after"]) >= 1) == (500, True)  # of the Upload API
        assert (await origin.get("/readyz")).status == 503
        own_minio.start()
        await origin.eventually(lambda: not origin.node.readiness.reasons, "ready once it is there")
        assert (await origin.post("/v1_1/demo/image/upload", {"public_id": "kept"}, GOOD)).status == 200

        own_minio.stop()
        lost = await origin.get("/demo/image/upload/w_30/kept.jpg")
        assert (lost.status, lost.body) == (503, b"")
        assert lost.headers["x-cld-error"]
        await origin.eventually(lambda: origin.node.readiness.reasons, "not ready")
        own_minio.start()
        await origin.eventually(lambda: not origin.node.readiness.reasons, "ready again")
        assert (await origin.get("/demo/image/upload/w_30/kept.jpg")).status == 200

        own_minio.freeze()
        try:
            frozen = await origin.get("/demo/image/upload/kept.jpg")
            assert (frozen.status, int(frozen.headers["retry-after"]) >= 1) == (503, True)
            await origin.eventually(lambda: origin.node.readiness.reasons, "not ready")
        finally:
            own_minio.thaw()
        await origin.eventually(lambda: not origin.node.readiness.reasons, "ready again")
        assert (await origin.get("/demo/image/upload/kept.jpg")).body == GOOD
