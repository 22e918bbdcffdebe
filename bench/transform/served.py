"""Over HTTP: a 12-megapixel photograph as 400×300, from our origin, from thumbor and from ipx.

Each server has one core and one worker. A cold request is one for a picture that the server never made of a
source it never touched; a later one asks for another size of a source whose mezzanine is there.
"""

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import cloudinary.uploader
import urllib3
import yaml
from attrs import frozen
from PIL import Image

from bench.measure import cpu_seconds, free_port, median, pinned, table
from bench.transform.peers import NODE, THUMBOR
from bench.transform.rows import DEMO, QUALITY

KINDS = ("jpeg", "webp")
THUMBOR_CONF = """
LOADER = 'thumbor.loaders.file_loader'
FILE_LOADER_ROOT_PATH = {folder!r}
STORAGE = 'thumbor.storages.no_storage'
RESULT_STORAGE = None
"""


@frozen
class Server:
    """One that runs: whose CPU counts, and what it is asked next."""

    name: str
    pid: int
    url: Callable[[str, str], str]  # source, kind → a URL never asked before, if the server remembers


def compare(requests: int, rounds: int, folder: Path) -> None:
    """The table of the servers."""
    http = urllib3.PoolManager(timeout=60.0, retries=False)
    files = {"baseline": _baseline(folder), "progressive": DEMO / "sunset-12mp-progressive.jpg"}
    (folder / "files").mkdir()
    for name, path in files.items():
        (folder / "files" / f"{name}.jpg").write_bytes(path.read_bytes())
    with ExitStack() as stack:
        cold, later = (stack.enter_context(_origin(folder, is_cold=each)) for each in (True, False))
        peers = [stack.enter_context(_thumbor(folder)), stack.enter_context(_ipx(folder))]
        servers = [cold.server, later.server, *peers]
        rows, number = [], count()
        for source, path in files.items():
            for _ in range(requests * rounds * len(KINDS)):
                _upload(cold, path, f"{source}-{next(number)}")
            _upload(later, path, f"{source}-0")
            making = _warm(later, source, http)
            for kind in KINDS:
                spent: dict[str, list[float]] = {each.name: [] for each in servers}
                sizes: dict[str, int] = {}
                for _ in range(rounds):
                    for server in servers:
                        before = cpu_seconds(server.pid)
                        for _ in range(requests):
                            sizes[server.name] = _fetched(http, server.url(source, kind), kind)
                        spent[server.name].append((cpu_seconds(server.pid) - before) / requests * 1000)
                costs = [f"{median(spent[each.name]):.0f}" for each in servers]
                rows.append([f"{source} → {kind}", *costs, *(f"{each:,}" for each in sizes.values())])
            print(f"{source}: first derivative and mezzanine together {making:.0f} ms")
    names = [each.name for each in servers]
    table(
        f"12 megapixels → 400×300, quality {QUALITY}, CPU milliseconds a request and bytes",
        ["row", *names, *names],
        rows,
    )


def _baseline(folder: Path) -> Path:
    path = folder / "baseline.jpg"
    with Image.open(DEMO / "dandelion-16mp.jpg") as image:
        image.resize((4000, 3000), Image.Resampling.LANCZOS).save(path, "JPEG", quality=88)
    return path


@frozen
class _Origin:
    """Our origin. `cold` ones make no mezzanines and are asked each time for an asset of its own."""

    server: Server
    base: str
    control: str


@contextmanager
def _origin(folder: Path, *, is_cold: bool) -> Iterator[_Origin]:
    name, port, control = "cold" if is_cold else "later", free_port(), free_port()
    settings = {
        "name": name,
        "region": "here",
        "listen": f"127.0.0.1:{port}",
        "control": f"127.0.0.1:{control}",
        "state": str(folder / name),
        "clouds": {"demo": {"api_key": "1234", "api_secret": "abcd"}},
        "storage": {"kind": "filesystem", "path": str(folder / name / "media")},
        "catalogue": f"sqlite:///{folder / name}.db",
        "delivery_url": f"http://127.0.0.1:{port}",
        "workers": 1,
        "mezzanines": not is_cold,
    }
    document = folder / f"{name}.yaml"
    document.write_text(yaml.safe_dump({"kind": "origin", "settings": settings}))
    base, numbers = f"http://127.0.0.1:{port}", count()

    def url(source: str, kind: str) -> str:
        number = next(numbers)
        if is_cold:
            return f"{base}/demo/image/upload/c_fill,h_300,w_400/f_{kind},q_{QUALITY}/{source}-{number}"
        cut = f"c_crop,g_north_west,h_{2800 - number},w_3900"  # a hair's breadth makes another plan
        return f"{base}/demo/image/upload/{cut}/c_fill,h_300,w_400/f_{kind},q_{QUALITY}/{source}-0"

    command = [sys.executable, "-m", "sim.node", str(document)]
    with pinned(command, f"{base}/readyz", folder / f"{name}.log") as pid:
        label = "ours, cold" if is_cold else "ours, later"
        yield _Origin(Server(label, pid, url), base, f"http://127.0.0.1:{control}")


@contextmanager
def _thumbor(folder: Path) -> Iterator[Server]:
    port, conf = free_port(), folder / "thumbor.conf"
    conf.write_text(THUMBOR_CONF.format(folder=str(folder / "files")))
    command = [str(THUMBOR), "--port", str(port), "--ip", "127.0.0.1", "--conf", str(conf)]
    base = f"http://127.0.0.1:{port}"

    def url(source: str, kind: str) -> str:
        return f"{base}/unsafe/400x300/filters:format({kind}):quality({QUALITY})/{source}.jpg"

    with pinned(command, f"{base}/healthcheck", folder / "thumbor.log") as pid:
        yield Server("thumbor", pid, url)


@contextmanager
def _ipx(folder: Path) -> Iterator[Server]:
    port, script = free_port(), NODE / "node_modules" / "ipx" / "bin" / "ipx.mjs"
    options = ["--dir", str(folder / "files"), "--host", "127.0.0.1", "--port", str(port)]
    base = f"http://127.0.0.1:{port}"

    def url(source: str, kind: str) -> str:
        return f"{base}/s_400x300,fit_cover,f_{kind},q_{QUALITY}/{source}.jpg"

    with pinned(["node", str(script), "serve", *options], base, folder / "ipx.log") as pid:
        yield Server("ipx", pid, url)


def _upload(origin: _Origin, path: Path, public_id: str) -> None:
    cloudinary.uploader.upload(
        str(path), public_id=public_id, cloud_name="demo", api_key="1234", api_secret="abcd",
        upload_prefix=origin.base,
    )  # fmt: skip


def _warm(origin: _Origin, source: str, http: urllib3.PoolManager) -> float:
    """A first derivative, and the mezzanine after it; the CPU milliseconds of both."""
    before, made = cpu_seconds(origin.server.pid), _status(origin, http)["mezzanines"]
    _fetched(http, origin.server.url(source, "jpeg"), "jpeg")
    while _status(origin, http)["mezzanines"] == made:
        time.sleep(0.1)
    return (cpu_seconds(origin.server.pid) - before) * 1000


def _status(origin: _Origin, http: urllib3.PoolManager) -> dict[str, Any]:
    status: dict[str, Any] = http.request("GET", f"{origin.control}/status").json()
    return status


def _fetched(http: urllib3.PoolManager, url: str, kind: str) -> int:
    answer = http.request("GET", url)
    if answer.status != 200 or answer.headers["Content-Type"] != f"image/{kind}":
        sys.exit(f"{url}: {answer.status} {answer.headers}")
    with Image.open(io.BytesIO(answer.data)) as image:
        if image.size != (400, 300):
            sys.exit(f"{url}: {image.size}")
    return len(answer.data)
