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
    "backup",
    "discard_original_filename",
    "use_filename_as_display_name",
    "use_asset_folder_as_public_id_prefix",
    "async",
    "eager_async",
    "return_delete_token",
)
_TEXTS = (
    "public_id",
    "public_id_prefix",
    "folder",
    "filename_override",
    "type",
    "upload_preset",
    "transformation",
    "format",
    "eager",
)
_SAID = (
    "asset_folder",
    "display_name",
    "access_mode",
    "context",
    "face_coordinates",
    "custom_coordinates",
    "headers",
    "metadata",
    "moderation",
    "quality_override",
)

DESCRIBING_PARAMS = (
    *(Param(name) for name in _SAID),
    Param("tags", Kind.LIST),
    Param("regions", Kind.JSON),
    Param("access_control", Kind.JSON),
    Param("unique_display_name", Kind.FLAG),
    Param("clear_invalid", Kind.FLAG, about="Whether values of metadata that became invalid go"),
)
"""What is said of an asset besides its bytes (`origin/api/describing.py`)."""

ANALYSING_PARAMS = (
    *(Param(name, Kind.FLAG) for name in FLAGS),
    Param("responsive_breakpoints", Kind.JSON),
    *(Param(name) for name in ADDON_PARAMS),
)
"""What may be found out about a file, shared by uploads and `explicit`."""

UPLOAD_PARAMS = (
    Param("file", Kind.FILE, required=True, about="The file, its URL, or a data URI"),
    *(Param(name, Kind.FLAG) for name in _FLAGS),
    *(Param(name) for name in _TEXTS),
    *NOTIFY,
    *DESCRIBING_PARAMS,
    Param("callback", about="Where a form posted without a script is sent on to"),
    Param("eager_notification_url", about="Where to tell of files made after the answer"),
    Param("allowed_formats", Kind.LIST),
    *ANALYSING_PARAMS,
)
