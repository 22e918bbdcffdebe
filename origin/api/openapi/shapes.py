"""How schemas are written: JSON Schema 2020-12, as OpenAPI 3.1 embeds it."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
ANY: Schema = {}
ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
UUID: Schema = {"type": "string", "format": "uuid"}
URL: Schema = {"type": "string", "pattern": "^https?://"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
RESOURCE_TYPE: Schema = {"type": "string", "enum": ["image", "video", "raw"]}
NEXT_CURSOR: Schema = {"type": "string", "description": "Where the next page begins; absent on the last"}


def listing(items: Schema) -> Schema:
    """An array."""
    return {"type": "array", "items": items}


def mapping(values: Schema) -> Schema:
    """An object whose names are data."""
    return {"type": "object", "additionalProperties": values}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def ref(name: str) -> Schema:
    """A component."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object with these members and no others."""
    return {**opened(required, optional), "additionalProperties": False}


def opened(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object with these members, perhaps among others."""
    members = {"type": "object", "properties": {**required, **(optional or {})}}
    return {**members, "required": list(required)} if required else members
