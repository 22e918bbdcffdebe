"""Puts the photographs into a new cloud, as any client would: signed uploads through the front door."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import treq
from attrs import frozen
from treq.client import HTTPClient
from twisted.web.client import FileBodyProducer
from twisted.web.http_headers import Headers

from sim.demo.photographs import FOLDER, PHOTOGRAPHS, Photograph
from wire.signing import api_signature

ANSWER_SECONDS = 120


class SeedingError(Exception):
    """The cloud did not take a photograph, or did not say what it has."""


@frozen
class CloudAccess:
    """Where a cloud's API is and who we are to it."""

    api_url: str
    cloud: str
    api_key: str
    api_secret: str

    def endpoint(self, path: str) -> str:
        return f"{self.api_url}/v1_1/{self.cloud}/{path}"


@frozen
class Seeding:
    """The demo photographs on their way into a cloud."""

    client: HTTPClient
    access: CloudAccess
    unfinished: Path  # a mark kept while a first run is under way: the next run goes on with it
    now: Callable[[], float]  # wall clock, for signatures

    async def run(self, progress: Callable[[int, int, str], None]) -> int:
        """Upload what a first run has yet to; how many were uploaded. A cloud in use is left as it is."""
        present = await self.present()
        if present and not self.unfinished.exists():
            return 0
        missing = [photograph for photograph in PHOTOGRAPHS if photograph.public_id not in present]
        self.unfinished.touch()
        for number, photograph in enumerate(missing, start=1):
            progress(number, len(missing), photograph.file)
            await self._upload(photograph)
        self.unfinished.unlink()
        return len(missing)

    async def present(self) -> frozenset[str]:
        """Some public_ids the cloud has: none means that it is new."""
        url = self.access.endpoint("resources/image/upload?max_results=500")
        keys = b64encode(f"{self.access.api_key}:{self.access.api_secret}".encode()).decode("ascii")
        response = await self.client.get(
            url, headers=Headers({"Authorization": [f"Basic {keys}"]}), timeout=ANSWER_SECONDS
        )
        answer = await response.json() if response.code == 200 else None
        if not isinstance(answer, dict) or not isinstance(answer.get("resources"), list):
            raise SeedingError(f"the cloud does not tell what it has: status {response.code}")
        return frozenset(str(resource.get("public_id")) for resource in answer["resources"])

    async def _upload(self, photograph: Photograph) -> None:
        params = {
            "public_id": photograph.public_id,
            "asset_folder": FOLDER,
            "timestamp": str(int(self.now())),
        }
        fields: dict[str, Any] = {
            **params,
            "api_key": self.access.api_key,
            "signature": signature_of(params, self.access.api_secret),
        }
        with photograph.open().open("rb") as file:
            response = await self.client.post(
                self.access.endpoint("image/upload"),
                data=fields,
                files={"file": (photograph.file, "application/octet-stream", FileBodyProducer(file))},
                timeout=ANSWER_SECONDS,
            )
            body = await treq.content(response)
        if response.code != 200:
            raise SeedingError(
                f"{photograph.file}: status {response.code}: {body[:300].decode('utf-8', 'replace')}"
            )


def signature_of(params: dict[str, str], secret: str) -> str:
    """The signature an SDK would send with these parameters."""
    return api_signature(params, secret, "sha256")  # which no key refuses
