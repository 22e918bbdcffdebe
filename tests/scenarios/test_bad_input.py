"""Rubbish, sent the way a stranger would send it: each refusal has its status and sentence, and the world serves on."""

import io
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudinary.utils
import pytest
import urllib3

from tests.support.sdk import options, upload
from tests.support.world import DEMO, SMALL, World, world

PHOTOGRAPH = DEMO / "astronaut-face.jpg"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("rubbish"), "--no-seed", **SMALL) as started:
        upload(started, str(PHOTOGRAPH), public_id="good")
        yield started


def bomb(side: int) -> bytes:
    """A PNG whose header promises side × side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (side + 1) * 50, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def post(running: World, file: bytes, cloud: str = "demo", **changes: Any) -> urllib3.BaseHTTPResponse:
    """A signed upload by hand; `changes` after signing are prefixed with `late_`."""
    config = options(running)
    late = {name[5:]: changes.pop(name) for name in list(changes) if name.startswith("late_")}
    parameters = {"timestamp": int(time.time()), **changes}
    parameters["signature"] = cloudinary.utils.api_sign_request(parameters, config["api_secret"])
    fields = {**parameters, "api_key": config["api_key"], **late, "file": ("photo.jpg", file)}
    return running.http.request(
        "POST",
        f"{running.ready['api_url']}/v1_1/{cloud}/image/upload",
        fields={k: _text(v) for k, v in fields.items()},
    )


def _text(value: Any) -> Any:
    return value if isinstance(value, tuple) else str(value)


GOOD = PHOTOGRAPH.read_bytes()


@pytest.mark.parametrize(
    ("file", "changes", "status", "sentence"),
    [
        pytest.param(GOOD, {"late_signature": "0" * 40}, 401, "Invalid Signature", id="wrong signature"),
        pytest.param(
            GOOD, {"late_public_id": "other"}, 401, "Invalid Signature", id="parameter added after signing"
        ),
        pytest.param(GOOD, {"timestamp": 1_434_805_181}, 400, "Stale request", id="stale timestamp"),
        pytest.param(GOOD, {"cloud": "nobody"}, 401, "Invalid cloud_name nobody", id="unknown cloud"),
        pytest.param(GOOD, {"late_api_key": "1"}, 401, "Unknown API key 1", id="unknown key"),
        pytest.param(bomb(20_000), {}, 400, "Megapixels", id="bomb"),
        pytest.param(GOOD[: len(GOOD) // 2], {}, 400, "Invalid image file", id="truncated"),
        pytest.param(b"not a picture\n" * 40, {}, 400, "Invalid image file", id="text as jpg"),
        pytest.param(b"", {}, 400, "Empty file", id="empty"),
        pytest.param(GOOD, {"public_id": "../../etc/passwd"}, 400, "is invalid", id="path traversal"),
        pytest.param(GOOD, {"public_id": "a\r\nSet-Cookie: x=1"}, 400, "is invalid", id="CRLF"),
    ],
)
def test_a_bad_upload_is_refused_with_a_sentence(
    running: World, file: bytes, changes: dict[str, Any], status: int, sentence: str
) -> None:
    answer = post(running, file, **changes)
    assert answer.status == status, answer.data
    assert sentence in answer.json()["error"]["message"]
    assert post(running, GOOD, public_id="after").status == 200


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/demo/image/upload/nothing.jpg", 404, "Resource not found - nothing"),
        ("/nobody/image/upload/good.jpg", 404, "nobody"),
        ("/demo/image/upload/w_abc/good.jpg", 400, "Invalid width in transformation: abc"),
        ("/demo/image/upload/w_0/good.jpg", 400, "Invalid width in transformation: 0"),
        ("/demo/image/upload/zz_1/good.jpg", 400, "Invalid transformation component - zz_1"),
        ("/demo/image/upload/fl_pdf/good.jpg", 400, "Invalid flag in transformation: pdf"),
        ("/demo/image/upload/w_30000,h_30000,c_scale/good.jpg", 400, ""),
        ("/demo/image/upload/s--AAAAAAAA--/w_10/good.jpg", 401, ""),
        ("/demo/image/authenticated/good.jpg", 401, ""),
        ("/demo/image/upload/%ff%fe.jpg", 400, ""),
        ("/demo/image/upload/../../../../etc/passwd", 404, ""),
        ("/demo/image/upload/fl_attachment:a%0D%0AX-Evil:1/good.jpg", 400, ""),
    ],
)
def test_a_bad_url_is_refused_with_a_sentence(running: World, path: str, status: int, sentence: str) -> None:
    """At the origin itself, and through the balancer and an edge."""
    for base in (running.ready["origins"][0]["url"], running.ready["balancer"]["url"]):
        answer = running.get(base, path)
        assert answer.status == status, (base, answer.headers)
        assert sentence in answer.headers["X-Cld-Error"]
        is_a_value = " in transformation: " in answer.headers["X-Cld-Error"]
        assert bool(answer.headers.get("X-Cld-Error-Allowed")) == is_a_value
        assert "X-Evil" not in answer.headers
        assert answer.data == b""
    assert running.get(running.ready["balancer"]["url"], "/demo/image/upload/good.jpg").status == 200


class Endless(io.RawIOBase):
    """A file of zeros with a JPEG's first bytes, never held in memory."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self._left)
        buffer[:count] = bytes(count)
        self._left -= count
        return count


def multipart(size: int) -> tuple[Iterator[bytes], int, str]:
    boundary = "frontier"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="big.jpg"\r\n\r\n'.encode()
    tail = f"\r\n--{boundary}--\r\n".encode()

    def chunks() -> Iterator[bytes]:
        yield head
        source = io.BufferedReader(Endless(size), 1 << 20)
        while piece := source.read(1 << 20):
            yield piece
        yield tail

    return chunks(), len(head) + size + len(tail), boundary


def resident(pid: int) -> int:
    """Peak resident bytes of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no VmHWM for {pid}")


def test_three_hundred_megabytes_against_a_limit_of_one_hundred(running: World) -> None:
    """413 in JSON; neither balancer nor origin grows by the file."""
    nodes = running.nodes()
    pids = [nodes["balancer"], *(origin["pid"] for origin in running.ready["origins"])]
    before = {pid: resident(pid) for pid in pids}
    body, length, boundary = multipart(300_000_000)
    connection = urllib3.connection_from_url(running.ready["api_url"], timeout=60.0)
    try:
        answer = connection.urlopen(
            "POST",
            "/v1_1/demo/image/upload",
            body=body,
            headers={
                "Content-Length": str(length),
                "Content-Type": f"multipart/form-data; boundary={boundary}",
            },
            retries=False,
        )
    except urllib3.exceptions.ProtocolError:
        pytest.fail("the answer was lost: the connection was reset before the client could read it")
    assert answer.status == 413
    assert "100" in answer.json()["error"]["message"]
    for pid in pids:
        assert resident(pid) - before[pid] < 32 << 20
    assert post(running, GOOD, public_id="after").status == 200


def test_nothing_half_stored_is_left(running: World) -> None:
    """After all of the above, no spool or scratch file remains."""
    left = [path for path in running.state.rglob("spool/**/*") if path.is_file()]
    assert left == []
