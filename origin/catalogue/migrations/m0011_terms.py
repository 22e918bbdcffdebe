"""Step 11: what assets can be listed by; versions that are kept, assets that left some, assets that belong together."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, text

from origin.catalogue.migrations.m0001_assets import WORDS

STATEMENTS = (
    """
    CREATE TABLE asset_terms (
        asset_id VARCHAR(32) NOT NULL REFERENCES assets (asset_id),
        kind {text} NOT NULL,
        term {text} NOT NULL,
        cloud {text} NOT NULL,
        resource_type {text} NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        number BIGINT NOT NULL,
        PRIMARY KEY (asset_id, kind, term)
    )
    """,
    "CREATE INDEX asset_terms_in_order ON asset_terms (cloud, resource_type, kind, term, created_at, number)",
    "CREATE INDEX assets_in_folder ON assets (cloud, asset_folder, created_at, id)",
    """
    CREATE TABLE backups (
        id {serial},
        cloud {text} NOT NULL,
        asset_id VARCHAR(32) NOT NULL,
        version_id VARCHAR(32) NOT NULL UNIQUE,
        version BIGINT NOT NULL,
        store_key {text} NOT NULL,
        bytes BIGINT NOT NULL,
        format {text},
        document TEXT NOT NULL,
        created_at DOUBLE PRECISION NOT NULL
    )
    """,
    "CREATE INDEX backups_by_asset ON backups (asset_id, id)",
    "CREATE INDEX backups_by_object ON backups (store_key)",
    """
    CREATE TABLE placeholders (
        asset_id VARCHAR(32) NOT NULL PRIMARY KEY,
        cloud {text} NOT NULL,
        resource_type {text} NOT NULL,
        type {text} NOT NULL,
        public_id {text} NOT NULL,
        document TEXT NOT NULL,
        deleted_at DOUBLE PRECISION NOT NULL
    )
    """,
    "CREATE INDEX placeholders_by_name ON placeholders (cloud, resource_type, type, public_id, deleted_at)",
    """
    CREATE TABLE relations (
        asset_id VARCHAR(32) NOT NULL REFERENCES assets (asset_id),
        related_id VARCHAR(32) NOT NULL REFERENCES assets (asset_id),
        created_at DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (asset_id, related_id)
    )
    """,
    "CREATE INDEX relations_back ON relations (related_id)",
)
AT_ONCE = 1000
LONGEST = 1200
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")  # as JSON such tags could be stored, as text they cannot
PAGE = text(
    "SELECT id, asset_id, cloud, resource_type, created_at, tags, context, details FROM assets"
    " WHERE id > :last AND (tags <> '[]' OR context <> '{}' OR details <> '{}') ORDER BY id LIMIT :most"
)
INSERT = text(
    "INSERT INTO asset_terms (asset_id, kind, term, cloud, resource_type, created_at, number)"
    " VALUES (:asset_id, :kind, :term, :cloud, :resource_type, :created_at, :number)"
)


def upgrade(connection: Connection) -> None:
    """The tables, and the terms that the assets' own rows say; those tell more than step 3's tags did."""
    words = WORDS[connection.dialect.name]
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement.format(**words))
    last = -(2**62)
    while rows := connection.execute(PAGE, {"last": last, "most": AT_ONCE}).all():
        last = rows[-1].id
        borne = [each for row in rows for each in _terms_of(row)]
        if borne:
            connection.execute(INSERT, borne)
    connection.exec_driver_sql("DROP TABLE asset_tags")


def _terms_of(row: Any) -> Iterator[dict[str, Any]]:
    same = {
        "asset_id": row.asset_id,
        "cloud": row.cloud,
        "resource_type": row.resource_type,
        "created_at": row.created_at,
        "number": row.id,
    }
    for kind, term in dict.fromkeys(_pairs_of(row)):
        yield {**same, "kind": kind, "term": term}


def _pairs_of(row: Any) -> Iterator[tuple[str, str]]:
    for tag in json.loads(row.tags):
        if not _UNSTORABLE.search(tag):
            yield "tag", _short(tag)
    for key, value in json.loads(row.context).items():
        yield "key", _short(json.dumps(key))
        yield "pair", _short(json.dumps([key, value]))
    for each in json.loads(row.details).get("moderation", ()):
        yield "moderation", f"{each['kind']}/{each['status']}"


def _short(term: str) -> str:
    return term if len(term.encode()) <= LONGEST else f"sha256 {sha256(term.encode()).hexdigest()}"
