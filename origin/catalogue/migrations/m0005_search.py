"""Step 5: what assets are found by, of those there are already, too."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from origin.catalogue.migrations.m0001_assets import WORDS
from origin.catalogue.search.index import Numbered, write
from origin.search.entries import Described, entries_of

STATEMENTS = (
    """
    CREATE TABLE search_rows (
        asset BIGINT NOT NULL PRIMARY KEY REFERENCES assets (id) ON DELETE CASCADE,
        cloud {text} NOT NULL,
        resource_type {text} NOT NULL,
        type {text} NOT NULL,
        public_id {text} NOT NULL,
        filename {text} NOT NULL,
        display_name {text} NOT NULL,
        asset_folder {text} NOT NULL,
        folder {text} NOT NULL,
        format {text},
        etag {text} NOT NULL,
        access_mode {text} NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        uploaded_at DOUBLE PRECISION NOT NULL,
        updated_at DOUBLE PRECISION NOT NULL,
        bytes DOUBLE PRECISION NOT NULL,
        width DOUBLE PRECISION,
        height DOUBLE PRECISION,
        pixels DOUBLE PRECISION,
        aspect_ratio DOUBLE PRECISION,
        duration DOUBLE PRECISION,
        pages DOUBLE PRECISION
    )
    """,
    "CREATE INDEX search_rows_by_creation ON search_rows (cloud, created_at, asset)",
    "CREATE INDEX search_rows_by_upload ON search_rows (cloud, uploaded_at, asset)",
    "CREATE INDEX search_rows_by_public_id ON search_rows (cloud, public_id, asset)",
    "CREATE INDEX search_rows_by_asset_folder ON search_rows (cloud, asset_folder, asset)",
    """
    CREATE TABLE search_terms (
        asset BIGINT NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
        term {text} NOT NULL,
        field {text} NOT NULL,
        cloud {text} NOT NULL,
        PRIMARY KEY (asset, term, field)
    ) {clustered}
    """,
    "CREATE INDEX search_terms_by_term ON search_terms (cloud, term, asset, field)",
    """
    CREATE TABLE search_numbers (
        asset BIGINT NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
        field {text} NOT NULL,
        value DOUBLE PRECISION NOT NULL,
        cloud {text} NOT NULL,
        PRIMARY KEY (asset, field, value)
    ) {clustered}
    """,
    "CREATE INDEX search_numbers_by_value ON search_numbers (cloud, field, value, asset)",
)
CLUSTERED = {"sqlite": "WITHOUT ROWID", "postgresql": ""}
AT_ONCE = 1000
PAGE = text(
    "SELECT id, cloud, resource_type, type, public_id, format, asset_folder, display_name, etag, bytes, width,"
    " height, facts, created_at, uploaded_at, tags, context, metadata, details, last_updated"
    " FROM assets WHERE id > :after ORDER BY id LIMIT :most"
)


def upgrade(connection: Connection) -> None:
    """The tables, and in them what the assets' own rows say."""
    words = {**WORDS[connection.dialect.name], "clustered": CLUSTERED[connection.dialect.name]}
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement.format(**words))
    for rows in _pages(connection):
        write(connection, [Numbered(row.id, row.cloud, entries_of(_described(row))) for row in rows])


def _pages(connection: Connection) -> Iterator[Sequence[Row[Any]]]:
    after = 0
    while rows := connection.execute(PAGE, {"after": after, "most": AT_ONCE}).all():
        yield rows
        after = rows[-1].id


def _described(row: Row[Any]) -> Described:
    columns = dict(row._mapping)
    for name in ("id", "cloud"):
        del columns[name]
    for name in ("tags", "context", "metadata", "details", "last_updated"):
        columns[name] = json.loads(columns[name])
    facts = json.loads(columns.pop("facts") or "null")
    pages = None if facts is None else max(facts.get("frames", 1), facts.get("pages", 1))
    has_alpha = None if facts is None else bool(facts.get("has_alpha"))
    return Described(**columns, pages=pages, has_alpha=has_alpha)
