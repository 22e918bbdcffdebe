"""A real origin node in the test's own reactor (real sockets, SQLite, renders), and ways to ask it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import cloudinary
import cloudinary.api
import cloudinary.uploader
import cloudinary.utils
from attrs import evolve, frozen
from PIL import Image
from treq.client import HTTPClient
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.web.client import Agent, HTTPConnectionPool
from urllib3 import encode_multipart_formdata

from origin.api.endpoint import Endpoint
from origin.render.limits import RenderLimits
from origin.service import OriginNode
from origin.settings import Cloud, Fetching, Key, Settings, Storage
from origin.store.interface import ObjectStore
from tests.support.promises import Watch, watching
from wire.clock import RIGHT, Clock

CLOUD = "demo"
KEY = "123456789012345"
SECRET = "demo-secret-for-this-laptop-only"
SECOND = ("123456789012346", "second-secret-for-this-laptop-only")
"""Another key pair of the same cloud."""
NAMED = {
    "held": "c_scale,d_stand:in.png,w_32",
    "thumb": "c_fill,h_40,w_60",
    "own": "f_auto,q_auto/w_$own",
    "based": "c_fill,f_png,h_50,w_100",
}
HOSTS = {
    "demo-res.localhost": CLOUD,
    "img.localhost": CLOUD,
    "shared.localhost": "in path",
    "lost.localhost": "no",
}
LOOPBACK = Fetching(allow=("127.0.0.1/32",), seconds=5.0, most_bytes=1_000_000)
PATIENCE_SECONDS = 60.0


def settings_in(folder: Path, **changes: Any) -> Settings:
    """An origin on free ports with everything under `folder`."""
    plain = Settings(
        name="origin-1",
        listen="127.0.0.1:0",
        control="127.0.0.1:0",
        state=str(folder / "state"),
        clouds={
            CLOUD: Cloud(
                KEY, SECRET, (Key(*SECOND),), transformations=NAMED, fetch=LOOPBACK, rate_limit=100_000
            ),
            "other": Cloud("999", "other-secret"),
            "strict": Cloud("777", "strict-secret", restricted=("fetch", "list", "upload")),
            "closed": Cloud("666", "closed-secret", disabled=True),
        },
        catalogue=f"sqlite:///{folder / 'catalogue.db'}",
        region="us-east",
        hosts=HOSTS,
        storage=Storage(kind="filesystem", path=str(folder / "media")),
        delivery_url="http://127.0.0.1:8000",
        render=RenderLimits(deadline_seconds=15.0),
        check_seconds=0.1,
    )
    return evolve(plain, **changes)


@frozen
class Answer:
    """A whole response."""

    status: int
    headers: dict[str, str]  # lower-case names
    body: bytes
    json: Any = None

    def picture(self, mode: str | None = None) -> Image.Image:
        """The picture that it is; in another mode if one is named."""
        assert self.status == 200, self.headers
        image = Image.open(BytesIO(self.body))
        return image if mode is None else image.convert(mode)


@frozen
class RunningOrigin:
    """A started node and its clients."""

    node: OriginNode
    http: HTTPClient
    endpoints: tuple[Endpoint, ...]

    @property
    def url(self) -> str:
        return f"http://{self.node.addresses[0]}"

    @property
    def control_url(self) -> str:
        return f"http://{self.node.addresses[1]}"

    async def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask for a path; header names with `_` for `-`."""
        named = {name.replace("_", "-"): [value] for name, value in headers.items()}
        return await self.ask(method, self.url + path, headers=named)

    async def ask(self, method: str, url: str, **options: Any) -> Answer:
        """Any request, the body read whole."""
        response = await self.http.request(method, url, timeout=PATIENCE_SECONDS, **options)
        body = await response.content()
        headers = {
            name.decode().lower(): ", ".join(value.decode("latin-1") for value in values)
            for name, values in response.headers.getAllRawHeaders()
        }
        is_json = headers.get("content-type", "").startswith("application/json")
        return Answer(response.code, headers, body, await response.json() if is_json and body else None)

    def sdk(self) -> dict[str, Any]:
        """The SDK's per-call configuration."""
        return {"cloud_name": CLOUD, "api_key": KEY, "api_secret": SECRET, "upload_prefix": self.url}

    async def upload(self, file: Any, **parameters: Any) -> dict[str, Any]:
        """The official SDK's upload, in a thread."""
        answer: dict[str, Any] = await deferToThread(
            cloudinary.uploader.upload, file, **{**self.sdk(), **parameters}
        )
        return answer

    async def called(self, function: Callable[..., Any], *arguments: Any, **parameters: Any) -> Any:
        """Any call of the official SDK, in a thread."""
        return await deferToThread(function, *arguments, **self.sdk(), **parameters)

    async def post(
        self,
        path: str,
        fields: dict[str, Any],
        file: Any = None,
        headers: Any = None,
        **late: Any,
    ) -> Answer:
        """A signed call by hand; `late` fields are added after signing."""
        signed = {"timestamp": str(int(time.time())), **fields}
        signed["signature"] = cloudinary.utils.api_sign_request(signed, SECRET)
        sent = {**signed, "api_key": KEY, **late}
        if file is not None:
            sent["file"] = ("photo.jpg", file) if isinstance(file, bytes) else file
        pairs = [
            (f"{name}[]", each) if isinstance(value, list) else (name, value)
            for name, value in sent.items()
            for each in (value if isinstance(value, list) else [value])
        ]
        body, content_type = encode_multipart_formdata(pairs)
        return await self.ask(
            "POST", self.url + path, data=body, headers={**(headers or {}), "Content-Type": [content_type]}
        )

    def spooled(self) -> list[Path]:
        """Files of uploads that are still there."""
        return [
            path
            for folder in (self.node.spool, self.node.scratch)
            for path in folder.rglob("*")
            if path.is_file()
        ]

    async def eventually(self, condition: Callable[[], Any], what: str) -> None:
        """Ask until it holds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            holds = condition()
            if hasattr(holds, "__await__"):
                holds = await holds
            if holds:
                return
            assert time.monotonic() < deadline, what
            await pause(0.02)


def pause(seconds: float) -> "Deferred[None]":
    """Let the reactor run."""
    from twisted.internet import reactor

    return deferLater(reactor, seconds, lambda: None)


@asynccontextmanager
async def running_origin(
    folder: Path,
    store: ObjectStore | None = None,
    is_ready: bool = True,
    clock: Clock = RIGHT,
    **changes: Any,
) -> AsyncIterator[RunningOrigin]:
    """A node started and, after, stopped with everything it opened. It keeps what its OpenAPI document promises."""
    with watching() as watch:
        async with _started(folder, store, is_ready, clock, changes, watch) as running:
            yield running


@asynccontextmanager
async def _started(
    folder: Path,
    store: ObjectStore | None,
    is_ready: bool,
    clock: Clock,
    changes: dict[str, Any],
    watch: Watch,
) -> AsyncIterator[RunningOrigin]:
    from twisted.internet import reactor  # not above: conftest is read before pytest installs the reactor

    node = OriginNode(settings_in(folder, **changes), reactor=reactor, store=store, clock=clock)
    pool = HTTPConnectionPool(reactor, persistent=False)
    running = RunningOrigin(node, HTTPClient(Agent(reactor, pool=pool)), tuple(watch.read))
    node.startService()
    try:
        if is_ready:
            await running.eventually(lambda: not node.readiness.reasons, f"ready: {node.readiness.reasons}")
        yield running
    finally:
        await pool.closeCachedConnections()
        await maybeDeferred(node.stopService)
