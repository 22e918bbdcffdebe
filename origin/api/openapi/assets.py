"""What answers tell of assets (upload-api §3.5, §5, §6, §9; admin-api §4, §5)."""

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
    URL,
    Schema,
    closed,
    listing,
    mapping,
    nullable,
    opened,
    ref,
)

BOX: Schema = {**listing(NUMBER), "minItems": 4, "maxItems": 4}
URLS = {"url": URL, "secure_url": URL}
CONTEXT = closed({"custom": mapping(TEXT)})
FACES = listing(BOX)
ACCESS = {
    "access_mode": {"enum": ["public", "authenticated"]},
    "access_control": nullable(listing(opened({"access_type": {"enum": ["token", "anonymous"]}}))),
}
FOLDERS = {"asset_folder": TEXT, "display_name": TEXT, "folder": TEXT}
RECORDING = {
    "duration": NUMBER,
    "bit_rate": COUNT,
    "frame_rate": NUMBER,
    "nb_frames": COUNT,
    "rotation": {"type": "integer"},
    "is_audio": FLAG,
    "video": {"type": "object"},
    "audio": {"type": "object"},
    "playback_url": URL,
}
ANALYSES = {
    "colors": listing({**listing({"type": ["string", "number"]}), "minItems": 2, "maxItems": 2}),
    "predominant": mapping({"type": "array"}),
    "phash": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    "faces": FACES,
    "image_metadata": mapping(ANY),
    "exif": mapping(ANY),
    "quality_analysis": mapping(NUMBER),
    "quality_score": NUMBER,
    "accessibility_analysis": {"type": "object"},
    "cinemagraph_analysis": opened({"cinemagraph_score": NUMBER}),
    "illustration_score": NUMBER,
    "semi_transparent": FLAG,
    "grayscale": FLAG,
}
COORDINATES = opened({}, {"faces": FACES, "custom": FACES})
MODERATION = listing(closed({"kind": TEXT, "status": TEXT}, {"updated_at": MOMENT}))
STATED = {
    "width": COUNT,
    "height": COUNT,
    "format": TEXT,
    "context": CONTEXT,
    "metadata": mapping(ANY),
    "moderation_kind": TEXT,
    "moderation_status": TEXT,
    **FOLDERS,
    **ACCESS,
}
NAMED = {"asset_id": ID, "public_id": TEXT}
FILED = {
    "version": COUNT,
    "resource_type": RESOURCE_TYPE,
    "created_at": MOMENT,
    "type": TEXT,
    "bytes": COUNT,
    **URLS,
}
SHOWN = {**STATED, **ANALYSES, **RECORDING, "etag": TEXT, "coordinates": COORDINATES, "pages": COUNT}
BREAKPOINTS = closed({"width": COUNT, "height": COUNT, "bytes": COUNT, **URLS})
FAILED = closed({"transformation": TEXT, "status": {"const": "failed"}, "reason": TEXT})

UPLOADED = {
    **NAMED,
    **FILED,
    "version_id": ID,
    "signature": TEXT,
    "etag": TEXT,
    "placeholder": FLAG,
}
TOLD = {
    **SHOWN,
    "tags": listing(TEXT),
    "moderation": MODERATION,
    "original_filename": TEXT,
    "api_key": TEXT,
    "overwritten": {"const": True},
    "existing": {"const": True},
    "eager": listing(ref("Eager")),
    "responsive_breakpoints": listing(ref("Breakpoints")),
    "delete_token": TEXT,
    "info": {"type": "object"},
    "done": {"const": True},
}
LACKING = ("missing_public_ids", "empty_tags", "empty_prefixes")

SCHEMAS: Mapping[str, Schema] = {
    "Asset": closed(NAMED, {**FILED, **STATED, "tags": listing(TEXT), "placeholder": FLAG, "backup": FLAG}),
    "AssetPage": closed(
        {"resources": listing(ref("Asset"))}, {"next_cursor": NEXT_CURSOR, "total_count": COUNT}
    ),
    "Detail": closed(
        {**NAMED, **FILED, "derived": listing(ref("Derived"))},
        {
            **SHOWN,
            "tags": listing(TEXT),
            "moderation": MODERATION,
            "last_updated": mapping(MOMENT),
            "placeholder": FLAG,
            "next_cursor": NEXT_CURSOR,
            "derived_next_cursor": NEXT_CURSOR,
            "versions": listing(ref("Version")),
            "related_assets": listing(ref("Asset")),
            "related_next_cursor": NEXT_CURSOR,
            "info": {"type": "object"},
        },
    ),
    "Version": closed(
        {"version_id": ID, "version": TEXT, "size": COUNT, "time": MOMENT, "restorable": FLAG},
        {"format": TEXT},
    ),
    "Derived": closed(
        {"format": nullable(TEXT), "bytes": COUNT, "id": ID, **URLS},
        {"transformation": TEXT, "public_id": TEXT, "resource_type": RESOURCE_TYPE, "type": TEXT},
    ),
    "Eager": {
        "anyOf": [
            closed(
                {
                    "transformation": TEXT,
                    "width": nullable(COUNT),
                    "height": nullable(COUNT),
                    "bytes": COUNT,
                    "format": nullable(TEXT),
                    **URLS,
                }
            ),
            closed({"status": {"const": "processing"}, "batch_id": TEXT, "transformation": TEXT, **URLS}),
            FAILED,
        ]
    },
    "Breakpoints": {
        "anyOf": [closed({"breakpoints": listing(BREAKPOINTS)}, {"transformation": TEXT}), FAILED]
    },
    "Uploaded": closed(UPLOADED, TOLD),
    "ArchiveAnswer": {
        "anyOf": [
            closed(
                {**UPLOADED, "resource_count": COUNT, "file_count": COUNT},
                {**TOLD, **{name: listing(TEXT) for name in LACKING}},
            ),
            ref("Pending"),
        ]
    },
    "Pending": closed(
        {"status": {"const": "pending"}, "resource_type": TEXT, "type": TEXT, "batch_id": TEXT},
        {"public_id": TEXT, "done": {"const": True}},
    ),
    "MultiAnswer": {
        "anyOf": [
            ref("Pending"),
            closed({"url": URL, "secure_url": URL, "asset_id": ID, "public_id": TEXT, "version": COUNT}),
        ]
    },
    "SpriteAnswer": {
        "anyOf": [
            ref("Pending"),
            closed(
                {
                    **{f"{kind}_url": URL for kind in ("css", "image", "json")},
                    **{f"secure_{kind}_url": URL for kind in ("css", "image", "json")},
                    "public_id": TEXT,
                    "version": COUNT,
                    "image_infos": mapping(
                        closed(dict.fromkeys(("width", "height", "x", "y"), COUNT)),
                    ),
                }
            ),
        ]
    },
    "Processing": closed({"status": {"const": "processing"}, "batch_id": TEXT}),
    "Part": closed(
        {"done": {"const": False}, "bytes": COUNT, "kind": TEXT}, {"resource_type": TEXT, "public_id": TEXT}
    ),
    "UploadAnswer": {"anyOf": [ref("Uploaded"), ref("Pending"), ref("Part")]},
    "UploadedOrPending": {"anyOf": [ref("Uploaded"), ref("Pending")]},
    "Result": closed({"result": {"enum": ["ok", "not found"]}}),
    "PublicIds": closed({"public_ids": listing(TEXT)}),
    "Found": closed(
        {**NAMED, "resource_type": RESOURCE_TYPE, "type": TEXT, "created_at": MOMENT, "status": TEXT},
        {
            **FILED,
            **STATED,
            "context": mapping(TEXT),
            "tags": listing(TEXT),
            "filename": TEXT,
            "aspect_ratio": nullable(NUMBER),
            "pixels": COUNT,
            "uploaded_at": MOMENT,
            "backup_bytes": COUNT,
            "etag": TEXT,
            "created_by": nullable(closed({"access_key": TEXT})),
            "uploaded_by": nullable(closed({"access_key": TEXT})),
            "image_metadata": mapping(ANY),
            "image_analysis": {"type": "object"},
            "quality_analysis": mapping(NUMBER),
            "accessibility_analysis": {"type": "object"},
        },
    ),
    "SearchResult": closed(
        {"total_count": COUNT, "time": COUNT, "resources": listing(ref("Found"))},
        {"next_cursor": NEXT_CURSOR, "aggregations": mapping(mapping(COUNT))},
    ),
}
