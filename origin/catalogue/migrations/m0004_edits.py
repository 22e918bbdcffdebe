"""Step 4: structured metadata of assets, and when what is said of them was last changed."""

from sqlalchemy import Connection

STATEMENTS = (
    "ALTER TABLE assets ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE assets ADD COLUMN last_updated TEXT NOT NULL DEFAULT '{}'",
)


def upgrade(connection: Connection) -> None:
    """Nothing is known of older rows."""
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
