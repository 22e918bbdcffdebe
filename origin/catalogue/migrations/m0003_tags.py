"""Step 3: which assets bear a tag, so that they can be found by it."""

import json
import re

from sqlalchemy import Connection, text

from origin.catalogue.migrations.m0001_assets import WORDS

STATEMENTS = (
    """
    CREATE TABLE asset_tags (
        asset_id VARCHAR(32) NOT NULL REFERENCES assets (asset_id),
        tag {text} NOT NULL,
        PRIMARY KEY (asset_id, tag)
    )
    """,
    "CREATE INDEX asset_tags_by_tag ON asset_tags (tag, asset_id)",
)
AT_ONCE = 1000
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")  # as JSON such tags could be stored, as text they cannot


def upgrade(connection: Connection) -> None:
    """The table, and in it what the assets' own rows say."""
    words = WORDS[connection.dialect.name]
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement.format(**words))
    rows = connection.execute(text("SELECT asset_id, tags FROM assets WHERE tags <> '[]'")).all()
    borne = [
        {"asset_id": row.asset_id, "tag": tag}
        for row in rows
        for tag in dict.fromkeys(json.loads(row.tags))
        if not _UNSTORABLE.search(tag)
    ]
    insert = text("INSERT INTO asset_tags (asset_id, tag) VALUES (:asset_id, :tag)")
    for start in range(0, len(borne), AT_ONCE):
        connection.execute(insert, borne[start : start + AT_ONCE])
