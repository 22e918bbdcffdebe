"""One origin for all the API tests of a module: starting one costs a worker process. And whom it tells."""

from collections.abc import AsyncIterator

import pytest
import pytest_twisted

from tests.support.origins import RunningOrigin, running_origin
from tests.support.remote import RemoteServer, remote_server


@pytest_twisted.async_yield_fixture(scope="module")
async def origin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    async with running_origin(tmp_path_factory.mktemp("origin"), max_upload_bytes=3_000_000) as running:
        yield running


@pytest_twisted.async_yield_fixture
async def receiver() -> AsyncIterator[RemoteServer]:
    async with remote_server() as running:
        yield running
