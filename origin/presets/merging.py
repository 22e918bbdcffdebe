"""What a preset makes of a request's parameters (upload-api §4, §11; signing §1.4)."""

import json
from collections.abc import Iterable

from origin.api.params import Params, flag, listed, text
from origin.assets.context import parse_context, unique_tags
from origin.metadata.spelling import parse_values, spell_values
from origin.presets.settings import ATTRIBUTES, UPLOAD_PARAMS, Settings
from wire.components import printable
from wire.errors import InvalidRequest

UNSIGNED_PARAMS = (
    *("upload_preset", "callback", "public_id", "folder", "asset_folder", "tags", "context", "metadata"),
    *("face_coordinates", "custom_coordinates", "source", "filename_override", "manifest_transformation"),
    *("manifest_json", "template", "template_vars", "regions", "public_id_prefix"),
)
"""All that an unsigned request may say, in the order the refusal names them."""
_NOT_SAID = frozenset({"file", "timestamp", "signature", "api_key", "upload_preset"})


def check_unsigned(params: Params) -> None:
    """400 for a parameter that only a signature or a preset may give."""
    allowed = {*UNSIGNED_PARAMS, *_NOT_SAID}
    _refuse(
        sorted(name for name in params if name not in allowed and text(params, name)),
        "parameter is not allowed when using unsigned upload.",
        UNSIGNED_PARAMS,
    )


def merged(params: Params, settings: Settings, *, signed: bool) -> Params:
    """The parameters of the upload. Signed, the request has the last word. Unsigned, the preset has: what may
    have many values (tags, context, metadata) gathers from both, and nothing is ever overwritten."""
    _check_attributes(params, settings)
    given: Params = {name: value for name, value in params.items() if text(params, name)}
    preset: Params = {name: value for name, value in settings.items() if name not in ATTRIBUTES}
    if signed:
        return {**preset, **given}
    return {**given, **preset, **_gathered(given, preset), "overwrite": "false"}


def _check_attributes(params: Params, settings: Settings) -> None:
    public_id = text(params, "public_id")  # the preset's own, a client may repeat from the answer to a part
    if flag(settings, "disallow_public_id") and public_id not in (None, settings.get("public_id")):
        raise InvalidRequest("Public id parameter is not allowed by the upload preset")
    if whitelist := listed(settings, "parameter_whitelist"):
        said = UPLOAD_PARAMS & params.keys() - _NOT_SAID
        _refuse(
            sorted(name for name in said if name not in whitelist and text(params, name)),
            "parameter is not allowed by the upload preset.",
            whitelist,
        )


def _gathered(given: Params, preset: Params) -> Params:
    both: Params = {}
    if tags := unique_tags((*listed(given, "tags"), *listed(preset, "tags"))):
        both["tags"] = tags
    if context := {**parse_context(text(given, "context")), **parse_context(text(preset, "context"))}:
        both["context"] = json.dumps(context)
    if metadata := {**parse_values(text(given, "metadata")), **parse_values(text(preset, "metadata"))}:
        both["metadata"] = spell_values(metadata)
    return both


def _refuse(names: Iterable[str], why: str, allowed: Iterable[str]) -> None:
    if forbidden := ", ".join(spoken(name) for name in names):
        listing = ", ".join(printable(name) for name in allowed)
        raise InvalidRequest(f"{forbidden} {why} Only {listing} upload parameters are allowed.")


def spoken(name: str) -> str:
    """A parameter's name as the errors write it: `Access mode`."""
    return printable(name).replace("_", " ").capitalize()
