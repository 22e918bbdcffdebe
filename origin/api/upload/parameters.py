"""What an upload takes (upload-api §3.2), as the OpenAPI document lists it."""

from origin.api.endpoint import Kind, Param
from origin.api.notifying import NOTIFY
from origin.assets.addons import PARAMS as ADDON_PARAMS
from origin.assets.analyses import FLAGS

_FLAGS = (
    "use_filename",
    "unique_filename",
    "overwrite",
    "invalidate",
    "discard_original_filename",
    "use_filename_as_display_name",
    "use_asset_folder_as_public_id_prefix",
    "async",
    "eager_async",
)
_TEXTS = (
    "public_id",
    "public_id_prefix",
    "folder",
    "asset_folder",
    "display_name",
    "filename_override",
    "type",
    "access_mode",
    "upload_preset",
    "context",
    "face_coordinates",
    "custom_coordinates",
    "transformation",
    "format",
    "eager",
)

UPLOAD_PARAMS = (
    Param("file", Kind.FILE, required=True, about="The file, its URL, or a data URI"),
    *(Param(name, Kind.FLAG) for name in _FLAGS),
    *(Param(name) for name in _TEXTS),
    *NOTIFY,
    Param("eager_notification_url", about="Where to tell of files made after the answer"),
    Param("tags", Kind.LIST),
    Param("allowed_formats", Kind.LIST),
    Param("regions", Kind.JSON),
    Param("responsive_breakpoints", Kind.JSON),
    *(Param(name) for name in ADDON_PARAMS),
    *(Param(name, Kind.FLAG) for name in FLAGS),
)
