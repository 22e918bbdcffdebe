"""A cloud as a client of its APIs sees it: files sent in pieces no larger than a request may be, pages, downloads."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import treq
from attrs import frozen
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.web.client import FileBodyProducer, ResponseFailed
from twisted.web.http_headers import Headers

from sim.demo.seed import CloudAccess, signature_of
from wire import jsontext

ANSWER_SECONDS = 120
CHUNK = 20_000_000  # bytes of a piece; what is no longer goes in one (upload-api §5)
AT_ONCE = 200  # assets of a page


class TransferError(Exception):
    """The cloud refused, or gave no answer."""


class TryAgain(TransferError):
    """It may be different in a moment."""


@frozen
class Downloaded:
    """A file as it came."""

    size: int
    md5: str
    etag: str  # as the answer said, without quotes


@frozen
class Cloud:
    """Calls to one cloud."""

    client: HTTPClient
    access: CloudAccess
    now: Callable[[], float]  # wall clock, for signatures

    async def upload(self, path: Path, resource_type: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Send a file; the asset it became."""
        size = path.stat().st_size
        url = self.access.endpoint(f"{resource_type}/upload")
        with path.open("rb") as file:
            if size <= CHUNK:
                return await self._post(url, params, _sent(path.name), file, {})
            upload_id = uuid4().hex
            answer: dict[str, Any] = {}
            for start in range(0, size, CHUNK):
                end = min(start + CHUNK, size) - 1
                fields = {"Content-Range": f"bytes {start}-{end}/{size}", "X-Unique-Upload-Id": upload_id}
                answer = await self._post(
                    url, params, _sent(path.name), _Window(file, start, end + 1), fields
                )
            return answer

    async def _post(
        self, url: str, params: Mapping[str, str], name: str, file: Any, fields: Mapping[str, str]
    ) -> dict[str, Any]:
        signed = {**params, "timestamp": str(int(self.now()))}
        sent: dict[str, Any] = {
            **signed,
            "api_key": self.access.api_key,
            "signature": signature_of(signed, self.access.api_secret),
        }
        response = await _answered(
            self.client.post(
                url,
                data=sent,
                files={"file": (name, "application/octet-stream", FileBodyProducer(file))},
                headers=Headers({name: [value] for name, value in fields.items()}),
                timeout=ANSWER_SECONDS,
            )
        )
        return await _document(response)

    async def assets(self, resource_type: str) -> AsyncIterator[dict[str, Any]]:
        """Every asset of a type, oldest first, with all that people said of it."""
        query = {"max_results": str(AT_ONCE), "direction": "asc"}
        query |= dict.fromkeys(("tags", "context", "metadata"), "true")
        cursor: str | None = None
        while True:
            asked = urlencode({**query, **({"next_cursor": cursor} if cursor else {})})
            page = await self._get(f"resources/{resource_type}?{asked}")
            for asset in page["resources"]:
                yield asset
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    async def _get(self, path: str) -> dict[str, Any]:
        keys = b64encode(f"{self.access.api_key}:{self.access.api_secret}".encode()).decode("ascii")
        headers = Headers({"Authorization": [f"Basic {keys}"]})
        response = await _answered(
            self.client.get(self.access.endpoint(path), headers=headers, timeout=ANSWER_SECONDS)
        )
        return await _document(response)

    async def download(self, url: str, target: Path) -> Downloaded:
        """An asset's bytes into a file, from wherever this cloud is reached: only the path of `url` counts."""
        parts = urlsplit(url)
        here = f"{self.access.api_url}{parts.path}{'?' + parts.query if parts.query else ''}"
        response = await _answered(self.client.get(here, timeout=ANSWER_SECONDS, unbuffered=True))
        if response.code != 200:
            why = (response.headers.getRawHeaders("X-Cld-Error") or [""])[0]
            raise TransferError(f"status {response.code}: {why}")
        digest, size = hashlib.md5(usedforsecurity=False), 0
        with target.open("wb") as file:

            def take(data: bytes) -> None:
                nonlocal size
                size += len(data)
                digest.update(data)
                file.write(data)

            try:
                await treq.collect(response, take)
            except (ResponseFailed, ConnectionClosed) as error:
                raise TryAgain(str(error)) from error
        (etag,) = response.headers.getRawHeaders("ETag") or [""]
        return Downloaded(size, digest.hexdigest(), etag.strip('"'))


async def _answered(asking: Any) -> Any:
    try:
        return await asking
    except (ConnectError, ConnectionClosed, ResponseFailed, OSError, CancelledError) as error:
        raise TryAgain(f"no answer: {error}") from error


async def _document(response: Any) -> dict[str, Any]:
    body = await treq.content(response)
    if response.code >= 500 or response.code in (420, 429):
        raise TryAgain(_said(response.code, body))
    try:
        document = jsontext.read(body)
    except ValueError:
        document = None
    if response.code != 200 or not isinstance(document, dict):
        raise TransferError(_said(response.code, body))
    return document


def _said(status: int, body: bytes) -> str:
    return f"status {status}: {body[:300].decode('utf-8', 'replace').strip()}"


class _Window:
    """Part of a file, read as a file of its own."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self._file, self._start, self._stop, self._at = file, start, stop, start

    def read(self, limit: int) -> bytes:
        """The next bytes."""
        self._file.seek(self._at)
        data = self._file.read(min(limit, self._stop - self._at))
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> None:
        """As files do: from the start, or from the end."""
        self._at = (self._stop if whence == 2 else self._start) + offset

    def tell(self) -> int:
        """Where we are."""
        return self._at - self._start

    def close(self) -> None:
        """The file is another's."""


def _sent(name: str) -> str:
    """A file's name as a request can say it: bytes in it that are no UTF-8 are told as question marks."""
    return name.encode("utf-8", "replace").decode()
