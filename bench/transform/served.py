"""Cold derived assets over HTTP against thumbor: a 12-megapixel JPEG → 400×300 fill, as JPEG and as WebP.

    python -m bench.transform [--requests 20] [--rounds 3]

thumbor comes from PyPI into a virtual environment of its own (`.bench/thumbor`). Each server gets one core and
one worker; every request is one neither server has seen. The figure is CPU milliseconds a request, workers included.
"""

import io
import subprocess
import sys
import tempfile
import venv
from contextlib import ExitStack
from pathlib import Path

import click
import cloudinary.uploader
import urllib3
import yaml
from PIL import Image

from bench.measure import cpu_seconds, free_port, median, pinned, table

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "sim" / "demo"
THUMBOR = ROOT / ".bench" / "thumbor"
THUMBOR_CONF = """
LOADER = 'thumbor.loaders.file_loader'
FILE_LOADER_ROOT_PATH = {folder!r}
STORAGE = 'thumbor.storages.no_storage'
RESULT_STORAGE = None
QUALITY = 80
"""
SOURCES = {"baseline": "dandelion-16mp.jpg", "progressive": "sunset-12mp-progressive.jpg"}


def install_thumbor() -> Path:
    binary = THUMBOR / "bin" / "thumbor"
    if not binary.exists():
        venv.create(THUMBOR, with_pip=True)
        subprocess.run([THUMBOR / "bin" / "pip", "install", "-q", "thumbor", "setuptools<81"], check=True)
    return binary


def twelve_megapixels(name: str, folder: Path) -> Path:
    """The photograph itself, or a 4000×3000 baseline JPEG cut from it."""
    if name == "progressive":
        return DEMO / SOURCES[name]
    path = folder / "baseline.jpg"
    with Image.open(DEMO / SOURCES[name]) as image:
        image.resize((4000, 3000), Image.Resampling.LANCZOS).save(path, "JPEG", quality=88)
    return path


def origin_document(folder: Path, port: int, control: int) -> Path:
    document = {
        "kind": "origin",
        "settings": {
            "name": "bench",
            "region": "here",
            "listen": f"127.0.0.1:{port}",
            "control": f"127.0.0.1:{control}",
            "state": str(folder / "origin"),
            "clouds": {"demo": {"api_key": "1234", "api_secret": "abcd"}},
            "storage": {"kind": "filesystem", "path": str(folder / "media")},
            "catalogue": f"sqlite:///{folder / 'catalogue.db'}",
            "delivery_url": f"http://127.0.0.1:{port}",
            "workers": 1,
        },
    }
    path = folder / "origin.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def fetch(http: urllib3.PoolManager, url: str, kind: str) -> int:
    answer = http.request("GET", url)
    if answer.status != 200 or answer.headers["Content-Type"] != f"image/{kind}":
        sys.exit(f"{url}: {answer.status} {answer.headers}")
    with Image.open(io.BytesIO(answer.data)) as image:
        if image.size != (400, 300):
            sys.exit(f"{url}: {image.size}")
    return len(answer.data)


def compare(requests: int, rounds: int, folder: Path) -> None:
    """Cold derived assets against thumbor."""
    thumbor = install_thumbor()
    http = urllib3.PoolManager(timeout=60.0, retries=False)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours, control, theirs = free_port(), free_port(), free_port()
        (folder / "thumbor.conf").write_text(THUMBOR_CONF.format(folder=str(folder / "files")))
        (folder / "files").mkdir()
        pid = stack.enter_context(
            pinned(
                [sys.executable, "-m", "sim.node", str(origin_document(folder, ours, control))],
                f"http://127.0.0.1:{ours}/readyz", folder / "origin.log",
            )
        )  # fmt: skip
        peer = stack.enter_context(
            pinned(
                [str(thumbor), "--port", str(theirs), "--ip", "127.0.0.1", "--conf", str(folder / "thumbor.conf")],
                f"http://127.0.0.1:{theirs}/healthcheck", folder / "thumbor.log",
            )
        )  # fmt: skip
        rows = []
        for name in SOURCES:
            path = twelve_megapixels(name, folder)
            (folder / "files" / f"{name}.jpg").write_bytes(path.read_bytes())
            for number in range(requests * rounds * 2):
                cloudinary.uploader.upload(
                    str(path), public_id=f"{name}-{number}", cloud_name="demo", api_key="1234", api_secret="abcd",
                    upload_prefix=f"http://127.0.0.1:{ours}",
                )  # fmt: skip
            fresh = iter(range(requests * rounds * 2))
            for kind in ("jpeg", "webp"):
                cost: dict[str, list[float]] = {"pixeledge": [], "thumbor": []}
                size: dict[str, int] = {}
                for _ in range(rounds):
                    before = cpu_seconds(pid)
                    for _ in range(requests):
                        size["pixeledge"] = fetch(
                            http,
                            f"http://127.0.0.1:{ours}/demo/image/upload/c_fill,h_300,w_400/f_{kind},q_80/{name}-{next(fresh)}",
                            kind,
                        )
                    cost["pixeledge"].append((cpu_seconds(pid) - before) / requests * 1000)
                    before = cpu_seconds(peer)
                    for _ in range(requests):
                        size["thumbor"] = fetch(
                            http,
                            f"http://127.0.0.1:{theirs}/unsafe/400x300/filters:format({kind}):quality(80)/{name}.jpg",
                            kind,
                        )
                    cost["thumbor"].append((cpu_seconds(peer) - before) / requests * 1000)
                mine, other = median(cost["pixeledge"]), median(cost["thumbor"])
                rows.append(
                    [f"{name} JPEG → {kind}", f"{mine:.0f}", f"{other:.0f}", f"{mine / other:.2f}",
                     f"{size['pixeledge']:,}", f"{size['thumbor']:,}"]
                )  # fmt: skip
        table(
            "12 megapixels → 400×300 fill, q 80, cold, over HTTP",
            ["row", "pixeledge CPU ms", "thumbor CPU ms", "ratio", "our bytes", "their bytes"],
            rows,
        )


if __name__ == "__main__":
    main()
