"""The names of all events, as triggers register for them (upload-api.md §7)."""

from typing import Literal, get_args

EventType = Literal[
    "access_control_changed",
    "bulk_refresh_auto_fetch",
    "create_folder",
    "delete",
    "delete_by_token",
    "delete_folder",
    "eager",
    "error",
    "explode",
    "generate_archive",
    "info",
    "invalidate_custom_cdn",
    "moderation",
    "moderation_summary",
    "move",
    "move_or_rename_asset_folder",
    "multi",
    "publish",
    "rename",
    "report",
    "resource_context_changed",
    "resource_display_name_changed",
    "resource_metadata_changed",
    "resource_tags_changed",
    "restore_asset_version",
    "sprite",
    "upload",
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)

ALL = "all"
"""What a trigger registers for that wants to hear of every event."""
