"""Step 8: named and allowed transformations, upload mappings, and sums of what a cloud uses."""

from sqlalchemy import Connection

TEXTS = {"sqlite": "TEXT", "postgresql": 'TEXT COLLATE "C"'}

STATEMENTS = (
    """
    CREATE TABLE transformations (
        cloud {text} NOT NULL,
        name {text} NOT NULL,
        is_named INTEGER NOT NULL,
        chain TEXT NOT NULL,
        allowed INTEGER NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (cloud, name, is_named)
    )
    """,
    """
    CREATE TABLE mappings (
        cloud {text} NOT NULL,
        folder {text} NOT NULL,
        template TEXT NOT NULL,
        external_id VARCHAR(32) NOT NULL,
        upload_preset TEXT,
        created_at DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (cloud, folder)
    )
    """,
    """
    CREATE INDEX derived_by_chain ON derived (substr(transformation, 1, 255), asset_id)
    """,
    """
    CREATE TABLE tallies (
        cloud {text} NOT NULL,
        kind {text} NOT NULL,
        period BIGINT NOT NULL,
        amount BIGINT NOT NULL,
        PRIMARY KEY (cloud, kind, period)
    )
    """,
)


def upgrade(connection: Connection) -> None:
    """From any step before."""
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement.format(text=TEXTS[connection.dialect.name]))
