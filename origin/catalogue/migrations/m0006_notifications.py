"""Step 6: who hears of what, what waits to be read, and lanes in the outbox."""

from sqlalchemy import Connection

from origin.catalogue.migrations.m0001_assets import WORDS

STATEMENTS = (
    "ALTER TABLE outbox ADD COLUMN lane {text} NOT NULL DEFAULT ''",
    "CREATE INDEX outbox_by_lane ON outbox (kind, lane, due_at, id)",
    """
    CREATE TABLE triggers (
        id {serial},
        trigger_id VARCHAR(32) NOT NULL UNIQUE,
        cloud {text} NOT NULL,
        event_type {text} NOT NULL,
        uri_type {text} NOT NULL,
        uri {text} NOT NULL,
        receiver {text} NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        updated_at DOUBLE PRECISION NOT NULL,
        UNIQUE (cloud, event_type, uri)
    )
    """,
    """
    CREATE TABLE buffered (
        id {serial},
        cloud {text} NOT NULL,
        channel {text} NOT NULL,
        batch_id {text} NOT NULL,
        api_key {text} NOT NULL,
        body TEXT NOT NULL,
        receipt {text} NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        visible_at DOUBLE PRECISION NOT NULL
    )
    """,
    "CREATE INDEX buffered_by_channel ON buffered (cloud, channel, id)",
    "CREATE INDEX buffered_by_batch ON buffered (cloud, channel, batch_id, id)",
    "CREATE INDEX buffered_by_receipt ON buffered (cloud, receipt)",
    "CREATE INDEX buffered_by_age ON buffered (created_at)",
)


def upgrade(connection: Connection) -> None:
    """From assets and an outbox that told one after another."""
    words = WORDS[connection.dialect.name]
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement.format(**words))
