"""The same world on a real MinIO: what the bucket holds, who may read it, and what an outage looks like."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from minio import Minio

from tests.support.minio import MinioServer
from tests.support.sdk import upload
from tests.support.servers import freeze
from tests.support.world import DEMO, PHOTOGRAPHS, SMALL, World, eventually, world

BUCKET = "scenario-media"


@pytest.fixture
def running(tmp_path: Path, minio_server: MinioServer) -> Iterator[World]:
    storage = {
        "kind": "minio",
        "endpoint": minio_server.endpoint,
        "access_key": minio_server.access_key,
        "secret_key": minio_server.secret_key,
        "bucket": BUCKET,
        "region": "us-east-1",
        "secure": False,
    }
    with world(tmp_path, "--no-seed", storage=storage) as started:
        yield started


def test_originals_and_derived_assets_lie_in_a_private_bucket(
    running: World, minio_server: MinioServer
) -> None:
    for path in PHOTOGRAPHS:
        answer = upload(running, str(path), public_id=path.stem)
        chain = f"/demo/image/upload/c_limit,w_160/v{answer['version']}/{path.stem}.jpg"
        bodies = set()
        for url in running.edges().values():
            first, second = running.get(url, chain), running.get(url, chain)
            assert (first.status, first.headers["X-Cache"]) == (200, "MISS")
            assert (second.status, second.headers["X-Cache"]) == (200, "HIT")
            bodies |= {first.data, second.data}
        assert len(bodies) == 1

    client = Minio(
        minio_server.endpoint,
        access_key=minio_server.access_key,
        secret_key=minio_server.secret_key,
        secure=False,
        region="us-east-1",
    )
    objects = list(client.list_objects(BUCKET, recursive=True))
    sizes = {each.size for each in objects}
    assert {path.stat().st_size for path in PHOTOGRAPHS} <= sizes
    assert len(objects) >= 2 * len(PHOTOGRAPHS)
    for each in objects[:3]:
        anonymous = urllib3.request("GET", f"http://{minio_server.endpoint}/{BUCKET}/{each.object_name}")
        assert anonymous.status == 403
    assert urllib3.request("GET", f"http://{minio_server.endpoint}/{BUCKET}/").status == 403


def test_up_starts_a_minio_of_its_own_and_survives_its_outage(
    tmp_path: Path, minio_binary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In flight the origin says 503 with Retry-After and is not ready; it recovers without a restart."""
    monkeypatch.setenv("PATH", f"{Path(minio_binary).parent}{os.pathsep}{os.environ['PATH']}")
    storage = {"kind": "minio", "bucket": "media", "start": True}
    with world(tmp_path, "--no-seed", **SMALL, storage=storage) as running:
        answer = upload(running, str(DEMO / "astronaut-face.jpg"), public_id="face")
        ready = running.ready
        origin = ready["origins"][0]["url"]
        path = f"/demo/image/upload/v{answer['version']}/face.jpg"
        assert running.get(origin, path).status == 200

        server = ready["minio"]["pid"]
        freeze(server)
        try:
            refused = running.get(origin, path)
            assert refused.status == 503
            assert int(refused.headers["Retry-After"]) >= 1
            assert refused.headers["X-Cld-Error"]
            eventually(lambda: running.answers(origin + "/readyz", 503), "the origin says it is not ready")
        finally:
            os.kill(server, signal.SIGCONT)
        eventually(lambda: running.answers(origin + "/readyz", 200), "the origin is ready again")
        assert running.get(origin, path).status == 200
        assert running.nodes()[ready["origins"][0]["name"]] == ready["origins"][0]["pid"]

        os.kill(server, signal.SIGKILL)
        eventually(lambda: running.ready["minio"]["pid"] != server, "MinIO is restarted")
        eventually(lambda: running.answers(origin + path, 200), "delivery is back")
        assert running.stop() == 0
