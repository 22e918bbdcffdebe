"""Structured metadata for tests: fields of a cloud, made and forgotten."""

from typing import Any

import cloudinary.api

from tests.support.calls import asked
from tests.support.origins import CLOUD, RunningOrigin

FIELDS = f"/v1_1/{CLOUD}/metadata_fields"
RULES = f"/v1_1/{CLOUD}/metadata_rules"
COLOURS = [{"external_id": "c1", "value": "red"}, {"external_id": "c2", "value": "Green"}, {"value": "blue"}]


async def add(origin: RunningOrigin, external_id: str, kind: str = "string", **more: Any) -> Any:
    field = {"external_id": external_id, "label": external_id.title(), "type": kind, **more}
    return await origin.called(cloudinary.api.add_metadata_field, field)


async def forget(origin: RunningOrigin) -> None:
    """Delete all fields of the cloud; with them go its rules."""
    for each in (await asked(origin, "GET", FIELDS)).json["metadata_fields"]:
        await asked(origin, "DELETE", f"{FIELDS}/{each['external_id']}")
    assert (await asked(origin, "GET", RULES)).json == {"metadata_rules": []}
