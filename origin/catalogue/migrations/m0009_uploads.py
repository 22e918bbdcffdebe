"""Step 9: files that arrive in several requests."""

from sqlalchemy import Connection

from origin.catalogue.migrations.m0001_assets import WORDS

STATEMENTS = (
    """
    CREATE TABLE uploads (
        upload_key VARCHAR(64) NOT NULL PRIMARY KEY,
        cloud {text} NOT NULL,
        revision VARCHAR(32) NOT NULL,
        public_id {text},
        answer TEXT,
        touched_at DOUBLE PRECISION NOT NULL
    )
    """,
    "CREATE INDEX uploads_by_touch ON uploads (touched_at)",
    """
    CREATE TABLE parts (
        id {serial},
        upload_key VARCHAR(64) NOT NULL REFERENCES uploads (upload_key),
        start BIGINT NOT NULL,
        stop BIGINT NOT NULL,
        total BIGINT,
        is_numbered BOOLEAN NOT NULL,
        bytes BIGINT NOT NULL,
        etag {text} NOT NULL,
        store_key {text} NOT NULL UNIQUE,
        UNIQUE (upload_key, start)
    )
    """,
)


def upgrade(connection: Connection) -> None:
    """Two tables, empty."""
    words = WORDS[connection.dialect.name]
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement.format(**words))
