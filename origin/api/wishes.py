"""What an upload request asks for, read from its parameters; what we cannot do is refused, not ignored."""

from collections.abc import Mapping

from origin.api.describing import described, wants_unique_display_name
from origin.api.multipart import base_name
from origin.api.params import Params, flag, listed, text
from origin.assets.addons import EXTRACT_TEXT, check_addons
from origin.assets.addons import PARAMS as ADDON_PARAMS
from origin.assets.analyses import AnalysisWish
from origin.assets.ingest import Upload
from origin.assets.naming import checked_folder, stem_and_extension
from origin.assets.suiting import parse_suitings
from wire.components import printable
from wire.errors import InvalidRequest
from wire.public_ids import FORMATS, MAX_CHARACTERS, check_public_id

DELIVERY_TYPES = ("upload", "private", "authenticated")
STORED_TYPES = (*DELIVERY_TYPES, "fetch", "text")

# Each promises an effect; to answer 200 without it would be a lie. Booleans are refused only when true.
_PROMISES = frozenset(
    {
        "eval",
        "on_success",
        "proxy",
    }
)
_OFF = frozenset({"", "0", "false", "none", "[]", "{}"})


def refuse_promises(params: Params) -> None:
    """400 for the first parameter whose effect does not exist here."""
    for name in sorted(_PROMISES & params.keys()):
        value = text(params, name)
        if value is not None and value.lower() not in _OFF:
            raise InvalidRequest(f"Parameter {name} is not supported by this server")


def addons_in(params: Params) -> dict[str, str]:
    """The parameters that may ask for add-ons."""
    return {name: text(params, name) or "" for name in ADDON_PARAMS}


def delivery_type(params: Params, allowed: tuple[str, ...] = DELIVERY_TYPES) -> str:
    """`type`: one of those an upload may have (upload-api §2)."""
    value = text(params, "type") or "upload"
    if value not in allowed:
        raise InvalidRequest(f"Invalid type {printable(value)}")
    return value


def upload_wish(
    cloud: str, resource_type: str, params: Params, name: str | None, *, fixed_folders: bool = False
) -> Upload:
    """The upload those parameters describe (upload-api §3.2); `name` is the file's own."""
    refuse_promises(params)
    check_addons(addons_in(params))
    filename = base_name(text(params, "filename_override") or "") or name
    public_id = text(params, "public_id")
    if public_id is not None:
        check_public_id(public_id)
    prefix, asset_folder = _places(params, fixed_folders)
    said = described(params, fixed_folders=fixed_folders)
    return Upload(
        cloud=cloud,
        resource_type=resource_type,
        type=delivery_type(params),
        public_id=public_id,
        prefix=prefix,
        filename=filename[-MAX_CHARACTERS:] if filename else None,
        keeps_filename=not flag(params, "discard_original_filename"),
        use_filename=flag(params, "use_filename"),
        unique_filename=flag(params, "unique_filename", default=True),
        asset_folder=asset_folder,
        display_name=said.display_name or _display_name(params, filename),
        unique_display_name=wants_unique_display_name(params, fixed_folders=fixed_folders),
        overwrite=flag(params, "overwrite", default=True),
        invalidate=flag(params, "invalidate"),
        backup=flag(params, "backup") if text(params, "backup") is not None else None,
        tags=said.tags or (),
        context=dict(said.context or {}),
        metadata=said.metadata.given if said.metadata else {},
        allowed_formats=listed(params, "allowed_formats"),
        format=_format(params),
        transformation=text(params, "transformation") or "",
        said=said,
        analyses=AnalysisWish.of(params),
        suitings=parse_suitings(text(params, "responsive_breakpoints")),
        extracts_text=text(params, "raw_convert") == EXTRACT_TEXT,
    )


def _places(params: Mapping[str, str | tuple[str, ...]], fixed_folders: bool) -> tuple[str, str]:
    """(prefix of the public id, asset folder): upload-api §3.3, §10."""
    folder = checked_folder(text(params, "folder") or "", "folder")
    if fixed_folders:
        return folder, ""
    asset_folder = checked_folder(text(params, "asset_folder") or "", "asset_folder")
    prefix = checked_folder(text(params, "public_id_prefix") or "", "public_id_prefix")
    if prefix or folder:
        return prefix or folder, asset_folder or folder
    return asset_folder if flag(params, "use_asset_folder_as_public_id_prefix") else "", asset_folder


def _display_name(params: Params, filename: str | None) -> str | None:
    if flag(params, "use_filename_as_display_name") and filename:
        return stem_and_extension(base_name(filename))[0][:MAX_CHARACTERS] or None
    return None


def _format(params: Params) -> str | None:
    value = text(params, "format")
    if value is None:
        return None
    if value.lower() not in FORMATS:
        raise InvalidRequest(f"Unsupported output format {printable(value)}")
    return FORMATS[value.lower()]
