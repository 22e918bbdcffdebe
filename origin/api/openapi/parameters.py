"""What parameters must look like, in a query and in each of the three encodings of a body (upload-api §1)."""

from collections.abc import Mapping, Sequence

from origin.api.endpoint import Kind, Param
from origin.api.openapi.shapes import TEXT, Schema, listing

FORM: Mapping[Kind, Schema] = {
    Kind.TEXT: TEXT,
    Kind.FLAG: {"type": "string", "enum": ["true", "false", "1", "0"]},
    Kind.INTEGER: {"type": "integer", "minimum": 0, "maximum": 999_999_999_999},
    Kind.SIZE: {"type": "integer", "minimum": 1, "maximum": 999_999_999_999},
    Kind.LIST: listing(TEXT),
    Kind.JSON: {"type": "string", "contentMediaType": "application/json"},
    Kind.FILE: TEXT,
}
"""In a query, and in a form. A list is a name repeated, with `[]` behind it or not, or one comma separated text."""

JSON: Mapping[Kind, Schema] = {
    Kind.TEXT: {"type": ["string", "number", "null"]},
    Kind.FLAG: {"anyOf": [{"type": ["boolean", "null"]}, {"enum": ["true", "false", "1", "0", 1, 0]}]},
    Kind.INTEGER: {
        "anyOf": [FORM[Kind.INTEGER], {"type": "string", "pattern": "^[0-9]{1,12}$"}, {"type": "null"}]
    },
    Kind.SIZE: {
        "anyOf": [FORM[Kind.SIZE], {"type": "string", "pattern": "^[1-9][0-9]{0,11}$"}, {"type": "null"}]
    },
    Kind.LIST: {"anyOf": [listing(TEXT), {"type": ["string", "null"]}]},
    Kind.JSON: {"type": ["object", "array", "string", "null"]},
    Kind.FILE: TEXT,
}
"""In a JSON body: null is as good as nothing."""

MULTIPART: Mapping[Kind, Schema] = {**FORM, Kind.FILE: {"type": "string", "format": "binary"}}


def in_query(param: Param) -> Schema:
    """A parameter object."""
    shown = {"name": param.name, "in": "query", "required": param.required, "schema": FORM[param.kind]}
    return {**shown, **_about(param)}


def in_body(takes: Sequence[Param]) -> Schema:
    """A request body object."""
    return {
        "required": any(each.required for each in takes),
        "content": {
            "application/json": {"schema": _object(takes, JSON)},
            "application/x-www-form-urlencoded": {"schema": _object(takes, FORM)},
            "multipart/form-data": {"schema": _object(takes, MULTIPART)},
        },
    }


def _object(takes: Sequence[Param], kinds: Mapping[Kind, Schema]) -> Schema:
    required = [each.name for each in takes if each.required]
    return {
        "type": "object",
        "properties": {each.name: {**kinds[each.kind], **_about(each)} for each in takes},
        **({"required": required} if required else {}),
    }


def _about(param: Param) -> Schema:
    return {"description": param.about} if param.about else {}
