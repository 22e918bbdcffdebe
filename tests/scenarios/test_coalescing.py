"""A crowd at one cold picture."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from tests.support.sdk import upload
from tests.support.world import DEMO, world

CROWD = 50


def test_fifty_viewers_of_one_cold_picture_cost_one_render_and_one_origin_request(tmp_path: Path) -> None:
    """All ask at the same moment, in one region; edge, shield and origin each let one through."""
    with world(tmp_path, "--no-seed") as running:
        answer = upload(running, str(DEMO / "dandelion-16mp.jpg"), public_id="crowd")
        path = f"/demo/image/upload/c_fill,w_801,h_603/v{answer['version']}/crowd.webp?region=se-asia"
        origins = [each["url"] for each in running.ready["origins"]]
        before = [running.status(url) for url in origins]
        start = Barrier(CROWD)

        def ask(_: int) -> tuple[int, bytes]:
            start.wait()
            got = running.get(running.ready["balancer"]["url"], path)
            return got.status, got.data

        with ThreadPoolExecutor(CROWD) as viewers:
            answers = list(viewers.map(ask, range(CROWD)))
        after = [running.status(url) for url in origins]

        assert {status for status, _ in answers} == {200}
        assert len({data for _, data in answers}) == 1
        assert sum(each["renders"] for each in after) - sum(each["renders"] for each in before) == 1
        assert sum(each["requests"] for each in after) - sum(each["requests"] for each in before) == 1
