"""What the OpenAPI document allows, tried by machine: no answer is a surprise, and none is our own fault."""

import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import cloudinary.utils
import pytest_twisted
import requests
import schemathesis
from attrs import define, field
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from twisted.internet.threads import deferToThread

from origin.api.openapi.resource import PATH
from origin.api.params import from_document
from tests.support.calls import asked
from tests.support.images import as_bytes, quartered
from tests.support.origins import CLOUD, KEY, SECRET, RunningOrigin

EXAMPLES = 4
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
ORDER = ("get", "post", "put", "delete")  # what is there stays there until all have seen it


@define
class Caller:
    """Makes cases into calls of somebody who may make them; every other one is about something that is there."""

    known: dict[str, str]
    _turns: Iterator[int] = field(factory=count, init=False)

    def prepare(self, case: "Case[Any]") -> None:
        turn = next(self._turns)
        case.path_parameters["cloud"] = CLOUD
        if turn % 2:
            for name in case.path_parameters.keys() & self.known.keys():
                case.path_parameters[name] = self.known[name]
        case.query = {**(case.query or {}), "wait_seconds": 0} if "messages" in case.path else case.query
        for name in ("signature", "api_key", "timestamp"):
            (case.query or {}).pop(name, None)
        if "Admin API" in case.operation.tags or turn % 4 < 2:
            case.headers["Authorization"] = requests.auth._basic_auth_str(KEY, SECRET)
        else:
            case.headers.pop("Authorization", None)
            self._sign(case)

    def _sign(self, case: "Case[Any]") -> None:
        sent = {**(case.query or {}), **(case.body if isinstance(case.body, dict) else {})}
        said = from_document({name: value for name, value in sent.items() if name != "file"})
        signed: dict[str, Any] = {**said, "timestamp": str(int(time.time()))}
        signed = {name: list(value) if isinstance(value, tuple) else value for name, value in signed.items()}
        signature = cloudinary.utils.api_sign_request(signed, SECRET)
        proof = {"timestamp": signed["timestamp"], "signature": signature, "api_key": KEY}
        case.query = {**(case.query or {}), **proof}


def tried(url: str, document: dict[str, Any], known: dict[str, str]) -> tuple[list[str], set[str]]:
    """Every check that failed, in words, and the calls that have succeeded."""
    schema = schemathesis.openapi.from_dict(document)
    caller, session = Caller(known), requests.Session()
    operations = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    found: list[str] = []
    succeeded: set[str] = set()
    for operation in sorted(operations, key=lambda each: ORDER.index(each.method)):

        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def attempt(case: "Case[Any]") -> None:
            caller.prepare(case)
            response = case.call(base_url=url, session=session, allow_redirects=False)
            if response.status_code < 300:
                succeeded.add(case.operation.label)
            try:
                case.validate_response(response, checks=CHECKS)
            except (FailureGroup, Failure) as failure:
                why = getattr(failure, "exceptions", [failure])
                found.extend(f"{case.method} {case.formatted_path} {case.query}: {each}" for each in why)

        attempt()
    return found, succeeded


async def furnished(origin: RunningOrigin) -> dict[str, str]:
    """Things that are there, by the names that paths have for them."""
    answer = await origin.upload(
        as_bytes(quartered(40, 30), "JPEG"), public_id="a/b", tags="t", backup=True, asset_folder="shelf"
    )
    home = f"/v1_1/{CLOUD}"
    await asked(origin, "POST", f"{home}/upload_presets", {"name": "known", "tags": "a"})
    await asked(origin, "POST", f"{home}/transformations/known", {"transformation": "c_scale,w_10"})
    await asked(origin, "POST", f"{home}/upload_mappings", {"folder": "m", "template": "http://127.0.0.1/"})
    made = {"external_id": "known", "type": "enum", "label": "Known"}
    entries = {"values": [{"external_id": "one", "value": "One"}]}
    await asked(origin, "POST", f"{home}/metadata_fields", {**made, "datasource": entries})
    trigger = await asked(origin, "POST", f"{home}/triggers", {"uri": "poll://c", "event_type": "all"})
    return {
        "resource_type": "image",
        "type": "upload",
        "public_id": "a/b",
        "asset_id": answer["asset_id"],
        "tag": "t",
        "path": "shelf",
        "name": "known",
        "field_id": "known",
        "id": trigger.json["id"],
        "kind": "manual",
        "status": "pending",
        "date": "01-02-2026",
    }


@pytest_twisted.ensureDeferred
async def test_whatever_the_document_allows_is_answered_as_it_says(origin: RunningOrigin) -> None:
    known = await furnished(origin)
    document = (await origin.get(PATH)).json
    surprises, succeeded = await deferToThread(tried, origin.url, document, known)
    assert surprises == []
    assert len(succeeded) > 40
    assert origin.spooled() == []
