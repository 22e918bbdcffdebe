"""What the Admin API tells of all that is no asset (admin-api §3, §7 to §17)."""

from collections.abc import Mapping

from origin.api.openapi.shapes import (
    ANY,
    COUNT,
    FLAG,
    ID,
    MOMENT,
    NEXT_CURSOR,
    NUMBER,
    RESOURCE_TYPE,
    TEXT,
    UUID,
    Schema,
    closed,
    listing,
    mapping,
    nullable,
    opened,
    ref,
)

DELETED: Schema = {"enum": ["deleted", "not_found"]}
COMPONENTS = listing({"type": "object"})  # of a chain, with long names
FOLDER = {"name": TEXT, "path": TEXT, "external_id": TEXT}
PLACE = closed({"name": TEXT, "path": TEXT})
USED = opened({"usage": NUMBER}, {"credits_usage": NUMBER})
CHAIN = {"name": TEXT, "allowed_for_strict": FLAG, "used": FLAG, "named": FLAG}
DONE = {"message": TEXT}
PROFILE = {"name": TEXT, "display_name": TEXT, "predefined": FLAG, "external_id": UUID}
VALUE = {"external_id": TEXT, "value": TEXT}
UNDONE = {"public_id": TEXT, "error": TEXT}

SCHEMAS: Mapping[str, Schema] = {
    "Error": closed({"error": closed({"message": {"type": "string", "minLength": 1}})}),
    "Message": closed(DONE),
    "Success": closed({"success": {"const": True}}),
    "Status": closed({"status": {"const": "ok"}}),
    "ResourceTypes": closed({"resource_types": listing(RESOURCE_TYPE)}),
    "Config": closed(
        {"cloud_name": TEXT, "created_at": MOMENT},
        {"settings": closed({"folder_mode": {"enum": ["dynamic", "fixed"]}})},
    ),
    "Usage": closed(
        {
            "plan": TEXT,
            "last_updated": {"type": "string", "format": "date"},
            "date_requested": MOMENT,
            **dict.fromkeys(
                ("transformations", "objects", "bandwidth", "storage", "impressions", "seconds_delivered"),
                USED,
            ),
            "credits": closed({"usage": NUMBER}, {"limit": NUMBER, "used_percent": NUMBER}),
            "resources": COUNT,
            "derived_resources": COUNT,
            "requests": COUNT,
            "media_limits": mapping(COUNT),
        }
    ),
    "Deleted": closed(
        {
            "deleted": mapping(DELETED),
            "deleted_counts": mapping(closed({"original": COUNT, "derived": COUNT})),
            "partial": FLAG,
        },
        {"next_cursor": NEXT_CURSOR},
    ),
    "DerivedDeleted": closed({"deleted": mapping(DELETED)}),
    "Restored": mapping(
        {"anyOf": [ref("Uploaded"), closed({"error": {"enum": ["no_backup", "failed", "unauthorized"]}})]}
    ),
    "VersionsDeleted": closed(
        {"asset_id": ID, "deleted_version_ids": listing(TEXT)},
        {"failures": listing(closed({"version_id": TEXT, "error": TEXT}))},
    ),
    "Published": closed(
        {
            "published": listing(ref("Asset")),
            "failed": listing(closed({**UNDONE, "resource_type": RESOURCE_TYPE, "type": TEXT})),
        }
    ),
    "AccessModes": closed(
        {
            "updated": listing(closed({"public_id": TEXT, "access_mode": TEXT})),
            "failed": listing(closed(UNDONE)),
        }
    ),
    "Relation": closed({"message": TEXT, "code": TEXT, "asset": TEXT, "status": COUNT}),
    "Relations": closed({"failed": listing(ref("Relation")), "success": listing(ref("Relation"))}),
    "TagPage": closed({"tags": listing(TEXT)}, {"next_cursor": NEXT_CURSOR}),
    "TransformationPage": closed({"transformations": listing(closed(CHAIN))}, {"next_cursor": NEXT_CURSOR}),
    "Transformation": closed(
        {**CHAIN, "info": COMPONENTS, "derived": listing(ref("Derived"))}, {"next_cursor": NEXT_CURSOR}
    ),
    "TransformationOrPage": {"anyOf": [ref("TransformationPage"), ref("Transformation")]},
    "Preset": closed({"name": TEXT, "unsigned": FLAG, "settings": mapping(ANY), "external_id": UUID}),
    "PresetPage": closed({"presets": listing(ref("Preset"))}, {"next_cursor": NEXT_CURSOR}),
    "PresetMade": closed({**DONE, "name": TEXT, "external_id": UUID}),
    "Changed": closed({**DONE, "external_id": TEXT}),
    "Folder": closed(FOLDER),
    "FolderPage": closed(
        {
            "folders": listing(ref("Folder")),
            "next_cursor": nullable(NEXT_CURSOR),
            "total_count": COUNT,
        }
    ),
    "FolderMade": closed({"success": {"const": True}, **FOLDER}),
    "FolderMoved": closed({"from": PLACE, "to": PLACE}),
    "FoldersDeleted": closed({"deleted": listing(TEXT)}),
    "FolderSearchResult": closed(
        {
            "total_count": COUNT,
            "time": COUNT,
            "folders": listing(closed({**FOLDER, "created_at": MOMENT})),
        },
        {"next_cursor": NEXT_CURSOR},
    ),
    "Mapping": closed(
        {"folder": TEXT, "template": TEXT, "external_id": ID, "upload_preset_name": nullable(TEXT)}
    ),
    "MappingPage": closed(
        {"mappings": listing(ref("Mapping")), "total_entries": COUNT}, {"next_cursor": NEXT_CURSOR}
    ),
    "MappingOrPage": {"anyOf": [ref("MappingPage"), ref("Mapping")]},
    "MappingMade": closed({**DONE, "folder": TEXT, "external_id": ID}),
    "Profile": closed({**PROFILE, "representations": listing(closed({"transformation": COMPONENTS}))}),
    "ProfileList": closed({"data": listing(closed(PROFILE))}),
    "ProfileShown": closed({"data": ref("Profile")}),
    "ProfileChanged": closed({**DONE, "data": ref("Profile")}),
    "MetadataField": closed(
        {
            "type": {"enum": ["string", "integer", "date", "enum", "set"]},
            "external_id": TEXT,
            "label": TEXT,
            "mandatory": FLAG,
            "default_value": ANY,
            "validation": {"type": ["object", "null"]},
            "default_disabled": FLAG,
            "restrictions": mapping(FLAG),
            "allow_dynamic_list_values": FLAG,
        },
        {
            "datasource": closed(
                {"values": listing(closed({**VALUE, "state": {"enum": ["active", "inactive"]}}))}
            )
        },
    ),
    "MetadataFields": closed({"metadata_fields": listing(ref("MetadataField"))}),
    "DatasourceValues": closed({"values": listing(closed(VALUE))}),
    "FoundValues": listing(closed({"field_id": TEXT, "id": TEXT, "value": TEXT})),
    "MetadataRule": closed(
        {
            "external_id": TEXT,
            "metadata_field_id": TEXT,
            "name": TEXT,
            "condition": {"type": "object"},
            "condition_signature": TEXT,
            "result": {"type": "object"},
            "state": {"enum": ["active", "inactive"]},
            "position": {"type": "integer", "minimum": 1},
        }
    ),
    "MetadataRules": closed({"metadata_rules": listing(ref("MetadataRule"))}),
    "Trigger": closed(
        {
            "id": TEXT,
            "product_environment_id": ID,
            "uri_type": {"enum": ["webhook", "poll"]},
            "uri": TEXT,
            "event_type": TEXT,
            "created_at": MOMENT,
            "updated_at": MOMENT,
        }
    ),
    "TriggerList": closed({"triggers": listing(ref("Trigger")), "total": COUNT}),
    "TriggerTested": closed({"trigger_id": TEXT, "filter_present": FLAG, "filter_result": FLAG}),
    "Messages": closed(
        {
            "messages": listing(
                closed(
                    {
                        "receipt_handle": TEXT,
                        "batch_id": nullable(TEXT),
                        "payload": {"type": "object"},
                        "signed_payload": TEXT,
                        "signature": TEXT,
                        "timestamp": TEXT,
                    }
                )
            )
        }
    ),
    "Acknowledged": closed(
        {"results": listing(closed({"receipt_handle": TEXT, "status": {"enum": ["acked", "not_found"]}}))}
    ),
}
