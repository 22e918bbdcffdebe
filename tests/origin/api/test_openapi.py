"""The OpenAPI document: served to anyone, and whole."""

import json
from typing import Any

import pytest
import pytest_twisted

from origin.api.endpoint import Access, Endpoint
from origin.api.openapi.document import SCHEMAS
from origin.api.openapi.resource import PATH
from origin.assets.editing import Editing
from origin.assets.foldering import Foldering
from tests.support.calls import asked
from tests.support.origins import RunningOrigin
from tests.support.promises import name_of
from wire.errors import Conflict, Unavailable


@pytest_twisted.ensureDeferred
async def test_anyone_may_have_the_document_and_keep_it(origin: RunningOrigin) -> None:
    answer = await origin.get(PATH)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert answer.json["openapi"] == "3.1.0"
    assert answer.headers["cache-control"] == "public, max-age=300"
    again = await origin.get(PATH, If_None_Match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")


@pytest_twisted.ensureDeferred
async def test_it_is_only_read(origin: RunningOrigin) -> None:
    answer = await origin.get(PATH, "DELETE")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "error" in answer.json
    assert (await origin.get(PATH, "HEAD")).body == b""
    assert (await origin.get(PATH, "OPTIONS")).status == 204


@pytest_twisted.ensureDeferred
async def test_every_call_is_in_it_once_under_a_name_of_its_own(origin: RunningOrigin) -> None:
    document = (await origin.get(PATH)).json
    operations = [each for path in document["paths"].values() for each in path.values()]
    assert len({each["operationId"] for each in operations}) == len(operations) >= len(origin.endpoints)
    assert all(each["summary"] for each in operations)


@pytest_twisted.ensureDeferred
async def test_every_call_says_what_it_answers(origin: RunningOrigin) -> None:
    """A new endpoint names a schema: `answer="…"`, one of `origin/api/openapi`."""
    silent = [name_of(each) for each in origin.endpoints if each.statuses and not _is_told(each)]
    assert silent == []


def _is_told(endpoint: Endpoint) -> bool:
    return endpoint.answer in SCHEMAS or (endpoint.sends and not endpoint.answer)


@pytest_twisted.ensureDeferred
async def test_whatever_it_refers_to_is_there(origin: RunningOrigin) -> None:
    document = (await origin.get(PATH)).json
    for pointer in set(_refs(document)):
        found: Any = document
        for step in pointer.removeprefix("#/").split("/"):
            found = found[step]


def _refs(document: Any) -> list[str]:
    if isinstance(document, dict):
        own = [document["$ref"]] if isinstance(document.get("$ref"), str) else []
        return own + [each for value in document.values() for each in _refs(value)]
    return [each for value in document for each in _refs(value)] if isinstance(document, list) else []


@pytest_twisted.ensureDeferred
async def test_each_call_says_who_may_make_it(origin: RunningOrigin) -> None:
    paths = (await origin.get(PATH)).json["paths"]
    assert paths["/v1_1/{cloud}/ping"]["get"]["security"] == [{"basic": []}]
    signed: dict[str, list[str]] = {"signature": [], "api_key": [], "timestamp": []}
    assert paths["/v1_1/{cloud}/{resource_type}/destroy"]["post"]["security"] == [signed, {"basic": []}]
    assert paths["/v1_1/{cloud}/delete_by_token"]["post"]["security"] == [{}]
    assert [each for each in origin.endpoints if each.access is Access.OPEN]


@pytest.mark.parametrize(
    ("error", "status"),
    [(Unavailable("The catalogue is busy", retry_after_seconds=3), 500), (Conflict("Taken"), 400)],
)
@pytest_twisted.ensureDeferred
async def test_the_upload_api_has_few_statuses(
    origin: RunningOrigin, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    """Node's uploader throws away what any other status says."""

    async def fails(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(Editing, "several", fails)
    answer = await origin.post("/v1_1/demo/image/tags", {"command": "add", "tag": "a", "public_ids": ["x"]})
    assert (answer.status, answer.json) == (status, {"error": {"message": str(error)}})
    assert answer.headers.get("retry-after") == ("3" if isinstance(error, Unavailable) else None)


@pytest_twisted.ensureDeferred
async def test_the_admin_api_may_say_that_it_is_busy(
    origin: RunningOrigin, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any, **__: Any) -> Any:
        raise Unavailable("The catalogue is busy", retry_after_seconds=3)

    monkeypatch.setattr(Foldering, "create", fails)
    answer = await asked(origin, "POST", "/v1_1/demo/folders/a")
    assert (answer.status, answer.headers["retry-after"]) == (503, "3")
    assert json.loads(answer.body) == {"error": {"message": "The catalogue is busy"}}
