"""Step 7: what a cloud's owner has set up: upload presets, structured metadata, streaming profiles."""

from sqlalchemy import Connection

from origin.catalogue.migrations.m0001_assets import WORDS

STATEMENTS = (
    """
    CREATE TABLE upload_presets (
        id {serial},
        cloud {text} NOT NULL,
        name {text} NOT NULL,
        external_id VARCHAR(36) NOT NULL UNIQUE,
        unsigned BOOLEAN NOT NULL,
        settings TEXT NOT NULL,
        UNIQUE (cloud, name)
    )
    """,
    """
    CREATE TABLE metadata_schemas (
        cloud {text} NOT NULL PRIMARY KEY,
        edition BIGINT NOT NULL,
        document TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE streaming_profiles (
        cloud {text} NOT NULL,
        name {text} NOT NULL,
        external_id VARCHAR(36) NOT NULL UNIQUE,
        display_name {text} NOT NULL,
        representations TEXT NOT NULL,
        PRIMARY KEY (cloud, name)
    )
    """,
)


def upgrade(connection: Connection) -> None:
    """Nothing is set up yet."""
    words = WORDS[connection.dialect.name]
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement.format(**words))
