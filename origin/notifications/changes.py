"""What is told of assets whose descriptions were edited, one event for each kind of change (upload-api.md §7)."""

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from origin.catalogue import Asset, Message
from origin.notifications.notifier import Notifier
from origin.notifications.types import EventType

KINDS: tuple[tuple[EventType, str], ...] = (
    ("resource_tags_changed", "tags"),
    ("resource_context_changed", "context"),
    ("resource_metadata_changed", "metadata"),
    ("resource_display_name_changed", "display_name"),
    ("access_control_changed", "access_control"),
    ("move", "asset_folder"),
)
Json = dict[str, Any]


@frozen
class Edited:
    """An asset as it was, and as it is."""

    old: Asset
    new: Asset


def tell_changes(notifier: Notifier, edited: Iterable[tuple[Asset, Asset]]) -> tuple[Message, ...]:
    """Messages for whoever listens; each event names the assets by their ids."""
    pairs = [Edited(old, new) for old, new in edited]
    told: list[Message] = []
    for event, name in KINDS:
        resources = {each.new.asset_id: _resource(each, name) for each in pairs if _differs(each, name)}
        if resources:
            told += notifier.tell(event, {"source": notifier.source, "resources": resources})
    return tuple(told)


def _differs(each: Edited, name: str) -> bool:
    return bool(_value(each.old, name) != _value(each.new, name))


def _resource(each: Edited, name: str) -> Json:
    identity = each.new.identity
    return {
        "public_id": identity.public_id,
        "resource_type": identity.resource_type,
        "type": identity.type,
        **_difference(_value(each.old, name), _value(each.new, name)),
    }


def _difference(old: Any, new: Any) -> Json:
    if isinstance(new, tuple):
        return {
            "added": [value for value in new if value not in old],
            "removed": [value for value in old if value not in new],
        }
    if isinstance(new, Mapping):
        return {
            "added": {key: value for key, value in new.items() if key not in old},
            "removed": {key: value for key, value in old.items() if key not in new},
            "updated": {key: value for key, value in new.items() if key in old and old[key] != value},
        }
    return {"previous_value": old, "new_value": new}


def _value(asset: Asset, name: str) -> Any:
    return asset.details.get(name) if name == "access_control" else getattr(asset, name)
