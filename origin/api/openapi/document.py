"""The OpenAPI document of a table of endpoints."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from origin.api.endpoint import ADMIN_STATUSES, TYPED, UPLOAD_STATUSES, Access, Endpoint, Param
from origin.api.openapi import assets, settings
from origin.api.openapi.parameters import in_body, in_query
from origin.api.openapi.shapes import RESOURCE_TYPE, TEXT, Schema, ref

Json = dict[str, Any]

SCHEMAS: Mapping[str, Schema] = {**assets.SCHEMAS, **settings.SCHEMAS}
"""What endpoints answer, by the names they give it."""

_SIGNED: Json = {"signature": [], "api_key": [], "timestamp": []}
_SECURITY: Mapping[Access, Sequence[Json]] = {
    Access.ADMIN: [{"basic": []}],
    Access.SIGNED: [_SIGNED, {"basic": []}],
    Access.UNSIGNED: [_SIGNED, {"basic": []}, {}],
    Access.OPEN: [{}],
}
_ABOUT_SIGNED = "Sent in the query or in the body, with every call that has no Authorization header"
_SCHEMES = {
    "basic": {"type": "http", "scheme": "basic", "description": "api_key:api_secret"},
    "signature": {
        "type": "apiKey",
        "in": "query",
        "name": "signature",
        "description": f"Hex SHA-1 or SHA-256 of the parameters, sorted, and the api_secret. {_ABOUT_SIGNED}",
    },
    "api_key": {"type": "apiKey", "in": "query", "name": "api_key", "description": _ABOUT_SIGNED},
    "timestamp": {
        "type": "apiKey",
        "in": "query",
        "name": "timestamp",
        "description": f"Unix seconds, part of what is signed. {_ABOUT_SIGNED}",
    },
}
_HEADERS: Mapping[str, Json] = {
    "X-Request-Id": {"required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"}},
    "X-FeatureRateLimit-Limit": {"required": True, "schema": {"type": "integer", "minimum": 1}},
    "X-FeatureRateLimit-Remaining": {"required": True, "schema": {"type": "integer", "minimum": 0}},
    "X-FeatureRateLimit-Reset": {"required": True, "schema": TEXT},
}
_NAMES: Mapping[str, Schema] = {
    "resource_type": RESOURCE_TYPE,
    "asset_id": {"type": "string", "pattern": f"^{TYPED['asset_id']}$"},
    "type": {"type": "string", "pattern": "^[^/]+$", "not": {"enum": ["tags", "context", "moderations"]}},
}
_ABOUT = (
    "Every body may be JSON, urlencoded or multipart/form-data; parameters may as well stand in the query, "
    "the body's win. Parameters that are not listed are ignored, but they are signed."
)


def document(endpoints: Iterable[Endpoint]) -> Json:
    """OpenAPI 3.1 of all of them."""
    paths: dict[str, Json] = {}
    for path, endpoint in _placed(endpoints):
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(path, endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "pixeledge Upload and Admin APIs", "version": "1.1", "description": _ABOUT},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": _SCHEMES,
            "headers": _HEADERS,
            "responses": {"Refused": _answered("Error", "Why not", ("X-Request-Id",))},
        },
    }


def _placed(endpoints: Iterable[Endpoint]) -> Iterable[tuple[str, Endpoint]]:
    """Each at its path. Where two paths differ in the names within only, which OpenAPI forbids, that of a resource
    type is spelled out."""
    told = sorted(endpoints, key=lambda each: _shape(each.pattern.template))
    for _, group in groupby(told, key=lambda each: _shape(each.pattern.template)):
        alike = list(group)
        is_shared = len({each.pattern.template for each in alike}) > 1
        for each in alike:
            path = each.pattern.template
            names = RESOURCE_TYPE["enum"] if is_shared and "{resource_type}" in path else ["{resource_type}"]
            for name in names:
                yield path.replace("{resource_type}", name), each


def _shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def _operation(path: str, endpoint: Endpoint) -> Json:
    takes = _each_once(endpoint.takes)
    has_body = endpoint.method != "GET"
    return {
        "operationId": re.sub(r"\W+", "_", f"{endpoint.method.lower()}{path}").strip("_"),
        "summary": endpoint.summary,
        "tags": ["Admin API" if endpoint.access is Access.ADMIN else "Upload API"],
        "security": _SECURITY[endpoint.access],
        "parameters": [
            *map(_in_path, re.findall(r"\{(\w+)\}", path)),
            *(() if has_body else map(in_query, takes)),
        ],
        **({"requestBody": in_body(takes)} if has_body and takes else {}),
        "responses": dict(_responses(endpoint)),
    }


def _each_once(takes: Sequence[Param]) -> Sequence[Param]:
    return tuple({each.name: each for each in takes}.values())


def _in_path(name: str) -> Json:
    schema = _NAMES.get(name, {"type": "string", "minLength": 1})
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _responses(endpoint: Endpoint) -> Iterable[tuple[str, Json]]:
    headers = tuple(_HEADERS) if endpoint.is_limited else ("X-Request-Id",)
    for status in endpoint.statuses:
        yield str(status), _answered(endpoint.answer, endpoint.summary, headers, sends=endpoint.sends)
    for status in ADMIN_STATUSES if endpoint.access is Access.ADMIN else UPLOAD_STATUSES:
        yield str(status), {"$ref": "#/components/responses/Refused"}


def _answered(answer: str, about: str, headers: Iterable[str], *, sends: bool = False) -> Json:
    content: Json = {"application/json": {"schema": ref(answer)}} if answer else {}
    if sends:
        content["*/*"] = {"schema": {"type": "string", "format": "binary"}}
    shown = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return {"description": about, "headers": shown, "content": content}
