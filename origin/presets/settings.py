"""The upload parameters that a preset may hold: as texts, and parsed the way one preset is shown (admin-api §11)."""

from collections.abc import Callable, Mapping
from typing import Any

from origin.api.params import Params, flag, listed, text
from origin.assets.context import parse_context
from origin.assets.coordinates import parse_boxes
from origin.metadata.spelling import parse_values
from origin.transform.longnames import described
from wire import jsontext
from wire.components import printable
from wire.errors import InvalidRequest

Settings = Mapping[str, str]
DEEPEST = 20
_Reader = Callable[[str, str], Any]  # name, text


def _text(_: str, value: str) -> str:
    return value


def _flag(name: str, value: str) -> bool:
    return flag({name: value}, name)


def _list(name: str, value: str) -> list[str]:
    return list(listed({name: value}, name))


def _context(_: str, value: str) -> dict[str, str]:
    return parse_context(value)


def _metadata(_: str, value: str) -> dict[str, Any]:
    return {
        name: list(each) if isinstance(each, tuple) else each for name, each in parse_values(value).items()
    }


def _boxes(name: str, value: str) -> list[list[int]]:
    return [list(box) for box in parse_boxes(value, name)]


def _chain(_: str, value: str) -> list[dict[str, Any]]:
    return described(value)


def _eager(_: str, value: str) -> list[list[dict[str, Any]]]:
    return [described(each.strip()) for each in value.split("|") if each.strip("/ ")]


def _json(name: str, value: str) -> Any:
    try:
        document = jsontext.read(value)
    except ValueError as error:
        raise InvalidRequest(f"Invalid value for parameter {name}: expected JSON") from error
    if _depth(document) > DEEPEST:
        raise InvalidRequest(f"Invalid value for parameter {name}: nested deeper than {DEEPEST}")
    return document


def _depth(document: Any) -> int:
    """How deep it is nested, at least as far as it matters."""
    level, depth = [document], 0
    while level and depth <= DEEPEST:
        inner = [
            each.values() if isinstance(each, dict) else each
            for each in level
            if isinstance(each, dict | list)
        ]
        level, depth = [each for some in inner for each in some], depth + 1
    return depth


def _flag_or_json(name: str, value: str) -> Any:
    return _json(name, value) if value.startswith(("{", "[")) else _flag(name, value)


def _headers(name: str, value: str) -> dict[str, str]:
    fields = {}
    for line in filter(str.strip, value.splitlines()):
        field, colon, rest = line.partition(":")
        if not (colon and field.strip()):
            raise InvalidRequest(f"Invalid value for parameter {name}: {printable(line)}")
        fields[field.strip()] = rest.strip()
    return fields


_FLAGS = (
    "accessibility_analysis async auto_chaptering backup cinemagraph_analysis clear_invalid colors "
    "disallow_public_id discard_original_filename eager_async exif faces image_metadata invalidate live "
    "media_metadata overwrite phash quality_analysis return_delete_token unique_display_name unique_filename "
    "use_asset_folder_as_public_id_prefix use_filename use_filename_as_display_name visual_search"
)
_TEXTS = (
    "access_mode asset_folder auto_tagging background_removal batch_id callback categorization detection "
    "display_name eager_notification_url eval filename_override folder format manifest_json "
    "manifest_transformation moderation notification_url ocr on_success proxy public_id public_id_prefix "
    "quality_override raw_convert similarity_search source template template_vars type"
)
_READERS: Mapping[str, _Reader] = {
    **dict.fromkeys(_FLAGS.split(), _flag),
    **dict.fromkeys(_TEXTS.split(), _text),
    **dict.fromkeys(("allowed_formats", "parameter_whitelist", "tags"), _list),
    **dict.fromkeys(("custom_coordinates", "face_coordinates"), _boxes),
    **dict.fromkeys(("access_control", "regions", "responsive_breakpoints"), _json),
    **dict.fromkeys(("auto_transcription", "auto_video_details"), _flag_or_json),
    "context": _context,
    "eager": _eager,
    "headers": _headers,
    "metadata": _metadata,
    "transformation": _chain,
}
ATTRIBUTES = frozenset({"disallow_public_id", "live", "parameter_whitelist"})
"""Settings that speak of the preset itself: no upload ever sees them."""
UPLOAD_PARAMS = _READERS.keys() - ATTRIBUTES
"""Every parameter of an upload that a preset may set."""


def stored(params: Params) -> dict[str, str]:
    """The settings those parameters hold, as texts. Unknown parameters and empty ones are none."""
    settings = {name: text(params, name) for name in sorted(_READERS.keys() & params.keys())}
    return {name: _checked(name, value) for name, value in settings.items() if value is not None}


def shown(settings: Settings) -> dict[str, Any]:
    """The settings parsed: booleans, arrays, objects; a chain as objects with long names."""
    return {name: _READERS[name](name, value) for name, value in settings.items()}


def changed(settings: Settings, params: Params) -> dict[str, str]:
    """The settings with what is given in them now; a text given empty goes."""
    emptied = {
        name
        for name in params.keys() & _READERS.keys()
        if text(params, name) is None and name not in _FLAGS.split()
    }
    kept = {name: value for name, value in settings.items() if name not in emptied}
    return dict(sorted({**kept, **stored(params)}.items()))


def _checked(name: str, value: str) -> str:
    _READERS[name](name, value)
    return value
