"""The world with its rows on PostgreSQL."""

from pathlib import Path

from tests.support.sdk import upload
from tests.support.world import DEMO, world


def test_two_origins_share_one_postgresql(tmp_path: Path, postgres_url: str) -> None:
    """Whichever instance took an upload, both deliver it, and what one derived the other does not render again."""
    with world(tmp_path, "--no-seed", catalogue=postgres_url) as running:
        answer = upload(running, str(DEMO / "astronaut-face.jpg"), public_id="shared/face")
        path = f"/demo/image/upload/c_thumb,h_80,w_80/v{answer['version']}/shared/face.jpg"
        origins = [each["url"] for each in running.ready["origins"]]
        bodies = {running.get(url, path).data for url in origins}
        assert len(bodies) == 1
        assert sum(running.status(url)["renders"] for url in origins) == 1
        assert running.stop() == 0
        running.start()
        assert {running.get(each["url"], path).data for each in running.ready["origins"]} == bodies
        assert upload(running, str(DEMO / "fig-cmyk.jpg"), public_id="shared/face")["overwritten"] is True
